//! The keys of an issuer: fetched when needed, kept when the issuer is down, and never fetched more often than is polite.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::jwt::is_key_id;

const DOCUMENT_BYTES_MAX: usize = 64 * 1_024;
const KEYS_MAX: usize = 16;
const MODULUS_BITS_MIN: usize = 2_048;
const MODULUS_BITS_MAX: usize = 4_096;
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const FRESH_MICROS: i64 = 3_600 * SECOND_MICROS;
const USABLE_MICROS: i64 = 24 * 3_600 * SECOND_MICROS;
const REFETCH_MICROS: i64 = 30 * SECOND_MICROS;
const UNKNOWN_MICROS: i64 = 60 * SECOND_MICROS;
const UNKNOWN_MAX: usize = 1_000;

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
    /// Keys that are known beforehand.
    Fixed(KeySet),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwks { url } => f.debug_struct("Jwks").field("url", url).finish(),
            Self::Fixed(keys) => f.debug_tuple("Fixed").field(keys).finish(),
        }
    }
}

impl KeySource {
    /// The key set at an address: https, or http on a loopback address.
    pub fn jwks(url: &str) -> Result<Self, KeySetError> {
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
        Ok(Self::Jwks { url: parsed.into() })
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
            any: Some(Arc::new(key)),
        }))
    }

    /// The keys of a key set document.
    pub fn document(json: &[u8]) -> Result<Self, KeySetError> {
        KeySet::parse(json).map(Self::Fixed)
    }
}

/// Verification keys by their id, prepared once.
#[derive(Clone, Default)]
pub struct KeySet {
    named: HashMap<String, Arc<DecodingKey>>,
    any: Option<Arc<DecodingKey>>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids: Vec<&str> = self.named.keys().map(String::as_str).collect();
        ids.sort_unstable();
        f.debug_struct("KeySet").field("ids", &ids).finish()
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
}

impl KeySet {
    fn parse(json: &[u8]) -> Result<Self, KeySetError> {
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

    fn get(&self, key_id: Option<&str>) -> Option<Arc<DecodingKey>> {
        if let Some(any) = &self.any {
            return Some(any.clone());
        }
        self.named.get(key_id?).cloned()
    }
}

impl WireKey {
    /// The key, if it is one for verifying RS256. Others are passed over: a set may hold keys for other uses.
    fn usable(&self) -> Option<(String, Arc<DecodingKey>)> {
        let kid = self.kid.as_deref().filter(|kid| is_key_id(kid))?;
        let (n, e) = (self.n.as_deref()?, self.e.as_deref()?);
        let fits = self.kty == "RSA"
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256")
            && modulus_fits(n);
        if !fits {
            return None;
        }
        let key = DecodingKey::from_rsa_components(n, e).ok()?;
        Some((kid.to_owned(), Arc::new(key)))
    }
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

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The issuer has none with this id.
    Unknown,
    /// Nothing was ever heard from the issuer, or not for too long.
    NeverLoaded,
}

/// The keys of one issuer over time.
pub(super) struct Ring {
    source: KeySource,
    clock: Arc<dyn Clock>,
    held: RwLock<Held>,
    unknown: Mutex<HashMap<String, Timestamp>>,
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default, Clone)]
struct Held {
    keys: Option<Arc<KeySet>>,
    loaded_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl Ring {
    pub(super) fn new(source: KeySource, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            clock,
            held: RwLock::default(),
            unknown: Mutex::default(),
            flight: tokio::sync::Mutex::default(),
        }
    }

    /// The key with this id.
    pub(super) async fn key(
        self: &Arc<Self>,
        key_id: Option<&str>,
    ) -> Result<Arc<DecodingKey>, Missing> {
        let url = match &self.source {
            KeySource::Fixed(keys) => return keys.get(key_id).ok_or(Missing::Unknown),
            KeySource::Jwks { url } => url,
        };
        let key_id = key_id.ok_or(Missing::Unknown)?;
        let now = self.clock.now();
        let held = self.held();
        if let Some(keys) = held.usable(now) {
            if let Some(key) = keys.get(Some(key_id)) {
                if !held.is_fresh(now) && held.may_try(now) {
                    // Nobody waits for a refresh while the old keys still serve.
                    tokio::spawn(self.clone().refresh(url.clone(), now));
                }
                return Ok(key);
            }
            if self.is_remembered_unknown(key_id, now) {
                return Err(Missing::Unknown);
            }
        }
        let asks = held.may_try(now) || self.flight.try_lock().is_err();
        if asks {
            // In a task of its own: a caller that goes away must not take the fetch, and the next 30 seconds, with it.
            let refresh = tokio::spawn(self.clone().refresh(url.clone(), now));
            if let Err(error) = refresh.await {
                tracing::error!(%error, "refreshing a key set ended early");
            }
        }
        match self.held().usable(self.clock.now()) {
            None => Err(Missing::NeverLoaded),
            Some(keys) => keys.get(Some(key_id)).ok_or_else(|| {
                // Only what the issuer was asked about: a key that it began to use since the last fetch is to be found by the next.
                if asks {
                    self.remember_unknown(key_id, now);
                }
                Missing::Unknown
            }),
        }
    }

    fn held(&self) -> Held {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Fetches once; whoever waited for the same fetch finds that it has been tried.
    async fn refresh(self: Arc<Self>, url: String, now: Timestamp) {
        let _turn = self.flight.lock().await;
        if !self.held().may_try(now) {
            return;
        }
        let fetched = fetch(&url).await;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.tried_at = Some(now);
        match fetched {
            Ok(keys) => {
                held.keys = Some(Arc::new(keys));
                held.loaded_at = Some(now);
            }
            Err(error) => {
                tracing::warn!(url, reason = "jwk-remote-failed-to-load", error = %error, "the issuer's keys could not be fetched");
            }
        }
    }

    fn is_remembered_unknown(&self, key_id: &str, now: Timestamp) -> bool {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown
            .get(key_id)
            .is_some_and(|since| now.micros() - since.micros() < UNKNOWN_MICROS)
    }

    fn remember_unknown(&self, key_id: &str, now: Timestamp) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() >= UNKNOWN_MAX {
            unknown.retain(|_, since| now.micros() - since.micros() < UNKNOWN_MICROS);
        }
        if unknown.len() < UNKNOWN_MAX {
            unknown.insert(key_id.to_owned(), now);
        }
    }
}

impl Held {
    fn age_micros(&self, now: Timestamp) -> i64 {
        self.loaded_at
            .map_or(i64::MAX, |at| now.micros() - at.micros())
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.age_micros(now) < FRESH_MICROS
    }

    fn usable(&self, now: Timestamp) -> Option<&Arc<KeySet>> {
        self.keys
            .as_ref()
            .filter(|_| self.age_micros(now) < USABLE_MICROS)
    }

    fn may_try(&self, now: Timestamp) -> bool {
        self.tried_at
            .is_none_or(|at| now.micros() - at.micros() >= REFETCH_MICROS)
    }
}

async fn fetch(url: &str) -> Result<KeySet, KeySetError> {
    // A client per fetch: there is one at most every 30 seconds, and a pooled connection would outlive its use.
    let client = reqwest::Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let mut response = client.get(url).send().await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(KeySetError::Document("the status is not 200"));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > DOCUMENT_BYTES_MAX {
            return Err(KeySetError::Document("too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    KeySet::parse(&bytes)
}
