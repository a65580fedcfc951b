//! Facts about people, by id only.

use serde::{Deserialize, Serialize};

use super::{Affiliation, PersonStatus};
use crate::id::UnitId;
use crate::identity::{Bar, EndReason, ProfileField};
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
    /// They may not sign in by an issuer's name any more.
    #[serde(rename = "person.identity_ended")]
    IdentityEnded {
        /// Which issuer.
        issuer: String,
        /// Why.
        why: EndReason,
    },
    /// They may not sign in by an issuer's name for a while.
    #[serde(rename = "person.identity_barred")]
    IdentityBarred {
        /// Which issuer.
        issuer: String,
        /// Why.
        why: Bar,
    },
    /// They may sign in by an issuer's name again.
    #[serde(rename = "person.identity_restored")]
    IdentityRestored {
        /// Which issuer.
        issuer: String,
    },
    /// Their name or address was reported anew. What it is now is kept outside the ledger.
    #[serde(rename = "person.profile_changed")]
    ProfileChanged {
        /// By which issuer.
        issuer: String,
        /// What of it.
        fields: Vec<ProfileField>,
    },
    /// What was kept of who they are was erased.
    #[serde(rename = "person.erased")]
    Erased,
}
