//! Facts about grants.

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::id::{PersonId, UnitId};
use crate::time::Timestamp;

/// What happened to a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum GrantEvent {
    /// A role was given.
    #[serde(rename = "grant.given")]
    Given {
        /// To whom.
        person: PersonId,
        /// Which role.
        role: Role,
        /// Where, with everything below.
        root_unit: UnitId,
        /// Until when.
        valid_to: Option<Timestamp>,
    },
    /// A role was taken back.
    #[serde(rename = "grant.ended")]
    Ended {
        /// From whom.
        person: PersonId,
        /// Which role.
        role: Role,
    },
}
