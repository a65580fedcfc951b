//! Days as numbers since 1970-01-01, and the hours in which a university works.

use habeo_core::time::{DAY_MICROS, Day, SECOND_MICROS, Timestamp};

use super::dice::Dice;

/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND_MICROS;
/// Nine in the morning on the main campus, as an offset into the UTC day. Daylight saving is left out: an hour decides nothing here.
const OPENING: i64 = 14 * 60 * MINUTE;
/// Minutes from opening to closing.
const WORKDAY_MINUTES: i64 = 8 * 60;

/// The number of a day.
pub fn number(day: Day) -> i64 {
    day.start().micros().div_euclid(DAY_MICROS)
}

/// The day of a number.
pub fn day(number: i64) -> Day {
    Timestamp::from_micros(number * DAY_MICROS).day()
}

/// The number of the day on which an instant falls.
pub fn day_of(micros: i64) -> i64 {
    micros.div_euclid(DAY_MICROS)
}

/// Year and month (1 to 12) of a day, by counting in 400-year cycles that begin in March.
pub fn year_month(number: i64) -> (i64, i64) {
    const CYCLE_DAYS: i64 = 146_097;
    const FROM_YEAR_ZERO: i64 = 719_468;
    let shifted = number + FROM_YEAR_ZERO;
    let cycle = shifted.div_euclid(CYCLE_DAYS);
    let in_cycle = shifted.rem_euclid(CYCLE_DAYS);
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let march_month = (5 * in_year + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year + cycle * 400 + i64::from(month <= 2);
    (year, month)
}

/// The first day of a month.
pub fn first_of(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let in_cycle = year.rem_euclid(400);
    let march_month = (month + 9) % 12;
    let in_year = (153 * march_month + 2) / 5;
    cycle * 146_097 + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + in_year - 719_468
}

/// The week of the year, 1 to 53, as makers put it into serial numbers.
pub fn week(number: i64) -> i64 {
    let (year, _) = year_month(number);
    (number - first_of(year, 1)) / 7 + 1
}

/// The same day or the Monday after it.
pub fn workday(number: i64) -> i64 {
    // Day 0 was a Thursday: 2 is Saturday, 3 is Sunday.
    match number.rem_euclid(7) {
        2 => number + 2,
        3 => number + 1,
        _ => number,
    }
}

/// An instant in the working hours of a day.
pub fn in_hours(dice: &Dice, day: i64) -> i64 {
    let minute = dice.range(0, WORKDAY_MINUTES - 1);
    day * DAY_MICROS + OPENING + minute * MINUTE + dice.range(0, 59) * SECOND_MICROS
}

/// The middle of a working day.
pub fn noon(day: i64) -> i64 {
    day * DAY_MICROS + OPENING + 3 * 60 * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_numbers_agree_with_the_calendar() {
        for text in ["1970-01-01", "2000-02-29", "2019-12-31", "2026-03-01"] {
            let given: Day = text.parse().expect("a day");
            let (year, month) = year_month(number(given));
            assert_eq!(format!("{year:04}-{month:02}"), text[..7]);
            assert_eq!(day(number(given)), given);
            assert_eq!(
                day(first_of(year, month)).to_string(),
                format!("{}-01", &text[..7])
            );
        }
        // 2026-05-02 was a Saturday.
        let saturday = number("2026-05-02".parse().expect("a day"));
        assert_eq!(day(workday(saturday)).to_string(), "2026-05-04");
    }
}
