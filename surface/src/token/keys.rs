//! Verification keys: where they may come from, and which of them are usable.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::compact::is_key_id;

/// The largest key set document that is read.
pub(super) const DOCUMENT_BYTES_MAX: usize = 64 * 1_024;
const KEYS_MAX: usize = 16;
const MODULUS_BITS_MIN: usize = 2_048;
const MODULUS_BITS_MAX: usize = 4_096;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// The address is not one that keys may come from.
    #[error("a key set address must be https, or http on a loopback address")]
    Address,
    /// The key is not RSA of 2048 to 4096 bits, or is not readable.
    #[error("a key must be RSA with 2048 to 4096 bits")]
    Key,
    /// The document is too large, not JSON, or has no usable key.
    #[error("the key set is not usable: {0}")]
    Document(&'static str),
    /// The issuer could not be reached.
    #[error("the key set could not be fetched")]
    Fetch(#[from] reqwest::Error),
}

/// Where the keys of an issuer come from.
#[derive(Clone)]
pub enum KeySource {
    /// A key set served by the issuer.
    Jwks {
        /// Its address.
        url: String,
    },
    /// A key set whose address the issuer's `OpenID` metadata name.
    OpenId {
        /// The address of the metadata.
        url: String,
    },
    /// Keys that are known beforehand.
    Fixed(KeySet),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwks { url } => f.debug_struct("Jwks").field("url", url).finish(),
            Self::OpenId { url } => f.debug_struct("OpenId").field("url", url).finish(),
            Self::Fixed(keys) => f.debug_tuple("Fixed").field(keys).finish(),
        }
    }
}

impl KeySource {
    /// The key set at an address: https, or http on a loopback address.
    pub fn jwks(url: &str) -> Result<Self, KeySetError> {
        Ok(Self::Jwks { url: address(url)? })
    }

    /// The key set that the `OpenID` metadata at an address name; the same addresses are good.
    pub fn open_id(url: &str) -> Result<Self, KeySetError> {
        Ok(Self::OpenId { url: address(url)? })
    }

    /// One public key in PEM, for tokens with any key id.
    pub fn pem(pem: &str) -> Result<Self, KeySetError> {
        let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| KeySetError::Key)?;
        let jwk =
            Jwk::from_decoding_key(&key, Some(Algorithm::RS256)).map_err(|_| KeySetError::Key)?;
        let AlgorithmParameters::RSA(parameters) = &jwk.algorithm else {
            return Err(KeySetError::Key);
        };
        if !modulus_fits(&parameters.n) {
            return Err(KeySetError::Key);
        }
        Ok(Self::Fixed(KeySet {
            named: HashMap::new(),
            any: Some(Arc::new(Key {
                decoding: key,
                endorsements: None,
            })),
        }))
    }

    /// The keys of a key set document.
    pub fn document(json: &[u8]) -> Result<Self, KeySetError> {
        KeySet::parse(json).map(Self::Fixed)
    }
}

/// One verification key, prepared.
pub struct Key {
    decoding: DecodingKey,
    endorsements: Option<Vec<String>>,
}

impl Key {
    pub(super) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// Whether the issuer lets this key speak for a channel. A key that names no channels speaks for all.
    #[must_use]
    pub fn endorses(&self, channel: &str) -> bool {
        self.endorsements
            .as_ref()
            .is_none_or(|channels| channels.iter().any(|one| one == channel))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("endorsements", &self.endorsements)
            .finish_non_exhaustive()
    }
}

/// Verification keys by their id, prepared once.
#[derive(Clone, Default)]
pub struct KeySet {
    named: HashMap<String, Arc<Key>>,
    any: Option<Arc<Key>>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids: Vec<&str> = self.named.keys().map(String::as_str).collect();
        ids.sort_unstable();
        f.debug_struct("KeySet")
            .field("ids", &ids)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    endorsements: Option<Vec<String>>,
}

impl KeySet {
    pub(super) fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        if json.len() > DOCUMENT_BYTES_MAX {
            return Err(KeySetError::Document("too large"));
        }
        let document: Document =
            serde_json::from_slice(json).map_err(|_| KeySetError::Document("not a key set"))?;
        if document.keys.len() > KEYS_MAX {
            return Err(KeySetError::Document("too many keys"));
        }
        let named: HashMap<_, _> = document.keys.iter().filter_map(WireKey::usable).collect();
        if named.is_empty() {
            return Err(KeySetError::Document("no usable key"));
        }
        Ok(Self { named, any: None })
    }

    pub(super) fn get(&self, key_id: Option<&str>) -> Option<Arc<Key>> {
        if let Some(any) = &self.any {
            return Some(any.clone());
        }
        self.named.get(key_id?).cloned()
    }
}

impl WireKey {
    /// The key, if it is one for verifying RS256. Others are passed over: a set may hold keys for other uses.
    fn usable(&self) -> Option<(String, Arc<Key>)> {
        let kid = self.kid.as_deref().filter(|kid| is_key_id(kid))?;
        let (n, e) = (self.n.as_deref()?, self.e.as_deref()?);
        let fits = self.kty == "RSA"
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256")
            && modulus_fits(n);
        if !fits {
            return None;
        }
        let key = Key {
            decoding: DecodingKey::from_rsa_components(n, e).ok()?,
            endorsements: self.endorsements.clone(),
        };
        Some((kid.to_owned(), Arc::new(key)))
    }
}

/// An address that keys may come from: https, or http on a loopback address.
pub(super) fn address(url: &str) -> Result<String, KeySetError> {
    let parsed = reqwest::Url::parse(url).map_err(|_| KeySetError::Address)?;
    let host = parsed.host_str().unwrap_or_default();
    let loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    if !plain || !(parsed.scheme() == "https" || parsed.scheme() == "http" && loopback) {
        return Err(KeySetError::Address);
    }
    Ok(parsed.into())
}

fn modulus_fits(n: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(n) else {
        return false;
    };
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let Some(first) = significant.clone().next() else {
        return false;
    };
    let bits = significant.count() * 8 - first.leading_zeros() as usize;
    (MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&bits)
}
