//! The keys of an issuer over time: fetched when needed, kept when the issuer is down, never fetched more often than is polite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use serde::Deserialize;

use super::keys::{self, DOCUMENT_BYTES_MAX, Key, KeySet, KeySetError, KeySource};

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const UNKNOWN_MICROS: i64 = 60 * SECOND_MICROS;
const UNKNOWN_MAX: usize = 1_000;

/// How often an issuer is asked, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long keys are used without asking again.
    pub fresh_seconds: i64,
    /// How long they are used when the issuer does not answer.
    pub usable_seconds: i64,
    /// How much time passes between two questions at least, whatever is asked for.
    pub refetch_seconds: i64,
}

impl Pace {
    /// For issuers of session tokens.
    pub const SESSIONS: Self = Self {
        fresh_seconds: 3_600,
        usable_seconds: 24 * 3_600,
        refetch_seconds: 30,
    };
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The issuer has none with this id.
    Unknown,
    /// Nothing was ever heard from the issuer, or not for too long.
    NeverLoaded,
}

/// The keys of one issuer over time.
pub struct Ring {
    source: KeySource,
    pace: Pace,
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

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Ring {
    /// The keys of a source. Nothing is fetched before the first token asks for a key.
    #[must_use]
    pub fn new(source: KeySource, pace: Pace, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            pace,
            clock,
            held: RwLock::default(),
            unknown: Mutex::default(),
            flight: tokio::sync::Mutex::default(),
        }
    }

    /// The key with this id.
    pub async fn key(self: &Arc<Self>, key_id: Option<&str>) -> Result<Arc<Key>, Missing> {
        if let KeySource::Fixed(keys) = &self.source {
            return keys.get(key_id).ok_or(Missing::Unknown);
        }
        let key_id = key_id.ok_or(Missing::Unknown)?;
        let now = self.clock.now();
        let held = self.held();
        if let Some(keys) = held.usable(now, self.pace) {
            if let Some(key) = keys.get(Some(key_id)) {
                if !held.is_fresh(now, self.pace) && held.may_try(now, self.pace) {
                    // Nobody waits for a refresh while the old keys still serve.
                    tokio::spawn(self.clone().refresh(now));
                }
                return Ok(key);
            }
            if self.is_remembered_unknown(key_id, now) {
                return Err(Missing::Unknown);
            }
        }
        let asks = held.may_try(now, self.pace) || self.flight.try_lock().is_err();
        if asks {
            // In a task of its own: a caller that goes away must not take the fetch, and the next 30 seconds, with it.
            let refresh = tokio::spawn(self.clone().refresh(now));
            if let Err(error) = refresh.await {
                tracing::error!(%error, "refreshing a key set ended early");
            }
        }
        match self.held().usable(self.clock.now(), self.pace) {
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
    async fn refresh(self: Arc<Self>, now: Timestamp) {
        let _turn = self.flight.lock().await;
        if !self.held().may_try(now, self.pace) {
            return;
        }
        let fetched = fetch(&self.source).await;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.tried_at = Some(now);
        match fetched {
            Ok(keys) => {
                held.keys = Some(Arc::new(keys));
                held.loaded_at = Some(now);
            }
            Err(error) => {
                tracing::warn!(source = ?self.source, reason = "jwk-remote-failed-to-load", error = %error, "the issuer's keys could not be fetched");
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

    fn is_fresh(&self, now: Timestamp, pace: Pace) -> bool {
        self.age_micros(now) < pace.fresh_seconds * SECOND_MICROS
    }

    fn usable(&self, now: Timestamp, pace: Pace) -> Option<&Arc<KeySet>> {
        self.keys
            .as_ref()
            .filter(|_| self.age_micros(now) < pace.usable_seconds * SECOND_MICROS)
    }

    fn may_try(&self, now: Timestamp, pace: Pace) -> bool {
        self.tried_at
            .is_none_or(|at| now.micros() - at.micros() >= pace.refetch_seconds * SECOND_MICROS)
    }
}

/// The one member of the metadata that is read: which algorithm, issuer and audience count is ours to say.
#[derive(Deserialize)]
struct Metadata {
    jwks_uri: String,
}

async fn fetch(source: &KeySource) -> Result<KeySet, KeySetError> {
    // A client per fetch: there is one at most every 30 seconds, and a pooled connection would outlive its use.
    let client = reqwest::Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    match source {
        KeySource::Fixed(keys) => Ok(keys.clone()),
        KeySource::Jwks { url } => KeySet::parse(&document(&client, url).await?),
        KeySource::OpenId { url } => {
            let metadata: Metadata = serde_json::from_slice(&document(&client, url).await?)
                .map_err(|_| KeySetError::Document("the metadata name no key set"))?;
            let url = keys::address(&metadata.jwks_uri)?;
            KeySet::parse(&document(&client, &url).await?)
        }
    }
}

async fn document(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, KeySetError> {
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
    Ok(bytes)
}
