//! Grants: a role for a person at a unit, for a time.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;

use crate::access::Role;
use crate::id::{GrantId, PersonId, UnitId};
use crate::time::Timestamp;

/// A grant as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who has the role.
    pub person_id: PersonId,
    /// Which role.
    pub role: Role,
    /// Where, with everything below.
    pub root_unit_id: UnitId,
    /// Since when.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_to: Option<Timestamp>,
}
