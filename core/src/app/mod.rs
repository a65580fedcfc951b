//! Apps: programs that somebody made, to which keys and endpoints belong.

pub mod command;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::{AppId, PersonId};
use crate::time::Timestamp;
pub use refusal::Refusal;

/// The most apps of an organisation that are not removed.
pub const APPS_MAX: i64 = 100;
/// The most characters of an app's name.
pub const NAME_CHARS_MAX: usize = 100;

closed_set! {
    /// For whom an app is.
    Kind {
        /// For the organisation that made it.
        Internal = "internal",
        /// For every organisation that installs it.
        Marketplace = "marketplace",
    }
    /// How far an app is.
    Status {
        /// It is in use.
        Active = "active",
        /// It is over: its keys open nothing any more.
        Removed = "removed",
    }
}

/// A program that somebody made.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// Its place in lists.
    pub seq: i64,
    /// What people call it.
    pub name: String,
    /// For whom it is.
    pub kind: Kind,
    /// How far it is.
    pub status: Status,
    /// Who entered it; nobody where it was done at the command line.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
}
