//! What signatures of all senders have in common: a header once, a time that is near, a comparison that takes as long whatever it finds.

use habeo_core::time::{SECOND_MICROS, Timestamp};
use poem::http::{HeaderMap, HeaderValue};
use subtle::{Choice, ConstantTimeEq as _};

/// How far the time of signing may lie from ours, either way.
pub const WINDOW_SECONDS: i64 = 300;
/// The most signatures that are looked at: a sender has two while its secret changes.
pub const SIGNATURES_MAX: usize = 8;
/// Longer than any point in time that is still to come.
const TIMESTAMP_DIGITS_MAX: usize = 12;

/// Why a message is nobody's. Which of the reasons it was is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is not signed by its sender")]
pub struct Unsigned;

/// The value of a header that is there exactly once.
pub(crate) fn once<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// The same as text.
pub(crate) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Unsigned> {
    let value = once(headers, name).ok_or(Unsigned)?;
    value.to_str().map_err(|_| Unsigned)
}

/// Whether a text can name a message.
pub(crate) fn is_key(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a Unix time in seconds, as it was signed, is near enough.
pub(crate) fn in_time(text: &str, now: Timestamp) -> Result<bool, Unsigned> {
    let digits = (1..=TIMESTAMP_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Unsigned);
    }
    let signed_at: i64 = text.parse().map_err(|_| Unsigned)?;
    let apart = now
        .micros()
        .abs_diff(Timestamp::from_seconds(signed_at).micros());
    Ok(apart <= WINDOW_SECONDS.unsigned_abs() * SECOND_MICROS.unsigned_abs())
}

/// Whether any of these is the expected signature; all of them are looked at.
pub(crate) fn any_fits(expected: &[u8], given: &[Vec<u8>]) -> Choice {
    given.iter().fold(Choice::from(0), |fits, one| {
        fits | expected.ct_eq(one.as_slice())
    })
}
