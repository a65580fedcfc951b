//! Whose tenant it is: what somebody who signs in there brings back, and every rule that it has to pass.

use std::sync::Arc;

use habeo_core::time::Clock;
use habeo_surface::token::{Compact, KeySetError, KeySource, Pace, Reason, Ring};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::teams::settings::Settings;

/// How far the vendor's clock and ours may differ.
const SKEW_SECONDS: i64 = 300;
/// The longest life of such a token: it is used at once.
const LIFETIME_SECONDS_MAX: i64 = 2 * 3_600;
/// The most characters of a name, and where it is one of a tenant.
const NAME_CHARS_MAX: usize = 200;
/// The directory roles whose bearers answer for what is installed in a tenant, by the ids of their templates, which are the same everywhere.
const ADMINISTRATORS: [&str; 5] = [
    // Global Administrator
    "62e90394-69f5-4237-9190-012177145e10",
    // Privileged Role Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    // Application Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    // Cloud Application Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7",
    // Teams Administrator
    "69091246-20e8-4a56-aa4d-066075b2a7a8",
];

/// Checks what people bring back who signed in.
#[derive(Debug)]
pub struct SignIn {
    settings: Arc<Settings>,
    ring: Arc<Ring>,
    clock: Arc<dyn Clock>,
}

/// Somebody of a tenant, proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The tenant.
    pub tenant: String,
    /// What it can be called: the domain by which they sign in.
    pub name: String,
    /// What they may decide there.
    pub standing: Standing,
}

/// Whether somebody may decide for their tenant. Any member signs in; that shows where they belong, and not that it is theirs to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They have one of the roles that do.
    Administrator,
    /// They have none.
    Member,
    /// The token does not name roles: the app's registration does not ask for them.
    Untold,
}

/// What was asked for, and has to come back.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The tenant that consented.
    pub tenant: &'a str,
    /// The number that belongs to this sign-in alone.
    pub nonce: &'a SecretString,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    nonce: Option<String>,
    tid: Option<String>,
    idp: Option<String>,
    preferred_username: Option<String>,
    /// The roles in the tenant's directory. It is there only where the app's registration asks for it; everybody has at least one then.
    wids: Option<Vec<String>>,
}

impl SignIn {
    /// The rules of one app. No connection is made before somebody signs in.
    pub fn new(settings: &Arc<Settings>, clock: Arc<dyn Clock>) -> Result<Self, KeySetError> {
        let url = format!("{}/organizations/discovery/v2.0/keys", settings.login_base);
        let ring = Arc::new(Ring::new(
            KeySource::jwks(&url)?,
            Pace::SESSIONS,
            Arc::clone(&clock),
        ));
        Ok(Self {
            settings: Arc::clone(settings),
            ring,
            clock,
        })
    }

    /// Proves an id token.
    pub async fn prove(
        &self,
        token: &SecretString,
        expected: Expected<'_>,
    ) -> Result<SignedIn, Reason> {
        let read: Compact<'_, Claims> = Compact::parse(token.expose_secret())?;
        self.check(read.claims(), expected)?;
        let key = self.ring.key(read.key_id()).await;
        let key = key.map_err(|_| Reason::KeyUnknown)?;
        let claims = read.verify(&key)?;
        let tenant = claims.tid.ok_or(Reason::Issuer)?.to_ascii_lowercase();
        let name = claims.preferred_username.as_deref();
        let name = name
            .and_then(|name| name.rsplit_once('@'))
            .map(|(_, domain)| domain);
        let name = name.filter(|name| !name.is_empty()).unwrap_or(&tenant);
        Ok(SignedIn {
            name: name.chars().take(NAME_CHARS_MAX).collect(),
            standing: standing(claims.wids.as_deref()),
            tenant,
        })
    }

    fn check(&self, claims: &Claims, expected: Expected<'_>) -> Result<(), Reason> {
        let tenant = claims.tid.as_deref().ok_or(Reason::Issuer)?;
        let issuer = format!("{}/{tenant}/v2.0", self.settings.login_base);
        if claims.iss.as_deref() != Some(issuer.as_str())
            || !tenant.eq_ignore_ascii_case(expected.tenant)
        {
            return Err(Reason::Issuer);
        }
        // Whoever is a guest in a tenant signs in there too, by way of their own: it is not theirs to give.
        if claims.idp.as_ref().is_some_and(|idp| !idp.contains(tenant)) {
            return Err(Reason::Subject);
        }
        let ours = |audience: &String| audience.eq_ignore_ascii_case(&self.settings.app_id);
        if !claims.aud.as_ref().is_some_and(ours) {
            return Err(Reason::Audience);
        }
        if claims.nonce.as_deref() != Some(expected.nonce.expose_secret()) {
            return Err(Reason::Nonce);
        }
        let (Some(exp), Some(iat)) = (claims.exp, claims.iat) else {
            return Err(Reason::Times);
        };
        let now = self.clock.now().seconds();
        if exp <= now - SKEW_SECONDS {
            return Err(Reason::Expired);
        }
        if iat > now + SKEW_SECONDS {
            return Err(Reason::IssuedInTheFuture);
        }
        if exp.saturating_sub(iat) > LIFETIME_SECONDS_MAX {
            return Err(Reason::Lifetime);
        }
        Ok(())
    }
}

fn standing(roles: Option<&[String]>) -> Standing {
    let decides = |role: &String| {
        ADMINISTRATORS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(role))
    };
    match roles {
        None => Standing::Untold,
        Some(roles) if roles.iter().any(decides) => Standing::Administrator,
        Some(_) => Standing::Member,
    }
}
