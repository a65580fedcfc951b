//! Stripe's signatures: proof that Stripe signed these bytes, lately, and in which mode.

use habeo_core::ledger::tree;
use habeo_core::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use poem::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::Choice;

use crate::signature::{self, SIGNATURES_MAX, Unsigned};

/// The header with time and signatures.
pub const HEADER: &str = "stripe-signature";

/// Which of Stripe's two worlds a message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Real money.
    Live,
    /// None.
    Test,
}

/// Judges a message by its head and its bytes as they came. Every secret is held against every signature, so that the time taken does not tell
/// which one fits.
pub fn verify(
    live: &[SecretString],
    test: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Mode, Unsigned> {
    let header = Header::parse(signature::only(headers, HEADER)?)?;
    let fits = |secrets: &[SecretString]| {
        secrets.iter().fold(Choice::from(0), |fits, secret| {
            let expected = mac(secret, header.timestamp, body);
            fits | signature::any_fits(&expected, &header.signatures)
        })
    };
    let (live, test) = (bool::from(fits(live)), bool::from(fits(test)));
    let in_time = signature::in_time(header.timestamp, now)?;
    match (live, test) {
        (true, _) if in_time => Ok(Mode::Live),
        (false, true) if in_time => Ok(Mode::Test),
        _ => Err(Unsigned),
    }
}

/// Signs as Stripe does, for whoever stands in for it.
#[must_use]
pub fn sign(secret: &SecretString, timestamp: &str, body: &[u8]) -> String {
    let mac = mac(secret, timestamp, body);
    format!("t={timestamp},v1={}", tree::hex(&mac))
}

/// The header taken apart. What is of another scheme does not count.
struct Header<'h> {
    timestamp: &'h str,
    signatures: Vec<Vec<u8>>,
}

impl<'h> Header<'h> {
    fn parse(text: &'h str) -> Result<Self, Unsigned> {
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                // Of two times nobody could say which was signed.
                Some(("t", _)) if timestamp.is_some() => return Err(Unsigned),
                Some(("t", value)) => timestamp = Some(value),
                Some(("v1", _)) if signatures.len() == SIGNATURES_MAX => return Err(Unsigned),
                Some(("v1", value)) => signatures.push(unhex(value).unwrap_or_default()),
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or(Unsigned)?;
        if signatures.is_empty() {
            return Err(Unsigned);
        }
        Ok(Self {
            timestamp,
            signatures,
        })
    }
}

/// The key is the whole secret as it is shown, `whsec_` included.
fn mac(secret: &SecretString, timestamp: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("an HMAC takes keys of every length");
    for part in [timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Lower-case hexadecimal, as Stripe writes it.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests;
