//! Digests: what changed in a unit, as counts, for a channel of a chat service that an administrator subscribed.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod send;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::{DigestId, InstallId, UnitId};
use crate::time::Day;
use crate::zone::Local;

/// The most digests of an organisation.
pub const DIGESTS_MAX: i64 = 200;

closed_set! {
    /// How often a digest is sent.
    Cadence {
        /// Every day.
        Daily = "daily",
        /// Every Monday.
        Weekly = "weekly",
    }
}

/// A digest that a channel receives.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Digest {
    /// Its id.
    pub id: DigestId,
    /// Through which installation.
    #[sqlx(rename = "install_id")]
    pub install: InstallId,
    /// The channel's key there, opaque.
    pub chat: String,
    /// Of which unit, with everything below.
    #[sqlx(rename = "unit_id")]
    pub unit: UnitId,
    /// How often.
    pub cadence: Cadence,
    /// From which hour on, where the organisation is.
    pub local_hour: i64,
}

/// The day whose digest is the last that could have been sent: an hour later than the day began, or the Monday.
#[must_use]
pub fn last_scheduled(cadence: Cadence, hour: u8, local: Local) -> Day {
    let reached = |day: Day| local.day > day || (local.day == day && local.hour >= hour);
    let (day, step) = match cadence {
        Cadence::Daily => (local.day, 1),
        Cadence::Weekly => (local.day.monday(), 7),
    };
    if reached(day) {
        day
    } else {
        day.plus_days(-step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_their_days() {
        // 2026-03-02 is a Monday.
        for (cadence, now, hour, scheduled) in [
            (Cadence::Daily, "2026-03-04", 8, "2026-03-03"),
            (Cadence::Daily, "2026-03-04", 9, "2026-03-04"),
            (Cadence::Daily, "2026-03-01", 0, "2026-02-28"),
            (Cadence::Weekly, "2026-03-02", 8, "2026-02-23"),
            (Cadence::Weekly, "2026-03-02", 9, "2026-03-02"),
            (Cadence::Weekly, "2026-03-04", 0, "2026-03-02"),
            (Cadence::Weekly, "2026-03-08", 23, "2026-03-02"),
        ] {
            let day = now.parse().expect("a day");
            let last = last_scheduled(cadence, 9, Local { day, hour });
            assert_eq!(last.to_string(), scheduled, "{cadence} {now} {hour}");
        }
    }
}
