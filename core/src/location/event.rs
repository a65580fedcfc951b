//! Facts about places.

use serde::{Deserialize, Serialize};

use super::{LocationKind, RoomUse};
use crate::id::{LocationId, UnitId};

/// What happened to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum LocationEvent {
    /// It was entered into the record.
    #[serde(rename = "location.created")]
    Created {
        /// The place it is in.
        parent: Option<LocationId>,
        /// What sort it is.
        kind: LocationKind,
        /// Its short name.
        code: String,
        /// Its name.
        name: String,
        /// What it is for.
        room_use: Option<RoomUse>,
        /// IANA time zone.
        timezone: Option<String>,
        /// The unit that controls it.
        controlling_unit: Option<UnitId>,
    },
}
