//! Who approves what is bought: up to which amount one person suffices, and who approves in somebody's place for a while.

pub mod command;
pub mod event;
mod limit;
pub(crate) mod project;
mod refusal;
pub mod store;

use crate::id::{DelegationId, PersonId, UnitId};
use crate::time::{DAY_MICROS, Timestamp};

pub use limit::{Limit, needed};
pub use refusal::Refusal;

/// How many people have to approve what is above a limit.
pub const APPROVALS_MAX: i64 = 2;
/// The most currencies of one policy.
pub const LIMITS_MAX: usize = 50;
/// The longest that somebody approves in another's place.
pub const DELEGATION_MICROS_MAX: i64 = 180 * DAY_MICROS;

/// Up to which amounts one person approves, in a unit and what is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where it was set.
    pub unit: UnitId,
    /// By currency.
    pub limits: Vec<Limit>,
}

/// That somebody approves in another's place for a while.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Its place in lists.
    pub seq: i64,
    /// In whose place.
    #[sqlx(rename = "from_id")]
    pub from: PersonId,
    /// Who.
    #[sqlx(rename = "to_id")]
    pub to: PersonId,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

impl Delegation {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.starts_at <= now && now < self.ends_at
    }
}
