//! Days and stretches of days as people say them, resolved against today. Weeks begin on Monday; terms are spring, summer and fall.

mod days;
mod said;

use habeo_core::time::Day;

use days::ends;
use days::{month_span, months, parts, weekday_of, weekend};
pub(super) use days::{shifted, year};
pub(super) use said::length;
use said::{calendar, counted, turn, unit, written};

use super::numbers::spoken_year;

/// A stretch of days; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: Day,
    pub until: Day,
}

/// Which of several years or weeks is meant where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lean {
    /// The last one: "since March".
    Past,
    /// The next one: "until June".
    Future,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    pub count: i64,
    pub unit: Unit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Term,
    Year,
}

/// What a date was said as; the same words can lie before or behind today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Fixed days.
    Fixed(Span),
    /// A day of the week: 0 is Monday.
    Weekday(i64),
    /// A month, or a day of it, without a year.
    Month(i64, Option<i64>),
    /// A quarter without a year.
    Quarter(i64),
    /// "In a year": a day ahead, or the stretch behind.
    In(Length),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Years that a bare number can mean.
const YEARS: std::ops::RangeInclusive<i64> = 1980..=2060;
/// The longest length that is computed with, in any unit.
const COUNT_MAX: i64 = 5_000;

impl Said {
    /// The days, leaning to one side where the words leave it open.
    pub(super) fn span(self, today: Day, lean: Lean) -> Span {
        match self {
            Self::Fixed(span) => span,
            Self::Weekday(weekday) => {
                let ahead = (weekday - weekday_of(today)).rem_euclid(7);
                let day = match lean {
                    Lean::Future => today.plus_days(ahead),
                    Lean::Past if ahead == 0 => today,
                    Lean::Past => today.plus_days(ahead - 7),
                };
                Span {
                    from: day,
                    until: day,
                }
            }
            Self::Month(month, of_month) => {
                let (year, this_month, this_day) = parts(today);
                let behind = match of_month {
                    Some(number) => (month, number) < (this_month, this_day),
                    None => month < this_month,
                };
                let ahead = match of_month {
                    Some(number) => (month, number) > (this_month, this_day),
                    None => month > this_month,
                };
                let year = match lean {
                    Lean::Future if behind => year + 1,
                    Lean::Past if ahead => year - 1,
                    _ => year,
                };
                month_span(year, month, of_month).unwrap_or(Span {
                    from: today,
                    until: today,
                })
            }
            Self::In(length) if lean == Lean::Past => Span {
                from: shifted(today, length, -1),
                until: today,
            },
            Self::In(length) => {
                let day = shifted(today, length, 1);
                Span {
                    from: day,
                    until: day,
                }
            }
            Self::Quarter(quarter) => {
                let (year, month, _) = parts(today);
                let current = (month - 1) / 3 + 1;
                let year = match lean {
                    Lean::Future if quarter < current => year + 1,
                    Lean::Past if quarter > current => year - 1,
                    _ => year,
                };
                months(year, quarter * 3 - 2, 3).unwrap_or(Span {
                    from: today,
                    until: today,
                })
            }
        }
    }
}

fn is_part_of_day(word: &str) -> bool {
    matches!(word, "morning" | "afternoon" | "evening" | "night")
}

/// Reads a date that begins these words: how many words it takes, and what was said.
pub(super) fn date(words: &[&str], today: Day) -> Option<(usize, Said)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let fixed = |count: usize, span: Span| Some((count, Said::Fixed(span)));
    let single = |count: usize, days: i64| {
        let day = today.plus_days(days);
        Some((
            count,
            Said::Fixed(Span {
                from: day,
                until: day,
            }),
        ))
    };
    match word(0) {
        "today" | "tonight" => return single(1, 0),
        "this" | "earlier" if is_part_of_day(word(1)) || word(1) == "today" => {
            return single(2, 0);
        }
        "yesterday" => return single(1 + usize::from(is_part_of_day(word(1))), -1),
        "last" if word(1) == "night" => return single(2, -1),
        "tomorrow" | "tmrw" | "tomorow" | "tmr" => return single(1, 1),
        "day" if word(1) == "after" && word(2) == "tomorrow" => return single(3, 2),
        "the" if word(1) == "day" && word(2) == "after" && word(3) == "tomorrow" => {
            return single(4, 2);
        }
        "day" if word(1) == "before" && word(2) == "yesterday" => return single(3, -2),
        "weekend" => return fixed(1, weekend(today)),
        "this" | "the" if word(1) == "weekend" => return fixed(2, weekend(today)),
        "eow" => return single(1, 4 - weekday_of(today)),
        "eom" => return ends(today, Unit::Month, 0).and_then(|span| fixed(1, span)),
        "eoy" => return ends(today, Unit::Year, 0).and_then(|span| fixed(1, span)),
        _ => {}
    }
    if let Some((count, number)) = spoken_year(words)
        && unit(word(count)).is_none()
        && let Some(span) = year(number)
    {
        return fixed(count, span);
    }
    turn(words, today)
        .or_else(|| counted(words, today))
        .or_else(|| written(words))
        .or_else(|| calendar(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, lean: Lean) -> Option<(usize, String)> {
        // A Wednesday.
        let today: Day = "2026-06-17".parse().expect("a day");
        let words: Vec<&str> = text.split(' ').collect();
        date(&words, today).map(|(count, said)| {
            let span = said.span(today, lean);
            (count, format!("{}..{}", span.from, span.until))
        })
    }

    #[test]
    fn dates_are_read_as_people_say_them() {
        for (text, lean, count, span) in [
            ("today", Lean::Past, 1, "2026-06-17..2026-06-17"),
            ("tomorrow", Lean::Future, 1, "2026-06-18..2026-06-18"),
            ("last night", Lean::Past, 2, "2026-06-16..2026-06-16"),
            ("this morning", Lean::Past, 2, "2026-06-17..2026-06-17"),
            ("twenty nineteen", Lean::Past, 2, "2019-01-01..2019-12-31"),
            ("this week", Lean::Future, 2, "2026-06-15..2026-06-21"),
            ("last week", Lean::Past, 2, "2026-06-08..2026-06-14"),
            ("next month", Lean::Future, 2, "2026-07-01..2026-07-31"),
            ("this year", Lean::Future, 2, "2026-01-01..2026-12-31"),
            ("last semester", Lean::Past, 2, "2026-01-01..2026-05-31"),
            ("friday", Lean::Future, 1, "2026-06-19..2026-06-19"),
            ("friday", Lean::Past, 1, "2026-06-12..2026-06-12"),
            ("next friday", Lean::Future, 2, "2026-06-26..2026-06-26"),
            ("march", Lean::Past, 1, "2026-03-01..2026-03-31"),
            ("september", Lean::Past, 1, "2025-09-01..2025-09-30"),
            ("june", Lean::Future, 1, "2026-06-01..2026-06-30"),
            ("may 2024", Lean::Past, 2, "2024-05-01..2024-05-31"),
            ("march 5", Lean::Past, 2, "2026-03-05..2026-03-05"),
            ("5th of march 2025", Lean::Past, 4, "2025-03-05..2025-03-05"),
            ("2026 06 19", Lean::Past, 3, "2026-06-19..2026-06-19"),
            ("6 19 2026", Lean::Past, 3, "2026-06-19..2026-06-19"),
            ("q3 2025", Lean::Past, 2, "2025-07-01..2025-09-30"),
            ("in two weeks", Lean::Future, 3, "2026-07-01..2026-07-01"),
            ("six months ago", Lean::Past, 3, "2025-12-17..2025-12-17"),
            ("the last 30 days", Lean::Past, 4, "2026-05-18..2026-06-17"),
            (
                "end of the month",
                Lean::Future,
                4,
                "2026-06-30..2026-06-30",
            ),
            (
                "end of next month",
                Lean::Future,
                4,
                "2026-07-31..2026-07-31",
            ),
            ("end of august", Lean::Future, 3, "2026-08-31..2026-08-31"),
        ] {
            assert_eq!(read(text, lean), Some((count, span.to_owned())), "{text}");
        }
        assert_eq!(read("2026 13 45", Lean::Past), None);
        assert_eq!(read("laptops", Lean::Past), None);
    }

    #[test]
    fn lengths_are_read_in_words() {
        for (text, count, number, unit) in [
            ("5 years", 2, 5, Unit::Year),
            ("a year", 2, 1, Unit::Year),
            ("half a year", 3, 6, Unit::Month),
            ("a couple of weeks", 4, 2, Unit::Week),
            ("5y", 1, 5, Unit::Year),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(
                length(&words),
                Some((
                    count,
                    Length {
                        count: number,
                        unit
                    }
                )),
                "{text}"
            );
        }
    }

    #[test]
    fn the_last_day_of_a_short_month_stays_in_it() {
        let day: Day = "2024-02-29".parse().expect("a day");
        assert_eq!(
            shifted(
                day,
                Length {
                    count: 1,
                    unit: Unit::Year
                },
                1
            )
            .to_string(),
            "2025-02-28"
        );
    }
}
