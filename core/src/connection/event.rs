//! Facts about connections. They hold settings, never names or secrets.

use serde::{Deserialize, Serialize};

use super::{Provider, Settings, Use};
use crate::id::ReceiptId;
use crate::time::Timestamp;

/// What happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ConnectionEvent {
    /// A system was connected.
    #[serde(rename = "connection.created")]
    Created {
        /// Whose product.
        provider: Provider,
        /// What was chosen.
        settings: Settings,
    },
    /// Its administrators chose.
    #[serde(rename = "connection.configured")]
    Configured {
        /// What.
        settings: Settings,
    },
    /// Nothing of it is taken in for now.
    #[serde(rename = "connection.paused")]
    Paused,
    /// It is taken in again.
    #[serde(rename = "connection.resumed")]
    Resumed,
    /// It got another secret.
    #[serde(rename = "connection.secret_rotated")]
    SecretRotated {
        /// Until when the one before is accepted as well.
        previous_until: Timestamp,
    },
    /// The secret before the present one is not accepted any more.
    #[serde(rename = "connection.rotation_ended")]
    RotationEnded,
    /// Somebody looked at what it had sent, or had it worked off again.
    #[serde(rename = "connection.delivery_used")]
    DeliveryUsed {
        /// Which.
        delivery: ReceiptId,
        /// For what.
        to: Use,
    },
    /// It is over.
    #[serde(rename = "connection.removed")]
    Removed,
}
