//! Tokens that change: sealed at rest, and fetched anew by one caller at a time, on whatever node, before the old ones run out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::command::{KeepTokens, NeedReinstall};
use super::{Refusal, Tokens, store};
use crate::access::{Access, Surface};
use crate::id::{InstallId, OrgId, new_uuid};
use crate::lease;
use crate::ledger::{Ledger, RecordError};
use crate::random::Random;
use crate::secret::{MasterKey, Place};
use crate::store::{StoreError, StoreResult};
use crate::time::{SECOND_MICROS, Timestamp};

/// How long one node may take to fetch tokens before another tries.
pub const LEASE_MICROS: i64 = 60 * SECOND_MICROS;
/// How long fetching may take: well below the lease, so that what was fetched is stored before anybody else fetches.
pub const FETCH_MAX: Duration = Duration::from_secs(30);
/// How often somebody who waits for another node looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often they look before they give up.
const LOOKS_MAX: u32 = 300;

/// Tokens as they are sealed.
#[derive(Serialize, Deserialize)]
struct Whole {
    access: String,
    refresh: Option<String>,
    expires_at: Option<Timestamp>,
}

const COLUMN: &str = "install_private.tokens_sealed";

pub(super) fn seal(
    key: &MasterKey,
    access: &Access,
    id: InstallId,
    tokens: &Tokens,
    random: &dyn Random,
) -> Vec<u8> {
    let whole = Whole {
        access: tokens.access.expose_secret().to_owned(),
        refresh: tokens
            .refresh
            .as_ref()
            .map(|token| token.expose_secret().to_owned()),
        expires_at: tokens.expires_at,
    };
    let text = serde_json::to_vec(&whole).expect("texts and a number have a JSON form");
    let row = id.uuid();
    let place = Place {
        column: COLUMN,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    key.seal(place, &text, random)
}

pub(super) fn open(
    key: &MasterKey,
    access: &Access,
    id: InstallId,
    sealed: &[u8],
) -> StoreResult<Tokens> {
    let inconsistent = |what: String| StoreError::Inconsistent {
        table: "install_private",
        what,
    };
    let row = id.uuid();
    let place = Place {
        column: COLUMN,
        org: Some(access.org()),
        row: row.as_bytes(),
    };
    let text = key
        .open(place, sealed)
        .map_err(|error| inconsistent(error.to_string()))?;
    // The parser's message could quote what it read.
    let whole: Whole = serde_json::from_slice(text.expose_secret())
        .map_err(|_| inconsistent("sealed tokens are not in their form".to_owned()))?;
    Ok(Tokens {
        access: whole.access.into(),
        refresh: whole.refresh.map(SecretString::from),
        expires_at: whole.expires_at,
    })
}

/// Why there are no usable tokens.
#[derive(Debug, thiserror::Error)]
pub enum RotateError<E> {
    /// The installation has none, or is over.
    #[error("this installation has no tokens")]
    None,
    /// The service did not give new ones.
    #[error("the service gave no new tokens")]
    Fetch(E),
    /// Fetching, here or on another node, took too long.
    #[error("fetching new tokens took too long")]
    TooLong,
    /// The installation ended in the meantime.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which tokens will do.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Those that hold for at least this long.
    HoldFor(i64),
    /// Others than the one with which the service was just displeased.
    OtherThan(SecretString),
}

impl Wanted {
    fn suits(&self, tokens: &Tokens, now: Timestamp) -> bool {
        match self {
            Self::HoldFor(micros) => tokens
                .expires_at
                .is_none_or(|until| now.plus_micros(*micros) < until),
            Self::OtherThan(token) => {
                tokens.access.expose_secret() != token.expose_secret()
                    && tokens.expires_at.is_none_or(|until| now < until)
            }
        }
    }
}

/// Fetches tokens anew. One for the process; cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Rotation {
    ledger: Ledger,
    master_key: Arc<MasterKey>,
    holder: String,
    turns: Arc<Mutex<HashMap<InstallId, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Rotation {
    /// Rotation of the tokens in one database.
    #[must_use]
    pub fn new(ledger: Ledger, master_key: Arc<MasterKey>) -> Self {
        let holder = new_uuid(ledger.clock().now(), ledger.random()).to_string();
        Self {
            ledger,
            master_key,
            holder,
            turns: Arc::default(),
        }
    }

    /// Tokens that will do: the stored ones, or those that `fetch` gets for them. Of all who ask at once, on every node, one fetches; what
    /// it got is stored before anybody uses it, because the old refresh token works only once.
    pub async fn tokens<E, F>(
        &self,
        access: &Access,
        install: InstallId,
        wanted: Wanted,
        fetch: impl FnOnce(Tokens) -> F,
    ) -> Result<Tokens, RotateError<E>>
    where
        F: Future<Output = Result<Tokens, E>> + Send + 'static,
        E: Send + 'static,
    {
        let stored = self.stored(access, install).await?;
        if self.suits(&wanted, &stored) {
            return Ok(stored);
        }
        let turn = self.turn(install).lock_owned().await;
        let name = format!("install.tokens:{install}");
        for _ in 0..LOOKS_MAX {
            let now = self.ledger.clock().now();
            let until = now.plus_micros(LEASE_MICROS);
            let ours = lease::take(self.ledger.db(), &name, &self.holder, now, until).await?;
            let stored = self.stored(access, install).await?;
            if self.suits(&wanted, &stored) {
                if ours {
                    lease::give_back(self.ledger.db(), &name, &self.holder, now).await?;
                }
                return Ok(stored);
            }
            if ours {
                let (this, org, fetching) = (self.clone(), access.org(), fetch(stored));
                // In a task of its own: when the caller goes away, what was fetched is still stored.
                let fetched = tokio::spawn(async move {
                    let outcome = this.fetch(org, install, fetching).await;
                    let now = this.ledger.clock().now();
                    lease::give_back(this.ledger.db(), &name, &this.holder, now).await?;
                    drop(turn);
                    outcome
                });
                return fetched.await.unwrap_or(Err(RotateError::TooLong));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(RotateError::TooLong)
    }

    /// Notes that only connecting again helps: the service did not accept this token, nor a way to another.
    pub async fn give_up(
        &self,
        access: &Access,
        install: InstallId,
        token: &SecretString,
        error: String,
    ) -> Result<(), RecordError<Refusal>> {
        let need = NeedReinstall {
            install,
            token: token.clone(),
            error,
            master_key: Arc::clone(&self.master_key),
        };
        self.ledger.record(access, need).await
    }

    async fn fetch<E>(
        &self,
        org: OrgId,
        install: InstallId,
        fetching: impl Future<Output = Result<Tokens, E>>,
    ) -> Result<Tokens, RotateError<E>> {
        let tokens = tokio::time::timeout(FETCH_MAX, fetching)
            .await
            .map_err(|_| RotateError::TooLong)?
            .map_err(RotateError::Fetch)?;
        let keep = KeepTokens {
            install,
            tokens: tokens.clone(),
            master_key: Arc::clone(&self.master_key),
        };
        let system = Access::system(org, Surface::System);
        match self.ledger.record(&system, keep).await {
            Ok(()) => Ok(tokens),
            Err(RecordError::Refused(refusal)) => Err(refusal.into()),
            Err(RecordError::Store(error)) => Err(error.into()),
        }
    }

    async fn stored<E>(
        &self,
        access: &Access,
        install: InstallId,
    ) -> Result<Tokens, RotateError<E>> {
        let mut tx = self.ledger.db().read(access).await?;
        let tokens = store::tokens(&mut tx, access, install, &self.master_key).await?;
        tokens.ok_or(RotateError::None)
    }

    fn suits(&self, wanted: &Wanted, tokens: &Tokens) -> bool {
        wanted.suits(tokens, self.ledger.clock().now())
    }

    fn turn(&self, install: InstallId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody waits for a turn that only this map remembers.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(install).or_default())
    }
}
