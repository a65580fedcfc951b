//! Tags and serial numbers, which nothing but their shape gives away.

use super::Kind;
use crate::intent::dates;
use crate::intent::token::Token;

/// The fewest digits of a part of a tag.
pub(super) const TAG_DIGITS_MIN: usize = 3;
/// The fewest characters of a serial number without a run of digits.
const SERIAL_CHARS_MIN: usize = 7;

/// A code: its shape says so.
pub(super) fn code(chunk: &[Token], run: &[Token]) -> Option<(usize, Kind)> {
    let raw = run[0].raw.trim_start_matches('#');
    let spelled = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if chunk.is_empty() || !raw.chars().all(spelled) {
        return None;
    }
    // A fiscal year is no tag.
    if raw
        .strip_prefix(['f', 'F'])
        .and_then(|rest| rest.strip_prefix(['y', 'Y']))
        .is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    let letters = raw.chars().filter(char::is_ascii_alphabetic).count();
    if digits == 0 {
        return None;
    }
    let hashed = run[0].raw.starts_with('#');
    let numeric = letters == 0;
    let one = chunk.len() == 1;
    if numeric {
        // Bare digits are decided later: a room, a year, an amount or a part of a tag.
        let grouped = !one && raw.contains('-') && digits >= TAG_DIGITS_MIN;
        return (hashed || grouped).then_some((chunk.len(), Kind::Code));
    }
    let starts_with_word = raw.chars().take_while(char::is_ascii_alphabetic).count() >= 6;
    let tag = digits >= TAG_DIGITS_MIN && raw.len() >= 5;
    let serial = one && raw.len() >= SERIAL_CHARS_MIN && letters >= 2;
    ((tag || serial) && !starts_with_word && dates::length(&[run[0].text.as_str()]).is_none())
        .then_some((chunk.len(), Kind::Code))
}
