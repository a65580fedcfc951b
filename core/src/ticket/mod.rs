//! Tickets of help desks: what is being done about an asset elsewhere. They are read here and worked on there.
//!
//! What a help desk reports is merged by [`decide`], in whatever order it comes in. Entries of the ledger hold ids, states and keys; titles and
//! the names of people who are not known here are kept beside it. A ticket is seen where its asset is seen, by whoever wants it and by whoever
//! does it; one that is about no asset belongs to the unit that takes in what has no owner.

pub mod command;
pub mod decide;
pub mod event;
pub(crate) mod project;
pub mod report;
mod resolve;
pub mod store;
pub mod version;

use crate::closed_set::closed_set;
use crate::connection::Provider;
use crate::explain::{Explain, Kind};
use crate::id::{AssetId, ConnectionId, PersonId, TicketId, UnitId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

closed_set! {
    /// How far a ticket is.
    Status {
        /// Nobody has begun.
        Open = "open",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// It waits for somebody or something.
        OnHold = "on_hold",
        /// It is solved, and may be opened again.
        Resolved = "resolved",
        /// It is over.
        Closed = "closed",
        /// It was not to be done.
        Canceled = "canceled",
        /// It was removed there.
        Deleted = "deleted",
    }
    /// How urgent a ticket is.
    Priority {
        /// At once.
        Critical = "critical",
        /// Soon.
        High = "high",
        /// In its turn.
        Medium = "medium",
        /// When there is time.
        Low = "low",
        /// Someday.
        Planning = "planning",
    }
    /// What sort of ticket it is.
    Sort {
        /// Something broke.
        Incident = "incident",
        /// Somebody wants something.
        Request = "request",
        /// Why things break.
        Problem = "problem",
        /// Something is to be different.
        Change = "change",
        /// A piece of other work.
        Task = "task",
        /// Anything else.
        Other = "other",
    }
    /// Why a ticket is about no asset of ours.
    Unlinked {
        /// It names none.
        NotNamed = "not_named",
        /// None has what it names.
        NoneFound = "none_found",
        /// Several have what it names.
        SeveralFound = "several_found",
    }
}

impl Status {
    /// Whether somebody still has to do something.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::OnHold)
    }
}

/// Where a ticket belongs: to an asset it is about, or to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The asset; none where the ticket is about nothing of ours.
    pub asset: Option<AssetId>,
    /// The unit that owns it, or the one that takes in what has no owner.
    pub unit: UnitId,
}

/// A ticket as the ledger has it: everything but texts and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its place in lists.
    pub seq: i64,
    /// Which help desk reports it.
    pub connection: ConnectionId,
    /// Whose product that is.
    pub provider: Provider,
    /// The help desk's key for it.
    pub external_id: String,
    /// What people there call it.
    pub external_key: Option<String>,
    /// What sort it is.
    pub sort: Sort,
    /// How far it is.
    pub status: Status,
    /// How urgent it is, if that is known.
    pub priority: Option<Priority>,
    /// Who wants it, if that is somebody known here.
    pub requester: Option<PersonId>,
    /// Who does it, if that is somebody known here.
    pub assignee: Option<PersonId>,
    /// Where it belongs, which is somewhere always.
    pub links: Vec<Link>,
    /// Why it is about nothing; none where it is about something.
    pub unlinked: Option<Unlinked>,
    /// When it was written there.
    pub opened_at: Option<Timestamp>,
    /// When it was solved there.
    pub resolved_at: Option<Timestamp>,
    /// When it became known here.
    pub created_at: Timestamp,
    /// When something about it was last recorded.
    pub changed_at: Timestamp,
}

impl Ticket {
    /// The assets it is about.
    pub fn assets(&self) -> impl Iterator<Item = AssetId> + '_ {
        self.links.iter().filter_map(|link| link.asset)
    }
}

/// Why a ticket is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such ticket, as far as the caller may know.
    #[error("no ticket with this id is visible to you")]
    Unknown,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "ticket_unknown",
        }
    }
}

/// By what a ticket is known: the connection and the help desk's own key.
#[must_use]
pub(crate) fn external_ref(connection: ConnectionId, external_id: &str) -> String {
    format!("{connection}/{external_id}")
}
