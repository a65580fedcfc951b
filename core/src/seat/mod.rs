//! Seats: the licence of an organisation, as the reports of a billing service add up to it, and how many of its seats are used.
//!
//! An organisation without a licence is not restricted: nobody has ever said that there is one. What a licence restricts is changes by people,
//! and only once it is suspended; reading, reports of other systems and everything that is recorded already stay as they are.

pub mod command;
pub mod decide;
pub mod event;
pub mod link;
pub(crate) mod project;
pub mod report;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::time::Timestamp;

/// The most characters of a key of the billing service.
pub const KEY_CHARS_MAX: usize = 255;

closed_set! {
    /// What a licence lets an organisation do.
    State {
        /// Nothing has been paid for yet, and nothing is restricted.
        Pending = "pending",
        /// All is well.
        Active = "active",
        /// A payment failed; until the grace ends all is as before.
        Grace = "grace",
        /// People read, and change nothing.
        Suspended = "suspended",
    }
    /// What a report tells of a subscription, the later the further.
    Step {
        /// It began.
        Created = "created",
        /// It changed.
        Updated = "updated",
        /// It ended, for good.
        Deleted = "deleted",
    }
    /// What came of a report.
    Taken {
        /// Something changed by it.
        Applied = "applied",
        /// It says what is known.
        Unchanged = "unchanged",
        /// Something later is known.
        Stale = "stale",
        /// Nobody can say which of two reports is the later one; what was known stays, and somebody should look.
        Unclear = "unclear",
        /// It is of something that is not known.
        Unknown = "unknown",
    }
}

/// What a subscription is at one moment, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// The billing service's own word for how it stands.
    pub status: String,
    /// What follows from it.
    pub state: State,
    /// How many seats; none where that was never said.
    pub quantity: Option<i64>,
    /// Until when it is paid for.
    pub period_end: Option<Timestamp>,
    /// Whether the seats in use are to be reported.
    pub metered: bool,
}

/// A subscription of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its key at the billing service.
    pub id: String,
    /// What it is.
    pub terms: Terms,
    /// Since when a payment is missing.
    pub failed_at: Option<Timestamp>,
    /// Until when that is borne.
    pub grace_until: Option<Timestamp>,
    /// Whether two reports contradict each other.
    pub unclear: bool,
    /// Whether it is over.
    pub ended: bool,
}

/// The licence of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts apart from each other: any of them can be so or not"
)]
pub struct Seat {
    /// Whose invoices these are, at the billing service.
    pub customer: String,
    /// Whether real money is meant.
    pub livemode: bool,
    /// Whether that customer is gone.
    pub detached: bool,
    /// What it lets people do, as it was recorded last; see [`Seat::state_at`].
    pub state: State,
    /// How many seats; none where that was never said.
    pub quantity: Option<i64>,
    /// Until when it is paid for.
    pub period_end: Option<Timestamp>,
    /// Until when a missing payment is borne.
    pub grace_until: Option<Timestamp>,
    /// Whether the seats in use are to be reported.
    pub metered: bool,
    /// Whether two reports contradict each other, so that somebody should look.
    pub unclear: bool,
    /// Since when it is as it is.
    pub changed_at: Timestamp,
}

impl Seat {
    /// What it lets people do at an instant: grace ends by itself, whenever that is recorded.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        state_at(self.state, self.grace_until, now)
    }
}

/// What a state is at an instant.
pub(crate) fn state_at(state: State, grace_until: Option<Timestamp>, now: Timestamp) -> State {
    match state {
        State::Grace if grace_until.is_some_and(|until| until <= now) => State::Suspended,
        state => state,
    }
}

/// The licence as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The licence.
    pub seat: Seat,
    /// What it lets people do now.
    pub state: State,
    /// How many people may sign in.
    pub in_use: i64,
}

impl Standing {
    /// Whether more people may sign in than there are seats. Nobody is turned away for it.
    #[must_use]
    pub fn is_over_limit(&self) -> bool {
        self.seat.quantity.is_some_and(|seats| self.in_use > seats)
    }

    /// The same, where nothing worse is the matter with the licence: then administrators are told of it.
    #[must_use]
    pub fn exceeds_seats(&self) -> bool {
        matches!(self.state, State::Pending | State::Active) && self.is_over_limit()
    }

    /// Whether every seat is taken, so that the next person who joins is one too many.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.seat.quantity.is_some_and(|seats| self.in_use >= seats)
    }
}

/// Something that has become of a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its place in the ledger.
    pub index: i64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it was.
    pub event: event::SeatEvent,
}

/// Whether a text can be a key of the billing service.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=KEY_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
