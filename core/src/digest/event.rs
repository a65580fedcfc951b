//! Facts about digests.

use serde::{Deserialize, Serialize};

use super::Cadence;
use crate::id::{InstallId, UnitId};

/// What happened to a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum DigestEvent {
    /// A channel receives it from now on.
    #[serde(rename = "digest.subscribed")]
    Subscribed {
        /// Through which installation.
        install: InstallId,
        /// The channel's key there.
        chat: String,
        /// Of which unit.
        unit: UnitId,
        /// How often.
        cadence: Cadence,
        /// From which hour on.
        local_hour: u8,
    },
    /// It does not any more.
    #[serde(rename = "digest.unsubscribed")]
    Unsubscribed {},
}
