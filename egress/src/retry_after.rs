//! `Retry-After`: how long the other side asks us to wait, in both of its spellings and never longer than we are ready to.

use std::time::{Duration, UNIX_EPOCH};

use habeo_core::time::Timestamp;

/// The longest wait that is believed.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(4);

/// The wait that a header asks for; none where it is neither seconds nor a date of HTTP.
pub(crate) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number holds mean the longest wait.
        let wait = text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs);
        return Some(wait.min(RETRY_AFTER_MAX));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let date = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Duration::from_micros(u64::try_from(now.micros()).unwrap_or(0));
    Some(date.saturating_sub(now).min(RETRY_AFTER_MAX))
}
