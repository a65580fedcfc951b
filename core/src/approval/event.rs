//! Facts about who approves.

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::id::PersonId;
use crate::time::Timestamp;

/// What happened to who approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ApprovalEvent {
    /// A unit's limits were set. None: those of the unit above hold.
    #[serde(rename = "approval.policy_set")]
    PolicySet {
        /// What they are.
        limits: Option<Vec<Limit>>,
    },
    /// Somebody approves in another's place for a while.
    #[serde(rename = "approval.delegated")]
    Delegated {
        /// In whose place.
        from: PersonId,
        /// Who.
        to: PersonId,
        /// From when.
        starts_at: Timestamp,
        /// Until when.
        ends_at: Timestamp,
    },
    /// They do not any more.
    #[serde(rename = "approval.delegation_ended")]
    DelegationEnded,
}
