//! People: who holds, issues and looks after assets. Their names live in one private row each and nowhere else.

pub mod command;
pub mod erase;
pub mod event;
pub(crate) mod project;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::{PersonId, UnitId};

closed_set! {
    /// How somebody belongs to the organisation.
    Affiliation {
        /// Teaches and researches.
        Faculty = "faculty",
        /// Is employed otherwise.
        Staff = "staff",
        /// Studies.
        Student = "student",
        /// Is a guest.
        Affiliate = "affiliate",
        /// Works for somebody else.
        Contractor = "contractor",
    }
    /// Whether somebody is there.
    PersonStatus {
        /// There.
        Active = "active",
        /// Away for a while.
        Leave = "leave",
        /// Gone.
        Separated = "separated",
    }
}

/// A person as they are shown to those who may see them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their place in lists.
    pub seq: i64,
    /// Their name.
    pub display_name: String,
    /// Their address, if known.
    pub email: Option<String>,
    /// How they belong.
    pub affiliation: Affiliation,
    /// Whether they are there.
    pub status: PersonStatus,
    /// Their unit.
    pub home_unit_id: UnitId,
    /// Its name.
    pub home_unit_name: String,
}
