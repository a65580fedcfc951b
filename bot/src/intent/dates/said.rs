//! The ways in which people say dates.

use habeo_core::time::Day;

use crate::intent::dates::days::{
    academic_year, ends, month_span, months, parts, shifted, weekday_of, weekend,
};
use crate::intent::dates::{COUNT_MAX, Lean, Length, MONTHS, Said, Span, Unit, WEEKDAYS, YEARS};
use crate::intent::numbers::{cardinal, digits, ordinal};

/// The longest length in digits that anybody says; what is longer is a part of a tag.
const LENGTH_MAX: i64 = 999;

/// "this week", "last semester", "end of next month", "next Friday".
pub(in crate::intent) fn turn(words: &[&str], today: Day) -> Option<(usize, Said)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let mut at = 0;
    let skip_the = |at: usize| if word(at) == "the" { at + 1 } else { at };
    at = skip_the(at);
    let part = match word(at) {
        "end" | "start" | "beginning" if word(at + 1) == "of" => {
            let part = word(at);
            at = skip_the(at + 2);
            Some(part)
        }
        _ => None,
    };
    let offset = match word(at) {
        "this" | "current" => Some(0),
        "last" | "previous" | "past" => Some(-1),
        "next" | "coming" | "following" | "upcoming" => Some(1),
        _ => None,
    };
    if let Some(offset) = offset {
        let next = at + 1;
        if let Some(weekday) = weekday(word(next)) {
            let ahead = (weekday - weekday_of(today)).rem_euclid(7);
            let days = match offset {
                -1 if ahead == 0 => -7,
                -1 => ahead - 7,
                // "Next Friday" is the Friday of next week, except at its own distance of a whole week.
                1 => 7 - weekday_of(today) + weekday,
                _ => ahead,
            };
            let day = today.plus_days(days);
            return Some((
                next + 1,
                Said::Fixed(Span {
                    from: day,
                    until: day,
                }),
            ));
        }
        if let Some(month) = month(word(next)) {
            let (year, this, _) = parts(today);
            let year = match offset {
                -1 if month >= this => year - 1,
                1 if month <= this => year + 1,
                _ => year,
            };
            return Some((next + 1, Said::Fixed(month_span(year, month, None)?)));
        }
        if let Some(season) = season(word(next)) {
            let (year, this, _) = parts(today);
            let ended = season.1 < this;
            let begun = season.0 <= this;
            let year = match offset {
                -1 if !ended => year - 1,
                1 if begun => year + 1,
                _ => year,
            };
            return Some((
                next + 1,
                Said::Fixed(months(year, season.0, season.1 - season.0 + 1)?),
            ));
        }
        if word(next) == "academic" && word(next + 1) == "year" {
            return Some((next + 2, Said::Fixed(academic_year(today, offset)?)));
        }
        if word(next) == "weekend" {
            let span = weekend(today);
            let days = 7 * offset;
            return Some((
                next + 1,
                Said::Fixed(Span {
                    from: span.from.plus_days(days),
                    until: span.until.plus_days(days),
                }),
            ));
        }
        let unit = unit(word(next)).filter(|_| !word(next).ends_with('s') || word(next) == "s")?;
        if unit == Unit::Day && offset != 0 {
            let day = today.plus_days(offset);
            return Some((
                next + 1,
                Said::Fixed(Span {
                    from: day,
                    until: day,
                }),
            ));
        }
        let span = ends(today, unit, offset)?;
        return Some((next + 1, Said::Fixed(edge(span, part))));
    }
    // "end of the month", "end of June".
    let part = part?;
    if let Some(unit) = unit(word(at)) {
        return Some((at + 1, Said::Fixed(edge(ends(today, unit, 0)?, Some(part)))));
    }
    let (count, said) = calendar(&words[at.min(words.len())..])?;
    Some((
        at + count,
        Said::Fixed(edge(said.span(today, Lean::Future), Some(part))),
    ))
}

pub(in crate::intent) fn edge(span: Span, part: Option<&str>) -> Span {
    match part {
        Some("end") => Span {
            from: span.until,
            until: span.until,
        },
        Some(_) => Span {
            from: span.from,
            until: span.from,
        },
        None => span,
    }
}

/// "in 3 days", "two weeks ago", "the last 6 months", "next 10 days", "a week from now".
pub(in crate::intent) fn counted(words: &[&str], today: Day) -> Option<(usize, Said)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let to_today = |days: Day| {
        if days <= today {
            Span {
                from: days,
                until: today,
            }
        } else {
            Span {
                from: today,
                until: days,
            }
        }
    };
    let mut at = usize::from(matches!(word(0), "the" | "in" | "within"));
    let within = word(0) == "within" || (at == 1 && word(0) == "in" && word(1) == "the");
    if at == 1 && word(1) == "the" {
        at = 2;
    }
    let side = match word(at) {
        "last" | "past" | "previous" => Some(-1),
        "next" | "coming" | "following" => Some(1),
        _ => None,
    };
    if let Some(side) = side {
        let (count, length) = length(&words[(at + 1).min(words.len())..]).or_else(|| {
            let unit = unit(word(at + 1)).filter(|_| within)?;
            Some((1, Length { count: 1, unit }))
        })?;
        return Some((
            at + 1 + count,
            Said::Fixed(to_today(shifted(today, length, side))),
        ));
    }
    let (count, length) = length(&words[at.min(words.len())..])?;
    let end = at + count;
    match word(end) {
        "ago" | "back" => {
            let day = shifted(today, length, -1);
            Some((
                end + 1,
                Said::Fixed(Span {
                    from: day,
                    until: day,
                }),
            ))
        }
        "from" if matches!(word(end + 1), "now" | "today") => {
            let day = shifted(today, length, 1);
            Some((
                end + 2,
                Said::Fixed(Span {
                    from: day,
                    until: day,
                }),
            ))
        }
        _ if word(0) == "within" => Some((end, Said::Fixed(to_today(shifted(today, length, 1))))),
        _ if word(0) == "in" && at == 1 => Some((end, Said::In(length))),
        _ => None,
    }
}

/// "2026-06-19", "6/19/2026" and "19.6.2026" as the separate numbers that they were taken apart into.
pub(in crate::intent) fn written(words: &[&str]) -> Option<(usize, Said)> {
    let number = |at: usize| words.get(at).and_then(|word| digits(word));
    let (first, second) = (number(0)?, number(1)?);
    let day = |year: i64, month: i64, day: i64| month_span(year, month, Some(day));
    if words[0].len() == 4 && words.get(1).is_some_and(|word| word.len() <= 2) {
        return day(first, second, number(2)?).map(|span| (3, Said::Fixed(span)));
    }
    if words.get(2).is_some_and(|word| word.len() == 4)
        && words[0].len() <= 2
        && words[1].len() <= 2
    {
        let year = number(2)?;
        let span = day(year, first, second).or_else(|| day(year, second, first))?;
        return Some((3, Said::Fixed(span)));
    }
    None
}

/// "March", "March 5", "5 March 2025", "the 5th of March", "Q3", "Friday", "fall 2025".
pub(in crate::intent) fn calendar(words: &[&str]) -> Option<(usize, Said)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let year = |at: usize| digits(word(at)).filter(|year| YEARS.contains(year));
    let mut at = usize::from(word(0) == "the");
    if let Some(day) = weekday(word(at)).filter(|_| at == 0) {
        return Some((1, Said::Weekday(day)));
    }
    if let Some(quarter) = quarter(word(at)) {
        return match year(at + 1) {
            Some(year) => Some((at + 2, Said::Fixed(months(year, quarter * 3 - 2, 3)?))),
            None => Some((at + 1, Said::Quarter(quarter))),
        };
    }
    if let Some((first, last)) = season(word(at)) {
        let skip = usize::from(matches!(word(at + 1), "semester" | "term" | "quarter"));
        let year = year(at + 1 + skip)?;
        return Some((
            at + 2 + skip,
            Said::Fixed(months(year, first, last - first + 1)?),
        ));
    }
    let mut of_month = None;
    if let Some(day) = ordinal(word(at))
        .or_else(|| digits(word(at)))
        .filter(|day| (1..=31).contains(day))
    {
        let next = at + 1 + usize::from(word(at + 1) == "of");
        month(word(next))?;
        of_month = Some(day);
        at = next;
    }
    let named = month(word(at))?;
    at += 1;
    if of_month.is_none() {
        let the = usize::from(word(at) == "the");
        let day = ordinal(word(at + the)).or_else(|| digits(word(at + the)));
        if let Some(day) = day.filter(|day| (1..=31).contains(day)) {
            of_month = Some(day);
            at += 1 + the;
        }
    }
    let of = usize::from(word(at) == "of");
    match year(at + of) {
        Some(year) => Some((at + of + 1, Said::Fixed(month_span(year, named, of_month)?))),
        None => Some((at, Said::Month(named, of_month))),
    }
}

/// A length of time that begins these words: "5 years", "a year", "half a year", "a couple of weeks".
pub(in crate::intent) fn length(words: &[&str]) -> Option<(usize, Length)> {
    let word = |at: usize| words.get(at).copied().unwrap_or("");
    let length = |count: usize, number: i64, unit: Unit| {
        Some((
            count,
            Length {
                count: number,
                unit,
            },
        ))
    };
    if word(0) == "half" && matches!(word(1), "a" | "an") && unit(word(2)) == Some(Unit::Year) {
        return length(3, 6, Unit::Month);
    }
    let mut at = 0;
    if matches!(word(0), "a" | "an" | "the")
        && matches!(word(1), "couple" | "few" | "dozen" | "full" | "whole")
    {
        at = 1;
    }
    if matches!(word(at), "full" | "whole") {
        at += 1;
        return length(at + 1, 1, unit(word(at))?);
    }
    let (mut number, mut next) = match compact(word(at)) {
        Some((number, unit)) => return length(at + 1, number, unit),
        None => (cardinal(word(at))?, at + 1),
    };
    if let Some(more) = cardinal(word(next))
        .filter(|more| *more < 10 && number >= 20 && number % 10 == 0 && digits(word(at)).is_none())
    {
        number += more;
        next += 1;
    }
    next += usize::from(word(next) == "of");
    let unit = unit(word(next))?;
    // "I returned 4217 weeks ago" names an asset.
    if digits(word(at)).is_some_and(|number| number > LENGTH_MAX) {
        return None;
    }
    length(next + 1, number.min(COUNT_MAX), unit)
}

/// "5y", "6mo", "30d".
pub(in crate::intent) fn compact(word: &str) -> Option<(i64, Unit)> {
    let at = word
        .find(|c: char| !c.is_ascii_digit())
        .filter(|at| *at > 0)?;
    let unit = match &word[at..] {
        "d" | "day" | "days" => Unit::Day,
        "w" | "wk" | "wks" | "weeks" | "week" => Unit::Week,
        "mo" | "mos" | "months" | "month" => Unit::Month,
        "y" | "yr" | "yrs" | "years" | "year" => Unit::Year,
        _ => return None,
    };
    digits(&word[..at]).map(|number| (number.min(COUNT_MAX), unit))
}

pub(in crate::intent) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Day,
        "week" | "weeks" | "wk" | "wks" => Unit::Week,
        "month" | "months" | "mo" | "mos" | "mth" | "mths" => Unit::Month,
        "quarter" | "quarters" => Unit::Quarter,
        "semester" | "semesters" | "term" | "terms" => Unit::Term,
        "year" | "years" | "yr" | "yrs" => Unit::Year,
        _ => return None,
    })
}

pub(in crate::intent) fn weekday(word: &str) -> Option<i64> {
    let named = WEEKDAYS.iter().position(|day| {
        *day == word || (word.len() == day.len() + 1 && word.strip_suffix('s') == Some(day))
    });
    let short = || match word {
        "mon" => Some(0),
        "tue" | "tues" => Some(1),
        "weds" => Some(2),
        "thu" | "thur" | "thurs" => Some(3),
        "fri" => Some(4),
        _ => None,
    };
    named.or_else(short).and_then(|at| i64::try_from(at).ok())
}

pub(in crate::intent) fn month(word: &str) -> Option<i64> {
    let short = |name: &str| {
        word.len() == 3 && name.starts_with(word) || word == "sept" && name == "september"
    };
    let at = MONTHS
        .iter()
        .position(|name| *name == word || short(name))?;
    i64::try_from(at + 1).ok()
}

pub(in crate::intent) fn quarter(word: &str) -> Option<i64> {
    word.strip_prefix('q')
        .and_then(digits)
        .filter(|quarter| (1..=4).contains(quarter))
}

/// The first and last month of a term.
pub(in crate::intent) fn season(word: &str) -> Option<(i64, i64)> {
    match word {
        "spring" => Some((1, 5)),
        "summer" => Some((6, 7)),
        "fall" | "autumn" => Some((8, 12)),
        _ => None,
    }
}
