//! Tickets of help desks: what is being done about an asset elsewhere. They are read here and worked on there.

pub mod report;

use crate::closed_set::closed_set;

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
}
