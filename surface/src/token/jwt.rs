//! One session token: its parts, its claims in both versions, and every rule that it has to pass.

use habeo_core::session::Credential;
use habeo_core::time::Timestamp;
use serde::Deserialize;

use super::Issuer;
use super::compact::Compact;
use super::keys::Key;
use super::reason::Reason;

/// The longest life of a session token.
const LIFETIME_SECONDS_MAX: i64 = 3_600;
/// The longest name of a person, session or organisation.
const NAME_BYTES_MAX: usize = 256;

/// The claims that are read; everything else is ignored.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
    azp: Option<String>,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    v: Option<u64>,
    sts: Option<String>,
    o: Option<Organization>,
    org_id: Option<String>,
    org_role: Option<String>,
    act: Option<Act>,
}

#[derive(Deserialize)]
struct Organization {
    id: String,
    rol: Option<String>,
}

#[derive(Deserialize)]
struct Act {
    sub: Option<String>,
}

/// A token that has been read and proves nothing yet.
pub(super) struct Unverified<'a>(Compact<'a, Claims>);

/// What a verified token says about its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Signed in, in an organisation.
    Active(Credential),
    /// Signed in, with tasks left to do.
    Pending,
    /// Signed in, outside any organisation.
    NoOrganization,
}

/// A token whose signature and claims are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who issued it.
    pub issuer: String,
    /// Whom it names.
    pub subject: String,
    /// The session it belongs to.
    pub session_id: String,
    /// Who acts in the person's name, if it is somebody else.
    pub impersonator: Option<String>,
    /// What it says about the session.
    pub standing: Standing,
    /// When it was issued, by the issuer's clock.
    pub issued_at: Timestamp,
    /// The first instant at which it is no longer accepted, skew included.
    pub ends_at: Timestamp,
}

impl Verified {
    /// The organisation's name at the issuer, and whether the person is called its administrator there.
    #[must_use]
    pub fn organization(&self) -> Option<(&str, bool)> {
        match &self.standing {
            Standing::Active(credential) => Some((&credential.organization, credential.admin)),
            Standing::Pending | Standing::NoOrganization => None,
        }
    }
}

impl<'a> Unverified<'a> {
    /// Reads the parts and refuses what no key could make acceptable.
    pub(super) fn parse(token: &'a str) -> Result<Self, Reason> {
        Compact::parse(token).map(Self)
    }

    /// The issuer that the token names; empty when it names none.
    pub(super) fn issuer(&self) -> &str {
        self.0.claims().iss.as_deref().unwrap_or_default()
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.0.key_id()
    }

    /// Holds the claims against the rules of their issuer. It comes before the signature because it costs nothing and spares the
    /// issuer's server the look-up of keys for tokens that could not pass anyway.
    pub(super) fn check(&self, issuer: &Issuer, now: Timestamp) -> Result<(), Reason> {
        let claims = self.0.claims();
        if !claims.sub.as_deref().is_some_and(is_name) {
            return Err(Reason::Subject);
        }
        if !claims.sid.as_deref().is_some_and(is_name) {
            return Err(Reason::Session);
        }
        if !matches!(claims.v, None | Some(1 | 2)) {
            return Err(Reason::Version);
        }
        if !matches!(claims.sts.as_deref(), None | Some("active" | "pending")) {
            return Err(Reason::Status);
        }
        claims.check_times(i64::from(issuer.skew_seconds), now)?;
        let party_ok = match &claims.azp {
            Some(party) => issuer.authorized_parties.contains(party),
            None => issuer.allow_missing_azp,
        };
        if !party_ok {
            return Err(Reason::AuthorizedParty);
        }
        Ok(())
    }

    /// Checks the signature; what comes out is proved.
    pub(super) fn verify(self, key: &Key, issuer: &Issuer) -> Result<Verified, Reason> {
        let claims = self.0.verify(key)?;
        let exp = claims.exp.ok_or(Reason::Times)?;
        let iat = claims.iat.ok_or(Reason::Times)?;
        let subject = claims.sub.ok_or(Reason::Subject)?;
        let standing = if claims.sts.as_deref() == Some("pending") {
            Standing::Pending
        } else {
            let active = if claims.v == Some(2) {
                claims.o.map(|o| (o.id, o.rol))
            } else {
                claims.org_id.map(|id| (id, claims.org_role))
            };
            match active.filter(|(id, _)| is_name(id)) {
                None => Standing::NoOrganization,
                Some((organization, role)) => Standing::Active(Credential {
                    issuer: issuer.issuer.clone(),
                    subject: subject.clone(),
                    organization,
                    admin: role.as_deref().is_some_and(is_admin),
                    impersonated: claims.act.is_some(),
                }),
            }
        };
        Ok(Verified {
            issuer: issuer.issuer.clone(),
            subject,
            session_id: claims.sid.ok_or(Reason::Session)?,
            impersonator: claims.act.map(|act| act.sub.unwrap_or_default()),
            standing,
            issued_at: Timestamp::from_seconds(iat),
            ends_at: Timestamp::from_seconds(exp.saturating_add(i64::from(issuer.skew_seconds))),
        })
    }
}

impl Claims {
    fn check_times(&self, skew: i64, now: Timestamp) -> Result<(), Reason> {
        let (Some(exp), Some(nbf), Some(iat)) = (self.exp, self.nbf, self.iat) else {
            return Err(Reason::Times);
        };
        let now = now.seconds();
        if exp <= now - skew {
            return Err(Reason::Expired);
        }
        if nbf > now + skew {
            return Err(Reason::NotYet);
        }
        if iat > now + skew {
            return Err(Reason::IssuedInTheFuture);
        }
        if exp.saturating_sub(iat) > LIFETIME_SECONDS_MAX {
            return Err(Reason::Lifetime);
        }
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.chars().any(char::is_control)
}

/// The second version of the claims leaves the prefix off; so do some libraries for the first.
fn is_admin(role: &str) -> bool {
    role.strip_prefix("org:").unwrap_or(role) == "admin"
}
