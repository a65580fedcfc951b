//! Civil time where an organisation is: which day it is there, and which hour.

use jiff::tz::TimeZone;

use crate::time::{Day, SECOND_MICROS, Timestamp};

const HOUR_SECONDS: i64 = 3_600;
const DAY_HOURS: i64 = 24;

/// A moment on the wall of an organisation's offices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The civil day.
    pub day: Day,
    /// The hour, 0 to 23.
    pub hour: u8,
}

/// What the clock shows there. A name that is no time zone's counts as UTC: nobody is told nothing because of it.
#[must_use]
pub fn local(timezone: &str, at: Timestamp) -> Local {
    let shifted = at.plus_micros(offset_seconds(timezone, at).saturating_mul(SECOND_MICROS));
    let hour = shifted
        .seconds()
        .div_euclid(HOUR_SECONDS)
        .rem_euclid(DAY_HOURS);
    Local {
        day: shifted.day(),
        hour: u8::try_from(hour).unwrap_or(0),
    }
}

/// The first instant of a civil day there.
#[must_use]
pub fn start(timezone: &str, day: Day) -> Timestamp {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let date: Option<jiff::civil::Date> = day.to_string().parse().ok();
    let zoned = date.and_then(|date| date.to_zoned(zone).ok());
    zoned.map_or_else(
        || day.start(),
        |zoned| Timestamp::from_micros(zoned.timestamp().as_microsecond()),
    )
}

/// The date and time there to the second, with the zone's abbreviation: `2026-03-02 08:59:59 EST`.
#[must_use]
pub fn on_the_wall(timezone: &str, at: Timestamp) -> String {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_microsecond(at.micros()).map_or_else(
        |_| at.to_string(),
        |at| {
            at.to_zoned(zone)
                .strftime("%Y-%m-%d %H:%M:%S %Z")
                .to_string()
        },
    )
}

fn offset_seconds(timezone: &str, at: Timestamp) -> i64 {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_microsecond(at.micros())
        .map_or(0, |instant| i64::from(zone.to_offset(instant).seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_the_time_of_their_place() {
        for (zone, at, day, hour) in [
            ("UTC", "2026-03-02T08:59:59Z", "2026-03-02", 8),
            ("America/New_York", "2026-03-02T13:59:59Z", "2026-03-02", 8),
            ("America/New_York", "2026-03-02T14:00:00Z", "2026-03-02", 9),
            // Summer time has begun.
            ("America/New_York", "2026-03-09T13:00:00Z", "2026-03-09", 9),
            ("America/New_York", "2026-03-03T04:59:59Z", "2026-03-02", 23),
            ("Asia/Kolkata", "2026-03-02T18:30:00Z", "2026-03-03", 0),
            ("Nowhere/Else", "2026-03-02T18:30:00Z", "2026-03-02", 18),
        ] {
            let local = local(zone, at.parse().expect("an instant"));
            assert_eq!(
                (local.day.to_string().as_str(), local.hour),
                (day, hour),
                "{zone} {at}"
            );
        }
    }

    #[test]
    fn days_begin_where_they_are() {
        let day: Day = "2026-03-08".parse().expect("a day");
        for (zone, at) in [
            ("UTC", "2026-03-08T00:00:00Z"),
            ("America/New_York", "2026-03-08T05:00:00Z"),
            ("Nowhere/Else", "2026-03-08T00:00:00Z"),
        ] {
            let at: Timestamp = at.parse().expect("an instant");
            assert_eq!(start(zone, day), at, "{zone}");
        }
        let at: Timestamp = "2026-03-09T13:00:00Z".parse().expect("an instant");
        assert_eq!(
            on_the_wall("America/New_York", at),
            "2026-03-09 09:00:00 EDT"
        );
    }
}
