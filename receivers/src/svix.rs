//! Signatures as Svix makes them, and with it Clerk: proof that the sender signed these bytes, lately.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use poem::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;
use subtle::Choice;

use crate::signature::{self, SIGNATURES_MAX, Unsigned};

/// What a secret begins with, and need not.
const PREFIX: &str = "whsec_";
/// The version of the signatures that count.
const VERSION: &str = "v1,";
/// Keys that are shorter or longer are none.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=128;
/// The most characters of a message's id.
const ID_CHARS_MAX: usize = 255;
/// The names of the three headers: those of Svix, and those of the standard that came of them. One whole set counts.
const HEADERS: [[&str; 3]; 2] = [
    ["svix-id", "svix-timestamp", "svix-signature"],
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
];

/// A signing secret: the bytes that its text stands for.
pub struct Secret(SecretBox<Vec<u8>>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Secret {
    /// Reads a secret as it is shown: Base64, usually behind `whsec_`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
        let key = key.ok().filter(|key| KEY_BYTES.contains(&key.len()))?;
        Some(Self(SecretBox::new(Box::new(key))))
    }

    /// Signs as Svix does, for whoever stands in for it.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        format!(
            "{VERSION}{}",
            STANDARD.encode(self.mac(id, timestamp, body))
        )
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .expect("an HMAC takes keys of every length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Judges a message by its head and its bytes as they came, and says by what id it is known. Every secret is held against every signature, so
/// that the time taken does not tell which one fits.
pub fn verify<'h>(
    secrets: &[Secret],
    headers: &'h HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<&'h str, Unsigned> {
    let [id, timestamp, signatures] = HEADERS
        .into_iter()
        .find(|names| headers.contains_key(names[0]))
        .ok_or(Unsigned)?;
    let id = signature::only(headers, id)?;
    let timestamp = signature::only(headers, timestamp)?;
    let signatures = signature::only(headers, signatures)?;
    if !signature::is_key(id, ID_CHARS_MAX) {
        return Err(Unsigned);
    }
    let given = signatures
        .split(' ')
        .filter_map(|one| one.strip_prefix(VERSION));
    let given: Vec<Vec<u8>> = given
        .take(SIGNATURES_MAX + 1)
        .map(|one| STANDARD.decode(one).unwrap_or_default())
        .collect();
    if given.len() > SIGNATURES_MAX {
        return Err(Unsigned);
    }
    let fits = secrets.iter().fold(Choice::from(0), |fits, secret| {
        fits | signature::any_fits(&secret.mac(id, timestamp, body), &given)
    });
    let in_time = signature::in_time(timestamp, now)?;
    if bool::from(fits) && in_time {
        Ok(id)
    } else {
        Err(Unsigned)
    }
}

#[cfg(test)]
mod tests;
