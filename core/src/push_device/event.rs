//! Facts about phones.

use serde::{Deserialize, Serialize};

use super::Platform;
use crate::id::PersonId;

/// What happened to a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum PushDeviceEvent {
    /// It receives notifications from now on.
    #[serde(rename = "push_device.registered")]
    Registered {
        /// Whose it is.
        person: PersonId,
        /// What system it runs.
        platform: Platform,
    },
    /// It no longer does: the push service says that it is not registered there any more.
    #[serde(rename = "push_device.disabled")]
    Disabled {
        /// Whose it was.
        person: PersonId,
    },
    /// It no longer does: its owner's session, or their membership, has ended.
    #[serde(rename = "push_device.signed_out")]
    SignedOut {
        /// Whose it was.
        person: PersonId,
    },
    /// It no longer does.
    #[serde(rename = "push_device.removed")]
    Removed {
        /// Whose it was.
        person: PersonId,
        /// Whether somebody else registered the same phone.
        moved: bool,
    },
}
