//! What came in from outside: each message stored once and durably before it is answered, sealed, and worked off afterwards.
//!
//! A service that is not answered within seconds sends again, so nothing is done before the answer but storing. Many that come in at once
//! share one commit. What is stored is claimed by whichever node is free; a node that dies loses its claims after a while, and others go on.
//! Messages of one lane, such as a conversation, are worked off one after the other, the oldest first.

mod deliveries;
mod handle;
pub(crate) mod store;
mod told;
pub mod worker;
mod writer;

use std::fmt;

pub use self::deliveries::{Delivery, ReplayRefusal};
pub use self::handle::Inbox;
use crate::closed_set::closed_set;
use crate::explain::{Explain, Kind};
use crate::id::{ConnectionId, OrgId, ReceiptId};
use crate::store::StoreError;
use crate::time::{DAY_MICROS, MINUTE_MICROS, Timestamp};

/// The most bytes of a message.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The most characters of a key.
pub const KEY_CHARS_MAX: usize = 255;
/// The most characters of a source.
pub const SOURCE_CHARS_MAX: usize = 32;
/// How often a message is begun before it is given up.
pub const ATTEMPTS_MAX: i64 = 5;
/// How long a claim holds.
pub const LEASE_MICROS: i64 = MINUTE_MICROS;
/// How long it is remembered that a message came in.
pub const KEPT_MICROS: i64 = 30 * DAY_MICROS;

closed_set! {
    /// Whether a message was there before.
    Arrival {
        /// It is new, and stored.
        First = "first",
        /// It came in before.
        Seen = "seen",
    }
    /// How far a message is.
    Progress {
        /// It will be worked off.
        Waiting = "waiting",
        /// It was.
        Done = "done",
        /// It could not be.
        Dead = "dead",
    }
    /// What came of a message that was worked off.
    Outcome {
        /// The ledger has it.
        Applied = "applied",
        /// It said what was known.
        Unchanged = "unchanged",
        /// It was older than what was known.
        Stale = "stale",
        /// It is of no interest.
        Ignored = "ignored",
        /// It is taken in, and waits for somebody's decision.
        Held = "held",
        /// It is taken in, and what it is about was not found here.
        Unlinked = "unlinked",
        /// It cannot be read.
        Unreadable = "unreadable",
        /// A rule says no.
        Refused = "refused",
    }
}

/// What is noted of a message beside what it says, for those that people look at later.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// From which connection.
    pub connection: Option<ConnectionId>,
    /// What it is, in the service's word.
    pub kind: Option<&'a str>,
    /// Why nothing is to follow from it, where that is known already: it is noted, and not worked off.
    pub ignored: Option<&'a str>,
    /// Whether what it says is kept for as long as it is remembered, so that it can be looked at and worked off again. Otherwise it goes when
    /// it was worked off.
    pub keep: bool,
}

impl About<'_> {
    /// Nothing, but that what it says is kept.
    pub const KEPT: Self = Self {
        connection: None,
        kind: None,
        ignored: None,
        keep: true,
    };
}

/// A message that comes in. Whoever hands it over has checked that it is the service's.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// Whose it is.
    pub org: OrgId,
    /// From where, such as `slack`.
    pub source: &'a str,
    /// The service's own name for it, by which it is known when it comes again.
    pub key: &'a str,
    /// Messages of the same lane are worked off one after the other; none: whenever somebody is free.
    pub lane: Option<&'a str>,
    /// What it says, as it came.
    pub body: &'a [u8],
    /// What is noted beside it.
    pub about: About<'a>,
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Incoming({} {}/{}, {} bytes)",
            self.org,
            self.source,
            self.key,
            self.body.len()
        )
    }
}

/// A message that was claimed, and by what its claim is known.
#[derive(Clone)]
pub struct Received {
    /// Its id.
    pub id: ReceiptId,
    /// Whose it is.
    pub org: OrgId,
    /// From where.
    pub source: String,
    /// The service's own name for it.
    pub key: String,
    /// What it says, as it came.
    pub body: Vec<u8>,
    /// How often it was begun, this time included.
    pub attempt: i64,
    /// When it came in.
    pub received_at: Timestamp,
    /// From which connection.
    pub connection: Option<ConnectionId>,
    lease: String,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Received({} {}/{}, attempt {})",
            self.id, self.source, self.key, self.attempt
        )
    }
}

/// What became of a claimed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was worked off.
    Done,
    /// It was worked off, and this came of it.
    Noted {
        /// What.
        outcome: Outcome,
        /// Why, in words for administrators; of a length that a page can show.
        why: Option<String>,
    },
    /// It is to be tried again.
    Again {
        /// When; after a growing pause when none.
        at: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// It never will be.
    Dead {
        /// Why.
        why: String,
    },
}

/// A message that could not be worked off.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Dead {
    /// Its id.
    pub id: ReceiptId,
    /// From where.
    pub source: String,
    /// The service's own name for it.
    pub key: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// How often it was begun.
    pub attempts: i64,
    /// Why not.
    pub error: Option<String>,
}

/// Why a message was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Longer than two megabytes.
    #[error("a message has at most {BODY_BYTES_MAX} bytes")]
    TooLarge,
    /// The key or the source is none.
    #[error("a message needs a key of 1 to {KEY_CHARS_MAX} printable characters")]
    BadKey,
    /// The store failed; nothing was stored, and the service is to send again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::TooLarge | Self::BadKey => Kind::Unacceptable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "inbox_too_large",
            Self::BadKey => "inbox_key_invalid",
            Self::Store(error) => error.code(),
        }
    }
}
