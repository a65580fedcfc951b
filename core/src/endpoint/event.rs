//! Facts about endpoints. Addresses, which often hold a secret, are beside the ledger; their origin is in it.

use serde::{Deserialize, Serialize};

use super::{Because, Owner, Settings};
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

/// What happened to an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum EndpointEvent {
    /// Somebody wants to be told.
    #[serde(rename = "webhook.endpoint_created")]
    Created {
        /// Whose it is.
        owner: Owner,
        /// Scheme, host and port of its address.
        origin: String,
        /// What was chosen.
        settings: Settings,
    },
    /// Its owner chose otherwise.
    #[serde(rename = "webhook.endpoint_changed")]
    Changed {
        /// Scheme, host and port of its address.
        origin: String,
        /// What was chosen.
        settings: Settings,
    },
    /// It is told of nothing for now.
    #[serde(rename = "webhook.endpoint_paused")]
    Paused {
        /// Whether it is because the installed app whose it is was suspended; otherwise somebody wanted it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        suspended: bool,
    },
    /// It is told again.
    #[serde(rename = "webhook.endpoint_resumed")]
    Resumed {},
    /// Nothing arrived for too long.
    #[serde(rename = "webhook.endpoint_disabled")]
    Disabled {
        /// Why.
        because: Because,
    },
    /// It is over.
    #[serde(rename = "webhook.endpoint_removed")]
    Removed {},
    /// It got another secret.
    #[serde(rename = "webhook.secret_rotated")]
    SecretRotated {
        /// Until when the one before signs as well.
        previous_until: Timestamp,
    },
    /// The secret before the present one does not sign any more.
    #[serde(rename = "webhook.rotation_ended")]
    RotationEnded {},
    /// Deliveries were accepted, since the entry before.
    #[serde(rename = "webhook.delivered")]
    Delivered {
        /// How many.
        count: i64,
        /// When the first of them was.
        from: Timestamp,
        /// When the last of them was.
        to: Timestamp,
        /// Of which events, in the order in which they were accepted.
        events: Vec<EventId>,
    },
    /// Deliveries were given up a day after their first attempts.
    #[serde(rename = "webhook.exhausted")]
    Exhausted {
        /// Of which events.
        events: Vec<EventId>,
    },
    /// Somebody wants to see whether it hears.
    #[serde(rename = "webhook.test")]
    Tested {},
    /// Deliveries are made once more because somebody asked.
    #[serde(rename = "webhook.redelivered")]
    Redelivered {
        /// How many.
        count: i64,
        /// Which one, where it was one.
        delivery: Option<DeliveryId>,
        /// From when, where it was a range.
        from: Option<Timestamp>,
        /// Until when.
        to: Option<Timestamp>,
    },
}
