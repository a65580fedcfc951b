//! Records that turn out to be of one asset: one goes on, the others stay as they are, lead to it, and count no more. It can be taken back.
//!
//! No state changes, because nothing happened to the asset: a merged record keeps its state, its label, its serial number and its history, and
//! nothing but a note can be added to it until it is parted from the other again.

use super::event::AssetEvent;
use super::{Asset, State};
use crate::id::{AssetId, DuplicateCaseId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Failure, Work};
use crate::store::StoreResult;

/// Why records were not merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotMerged {
    /// Somebody has one that is to lead to another, or a hold is placed on it: that would go out of sight.
    InUse,
    /// One of them leads to another already, has others that lead to it, or was recorded in error.
    NotStanding,
}

/// Merges records into one. The caller's rights in their units must have been checked.
pub(crate) async fn merge(
    work: &mut Work,
    survivor: AssetId,
    merged: &[AssetId],
    case: DuplicateCaseId,
) -> Result<(), Failure<NotMerged>> {
    let access = work.access().clone();
    if super::store::leads_anywhere(work.tx(), &access, merged).await? {
        return Err(Failure::Refused(NotMerged::NotStanding));
    }
    let all = std::iter::once(survivor).chain(merged.iter().copied());
    work.lay_out(all).await?;
    let desk = work.desk();
    let standing = |id: AssetId| desk.assets.get(id).is_some_and(is_standing);
    if !standing(survivor) || !merged.iter().all(|id| standing(*id)) {
        return Err(Failure::Refused(NotMerged::NotStanding));
    }
    let in_use = |id: &AssetId| {
        let asset = desk.assets.get(*id);
        asset.is_some_and(|asset| asset.custody.is_some() || !asset.holds.is_empty())
    };
    if merged.iter().any(in_use) {
        return Err(Failure::Refused(NotMerged::InUse));
    }
    for other in merged {
        let into = survivor;
        record(work, *other, AssetEvent::Merged { into, case })?;
        let other = *other;
        record(work, survivor, AssetEvent::Absorbed { other, case })?;
    }
    Ok(())
}

/// Parts records that were merged.
pub(crate) async fn part(
    work: &mut Work,
    survivor: AssetId,
    merged: &[AssetId],
    case: DuplicateCaseId,
) -> Result<(), Failure<NotMerged>> {
    let all = std::iter::once(survivor).chain(merged.iter().copied());
    work.lay_out(all).await?;
    let desk = work.desk();
    let leads = |id: &AssetId| {
        let asset = desk.assets.get(*id);
        asset.is_some_and(|asset| asset.merged_into_id == Some(survivor))
    };
    if !merged.iter().all(leads) {
        return Err(Failure::Refused(NotMerged::NotStanding));
    }
    for other in merged {
        let from = survivor;
        record(work, *other, AssetEvent::Unmerged { from, case })?;
        let other = *other;
        record(work, survivor, AssetEvent::Parted { other, case })?;
    }
    Ok(())
}

fn is_standing(asset: &Asset) -> bool {
    asset.merged_into_id.is_none() && asset.state != State::Void
}

fn record(work: &mut Work, id: AssetId, event: AssetEvent) -> StoreResult<()> {
    let desk = work.desk();
    let actor = desk.access().actor().clone();
    let unit = desk.assets.get(id).map(|asset| asset.owning_unit_id);
    let units = unit.into_iter().collect();
    let fact = Fact::now(Stream::Asset(id), Event::Asset(event), units);
    desk.record_of_asset(&actor, fact)?;
    Ok(())
}
