//! Opaque tokens of our own: a beginning that says what they are, 256 random bits, and a checksum, so that a mistyped one costs no look-up
//! and a scanner of source code knows one when it sees it.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::random::Random;

/// The digits, in the order of their values.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of 256 bits.
const BODY_CHARS: usize = 43;
/// Digits of a CRC-32.
const CHECK_CHARS: usize = 6;

/// Makes a token with this beginning.
#[must_use]
pub fn generate(prefix: &str, random: &dyn Random) -> SecretString {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let mut text = String::with_capacity(prefix.len() + BODY_CHARS + CHECK_CHARS);
    text.push_str(prefix);
    push_digits(&mut text, &mut bytes, BODY_CHARS);
    let mut check = checksum(&text);
    push_digits(&mut text, &mut check, CHECK_CHARS);
    text.into()
}

/// Whether a text has the form of a token with this beginning, checksum included. It says nothing of whether anybody was ever given it.
#[must_use]
pub fn is_one(prefix: &str, text: &str) -> bool {
    let Some(rest) = text.strip_prefix(prefix) else {
        return false;
    };
    if rest.len() != BODY_CHARS + CHECK_CHARS || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (body, check) = text.split_at(text.len() - CHECK_CHARS);
    let mut expected = String::with_capacity(CHECK_CHARS);
    push_digits(&mut expected, &mut checksum(body), CHECK_CHARS);
    expected == check
}

/// As what a token is stored and looked up: its SHA-256.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// By what people tell tokens apart: the last four characters.
#[must_use]
pub fn hint(token: &SecretString) -> String {
    let text = token.expose_secret();
    text[text.len().saturating_sub(4)..].to_owned()
}

/// CRC-32 as in Ethernet and gzip, big-endian.
fn checksum(text: &str) -> [u8; 4] {
    crc32fast::hash(text.as_bytes()).to_be_bytes()
}

/// Writes a big-endian number in base 62, with leading zeros. The number is used up.
fn push_digits(text: &mut String, number: &mut [u8], chars: usize) {
    let mut digits = vec![b'0'; chars];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in number.iter_mut() {
            let value = rest << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        *digit = DIGITS[usize::try_from(rest).unwrap_or(0)];
    }
    text.extend(digits.into_iter().map(char::from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_token_is_known_by_its_form() {
        let random = SeededRandom::new(7);
        for _ in 0..100 {
            let token = generate("wa_live_", &random);
            let text = token.expose_secret();
            assert_eq!(text.len(), 8 + 49);
            assert!(is_one("wa_live_", text));
            assert!(!is_one("wa_test_", text));
            for at in 8..text.len() {
                let mut other = text.to_owned().into_bytes();
                other[at] = if other[at] == b'a' { b'b' } else { b'a' };
                let other = String::from_utf8(other).expect("ASCII");
                assert!(!is_one("wa_live_", &other), "{at}");
            }
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "wa_live_",
            "wa_live_ä",
            &format!("wa_live_{}", "0".repeat(49)),
        ] {
            assert!(!is_one("wa_live_", text), "{text}");
        }
    }

    #[test]
    fn the_digits_are_those_of_the_number() {
        let mut text = String::new();
        push_digits(&mut text, &mut [0, 0, 0, 61], 6);
        push_digits(&mut text, &mut [0, 0, 0, 62], 6);
        push_digits(&mut text, &mut [0xff; 4], 6);
        assert_eq!(text, "00000z0000104gfFC3");
    }
}
