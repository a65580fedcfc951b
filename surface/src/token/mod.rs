//! Session tokens: who issues them, how one is verified, and what is remembered of it.

mod cache;
mod compact;
mod jwt;
mod keys;
mod reason;
mod ring;
mod source;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use habeo_core::session::ended::{Ended, Note};
use habeo_core::session::{self, Credential, Session};
use habeo_core::time::Clock;

use crate::limit::{Key, Limiter, Quota, Shared};

use cache::{Denied, Remembered, Sessions};
pub use compact::{Compact, TOKEN_BYTES_MAX};
pub use jwt::{Standing, Verified};
pub use keys::{Key as VerificationKey, KeySet, KeySetError, KeySource};
pub use reason::Reason;
pub use ring::{Missing, Pace, Ring};
pub use source::SessionSource;

/// The clock difference between an issuer and us that is forgiven when nothing else is configured.
pub const SKEW_SECONDS_DEFAULT: u32 = 5;

/// One issuer whose tokens are accepted. All issuers are equal; a token is held against the one that it names, and only that one.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// Where its keys come from.
    pub keys: KeySource,
    /// The origins whose tokens are accepted (`azp`), exactly. None at all means that no `azp` is accepted.
    pub authorized_parties: Vec<String>,
    /// Whether a token without `azp` is accepted; native clients have no origin, so their tokens have none.
    pub allow_missing_azp: bool,
    /// The clock difference that is forgiven, in seconds.
    pub skew_seconds: u32,
}

impl Issuer {
    /// An issuer with the usual rules: no origin is authorised yet, a missing `azp` is accepted, 5 s of skew.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: KeySource) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
            authorized_parties: Vec::new(),
            allow_missing_azp: true,
            skew_seconds: SKEW_SECONDS_DEFAULT,
        }
    }
}

/// The numbers that a deployment may tighten.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Of one session.
    pub session: Quota,
    /// Of failed authentications of one client address.
    pub failed_authentication: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            session: Quota::API_SESSION,
            failed_authentication: Quota::FAILED_AUTHENTICATION,
        }
    }
}

/// Why a token gave nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The token is not good; the caller is told no more than that.
    Refused(Reason),
    /// The issuer's keys were never loaded, so that nothing can be said about the token.
    KeysUnavailable,
}

/// Verifies tokens, counts requests and finds sessions. One per server, shared as request data.
pub struct Authenticator {
    issuers: Vec<(Issuer, Arc<Ring>)>,
    source: Arc<dyn SessionSource>,
    clock: Arc<dyn Clock>,
    remembered: Remembered,
    sessions: Sessions,
    denied: Denied,
    pub(crate) rates: Arc<Limiter>,
    pub(crate) failures: Limiter,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers: Vec<&str> = self
            .issuers
            .iter()
            .map(|(issuer, _)| issuer.issuer.as_str())
            .collect();
        f.debug_struct("Authenticator")
            .field("issuers", &issuers)
            .finish_non_exhaustive()
    }
}

impl Authenticator {
    /// An authenticator of these issuers. It makes no connection until the first token asks for a key.
    #[must_use]
    pub fn new(
        issuers: Vec<Issuer>,
        source: Arc<dyn SessionSource>,
        clock: Arc<dyn Clock>,
        quotas: Quotas,
    ) -> Self {
        Self::sharing(issuers, source, clock, quotas, None)
    }

    /// The same, with rates that other nodes share.
    #[must_use]
    pub fn sharing(
        issuers: Vec<Issuer>,
        source: Arc<dyn SessionSource>,
        clock: Arc<dyn Clock>,
        quotas: Quotas,
        shared: Option<&Arc<Shared>>,
    ) -> Self {
        let limiter = |name, quota| {
            let limiter = Limiter::new(quota, clock.clone());
            match shared {
                Some(shared) => limiter.shared(name, shared.clone()),
                None => limiter,
            }
        };
        let rates = Arc::new(limiter("session", quotas.session));
        let failures = limiter("failure", quotas.failed_authentication);
        let issuers = issuers
            .into_iter()
            .map(|issuer| {
                let ring = Arc::new(Ring::new(
                    issuer.keys.clone(),
                    Pace::SESSIONS,
                    clock.clone(),
                ));
                (issuer, ring)
            })
            .collect();
        Self {
            issuers,
            source,
            remembered: Remembered::default(),
            sessions: Sessions::default(),
            denied: Denied::new(clock.clone()),
            rates,
            failures,
            clock,
        }
    }

    /// Refuses the remaining tokens of what has ended, from now on and on this node.
    pub fn end(&self, ended: &Ended<'_>) {
        self.denied.end(ended);
    }

    /// Refuses the remaining tokens of what was noted to have ended, here or on another node.
    pub fn note_ends(&self, notes: &[Note]) {
        self.denied.note(notes);
    }

    /// Verifies a token: cheap checks first, then the signature; no look-up before it is valid.
    pub async fn verify(&self, token: &str) -> Result<Arc<Verified>, Fault> {
        let now = self.clock.now();
        let hash = cache::hash(token);
        let verified = if let Some(verified) = self.remembered.get(&hash, now).await {
            verified
        } else {
            let fresh = Arc::new(self.verify_anew(token).await?);
            self.remembered.put(hash, fresh.clone()).await;
            fresh
        };
        if self.denied.contains(&verified) {
            return Err(Fault::Refused(Reason::Revoked));
        }
        Ok(verified)
    }

    async fn verify_anew(&self, token: &str) -> Result<Verified, Fault> {
        let unverified = jwt::Unverified::parse(token).map_err(Fault::Refused)?;
        let (issuer, ring) = self
            .issuers
            .iter()
            .find(|(issuer, _)| issuer.issuer == unverified.issuer())
            .ok_or(Fault::Refused(Reason::Issuer))?;
        unverified
            .check(issuer, self.clock.now())
            .map_err(Fault::Refused)?;
        let key = ring
            .key(unverified.key_id())
            .await
            .map_err(|fault| match fault {
                Missing::Unknown => Fault::Refused(Reason::KeyUnknown),
                Missing::NeverLoaded => Fault::KeysUnavailable,
            })?;
        unverified.verify(&key, issuer).map_err(Fault::Refused)
    }

    /// Whose rate a token counts against: its session's, within its organisation.
    pub(crate) fn rate_key(verified: &Verified) -> Key {
        let (org, _) = verified.organization().unwrap_or_default();
        Key::new(&format!("{}\n{org}", verified.issuer), &verified.session_id)
    }

    /// Finds the session of a verified credential, remembered for a few seconds.
    pub(crate) async fn session(
        &self,
        credential: &Credential,
        session_id: &str,
    ) -> Result<Session, session::Refusal> {
        self.sessions
            .get(credential, session_id, &*self.source, self.clock.now())
            .await
    }
}
