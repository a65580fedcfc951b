//! Slack's request signature: proof that Slack sent these bytes, lately.
//!
//! Own code rather than the verifier of an SDK: the present comes from our clock, and the bytes are judged as they came, UTF-8 or not.

use habeo_core::time::{SECOND_MICROS, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use poem::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

/// The header with the signature.
pub const SIGNATURE: &str = "x-slack-signature";
/// The header with the time of signing.
pub const TIMESTAMP: &str = "x-slack-request-timestamp";
/// How far the time of signing may lie from ours, either way.
pub const WINDOW_SECONDS: i64 = 300;

const VERSION: &str = "v0=";
/// Longer than any point in time that is still to come.
const TIMESTAMP_DIGITS_MAX: usize = 12;

/// Why a request is nobody's. Which of the reasons it was is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request is not signed by Slack")]
pub struct Unsigned;

/// Judges a request by its head and its bytes as they came. Every secret is tried, so that the time taken does not tell which one fits.
pub fn verify(
    secrets: &[SecretString],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Unsigned> {
    let signature = only(headers, SIGNATURE)?
        .strip_prefix(VERSION)
        .ok_or(Unsigned)?;
    let timestamp = only(headers, TIMESTAMP)?;
    let signed_at = seconds(timestamp)?;
    let apart = now.micros().abs_diff(signed_at.micros());
    if apart > WINDOW_SECONDS.unsigned_abs() * SECOND_MICROS.unsigned_abs() {
        return Err(Unsigned);
    }
    let fits = secrets.iter().fold(Choice::from(0), |fits, secret| {
        let expected = hex(&mac(secret, timestamp, body));
        fits | expected.as_bytes().ct_eq(signature.as_bytes())
    });
    if bool::from(fits) {
        Ok(())
    } else {
        Err(Unsigned)
    }
}

/// Signs as Slack does, for whoever stands in for it.
#[must_use]
pub fn sign(secret: &SecretString, timestamp: &str, body: &[u8]) -> String {
    format!("{VERSION}{}", hex(&mac(secret, timestamp, body)))
}

fn mac(secret: &SecretString, timestamp: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("an HMAC takes keys of every length");
    for part in [b"v0:", timestamp.as_bytes(), b":", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Unsigned> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Unsigned),
        _ => Err(Unsigned),
    }
}

fn seconds(text: &str) -> Result<Timestamp, Unsigned> {
    let digits = (1..=TIMESTAMP_DIGITS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Unsigned);
    }
    text.parse()
        .map(Timestamp::from_seconds)
        .map_err(|_| Unsigned)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED_AT: i64 = 1_767_225_600;
    const CHALLENGE: &str =
        r#"{"token":"legacy","challenge":"ch4ll3nge","type":"url_verification"}"#;
    const OF_CHALLENGE: &str =
        "v0=6a3645a20f80764892696765d69cf1fe2570a34235d5afa38122e784e22b3121";

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn ours() -> Vec<SecretString> {
        vec![secret("habeo-test-signing-secret")]
    }

    fn head(signature: &str, timestamp: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, signature.parse().expect("a header value"));
        headers.insert(TIMESTAMP, timestamp.parse().expect("a header value"));
        headers
    }

    fn judged(signature: &str, timestamp: &str, body: &[u8], now: i64) -> bool {
        let now = Timestamp::from_seconds(now);
        verify(&ours(), &head(signature, timestamp), body, now).is_ok()
    }

    #[test]
    fn published_vectors_hold() {
        let published = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        let key = secret("8f742231b10e8888abcd99yyyzzz85a5");
        assert_eq!(sign(&key, "1531420618", published.as_bytes()), signature);
        let now = Timestamp::from_seconds(1_531_420_618);
        let headers = head(signature, "1531420618");
        assert!(verify(&[key], &headers, published.as_bytes(), now).is_ok());
    }

    #[test]
    fn vectors_of_every_kind_of_body_hold() {
        let command = "token=legacy&team_id=T0HABEO1&team_domain=westmark&channel_id=C0LEDGER1&channel_name=it-ops&user_id=U0PRIYA01&user_name=priya&command=%2Fhabeo&text=find+HB-10293&api_app_id=A0HABEO01&is_enterprise_install=false&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0HABEO1%2F1%2Fabc&trigger_id=1.2.abc";
        for (body, signature) in [
            (CHALLENGE, OF_CHALLENGE),
            (
                r#"{"type":"event_callback","text":"Zoë — “ok”"}"#,
                "v0=ae8f511e510c50c79d556e003af07832b46b2ed281740d424887cb2e612585f1",
            ),
            (
                command,
                "v0=8c01cc0857ca971db301cbeef300180fbd5b9228b09e5bbb0da1080e52b5d391",
            ),
        ] {
            assert!(
                judged(signature, "1767225600", body.as_bytes(), SIGNED_AT),
                "{body}"
            );
        }
        let encoded_again = command.replace("find+HB", "find%20HB");
        let signature = "v0=8c01cc0857ca971db301cbeef300180fbd5b9228b09e5bbb0da1080e52b5d391";
        assert!(!judged(
            signature,
            "1767225600",
            encoded_again.as_bytes(),
            SIGNED_AT
        ));
    }

    #[test]
    fn the_window_is_five_minutes_both_ways() {
        for (now, taken) in [
            (SIGNED_AT + 299, true),
            (SIGNED_AT + 300, true),
            (SIGNED_AT + 301, false),
            (SIGNED_AT - 300, true),
            (SIGNED_AT - 301, false),
        ] {
            assert_eq!(
                judged(OF_CHALLENGE, "1767225600", CHALLENGE.as_bytes(), now),
                taken,
                "{now}"
            );
        }
    }

    #[test]
    fn whatever_is_not_exactly_a_signature_is_refused() {
        let body = CHALLENGE.as_bytes();
        for (signature, timestamp) in [
            ("", "1767225600"),
            ("v0=", "1767225600"),
            (&OF_CHALLENGE[3..], "1767225600"),
            (&OF_CHALLENGE.replace("v0=", "v1="), "1767225600"),
            (&OF_CHALLENGE[..66], "1767225600"),
            (&OF_CHALLENGE.to_uppercase(), "1767225600"),
            (OF_CHALLENGE, ""),
            (OF_CHALLENGE, "now"),
            (OF_CHALLENGE, "+1767225600"),
            (OF_CHALLENGE, "1767225600.0"),
            (OF_CHALLENGE, "01767225600"),
            (OF_CHALLENGE, "99999999999999999999"),
        ] {
            assert!(
                !judged(signature, timestamp, body, SIGNED_AT),
                "{signature} {timestamp}"
            );
        }
        let mut altered = body.to_vec();
        altered[3] ^= 1;
        assert!(!judged(OF_CHALLENGE, "1767225600", &altered, SIGNED_AT));
        let now = Timestamp::from_seconds(SIGNED_AT);
        assert_eq!(verify(&ours(), &HeaderMap::new(), body, now), Err(Unsigned));
        let mut twice = head(OF_CHALLENGE, "1767225600");
        twice.append(SIGNATURE, OF_CHALLENGE.parse().expect("a header value"));
        assert_eq!(verify(&ours(), &twice, body, now), Err(Unsigned));
    }

    #[test]
    fn two_secrets_count_and_none_refuses_all() {
        let body = [0xff, 0xfe, b'a'];
        let now = Timestamp::from_seconds(SIGNED_AT);
        let (old, new) = (secret("old"), secret("new"));
        let both = [new.clone(), old.clone()];
        for key in [&old, &new] {
            let headers = head(&sign(key, "1767225600", &body), "1767225600");
            assert!(verify(&both, &headers, &body, now).is_ok());
            assert_eq!(verify(&[], &headers, &body, now), Err(Unsigned));
        }
        let headers = head(&sign(&old, "1767225600", &body), "1767225600");
        assert_eq!(verify(&[new], &headers, &body, now), Err(Unsigned));
    }
}
