//! What assets were before they changed: one row per change that can be told apart by its time, and none for an asset that never changed.

use super::project::Shelf;
use super::{Asset, Custody, Target};
use crate::id::OrgId;
use crate::ledger::event::Recorded;
use crate::store::Value;

/// An asset as it was until an entry.
#[derive(Debug, Clone)]
pub(super) struct Version {
    asset: Asset,
    to: i64,
}

impl Shelf {
    /// Keeps what the asset was, unless it became so at the same instant: nobody can ask for what was there for no time.
    pub(super) fn keep_version(&mut self, asset: &Asset, recorded: &Recorded) -> bool {
        let kept = asset.updated_at != recorded.recorded_at;
        if kept {
            self.versions.push(Version {
                asset: asset.clone(),
                to: recorded.index,
            });
        }
        kept
    }
}

/// How many columns a version has.
pub(super) const COLUMNS: usize = 32;

/// How versions are written; there is never one before.
pub(super) const HEAD: &str = "INSERT INTO asset_version (org_id, id, from_index, to_index, seq, tag, serial, serial_norm, manufacturer_id, model_id,
    category_id, description, owning_unit_id, location_id, site_id, state, state_since, condition, acquisition, acquired_on, cost_minor,
    currency, warranty_ends_on, last_verified_at, assignment_id, holder_id, due_at, suspended, rev, created_at, updated_at,
    merged_into_id) VALUES";

/// The row of a version.
pub(super) fn row(org: OrgId, Version { asset, to }: &Version) -> [Value; COLUMNS] {
    let holder = asset.custody.and_then(|custody| match custody.target {
        Target::Person(id) => Some(id),
        _ => None,
    });
    let serial = asset.serial.as_ref();
    [
        org.into(),
        asset.id.into(),
        asset.since_index.into(),
        (*to).into(),
        asset.seq.into(),
        asset.tag.as_ref().map(|tag| tag.as_str().to_owned()).into(),
        serial.map(|serial| serial.as_str().to_owned()).into(),
        serial.map(|serial| serial.folded().to_owned()).into(),
        asset.manufacturer_id.into(),
        asset.model_id.into(),
        asset.category_id.into(),
        asset.description.as_str().into(),
        asset.owning_unit_id.into(),
        asset.location_id.into(),
        asset.site_id.into(),
        asset.state.as_str().into(),
        asset.state_since.into(),
        asset.condition.as_str().into(),
        asset.acquisition.as_str().into(),
        asset.acquired_on.into(),
        asset.cost_minor.into(),
        asset.currency.clone().into(),
        asset.warranty_ends_on.into(),
        asset.last_verified_at.into(),
        asset.custody.map(|custody| custody.id).into(),
        holder.into(),
        asset.custody.and_then(|custody| custody.due_at).into(),
        asset
            .custody
            .is_some_and(|custody: Custody| custody.suspended)
            .into(),
        asset.rev.into(),
        asset.created_at.into(),
        asset.updated_at.into(),
        asset.merged_into_id.into(),
    ]
}
