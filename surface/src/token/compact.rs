//! A signed token in its compact form: its three parts, what its header may say, and the proof of its signature. What its claims have to
//! say is the business of whoever accepts it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::keys::Key;
use super::reason::Reason;

/// The longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1_024;
/// The longest key id that is looked at.
const KEY_ID_BYTES_MAX: usize = 128;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
    enc: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
}

/// A token that has been read and proves nothing yet.
pub struct Compact<'a, C> {
    signed: &'a str,
    signature: &'a str,
    key_id: Option<String>,
    claims: C,
}

impl<C> std::fmt::Debug for Compact<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compact")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl<'a, C: DeserializeOwned> Compact<'a, C> {
    /// Reads the parts and refuses what no key could make acceptable.
    pub fn parse(token: &'a str) -> Result<Self, Reason> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Reason::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Reason::Malformed)?;
        if claims.contains('.') || signature.is_empty() {
            return Err(Reason::Malformed);
        }
        let header: Header = part(header)?;
        let key_id = header.accept()?;
        Ok(Self {
            signed,
            signature,
            key_id,
            claims: part(claims)?,
        })
    }
}

impl<C> Compact<'_, C> {
    /// The key that it says it was signed with.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// What it claims, unproved.
    pub const fn claims(&self) -> &C {
        &self.claims
    }

    /// Checks the signature; what comes out is proved to be the issuer's.
    pub fn verify(self, key: &Key) -> Result<C, Reason> {
        // The algorithm is ours to choose; the header's was only compared with it.
        let valid = crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            key.decoding(),
            Algorithm::RS256,
        );
        if !valid.unwrap_or(false) {
            return Err(Reason::Signature);
        }
        Ok(self.claims)
    }
}

impl Header {
    /// Gives the key id if nothing in the header asks for another way of verifying than ours.
    fn accept(self) -> Result<Option<String>, Reason> {
        if self.typ.is_some_and(|typ| typ != "JWT") {
            return Err(Reason::Type);
        }
        if self.alg != "RS256" {
            return Err(Reason::Algorithm);
        }
        let forbidden = [
            self.crit, self.jku, self.jwk, self.x5u, self.x5c, self.enc, self.zip,
        ];
        if forbidden.iter().any(Option::is_some) {
            return Err(Reason::HeaderForbidden);
        }
        if self.kid.as_deref().is_some_and(|kid| !is_key_id(kid)) {
            return Err(Reason::KeyId);
        }
        Ok(self.kid)
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Reason> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Reason::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Reason::Malformed)
}

/// Key ids are map keys and log fields, nothing else.
pub(super) fn is_key_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= KEY_ID_BYTES_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
