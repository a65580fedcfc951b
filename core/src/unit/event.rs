//! Facts about units.

use serde::{Deserialize, Serialize};

use super::UnitKind;
use crate::id::UnitId;

/// What happened to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum UnitEvent {
    /// It was founded.
    #[serde(rename = "unit.created")]
    Created {
        /// The unit above it.
        parent: Option<UnitId>,
        /// What sort it is.
        kind: UnitKind,
        /// Its short name.
        code: String,
        /// Its name.
        name: String,
        /// How far below the root.
        depth: u8,
    },
    /// What holds for its assets, and for those of the units below that say nothing of their own, was changed.
    #[serde(rename = "unit.policy_set")]
    PolicySet {
        /// Whether hand-overs are proposed to whoever uses them; none where the unit above decides.
        propose_hand_overs: Option<bool>,
    },
}
