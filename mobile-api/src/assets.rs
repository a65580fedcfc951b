//! Assets: the list with its filters and searches, and single ones.

use habeo_core::access::Action;
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::search::{self, Filter, Quest};
use habeo_core::asset::store;
use habeo_core::id::{AssetId, CategoryId, LocationId, ModelId, PersonId, UnitId};
use habeo_core::time::Timestamp;
use habeo_surface::paging::{Listing, One, PageLimit, one};
use habeo_surface::{ApiResult, Caller, Problem};
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use crate::Context;
use crate::context::List;
use crate::view::{AssetState, AssetView};

/// The most characters of a search.
const Q_CHARS_MAX: usize = 200;

/// Assets.
#[derive(Debug)]
pub struct AssetsApi(pub Context);

#[OpenApi]
impl AssetsApi {
    /// A page of the assets you can see.
    ///
    /// Without `q` the order is that of entry into the record, and walking all pages yields every asset once, also while others are
    /// added. With `q` the order is by how it was found: exact tag, serial number or other code first, then beginnings of tags and serial
    /// numbers, then ends of serial numbers, then words of description, model, maker, category, place and holder. Filters narrow either.
    #[oai(path = "/assets", method = "get", operation_id = "listAssets")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one argument per documented parameter"
    )]
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// What to search for, at least two characters: a tag, a serial number, or words.
        q: Query<Option<String>>,
        /// Exactly this tag, or a former one of the asset.
        tag: Query<Option<String>>,
        /// Exactly this serial number.
        serial: Query<Option<String>>,
        /// Only in this state.
        state: Query<Option<AssetState>>,
        /// Only of this unit and everything below it.
        unit: Query<Option<Uuid>>,
        /// Only at this site.
        site: Query<Option<Uuid>>,
        /// Only of this category and everything below it.
        category: Query<Option<Uuid>>,
        /// Only of this product model.
        model: Query<Option<Uuid>>,
        /// Only in this person's custody.
        holder: Query<Option<Uuid>>,
        /// Only changed at this instant or later (RFC 3339).
        #[oai(name = "updatedSince")]
        updated_since: Query<Option<String>>,
        /// How many rows, 1 to 100.
        #[oai(default)]
        limit: Query<PageLimit>,
        /// `meta.nextCursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> ApiResult<Listing<AssetView>> {
        let filter = Filter {
            tag: tag.0,
            serial: serial.0,
            state: state.0.map(Into::into),
            unit: unit.0.map(UnitId::from_uuid),
            site: site.0.map(LocationId::from_uuid),
            category: category.0.map(CategoryId::from_uuid),
            model: model.0.map(ModelId::from_uuid),
            holder: holder.0.map(PersonId::from_uuid),
            updated_since: instant("updatedSince", updated_since.0.as_deref())?,
        };
        let q = q.0.map(search_text).transpose()?;
        let canonical = format!("assets {filter:?} {q:?}");
        let list = List {
            access: caller.access(),
            action: Action::ReadAssets,
            filter: &canonical,
        };
        let after = self.0.position(list, cursor.0.as_deref())?;
        let (mut tx, scope) = self.0.read(list.access, list.action).await?;
        let page = match &q {
            None => {
                let after = after.map_or(-1, |position| position.seq);
                search::page(&mut tx, list.access, &scope, &filter, after, limit.0.0).await?
            }
            Some(q) => {
                let quest = Quest {
                    q,
                    filter: &filter,
                    after: after.as_ref(),
                };
                search::search(&mut tx, list.access, &scope, quest, limit.0.0).await?
            }
        };
        Ok(self.0.listing(list, page, request))
    }

    /// One asset with its assignment and location.
    #[oai(path = "/assets/:id", method = "get", operation_id = "getAsset")]
    async fn get(&self, caller: Caller, id: Path<Uuid>) -> ApiResult<Json<One<AssetView>>> {
        let access = caller.access();
        let (mut tx, scope) = self.0.read(access, Action::ReadAssets).await?;
        let asset = store::by_id(&mut tx, access, &scope, AssetId::from_uuid(id.0)).await?;
        Ok(one(asset.ok_or(Refusal::Unknown)?))
    }
}

fn search_text(q: String) -> ApiResult<String> {
    if q.chars().count() > Q_CHARS_MAX {
        return Err(Problem::parameter(
            "q",
            "too_long",
            "is longer than 200 characters",
        ));
    }
    if q.trim().chars().count() < habeo_core::store::search::CHARS_MIN {
        return Err(Problem::parameter(
            "q",
            "too_short",
            "needs at least two characters",
        ));
    }
    Ok(q)
}

fn instant(name: &str, text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Problem::parameter(name, "invalid", "is not a time as RFC 3339 writes it"))
}
