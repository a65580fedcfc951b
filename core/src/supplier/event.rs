//! Facts about suppliers. They hold settings, never names or secrets.

use serde::{Deserialize, Serialize};

use super::{Protocol, Settings};
use crate::closed_set::closed_set;
use crate::time::Timestamp;

closed_set! {
    /// Which secret of a supplier's.
    Secret {
        /// By which we prove ourselves to it.
        Ours = "ours",
        /// By which it proves itself to us.
        Theirs = "theirs",
        /// What its catalogue is called up with.
        CallUp = "call_up",
    }
}

/// What happened to a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum SupplierEvent {
    /// It was connected.
    #[serde(rename = "supplier.created")]
    Created {
        /// How its shop is entered.
        protocol: Protocol,
        /// What was chosen.
        settings: Settings,
    },
    /// Its administrators chose.
    #[serde(rename = "supplier.configured")]
    Configured {
        /// What.
        settings: Settings,
    },
    /// Nothing is bought there for now.
    #[serde(rename = "supplier.paused")]
    Paused,
    /// Something may be bought there again.
    #[serde(rename = "supplier.resumed")]
    Resumed,
    /// One of its secrets was set.
    #[serde(rename = "supplier.secret_set")]
    SecretSet {
        /// Which.
        secret: Secret,
        /// Until when the one before is accepted as well, where it is.
        previous_until: Option<Timestamp>,
    },
    /// The secret before the present one is not accepted any more.
    #[serde(rename = "supplier.rotation_ended")]
    RotationEnded,
    /// It is over.
    #[serde(rename = "supplier.removed")]
    Removed,
}
