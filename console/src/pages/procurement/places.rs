//! Where something that is bought can be sent to: whole sites and buildings, and rooms that are for goods; a carrier finds no other room.

use habeo_core::id::LocationId;
use habeo_core::location::{self, Location, LocationKind, RoomUse};
use habeo_core::store::Tx;
use poem::Result;

use crate::pages::assets::list::Choice;
use crate::pages::failed;
use crate::visitor::SignedIn;

/// The most places that are offered.
const OFFERED: usize = 1_000;

/// The places, by their whole names; the one that was chosen is always among them.
pub(super) async fn places(
    tx: &mut Tx,
    visitor: &SignedIn,
    chosen: Option<LocationId>,
) -> Result<Vec<Choice>> {
    let all = location::store::all(tx, visitor.access()).await;
    let all = all.map_err(failed)?.into_iter();
    let fit = all.filter(|place| takes_deliveries(place) || Some(place.id) == chosen);
    let mut choices: Vec<Choice> = fit
        .map(|place| Choice {
            value: place.id.to_string(),
            chosen: Some(place.id) == chosen,
            label: place.path,
        })
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    let mut left = OFFERED;
    choices.retain(|one| {
        let kept = one.chosen || left > 0;
        left = left.saturating_sub(1);
        kept
    });
    Ok(choices)
}

fn takes_deliveries(place: &Location) -> bool {
    let is_store = place.room_use == Some(RoomUse::Storage);
    place.parent_id.is_none()
        || is_store
        || matches!(
            place.kind,
            LocationKind::Campus
                | LocationKind::Building
                | LocationKind::Stockroom
                | LocationKind::OffCampus
                | LocationKind::LeasedFacility
                | LocationKind::Datacenter
        )
}

/// What was chosen in a form; none where nothing was.
pub(super) fn chosen(place: &str) -> Result<Option<LocationId>> {
    let place = place.trim();
    if place.is_empty() {
        return Ok(None);
    }
    let parsed = place.parse().map_err(|_| crate::pages::absent());
    parsed.map(Some)
}
