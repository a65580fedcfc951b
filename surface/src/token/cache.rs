//! What is remembered of tokens: those that were verified, the sessions they led to, and those that are refused in spite of that.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_core::id::OrgId;
use habeo_core::session::ended::{Ended, KEPT_MICROS, Key, Note};
use habeo_core::session::{Credential, Refusal, Session};
use habeo_core::time::{Clock, SECOND_MICROS, Timestamp};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::{SessionSource, Verified};

const TOKENS_MAX: u64 = 100_000;
const ORGANIZATIONS_MAX: u64 = 10_000;
/// Only bounds memory; whether an entry still counts is decided by the injected clock.
const KEPT_AT_MOST: Duration = Duration::from_hours(1);
const SESSION_MICROS: i64 = 5 * SECOND_MICROS;
const SKEW_MICROS: i64 = 5 * SECOND_MICROS;
const DENIED_MAX: usize = 100_000;

/// The SHA-256 of a token: the token itself is kept nowhere.
pub(super) type TokenHash = [u8; 32];

pub(super) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Verified tokens until they end.
pub(super) struct Remembered(Cache<TokenHash, Arc<Verified>>);

impl Default for Remembered {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(TOKENS_MAX)
            .time_to_live(KEPT_AT_MOST)
            .build();
        Self(cache)
    }
}

impl Remembered {
    pub(super) async fn get(&self, hash: &TokenHash, now: Timestamp) -> Option<Arc<Verified>> {
        self.0
            .get(hash)
            .await
            .filter(|verified| now < verified.ends_at)
    }

    pub(super) async fn put(&self, hash: TokenHash, verified: Arc<Verified>) {
        self.0.insert(hash, verified).await;
    }
}

/// Whose session: issuer, subject, organisation and session id. It outlives the single token, which changes every minute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Who {
    issuer: String,
    subject: String,
    organization: String,
    admin: bool,
    session_id: String,
}

#[derive(Clone)]
struct Found {
    session: Session,
    at: Timestamp,
    generation: u64,
}

/// Resolved sessions for a few seconds, and only while nothing in their organisation has changed.
pub(super) struct Sessions {
    found: Cache<Who, Found>,
    /// Which organisation a name of an issuer was last seen to mean. The generation has to be read *before* the session, or a
    /// change between the two would be hidden by it; so the organisation must be known beforehand.
    organizations: Cache<(String, String), OrgId>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            found: Cache::builder()
                .max_capacity(TOKENS_MAX)
                .time_to_live(KEPT_AT_MOST)
                .build(),
            organizations: Cache::new(ORGANIZATIONS_MAX),
        }
    }
}

impl Sessions {
    pub(super) async fn get(
        &self,
        credential: &Credential,
        session_id: &str,
        source: &dyn SessionSource,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let place = (credential.issuer.clone(), credential.organization.clone());
        let Some(org) = self.organizations.get(&place).await else {
            let session = source.resolve(credential).await?;
            self.organizations.insert(place, session.access.org()).await;
            return Ok(session);
        };
        let who = Who {
            issuer: credential.issuer.clone(),
            subject: credential.subject.clone(),
            organization: credential.organization.clone(),
            admin: credential.admin,
            session_id: session_id.to_owned(),
        };
        let generation = source.generation(org);
        if let Some(found) = self.found.get(&who).await
            && found.generation == generation
            && (0..SESSION_MICROS).contains(&(now.micros() - found.at.micros()))
        {
            return Ok(found.session);
        }
        let session = source.resolve(credential).await?;
        if session.access.org() == org {
            let found = Found {
                session: session.clone(),
                at: now,
                generation,
            };
            self.found.insert(who, found).await;
        } else {
            self.organizations.insert(place, session.access.org()).await;
        }
        Ok(session)
    }
}

/// What has ended while its tokens have not. Cloning shares nothing: there is one per authenticator.
pub(super) struct Denied {
    clock: Arc<dyn Clock>,
    ends: Mutex<Ends>,
}

/// The ends, and the same ends in the order in which they become meaningless.
#[derive(Default)]
struct Ends {
    at: HashMap<Key, Timestamp>,
    order: BTreeSet<(Timestamp, Key)>,
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Denied")
    }
}

impl Denied {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            ends: Mutex::default(),
        }
    }

    pub(super) fn end(&self, ended: &Ended<'_>) {
        let at = self.clock.now();
        self.note(&[Note {
            key: ended.key(),
            at,
        }]);
    }

    pub(super) fn note(&self, notes: &[Note]) {
        let now = self.clock.now();
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        for note in notes.iter().filter(|note| is_live(note.at, now)) {
            ends.put(note);
        }
        ends.shrink(now);
    }

    pub(super) fn contains(&self, verified: &Verified) -> bool {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.at.is_empty() {
            return false;
        }
        let now = self.clock.now();
        let live = |ended: Ended<'_>| {
            let at = ends.at.get(&ended.key()).copied();
            at.filter(|at| is_live(*at, now))
        };
        let issuer = verified.issuer.as_str();
        let subject = verified.subject.as_str();
        let session_id = verified.session_id.as_str();
        // An ended session gets no new tokens; a person may be unlocked, and tokens issued after that are good again.
        let before = |at: Timestamp| verified.issued_at <= at.plus_micros(SKEW_MICROS);
        live(Ended::Session { issuer, session_id }).is_some()
            || live(Ended::Subject { issuer, subject }).is_some_and(before)
            || verified.organization().is_some_and(|(organization, _)| {
                live(Ended::Membership {
                    issuer,
                    subject,
                    organization,
                })
                .is_some_and(before)
            })
    }
}

impl Ends {
    fn put(&mut self, note: &Note) {
        let known = self.at.get(&note.key).copied();
        if known.is_some_and(|at| at >= note.at) {
            return;
        }
        if let Some(known) = known {
            self.order.remove(&(known, note.key));
        }
        self.at.insert(note.key, note.at);
        self.order.insert((note.at, note.key));
    }

    /// Forgets what no token can meet any more and, above the bound, the oldest: most tokens live for a minute, so it has all but done
    /// its work.
    fn shrink(&mut self, now: Timestamp) {
        while let Some((at, key)) = self.order.first().copied() {
            if is_live(at, now) && self.at.len() <= DENIED_MAX {
                return;
            }
            self.order.pop_first();
            self.at.remove(&key);
        }
    }
}

fn is_live(at: Timestamp, now: Timestamp) -> bool {
    now.micros() - at.micros() < KEPT_MICROS
}
