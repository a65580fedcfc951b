//! Facts about people, by id only.

use serde::{Deserialize, Serialize};

use super::{Affiliation, PersonStatus};
use crate::id::UnitId;
use crate::time::Day;

/// What happened to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum PersonEvent {
    /// They were entered into the record.
    #[serde(rename = "person.registered")]
    Registered {
        /// Their unit.
        home_unit: UnitId,
        /// How they belong.
        affiliation: Affiliation,
        /// Whether they are there.
        status: PersonStatus,
        /// Since when they are gone.
        separated_on: Option<Day>,
    },
    /// They came, went or paused.
    #[serde(rename = "person.status_changed")]
    StatusChanged {
        /// What it was.
        from: PersonStatus,
        /// What it is.
        to: PersonStatus,
        /// Since when they are gone.
        separated_on: Option<Day>,
    },
    /// An issuer's name for them became known. The name itself is kept outside the ledger.
    #[serde(rename = "person.identity_linked")]
    IdentityLinked {
        /// Which issuer.
        issuer: String,
    },
}
