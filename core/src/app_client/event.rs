//! Facts about clients. They hold settings, never secrets.

use serde::{Deserialize, Serialize};

use super::{Form, Proof, Settings, Status};
use crate::id::AppId;
use crate::time::Timestamp;

/// What happened to a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum AppClientEvent {
    /// An app was registered.
    #[serde(rename = "app_client.registered")]
    Registered {
        /// Which app.
        app: AppId,
        /// What sort of program it is.
        form: Form,
        /// Whether it can keep a secret.
        proof: Proof,
        /// What was chosen.
        settings: Settings,
        /// How many requests a minute each installation may make, if not the usual number.
        rate_per_minute: Option<u32>,
    },
    /// Its owner chose.
    #[serde(rename = "app_client.configured")]
    Configured {
        /// What.
        settings: Settings,
    },
    /// Another rate was set.
    #[serde(rename = "app_client.rate_set")]
    RateSet {
        /// How many requests a minute each installation may make, if not the usual number.
        rate_per_minute: Option<u32>,
    },
    /// It got another secret.
    #[serde(rename = "app_client.secret_rotated")]
    SecretRotated {
        /// Until when the one before is accepted as well.
        previous_until: Timestamp,
    },
    /// The secret before the present one is not accepted any more.
    #[serde(rename = "app_client.rotation_ended")]
    RotationEnded,
    /// It was stopped, or works again.
    #[serde(rename = "app_client.status_set")]
    StatusSet {
        /// How far it is now.
        status: Status,
    },
}
