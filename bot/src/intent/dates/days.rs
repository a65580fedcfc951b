//! Counting in days, months and terms.

use habeo_core::time::Day;

use crate::intent::dates::{COUNT_MAX, Length, Span, Unit, YEARS};

/// The day this length later (earlier when `side` is negative).
pub(in crate::intent) fn shifted(day: Day, length: Length, side: i64) -> Day {
    let count = length.count.min(COUNT_MAX) * side;
    match length.unit {
        Unit::Day => day.plus_days(count),
        Unit::Week => day.plus_days(7 * count),
        Unit::Month => plus_months(day, count),
        Unit::Quarter => plus_months(day, 3 * count),
        Unit::Term => plus_months(day, 6 * count),
        Unit::Year => plus_months(day, 12 * count),
    }
}

/// The unit of time in which today lies, or one before or after it.
pub(in crate::intent) fn ends(today: Day, unit: Unit, offset: i64) -> Option<Span> {
    let (year, month, _) = parts(today);
    match unit {
        Unit::Day => Some(Span {
            from: today,
            until: today,
        }),
        Unit::Week => {
            let from = today.plus_days(7 * offset - weekday_of(today));
            Some(Span {
                from,
                until: from.plus_days(6),
            })
        }
        Unit::Month => months(year, month + offset, 1),
        Unit::Quarter => months(year, (month - 1) / 3 * 3 + 1 + 3 * offset, 3),
        Unit::Term => {
            const TERMS: [(i64, i64); 3] = [(1, 5), (6, 2), (8, 5)];
            let current = TERMS.iter().rposition(|(first, _)| *first <= month)?;
            let at = i64::try_from(current).ok()? + offset;
            // Between the two long terms lies a short one, which "last semester" does not mean.
            let at = if offset != 0 && at.rem_euclid(3) == 1 {
                at + offset
            } else {
                at
            };
            let (first, count) = TERMS[usize::try_from(at.rem_euclid(3)).ok()?];
            months(year + at.div_euclid(3), first, count)
        }
        Unit::Year => months(year + offset, 1, 12),
    }
}

pub(in crate::intent) fn academic_year(today: Day, offset: i64) -> Option<Span> {
    let (year, month, _) = parts(today);
    let first = if month >= 8 { year } else { year - 1 };
    months(first + offset, 8, 12)
}

pub(in crate::intent) fn weekend(today: Day) -> Span {
    let from = today.plus_days(5 - weekday_of(today));
    Span {
        from,
        until: from.plus_days(1),
    }
}

/// So many months from the first of this one; the month may lie outside 1 to 12.
pub(in crate::intent) fn months(year: i64, month: i64, count: i64) -> Option<Span> {
    let first = |month: i64| {
        day(
            year + (month - 1).div_euclid(12),
            (month - 1).rem_euclid(12) + 1,
            1,
        )
    };
    Some(Span {
        from: first(month)?,
        until: first(month + count)?.plus_days(-1),
    })
}

pub(in crate::intent) fn month_span(year: i64, month: i64, of_month: Option<i64>) -> Option<Span> {
    match of_month {
        None => months(year, month, 1),
        Some(number) => day(year, month, number).map(|day| Span {
            from: day,
            until: day,
        }),
    }
}

/// A whole year.
pub(in crate::intent) fn year(number: i64) -> Option<Span> {
    if YEARS.contains(&number) {
        months(number, 1, 12)
    } else {
        None
    }
}

pub(in crate::intent) fn day(year: i64, month: i64, day: i64) -> Option<Day> {
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

pub(in crate::intent) fn plus_months(from: Day, count: i64) -> Day {
    let (year, month, of_month) = parts(from);
    let moved = month - 1 + count;
    let (year, month) = (year + moved.div_euclid(12), moved.rem_euclid(12) + 1);
    (0..4)
        .find_map(|less| day(year, month, of_month - less))
        .unwrap_or(from)
}

pub(in crate::intent) fn parts(day: Day) -> (i64, i64, i64) {
    let text = day.to_string();
    let mut numbers = text.rsplitn(3, '-').map(|part| part.parse().unwrap_or(1));
    let of_month = numbers.next().unwrap_or(1);
    let month = numbers.next().unwrap_or(1);
    (numbers.next().unwrap_or(1970), month, of_month)
}

/// 0 is Monday.
pub(in crate::intent) fn weekday_of(day: Day) -> i64 {
    // The epoch was a Thursday.
    (day.start().seconds().div_euclid(86_400) + 3).rem_euclid(7)
}
