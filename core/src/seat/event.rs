//! Facts about licences: numbers, dates and the billing service's own keys; never a name, an address or anything of a card.

use serde::{Deserialize, Serialize};

use super::{State, Terms};
use crate::time::Timestamp;

/// What happened to a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum SeatEvent {
    /// A customer of the billing service pays for the organisation from now on.
    #[serde(rename = "billing.customer_linked")]
    CustomerLinked {
        /// The customer's key.
        customer: String,
        /// The subscription's key, where one was begun with it.
        subscription: Option<String>,
        /// Whether real money is meant.
        livemode: bool,
        /// The report that says so.
        event_id: String,
    },
    /// That customer is gone.
    #[serde(rename = "billing.customer_detached")]
    CustomerDetached {
        /// The customer's key.
        customer: String,
        /// The report that says so.
        event_id: String,
    },
    /// A subscription began, changed or ended.
    #[serde(rename = "billing.seats_changed")]
    SeatsChanged {
        /// The subscription's key.
        subscription: String,
        /// The customer's key.
        customer: String,
        /// The report that says so.
        event_id: String,
        /// When the billing service made that report.
        reported_at: Timestamp,
        /// What it was; nothing where it is new.
        before: Option<Terms>,
        /// What it is.
        after: Terms,
        /// Since when a payment is missing.
        failed_at: Option<Timestamp>,
        /// Until when that is borne.
        grace_until: Option<Timestamp>,
        /// Whether it is over.
        ended: bool,
        /// Whether two reports contradict each other.
        unclear: bool,
        /// How many people could sign in.
        in_use: i64,
        /// Whether that is more than there are seats.
        over_limit: bool,
    },
    /// A payment is missing: until the grace ends all is as before.
    #[serde(rename = "billing.grace_entered")]
    GraceEntered {
        /// The subscription's key.
        subscription: String,
        /// The report that says so.
        event_id: String,
        /// Since when the payment is missing.
        failed_at: Timestamp,
        /// Until when that is borne.
        until: Timestamp,
    },
    /// The grace ended: the payment came, or the time is up.
    #[serde(rename = "billing.grace_left")]
    GraceLeft {
        /// The subscription's key.
        subscription: String,
        /// The report that says so; none where the time was up.
        event_id: Option<String>,
        /// What follows.
        to: State,
    },
}
