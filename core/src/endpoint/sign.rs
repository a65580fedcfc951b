//! Signatures: the one that Habeo documents, and that of Standard Webhooks 1.0.0.
//!
//! Both are HMAC-SHA-256 under one secret, and differ in two things: the key is the secret's text as it was shown for the first, and the bytes
//! that its Base64 stands for for the second; and the second signs the event's id and the time as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use super::{SECRET_PREFIX, store};
use crate::access::Access;
use crate::id::{EndpointId, EventId};
use crate::secret::MasterKey;
use crate::store::{StoreResult, Tx};
use crate::time::Timestamp;

type HmacSha256 = Hmac<Sha256>;

/// What signs under one secret. The keys were worked in already.
#[derive(Clone)]
pub struct Signer {
    by_text: HmacSha256,
    by_bytes: HmacSha256,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

/// HMAC takes a key of any length (RFC 2104).
fn keyed(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes any key")
}

impl Signer {
    /// What signs under this secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let text = secret.expose_secret();
        let encoded = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
        // A secret of ours is always Base64; any other text is a key as it is.
        let bytes = STANDARD
            .decode(encoded)
            .unwrap_or_else(|_| text.as_bytes().to_vec());
        Self {
            by_text: keyed(text.as_bytes()),
            by_bytes: keyed(&bytes),
        }
    }

    /// `X-Habeo-Signature`: lower-case hexadecimal, over the exact body.
    #[must_use]
    pub fn habeo(&self, body: &[u8]) -> String {
        let mut mac = self.by_text.clone();
        mac.update(body);
        let digest = mac.finalize().into_bytes();
        let mut text = String::with_capacity(64);
        for byte in digest {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        text
    }

    /// One value of `webhook-signature`: `v1,` and Base64, over `id.timestamp.body`.
    #[must_use]
    pub fn standard(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = self.by_bytes.clone();
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The headers of a request that tells an endpoint, which the caller may manage, of an event at this moment: for whoever tries a receiver by
/// hand. None where the endpoint's secrets are not kept.
pub async fn headers(
    tx: &mut Tx,
    access: &Access,
    id: EndpointId,
    key: &MasterKey,
    (event, body, now): (EventId, &[u8], Timestamp),
) -> StoreResult<Option<Vec<(&'static str, String)>>> {
    if store::by_id(tx, access, id).await?.is_none() {
        return Ok(None);
    }
    let Some((_, target)) = store::target(tx, access.org(), id, key).await? else {
        return Ok(None);
    };
    let (event, at) = (event.to_string(), now.seconds());
    let present = Signer::new(&target.secret);
    let previous = target.previous.filter(|(_, until)| now < *until);
    let previous = previous.map(|(secret, _)| Signer::new(&secret));
    let signers: Vec<&Signer> = std::iter::once(&present).chain(&previous).collect();
    let standard: Vec<String> = signers
        .iter()
        .map(|signer| signer.standard(&event, at, body))
        .collect();
    let mut documented: Vec<String> = signers.iter().map(|signer| signer.habeo(body)).collect();
    if target.previous_accepted {
        documented.reverse();
    }
    let names = ["X-Habeo-Signature", "X-Habeo-Signature-Alt"];
    let mut headers = vec![("X-Habeo-Event-Id", event.clone())];
    headers.extend(names.into_iter().zip(documented));
    headers.push(("webhook-id", event));
    headers.push(("webhook-timestamp", at.to_string()));
    headers.push(("webhook-signature", standard.join(" ")));
    Ok(Some(headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the libraries of Standard Webhooks.
    #[test]
    fn standard_signatures_are_those_of_the_standard() {
        for (secret, id, at, body, expected) in [
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ] {
            let signer = Signer::new(&secret.to_owned().into());
            assert_eq!(signer.standard(id, at, body.as_bytes()), expected);
        }
    }

    /// RFC 4231, test case 2.
    #[test]
    fn our_signature_is_keyed_by_the_text() {
        let signer = Signer::new(&"Jefe".to_owned().into());
        assert_eq!(
            signer.habeo(b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
