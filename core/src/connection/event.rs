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
    /// Letters of it were taken in: verified, and stored durably. At most one entry a minute.
    #[serde(rename = "webhook.in.accepted")]
    Accepted {
        /// How many, since the entry before.
        letters: i64,
        /// When the first of them was.
        since: Timestamp,
    },
}

impl ConnectionEvent {
    /// Whether it changes what the connection may report, or how it proves itself.
    #[must_use]
    pub const fn touches_rights(&self) -> bool {
        match self {
            Self::Created { .. }
            | Self::Configured { .. }
            | Self::Paused
            | Self::Resumed
            | Self::SecretRotated { .. }
            | Self::RotationEnded
            | Self::Removed => true,
            Self::DeliveryUsed { .. } | Self::Accepted { .. } => false,
        }
    }
}
