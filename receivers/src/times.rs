//! Points in time as vendors write them: with and without a zone, a colon in it, or a `T`; in seconds and in milliseconds.

use habeo_core::time::Timestamp;

use crate::json::Json;

/// Below this a number counts seconds, from it on milliseconds: seconds reach it in the year 5138, milliseconds did in 1973.
const SECONDS_BELOW: i64 = 100_000_000_000;
/// What lies before 1980 was no event: vendors write "never" as year 1 or as the beginning of 1970.
const NEVER_BEFORE: Timestamp = Timestamp::from_seconds(315_532_800);
/// The last second of the year 9999.
const LATEST: Timestamp = Timestamp::from_seconds(253_402_300_799);

/// A point in time in one of the written forms. What has no zone is UTC.
#[must_use]
pub fn written(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let zone_at = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
        .unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let zone = zone_of(zone.trim_start())?;
    plausible(format!("{date}T{clock}{zone}").parse().ok()?)
}

/// A point in time as a count since 1970, in seconds or milliseconds.
#[must_use]
pub fn counted(count: i64) -> Option<Timestamp> {
    plausible(if count.unsigned_abs() < SECONDS_BELOW.unsigned_abs() {
        Timestamp::from_seconds(count)
    } else {
        Timestamp::from_micros(count.checked_mul(1_000)?)
    })
}

/// A point in time in any form: written, or counted as a number or as its digits.
#[must_use]
pub fn any(value: &Json) -> Option<Timestamp> {
    match value {
        Json::Number(number) => counted(number.whole()?),
        Json::Text(text) => text.trim().parse().map_or_else(|_| written(text), counted),
        _ => None,
    }
}

fn zone_of(zone: &str) -> Option<String> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (zone, zone.len()) {
        ("" | "Z" | "z" | "UTC" | "GMT", _) => Some("Z".to_owned()),
        (_, 3) if signed(zone) && digits(&zone[1..]) => Some(format!("{zone}:00")),
        (_, 5) if signed(zone) && digits(&zone[1..]) => {
            Some(format!("{}:{}", &zone[..3], &zone[3..]))
        }
        (_, 6) if signed(zone) => Some(zone.to_owned()),
        _ => None,
    }
}

fn signed(zone: &str) -> bool {
    zone.is_ascii() && zone.starts_with(['+', '-'])
}

fn plausible(at: Timestamp) -> Option<Timestamp> {
    (NEVER_BEFORE..=LATEST).contains(&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_point_in_time_is_read() {
        for (text, instant) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z"),
            ("2026-01-01t00:00:00z", "2026-01-01T00:00:00.000000Z"),
            (" 2026-01-01 00:00:00 ", "2026-01-01T00:00:00.000000Z"),
            ("2026-01-01 00:00:00 UTC", "2026-01-01T00:00:00.000000Z"),
            (
                "2025-12-31T19:00:00.123-0500",
                "2026-01-01T00:00:00.123000Z",
            ),
            (
                "2025-12-31T19:00:00.123-05:00",
                "2026-01-01T00:00:00.123000Z",
            ),
            ("2025-12-31T19:00:00-05", "2026-01-01T00:00:00.000000Z"),
            (
                "2022-12-13 19:14:20.455640+00:00",
                "2022-12-13T19:14:20.455640Z",
            ),
            ("2023-01-18T21:46:26.879113Z", "2023-01-18T21:46:26.879113Z"),
            (
                "2026-01-01T00:00:00.1234567Z",
                "2026-01-01T00:00:00.123456Z",
            ),
        ] {
            assert_eq!(
                written(text).map(|at| at.to_string()).as_deref(),
                Some(instant),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_point_in_time_is_none() {
        for text in [
            "",
            "never",
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00+5",
            "2026-01-01T00:00:00 Europe",
            "01/02/2026 03:04:05",
            "2026-01-01T00:00:00é",
            "2026-01-é1T00:00:00Z",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn small_counts_are_seconds_and_large_ones_milliseconds() {
        let at = counted(1_767_225_600).expect("seconds");
        assert_eq!(counted(1_767_225_600_000), Some(at));
        assert_eq!(
            any(&Json::Text("1767225600123".to_owned())),
            counted(1_767_225_600_123)
        );
        assert_eq!(any(&Json::Text("2026-01-01 00:00:00".to_owned())), Some(at));
        for never in [0, -1, i64::MIN, i64::MAX, 99_999_999] {
            assert_eq!(counted(never), None, "{never}");
        }
    }
}
