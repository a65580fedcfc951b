//! What a scan found.

use super::asset::AssetView;
use super::names::{HoldKindName, MatchedBy};
use habeo_core::asset::HoldKind;
use habeo_core::asset::search::Found;
use habeo_surface::wire::Instant;
use poem_openapi::Object;

/// An asset that a scan found.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ScanView {
    /// The asset.
    #[oai(flatten)]
    pub asset: AssetView,
    /// By what it was recognised.
    pub matched_by: MatchedBy,
    /// The holds that are placed on it.
    pub holds: Vec<HoldView>,
}

/// A hold that is placed on an asset.
#[derive(Debug, Object)]
pub struct HoldView {
    /// Why.
    pub kind: HoldKindName,
    /// Since when.
    pub from: Instant,
}

impl From<Found> for ScanView {
    fn from(found: Found) -> Self {
        let hold = |(kind, from): (HoldKind, habeo_core::time::Timestamp)| HoldView {
            kind: kind.into(),
            from: from.into(),
        };
        Self {
            asset: found.asset.into(),
            matched_by: found.matched.into(),
            holds: found.holds.into_iter().map(hold).collect(),
        }
    }
}
