//! Stripe: how many seats an organisation has paid for, and whether it has.
//!
//! A report is verified, kept durably, answered and worked off. Which organisation a customer pays for is said by a purchase only; what is
//! reported of a customer before that waits (`habeo_core::unplaced`) and is placed in the order in which it happened once the purchase is known.
//! Only members that are needed are read, all of them optional: Stripe sends each endpoint the form of the version it was made with.

mod courier;
mod door;
mod event;
pub mod signature;
mod work;

use std::sync::Arc;

use habeo_core::inbox::Inbox;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::unplaced::Unplaced;
use secrecy::SecretString;

pub use courier::{METER_EVENT_CHARS_MAX, Meter, MeterCourier};
pub use door::{BODY_BYTES_MAX, PATH, mount};

/// From where its messages are, in the inbox.
pub const SOURCE: &str = "stripe";
/// The lane of all of them: what is reported of a licence is worked off one after the other.
const LANE: &str = "billing";

/// What the receiver has to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What messages of the live mode are signed with.
    pub live_secrets: Vec<SecretString>,
    /// What messages of the test mode are signed with.
    pub test_secrets: Vec<SecretString>,
    /// Which prices are seats, by their id or look-up key.
    pub seat_prices: Vec<String>,
    /// How long a missing payment is borne.
    pub grace_micros: i64,
}

/// The receiver. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Stripe(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    inbox: Inbox,
    unplaced: Unplaced,
    settings: Settings,
}

impl Stripe {
    /// The receiver of an installation. Without a secret it takes nothing.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        inbox: Inbox,
        master_key: Arc<MasterKey>,
        settings: Settings,
    ) -> Self {
        let unplaced = Unplaced::new(ledger.clone(), master_key);
        Self(Arc::new(Inner {
            ledger,
            inbox,
            unplaced,
            settings,
        }))
    }

    /// Where messages are kept.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }
}
