//! The beginning of an answer for people: readable, short, and without anything that looks like a secret.

use secrecy::{ExposeSecret, SecretString};

/// The longest excerpt.
pub(crate) const EXCERPT_BYTES_MAX: usize = 1_024;
/// What is looked at: masking makes a text shorter, so a little more than is shown.
const LOOKED_AT_BYTES_MAX: usize = 4 * EXCERPT_BYTES_MAX;
/// A run of token characters from this length on is masked if it has digits and letters.
const TOKEN_CHARS_MIN: usize = 24;
const MASK: &str = "[hidden]";

/// The excerpt of a body. `hidden` are the secrets of the request, which a receiver may echo.
pub(crate) fn of(body: &[u8], hidden: &[SecretString]) -> String {
    let looked_at = &body[..body.len().min(LOOKED_AT_BYTES_MAX)];
    let mut text = String::from_utf8_lossy(looked_at).into_owned();
    for secret in hidden.iter().map(ExposeSecret::expose_secret) {
        if !secret.is_empty() {
            text = text.replace(secret, MASK);
        }
    }
    let text = mask_tokens(&text.replace(is_unreadable, " "));
    let mut end = text.len().min(EXCERPT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].trim().to_owned()
}

/// Controls, and the characters that turn the direction of a text around or are not seen.
fn is_unreadable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn mask_tokens(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_token_char) {
        let (before, run) = rest.split_at(start);
        let end = run.find(|c| !is_token_char(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        masked.push_str(before);
        masked.push_str(if is_token(run) { MASK } else { run });
        rest = after;
    }
    masked.push_str(rest);
    masked
}

const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '=' | '~')
}

/// Long and mixed of letters and digits. Ids of requests, which help most in an inquiry, are UUIDs and stay.
fn is_token(run: &str) -> bool {
    run.len() >= TOKEN_CHARS_MIN
        && run.bytes().any(|b| b.is_ascii_digit())
        && run.bytes().any(|b| b.is_ascii_alphabetic())
        && !is_uuid(run)
}

fn is_uuid(run: &str) -> bool {
    run.len() == 36
        && run.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
