//! Requisitions: what somebody wants to be bought, as it came back from a supplier's shop, until it was approved and ordered.
//!
//! Prices were stated by a browser, so nothing follows from them until somebody else has approved them. Lines are kept beside the ledger; its
//! entries hold a digest of everything that an approval is of, so that no approval is ever of anything that was not shown.

pub mod command;
pub mod decide;
pub(crate) mod digest;
pub mod event;
mod line;
mod matched;
pub(crate) mod project;
mod read;
mod refusal;
pub mod store;
pub(crate) mod write;

use crate::closed_set::closed_set;
use crate::exact::Exact;
use crate::id::{LocationId, OrderId, PersonId, PunchoutId, RequisitionId, SupplierId, UnitId};
use crate::supplier::Operation;
use crate::time::Timestamp;

pub use line::{Line, Ordered, Stored};
pub(crate) use read::parents;
pub use read::{Read, ReadLine, read};
pub use refusal::Refusal;

/// The most characters of a cost centre.
pub const COST_CENTRE_CHARS_MAX: usize = 60;
/// The most characters of a reason.
pub const REASON_CHARS_MAX: usize = 2_000;

closed_set! {
    /// How far a requisition is.
    State {
        /// It can be changed.
        Draft = "draft",
        /// It waits for somebody's approval.
        Submitted = "submitted",
        /// It may be ordered.
        Approved = "approved",
        /// Somebody said no.
        Rejected = "rejected",
        /// Whoever wanted it does not any more.
        Withdrawn = "withdrawn",
        /// It was ordered.
        Ordered = "ordered",
    }
    /// What somebody said of a requisition.
    Decision {
        /// Yes.
        Approved = "approved",
        /// No.
        Rejected = "rejected",
    }
}

/// What somebody wants to be bought from one supplier, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Requisition {
    /// Its id.
    pub id: RequisitionId,
    /// Its place in lists.
    pub seq: i64,
    /// Its number, by which people speak of it: 1, 2, 3 within the organisation.
    pub number: i64,
    /// From whom.
    #[sqlx(rename = "supplier_id")]
    pub supplier: SupplierId,
    /// From which visit its lines are.
    #[sqlx(rename = "session_id")]
    pub session: PunchoutId,
    /// Who wants it.
    #[sqlx(rename = "requester_id")]
    pub requester: PersonId,
    /// For which unit.
    #[sqlx(rename = "unit_id")]
    pub unit: UnitId,
    /// Where it is to be sent.
    #[sqlx(rename = "location_id")]
    pub location: Option<LocationId>,
    /// Who pays.
    pub cost_centre: Option<String>,
    /// In what.
    pub currency: String,
    /// How far it is.
    pub state: State,
    /// What may be done with it in the shop.
    pub allowed: Operation,
    /// Whether the supplier's prices are a draft, by which nothing can be ordered.
    pub quote_pending: bool,
    /// The supplier's number for its quote.
    pub supplier_order: Option<String>,
    /// How many lines it has.
    pub lines: i64,
    /// What its lines cost together, reckoned here.
    pub total: Exact,
    /// SHA-256 of everything that an approval is of, in hexadecimal.
    pub digest: String,
    /// Within what approvals hold: it rises when it is submitted, and when something changes afterwards.
    pub round: i64,
    /// How many different people have to approve it; nought as long as it was not submitted.
    pub approvals_needed: i64,
    /// When it came about.
    pub created_at: Timestamp,
    /// When something about it was last recorded.
    pub changed_at: Timestamp,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it was approved, rejected or withdrawn.
    pub decided_at: Option<Timestamp>,
    /// The ledger's index of that, with which the reason is kept.
    pub decided_index: Option<i64>,
    /// The order that was made of it.
    #[sqlx(rename = "order_id")]
    pub order: Option<OrderId>,
}

impl Requisition {
    pub(crate) fn head(&self) -> digest::Head<'_> {
        digest::Head {
            supplier: self.supplier,
            requester: self.requester,
            currency: &self.currency,
        }
    }

    pub(crate) fn purpose(&self) -> event::Purpose {
        event::Purpose {
            unit: self.unit,
            location: self.location,
            cost_centre: self.cost_centre.clone(),
        }
    }
}

/// What somebody said of a requisition.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Decided {
    /// Within which round.
    pub round: i64,
    /// Who.
    #[sqlx(rename = "person_id")]
    pub person: PersonId,
    /// In whose place, where it is another's.
    #[sqlx(rename = "for_id")]
    pub on_behalf_of: Option<PersonId>,
    /// What.
    pub decision: Decision,
    /// Of what.
    pub digest: String,
    /// When.
    pub at: Timestamp,
}

impl Decided {
    /// Who said it, and by whose right.
    #[must_use]
    pub const fn decider(&self) -> decide::Decider {
        decide::Decider {
            person: self.person,
            on_behalf_of: self.on_behalf_of,
        }
    }
}

/// An approved requisition with its lines, for whoever makes an order of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The requisition.
    pub requisition: Requisition,
    /// Its lines, in their order, each with the text that it came as.
    pub lines: Vec<(Line, Option<String>)>,
}
