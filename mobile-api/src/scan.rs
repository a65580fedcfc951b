//! Scans: from what a scanner read to the asset it is on.

use habeo_core::access::Action;
use habeo_core::asset::search::{self, ScanRefusal, Scanned};
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{code, decide::Refusal};
use habeo_surface::paging::{One, one};
use habeo_surface::problem::FieldFault;
use habeo_surface::{ApiResult, Caller, Problem};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use crate::Context;
use crate::view::ScanView;

/// Scans.
#[derive(Debug)]
pub struct ScanApi(pub Context);

/// What a scan leads to. Refusals are answered as problems; those that only a scan has are named here for its description.
#[derive(Debug, ApiResponse)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for each request and never kept"
)]
pub enum Scan {
    /// The asset.
    #[oai(status = 200)]
    Found(Json<One<ScanView>>),
    /// Several assets have the code.
    #[oai(status = 409)]
    Ambiguous,
    /// The check character does not belong to the tag.
    #[oai(status = 422)]
    Misread,
}

#[OpenApi]
impl ScanApi {
    /// The asset a scanned code belongs to.
    ///
    /// Takes tags and former tags in any spelling, serial numbers, other identifiers, addresses printed on older labels
    /// (percent-encoded) and vendors' labels with data identifiers. 409 `ambiguous_code` names the candidates you can see; 422
    /// `tag_misread` says that the check character does not belong to the tag, so that the app can ask for another scan.
    #[oai(path = "/scan/:tag", method = "get", operation_id = "scanTag")]
    async fn scan(&self, caller: Caller, tag: Path<String>) -> ApiResult<Scan> {
        if tag.0.chars().count() > code::CHARS_MAX {
            return Err(Problem::parameter(
                "tag",
                "too_long",
                "is longer than 512 characters",
            ));
        }
        let access = caller.access();
        let (mut tx, scope) = self.0.read(access, Action::ReadAssets).await?;
        match search::scan(&mut tx, access, &scope, &tag.0).await? {
            Scanned::One(found) => Ok(Scan::Found(one(*found))),
            Scanned::Several(assets) => Err(ambiguous(assets)),
            Scanned::Nothing => Err(Refusal::Unknown.into()),
            Scanned::Misread => Err(ScanRefusal::Misread.into()),
        }
    }
}

/// Names the candidates, so that the app can let its user choose.
fn ambiguous(assets: Vec<AssetDetail>) -> Problem {
    assets
        .into_iter()
        .fold(ScanRefusal::Ambiguous.into(), |problem: Problem, asset| {
            let name = asset.tag.unwrap_or(asset.description);
            problem.field(FieldFault::new(asset.id.to_string(), "candidate", name))
        })
}
