//! The keys of an issuer over time: fetched when needed, kept when the issuer is down, never fetched more often than is polite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use jsonwebtoken::DecodingKey;

use super::keys::{DOCUMENT_BYTES_MAX, KeySet, KeySetError, KeySource};

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const FRESH_MICROS: i64 = 3_600 * SECOND_MICROS;
const USABLE_MICROS: i64 = 24 * 3_600 * SECOND_MICROS;
const REFETCH_MICROS: i64 = 30 * SECOND_MICROS;
const UNKNOWN_MICROS: i64 = 60 * SECOND_MICROS;
const UNKNOWN_MAX: usize = 1_000;

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
