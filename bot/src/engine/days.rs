//! Days as colleagues say them: in the organization's time zone, and without a year where it is this one.

use habeo_core::time::{Day, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The calendar of an organization.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of an IANA time zone; UTC where it is not known.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self {
            zone: TimeZone::get(name).unwrap_or(TimeZone::UTC),
        }
    }

    /// The day on which an instant falls.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Day {
        self.date(at).map_or_else(|| at.day(), to_day)
    }

    /// The first instant of a day.
    #[must_use]
    pub fn start(&self, day: Day) -> Timestamp {
        let start = to_date(day).and_then(|date| date.to_zoned(self.zone.clone()).ok());
        start.map_or_else(
            || day.start(),
            |start| Timestamp::from_micros(start.timestamp().as_microsecond()),
        )
    }

    /// The last second of a day: until when something is due that is due on it.
    #[must_use]
    pub fn end(&self, day: Day) -> Timestamp {
        self.start(day.plus_days(1)).plus_micros(-1_000_000)
    }

    /// An instant in words: the day on which it falls.
    #[must_use]
    pub fn in_words(&self, at: Timestamp, today: Day) -> String {
        day_in_words(self.day(at), today)
    }

    /// The time of day, as `14:05`.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        jiff::Timestamp::from_microsecond(at.micros()).map_or_else(
            |_| at.to_string(),
            |at| {
                let zoned = at.to_zoned(self.zone.clone());
                format!("{:02}:{:02}", zoned.hour(), zoned.minute())
            },
        )
    }

    fn date(&self, at: Timestamp) -> Option<Date> {
        let at = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
        Some(at.to_zoned(self.zone.clone()).date())
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A day in words: `Fri 27 Nov`, with the year where it is another one.
#[must_use]
pub fn day_in_words(day: Day, today: Day) -> String {
    let Some(date) = to_date(day) else {
        return day.to_string();
    };
    let weekday = match date.weekday() {
        jiff::civil::Weekday::Monday => "Mon",
        jiff::civil::Weekday::Tuesday => "Tue",
        jiff::civil::Weekday::Wednesday => "Wed",
        jiff::civil::Weekday::Thursday => "Thu",
        jiff::civil::Weekday::Friday => "Fri",
        jiff::civil::Weekday::Saturday => "Sat",
        jiff::civil::Weekday::Sunday => "Sun",
    };
    let month = MONTHS[usize::from(date.month().unsigned_abs().clamp(1, 12)) - 1];
    if day.year() == today.year() {
        format!("{weekday} {} {month}", date.day())
    } else {
        format!("{} {month} {}", date.day(), date.year())
    }
}

fn to_date(day: Day) -> Option<Date> {
    day.to_string().parse().ok()
}

fn to_day(date: Date) -> Day {
    let text = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    text.parse()
        .unwrap_or_else(|_| Timestamp::from_micros(0).day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn an_evening_in_chicago_is_the_next_day_in_utc_and_is_said_as_the_evening_it_is() {
        let chicago = Calendar::of("America/Chicago");
        let evening: Timestamp = "2026-11-22T03:30:00Z".parse().expect("an instant");
        assert_eq!(chicago.day(evening), day("2026-11-21"));
        assert_eq!(chicago.clock(evening), "21:30");
        assert_eq!(chicago.in_words(evening, day("2026-01-01")), "Sat 21 Nov");
        assert_eq!(chicago.in_words(evening, day("2025-01-01")), "21 Nov 2026");
    }

    #[test]
    fn a_day_begins_at_local_midnight_also_when_the_clocks_change() {
        let chicago = Calendar::of("America/Chicago");
        let micros = |at: &str| at.parse::<Timestamp>().expect("an instant");
        assert_eq!(
            chicago.start(day("2026-03-08")),
            micros("2026-03-08T06:00:00Z")
        );
        assert_eq!(
            chicago.start(day("2026-03-09")),
            micros("2026-03-09T05:00:00Z")
        );
        assert_eq!(
            chicago.end(day("2026-03-08")),
            micros("2026-03-09T04:59:59Z")
        );
        assert_eq!(
            Calendar::of("No/Where").start(day("2026-03-09")),
            day("2026-03-09").start()
        );
    }
}
