//! When a parcel that did not arrive is tried again. Pure: the instant and the chance are parameters.

use std::time::Duration;

use crate::time::{SECOND_MICROS, Timestamp};

/// The pause after the first attempt.
const FIRST_MICROS: i64 = 5 * SECOND_MICROS;
/// By how much each further pause is longer.
const FACTOR: i64 = 3;
/// The longest pause, before chance; and the longest that a receiver may ask for.
pub const PAUSE_MICROS_MAX: i64 = 4 * 3_600 * SECOND_MICROS;
/// How long a parcel is tried, from its first attempt.
pub const WINDOW_MICROS: i64 = 24 * 3_600 * SECOND_MICROS;

/// A chance between 0 and 1, 1 excluded, in units of 2^-32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance(pub u32);

/// The pause after an attempt that failed, the first being 1: `min(5 s · 3^(n-1), 4 h) · (0.75 + 0.5u)`. The chance keeps those who failed
/// together from coming back together.
#[must_use]
pub fn pause_micros(attempt: u32, chance: Chance) -> i64 {
    let factor = FACTOR.saturating_pow(attempt.saturating_sub(1));
    let nominal = FIRST_MICROS.saturating_mul(factor).min(PAUSE_MICROS_MAX);
    let by_chance = i128::from(nominal) / 2 * i128::from(chance.0) / (1_i128 << 32);
    nominal / 4 * 3 + i64::try_from(by_chance).unwrap_or(0)
}

/// When the next attempt is due after one that failed; never again once the last one, a day after the first, was made. A receiver may ask
/// for a longer pause, not for a shorter one.
#[must_use]
pub fn next(
    attempt: u32,
    first_attempt_at: Timestamp,
    now: Timestamp,
    asked: Option<Duration>,
    chance: Chance,
) -> Option<Timestamp> {
    let last = first_attempt_at.plus_micros(WINDOW_MICROS);
    if now >= last {
        return None;
    }
    let asked = asked.map_or(0, |pause| {
        i64::try_from(pause.as_micros()).unwrap_or(i64::MAX)
    });
    let pause = pause_micros(attempt, chance).max(asked.min(PAUSE_MICROS_MAX));
    Some(now.plus_micros(pause).min(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Half of chance: the nominal pauses.
    const NOMINAL: Chance = Chance(1 << 31);
    const HOUR: i64 = 3_600 * SECOND_MICROS;

    #[test]
    fn the_nominal_schedule_is_the_published_one() {
        let seconds: Vec<i64> = (1..=10)
            .map(|attempt| pause_micros(attempt, NOMINAL) / SECOND_MICROS)
            .collect();
        assert_eq!(
            seconds,
            [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 14_400, 14_400]
        );
    }

    #[test]
    fn there_are_fourteen_nominal_attempts_within_a_day() {
        let first = Timestamp::from_seconds(0);
        let mut at = vec![first];
        while let Some(next) = next(
            u32::try_from(at.len()).expect("few"),
            first,
            at[at.len() - 1],
            None,
            NOMINAL,
        ) {
            at.push(next);
        }
        assert_eq!(at.len(), 14);
        assert_eq!(at.last(), Some(&first.plus_micros(WINDOW_MICROS)));
    }

    #[test]
    fn a_receiver_may_lengthen_a_pause_up_to_four_hours() {
        let first = Timestamp::from_seconds(0);
        let now = first.plus_micros(SECOND_MICROS);
        for (asked, pause) in [
            (Some(0), 5 * SECOND_MICROS),
            (Some(1), 5 * SECOND_MICROS),
            (Some(30), 30 * SECOND_MICROS),
            (Some(3_600 * 5), 4 * HOUR),
            (Some(u64::MAX), 4 * HOUR),
            (None, 5 * SECOND_MICROS),
        ] {
            let due = next(1, first, now, asked.map(Duration::from_secs), NOMINAL);
            assert_eq!(due, Some(now.plus_micros(pause)), "{asked:?}");
        }
    }

    #[test]
    fn the_last_attempt_is_a_day_after_the_first() {
        let first = Timestamp::from_seconds(1_000);
        let last = first.plus_micros(WINDOW_MICROS);
        let before = last.plus_micros(-1);
        assert_eq!(next(13, first, before, None, Chance(u32::MAX)), Some(last));
        let asked = Some(Duration::from_hours(1));
        assert_eq!(next(13, first, before, asked, NOMINAL), Some(last));
        assert_eq!(next(14, first, last, None, NOMINAL), None);
        assert_eq!(next(1, first, last.plus_micros(1), None, NOMINAL), None);
    }

    proptest! {
        #[test]
        fn pauses_stay_within_their_bounds(attempt in 0_u32.., chance: u32) {
            let pause = pause_micros(attempt, Chance(chance));
            let nominal = pause_micros(attempt, NOMINAL);
            prop_assert!(pause >= nominal / 4 * 3);
            prop_assert!(pause < nominal / 4 * 5);
            prop_assert!(nominal <= PAUSE_MICROS_MAX);
        }

        #[test]
        fn an_attempt_is_never_before_now_nor_after_the_last(
            attempt in 1_u32..40, passed in 0_i64..WINDOW_MICROS, asked in proptest::option::of(0_u64..100_000), chance: u32
        ) {
            let first = Timestamp::from_seconds(0);
            let now = first.plus_micros(passed);
            let due = next(attempt, first, now, asked.map(Duration::from_secs), Chance(chance)).expect("within the day");
            prop_assert!(due > now);
            prop_assert!(due <= first.plus_micros(WINDOW_MICROS));
        }
    }
}
