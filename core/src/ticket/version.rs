//! How new a report is beside what is known. Pure.

use std::cmp::Ordering;

use super::report::Version;
use crate::time::{DAY_MICROS, Timestamp};

/// How far ahead of us a help desk's clock may be; what claims more is taken for what came in now.
pub const SKEW_MICROS: i64 = DAY_MICROS;

/// How a later report of a ticket stands beside an earlier one. None where the two are of kinds that cannot be compared: then the later to come
/// in is the later.
#[must_use]
pub fn compare(known: Version, reported: Version) -> Option<Ordering> {
    use Version::{Counter, ReceivedAt, UpdatedAt};
    Some(match (known, reported) {
        (Counter(known, known_at), Counter(reported, reported_at)) => {
            let times = known_at.zip(reported_at);
            let tie = times.map_or(Ordering::Equal, |(known, reported)| reported.cmp(&known));
            reported.cmp(&known).then(tie)
        }
        (UpdatedAt(known) | Counter(_, Some(known)), UpdatedAt(reported))
        | (UpdatedAt(known), Counter(_, Some(reported)))
        | (ReceivedAt(known), ReceivedAt(reported)) => reported.cmp(&known),
        _ => return None,
    })
}

/// Whether a report is older than what is known.
#[must_use]
pub fn is_older(known: Version, reported: Version) -> bool {
    compare(known, reported) == Some(Ordering::Less)
}

/// Whether a report is of the very change that is known.
#[must_use]
pub fn is_same(known: Version, reported: Version) -> bool {
    compare(known, reported) == Some(Ordering::Equal)
}

/// The time that a version names, if it names one.
#[must_use]
pub const fn time(version: Version) -> Option<Timestamp> {
    match version {
        Version::Counter(_, at) => at,
        Version::UpdatedAt(at) | Version::ReceivedAt(at) => Some(at),
    }
}

/// The version as it can be believed, and whether it had to be clamped: a clock that is more than a day ahead would make everything that
/// follows stale.
#[must_use]
pub fn believable(version: Version, now: Timestamp) -> (Version, bool) {
    let latest = now.plus_micros(SKEW_MICROS);
    if time(version).is_none_or(|at| at <= latest) {
        return (version, false);
    }
    let clamped = match version {
        Version::Counter(count, _) => Version::Counter(count, Some(now)),
        Version::UpdatedAt(_) => Version::UpdatedAt(now),
        Version::ReceivedAt(_) => Version::ReceivedAt(now),
    };
    (clamped, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// Known, reported, and what the sheet says of the two.
    #[test]
    fn versions_are_compared_within_their_kind() {
        use Ordering::{Equal, Greater, Less};
        use Version::{Counter, ReceivedAt, UpdatedAt};
        for (known, reported, expected) in [
            (Counter(8, None), Counter(7, None), Some(Less)),
            (Counter(7, None), Counter(8, None), Some(Greater)),
            (Counter(8, None), Counter(8, None), Some(Equal)),
            // A count that stayed the same: the time decides, where both have one.
            (
                Counter(8, Some(at(1))),
                Counter(8, Some(at(2))),
                Some(Greater),
            ),
            (Counter(8, Some(at(2))), Counter(8, Some(at(1))), Some(Less)),
            (Counter(8, Some(at(2))), Counter(8, None), Some(Equal)),
            // The count wins over the time.
            (
                Counter(8, Some(at(9))),
                Counter(9, Some(at(1))),
                Some(Greater),
            ),
            // Without a count the times are compared, whichever side lacks it.
            (Counter(8, Some(at(5))), UpdatedAt(at(4)), Some(Less)),
            (Counter(8, Some(at(5))), UpdatedAt(at(5)), Some(Equal)),
            (UpdatedAt(at(5)), Counter(9, Some(at(4))), Some(Less)),
            (UpdatedAt(at(5)), UpdatedAt(at(6)), Some(Greater)),
            (ReceivedAt(at(5)), ReceivedAt(at(4)), Some(Less)),
            // Of different kinds: as they come in.
            (Counter(8, None), UpdatedAt(at(4)), None),
            (UpdatedAt(at(5)), ReceivedAt(at(4)), None),
            (ReceivedAt(at(5)), UpdatedAt(at(4)), None),
            (ReceivedAt(at(5)), Counter(1, Some(at(4))), None),
        ] {
            assert_eq!(compare(known, reported), expected, "{known:?} {reported:?}");
        }
    }

    #[test]
    fn a_clock_a_day_ahead_is_not_believed() {
        let now = at(1_000_000);
        let day = 86_400;
        let just = Version::UpdatedAt(at(1_000_000 + day));
        assert_eq!(believable(just, now), (just, false));
        let ahead = at(1_000_001 + day);
        assert_eq!(
            believable(Version::UpdatedAt(ahead), now),
            (Version::UpdatedAt(now), true)
        );
        assert_eq!(
            believable(Version::Counter(3, Some(ahead)), now),
            (Version::Counter(3, Some(now)), true)
        );
        assert_eq!(
            believable(Version::Counter(3, None), now),
            (Version::Counter(3, None), false)
        );
    }
}
