//! Who may speak for the channel: a request counts only if the vendor signed it, for this app, for this channel and for the very address that
//! it wants answers at.

use std::sync::Arc;

use habeo_core::time::Clock;
use habeo_surface::token::{
    Compact, KeySetError, KeySource, Missing, Pace, Reason, Ring, VerificationKey,
};
use poem::http::{HeaderMap, header};
use serde::Deserialize;
use url::Url;

use super::activity::{Activity, CHANNEL};
use super::settings::Settings;

/// How far the vendor's clock and ours may differ.
const SKEW_SECONDS: i64 = 300;
/// The longest life of a token: its nominal hour, and the skew on both sides.
const LIFETIME_SECONDS_MAX: i64 = 70 * 60;
/// Keys are asked for once an hour, and used for a day where the vendor does not answer; for a key that nobody knows, it is asked at most
/// every five minutes.
pub const PACE: Pace = Pace {
    fresh_seconds: 3_600,
    usable_seconds: 24 * 3_600,
    refetch_seconds: 300,
};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no token, or it is not good.
    Unauthorized(Reason),
    /// The token is good, and not for what the activity says.
    Forbidden(&'static str),
    /// The vendor's keys were never loaded, so that nothing can be said about a token.
    Unavailable,
}

impl Refused {
    /// The code of the log. The caller learns none of it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthorized(reason) => reason.code(),
            Self::Forbidden(code) => code,
            Self::Unavailable => "keys-unavailable",
        }
    }
}

/// Verifies requests of the channel.
#[derive(Debug)]
pub struct Gate {
    settings: Arc<Settings>,
    ring: Arc<Ring>,
    clock: Arc<dyn Clock>,
}

/// A token that the vendor issued for this app. What it may be used for is still to be seen.
#[derive(Debug)]
pub struct Proved {
    service_url: String,
    key: Arc<VerificationKey>,
}

/// The claims that are read. An audience that is a list is none that the vendor writes.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<String>,
    exp: Option<i64>,
    nbf: Option<i64>,
    serviceurl: Option<String>,
}

impl Gate {
    /// A gate for one app. It makes no connection until the first token comes.
    pub fn new(settings: Arc<Settings>, clock: Arc<dyn Clock>) -> Result<Self, KeySetError> {
        let keys = KeySource::open_id(&settings.metadata_url)?;
        let ring = Arc::new(Ring::new(keys, PACE, Arc::clone(&clock)));
        Ok(Self {
            settings,
            ring,
            clock,
        })
    }

    /// Verifies the token of a request: cheap checks first, then the signature.
    pub async fn verify(&self, headers: &HeaderMap) -> Result<Proved, Refused> {
        let token = bearer(headers).map_err(Refused::Unauthorized)?;
        let read: Compact<'_, Claims> = Compact::parse(token).map_err(Refused::Unauthorized)?;
        self.check(read.claims()).map_err(Refused::Unauthorized)?;
        let key = self.ring.key(read.key_id()).await;
        let key = key.map_err(|missing| match missing {
            Missing::Unknown => Refused::Unauthorized(Reason::KeyUnknown),
            Missing::NeverLoaded => Refused::Unavailable,
        })?;
        let claims = read.verify(&key).map_err(Refused::Unauthorized)?;
        let service_url = claims
            .serviceurl
            .filter(|url| !url.is_empty())
            .ok_or(Refused::Unauthorized(Reason::Malformed))?;
        Ok(Proved { service_url, key })
    }

    fn check(&self, claims: &Claims) -> Result<(), Reason> {
        if claims.iss.as_deref() != Some(self.settings.issuer.as_str()) {
            return Err(Reason::Issuer);
        }
        let ours = |audience: &String| audience.eq_ignore_ascii_case(&self.settings.app_id);
        if !claims.aud.as_ref().is_some_and(ours) {
            return Err(Reason::Audience);
        }
        let (Some(exp), Some(nbf)) = (claims.exp, claims.nbf) else {
            return Err(Reason::Times);
        };
        let now = self.clock.now().seconds();
        if exp <= now - SKEW_SECONDS {
            return Err(Reason::Expired);
        }
        if nbf > now + SKEW_SECONDS {
            return Err(Reason::NotYet);
        }
        if exp.saturating_sub(nbf) > LIFETIME_SECONDS_MAX {
            return Err(Reason::Lifetime);
        }
        Ok(())
    }

    /// Holds an activity against the token that came with it, and gives the address at which it may be answered.
    pub fn admit(&self, proved: &Proved, activity: &Activity) -> Result<Url, Refused> {
        let channel = activity.channel_id.as_deref().unwrap_or_default();
        if channel != CHANNEL {
            return Err(Refused::Forbidden("activity-of-another-channel"));
        }
        if !proved.key.endorses(channel) {
            return Err(Refused::Forbidden("key-not-endorsed"));
        }
        let claimed = activity.service_url.as_deref().unwrap_or_default();
        if normal(claimed).is_none() || normal(claimed) != normal(&proved.service_url) {
            return Err(Refused::Forbidden("service-url-differs"));
        }
        self.settings
            .service_url(claimed)
            .ok_or(Refused::Forbidden("service-url-not-allowed"))
    }
}

/// The one bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<&str, Reason> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next().ok_or(Reason::HeaderMissing)?;
    if lines.next().is_some() {
        return Err(Reason::HeaderRepeated);
    }
    let text = line.to_str().map_err(|_| Reason::HeaderMalformed)?;
    let (scheme, token) = text.split_once(' ').ok_or(Reason::HeaderMalformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Reason::HeaderMalformed);
    }
    Ok(token)
}

/// An address in one spelling: scheme and host in lower case, one slash at the end left out.
fn normal(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let text = url.as_str();
    Some(text.strip_suffix('/').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_spelling() {
        let same = |one: &str, other: &str| normal(one).is_some() && normal(one) == normal(other);
        assert!(same("https://a.example/amer/", "https://a.example/amer"));
        assert!(same("https://A.example/amer", "HTTPS://a.example/amer/"));
        assert!(!same("https://a.example/amer", "https://a.example/Amer"));
        assert!(!same("https://a.example/amer//", "https://a.example/amer"));
        assert!(!same("https://a.example/amer", "https://b.example/amer"));
        assert!(!same("", ""));
    }
}
