//! Times as suppliers write them.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// As C and Ruby write times for people.
const WORDS: &[BorrowedFormatItem<'_>] = format_description!(
    version = 2,
    "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
);
/// The most bytes of a time that are kept.
const TEXT_BYTES_MAX: usize = 64;

/// A time beside the text that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// As it was written, blanks around it left out; at most 64 bytes.
    pub text: String,
    /// The instant; none where the text is no time.
    pub at: Option<OffsetDateTime>,
    /// Whether it is written as cXML wants it.
    pub is_standard: bool,
}

impl Moment {
    /// Reads what can be read without guessing a day: a missing offset means UTC, a missing hour the beginning of the day.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let at = instant(text);
        let mut kept = text.to_owned();
        let end = (0..=TEXT_BYTES_MAX)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        kept.truncate(end.unwrap_or_default());
        Self {
            at,
            is_standard: at.is_some() && is_standard(text),
            text: kept,
        }
    }

    /// The instant in microseconds since 1970, as the rest of the program keeps times.
    #[must_use]
    pub fn micros(&self) -> Option<i64> {
        let nanos = self.at?.unix_timestamp_nanos();
        i64::try_from(nanos.div_euclid(1_000)).ok()
    }

    /// The day, as it was written.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.at.map(OffsetDateTime::date)
    }
}

/// A time as cXML wants it: seconds, and the offset in digits even where it is zero.
#[must_use]
pub fn write(at: OffsetDateTime) -> String {
    let offset = at.offset();
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    )
}

/// `YYYY-MM-DDThh:mm:ss`, a fraction perhaps, and an offset in digits with a colon.
fn is_standard(text: &str) -> bool {
    let bytes = text.as_bytes();
    let offset = bytes.len().checked_sub(6).map(|at| &bytes[at..]);
    bytes.get(10) == Some(&b'T')
        && bytes.len() >= 25
        && offset.is_some_and(|offset| matches!(offset[0], b'+' | b'-') && offset[3] == b':')
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    if !text.is_ascii() || text.len() > TEXT_BYTES_MAX {
        return None;
    }
    if let Some(date) = text.get(..10).and_then(day) {
        let rest = &text[10..];
        if rest.is_empty() {
            return Some(OffsetDateTime::new_utc(date, Time::MIDNIGHT));
        }
        return clock(date, rest.strip_prefix(['T', 't', ' '])?.trim_start());
    }
    OffsetDateTime::parse(text, WORDS).ok()
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn day(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at(4);
    let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
    let month: u8 = number(month)?;
    Date::from_calendar_date(number(year)?, month.try_into().ok()?, number(day)?).ok()
}

/// The hour, perhaps a fraction of a second, perhaps an offset.
fn clock(date: Date, text: &str) -> Option<OffsetDateTime> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','))
        .unwrap_or(text.len());
    let (hour, offset) = text.split_at(end);
    let (whole, fraction) = hour.split_once(['.', ',']).unwrap_or((hour, "0"));
    let mut parts = whole.splitn(3, ':');
    let (hours, minutes) = (number(parts.next()?)?, number(parts.next()?)?);
    let seconds = parts.next().map_or(Some(0), number)?;
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanos = number(&format!("{fraction:0<9}"))?;
    let time = Time::from_hms_nano(hours, minutes, seconds, nanos).ok()?;
    let civil = PrimitiveDateTime::new(date, time);
    Some(civil.assume_offset(difference(offset.trim())?))
}

/// `Z`, `+hh:mm`, `+hhmm`, `+hh`, or none.
fn difference(text: &str) -> Option<UtcOffset> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let (sign, digits) = match text.split_at(1) {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (digits, "0"),
        4 => digits.split_at(2),
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes): (i8, i8) = (number(hours)?, number(minutes)?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_however_they_are_written() {
        for (text, standard, seconds) in [
            ("2026-05-25T10:20:00-05:00", true, Some(1_779_722_400)),
            ("2026-05-25T10:20:00.5-05:00", true, Some(1_779_722_400)),
            ("2018-02-07T10:32:42-0500", false, Some(1_518_017_562)),
            ("2010-12-22T19:03:37Z", false, Some(1_293_044_617)),
            ("2020-09-25 15:30:43", false, Some(1_601_047_843)),
            ("2016-04-20T04:34:19", false, Some(1_461_126_859)),
            ("2021-02-17 21:16:34-08:00", false, Some(1_613_625_394)),
            (
                "2021-02-17T21:16:34.123456789+00:00",
                true,
                Some(1_613_596_594),
            ),
            ("2000-10-14", false, Some(971_481_600)),
            ("Mon May 19 18:29:48 +0000 2008", false, Some(1_211_221_788)),
            ("yesterday", false, None),
            ("", false, None),
            ("2026-02-30T10:00:00-05:00", false, None),
            ("2026-05-25T25:00:00-05:00", false, None),
            ("2026-05-25T10:00:00+99:99", false, None),
            ("２０26-05-25", false, None),
        ] {
            let moment = Moment::read(text);
            assert_eq!(
                moment.at.map(OffsetDateTime::unix_timestamp),
                seconds,
                "{text}"
            );
            assert_eq!(moment.is_standard, standard, "{text}");
            assert_eq!(moment.text, text);
        }
    }

    #[test]
    fn what_is_written_is_standard() {
        let moment = Moment::read("2026-05-25T10:20:00-05:30");
        let at = moment.at.expect("an instant");
        assert_eq!(write(at), "2026-05-25T10:20:00-05:30");
        assert_eq!(
            write(at.to_offset(UtcOffset::UTC)),
            "2026-05-25T15:50:00+00:00"
        );
    }
}
