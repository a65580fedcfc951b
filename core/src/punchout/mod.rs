//! Visits to suppliers' shops: somebody goes there with an order of ours, and comes back with a cart.
//!
//! What comes back is posted by the visitor's browser, carries no proof, and finds its visit by a cookie of which only the hash is kept. A
//! visit takes one return; the same document again is the same return, another one changes nothing. What comes too late is kept for a day and
//! waits for its owner.

pub mod cart;
pub mod command;
mod document;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::{LocationId, PersonId, PunchoutId, RequisitionId, SupplierId, UnitId};
use crate::supplier::Operation;
use crate::time::{DAY_MICROS, Timestamp};

pub use document::{Document, Kept, hash};
pub use refusal::{LineFault, Refusal};

/// How long the documents of a visit are kept.
pub const DOCUMENT_KEPT_MICROS: i64 = 30 * DAY_MICROS;
/// How long a document is kept that came too late.
pub const LATE_KEPT_MICROS: i64 = DAY_MICROS;
/// How many documents of one visit are kept; what comes after them is refused and leaves nothing.
pub const DOCUMENTS_MAX: i64 = 40;
/// How many documents that were not taken are noted of one visit; whoever has its cookie must not be able to fill a ledger.
pub const LATE_MAX: i64 = 10;

closed_set! {
    /// How far a visit is.
    State {
        /// Somebody is in the shop, or has left it without a word.
        Open = "open",
        /// They came back.
        Returned = "returned",
        /// It came to nothing: the supplier refused it, or its owner called it off.
        Closed = "closed",
    }
    /// What a return made.
    Outcome {
        /// Requisitions, or other lines of the one that was edited.
        Cart = "cart",
        /// Nothing: nothing was chosen.
        Empty = "empty",
        /// Nothing: the supplier said that nothing changed.
        Unchanged = "unchanged",
        /// Nothing: somebody only looked.
        Looked = "looked",
        /// A question: the edited cart came back empty, and its owner has to say whether its lines go.
        Asking = "asking",
        /// The answer: they went.
        Emptied = "emptied",
        /// The answer: they stayed.
        Preserved = "preserved",
    }
    /// Why a document was not taken.
    Late {
        /// The visit was over.
        Expired = "session_expired",
        /// Another document came before.
        AlreadyReturned = "already_returned",
        /// The requisition is no draft any more.
        Locked = "requisition_locked",
        /// The visit was called off.
        Closed = "session_closed",
    }
    /// Which way a document went.
    Direction {
        /// To the supplier.
        Out = "out",
        /// From it.
        In = "in",
    }
}

impl Late {
    /// Whether its owner may have it taken after all.
    #[must_use]
    pub const fn is_recoverable(self) -> bool {
        matches!(self, Self::Expired | Self::Locked)
    }
}

/// A visit to a supplier's shop.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: PunchoutId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose shop.
    #[sqlx(rename = "supplier_id")]
    pub supplier: SupplierId,
    /// Who goes there.
    #[sqlx(rename = "person_id")]
    pub person: PersonId,
    /// For which unit they buy.
    #[sqlx(rename = "unit_id")]
    pub unit: UnitId,
    /// What they do there.
    pub operation: Operation,
    /// Which requisition they change or look at; none where they buy something new.
    #[sqlx(rename = "requisition_id")]
    pub requisition: Option<RequisitionId>,
    /// Where what they buy is to be sent.
    #[sqlx(rename = "location_id")]
    pub location: Option<LocationId>,
    /// Who pays for it.
    pub cost_centre: Option<String>,
    /// How far it is.
    pub state: State,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when a return is taken by itself.
    pub expires_at: Timestamp,
    /// When they came back.
    pub returned_at: Option<Timestamp>,
    /// SHA-256 of the document with which they did, in hexadecimal.
    pub document_hash: Option<String>,
    /// What that made.
    pub outcome: Option<Outcome>,
}
