//! One session token: its parts, its claims in both versions, and every rule that it has to pass.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::session::Credential;
use habeo_core::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Issuer;
use super::reason::Reason;

/// The longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1_024;
/// The longest key id that is looked at.
const KEY_ID_BYTES_MAX: usize = 128;
/// The longest life of a session token.
const LIFETIME_SECONDS_MAX: i64 = 3_600;
/// The longest name of a person, session or organisation.
const NAME_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
    enc: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
}

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
pub(super) struct Unverified<'a> {
    signed: &'a str,
    signature: &'a str,
    key_id: Option<String>,
    claims: Claims,
}

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
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Reason::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Reason::Malformed)?;
        if claims.contains('.') || signature.is_empty() {
            return Err(Reason::Malformed);
        }
        let header: Header = part(header)?;
        let key_id = header.accept()?;
        let claims: Claims = part(claims)?;
        Ok(Self {
            signed,
            signature,
            key_id,
            claims,
        })
    }

    /// The issuer that the token names; empty when it names none.
    pub(super) fn issuer(&self) -> &str {
        self.claims.iss.as_deref().unwrap_or_default()
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Holds the claims against the rules of their issuer. It comes before the signature because it costs nothing and spares the
    /// issuer's server the look-up of keys for tokens that could not pass anyway.
    pub(super) fn check(&self, issuer: &Issuer, now: Timestamp) -> Result<(), Reason> {
        let claims = &self.claims;
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
    pub(super) fn verify(self, key: &DecodingKey, issuer: &Issuer) -> Result<Verified, Reason> {
        // The algorithm is ours to choose; the header's was only compared with it.
        let valid = crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            key,
            Algorithm::RS256,
        );
        if !valid.unwrap_or(false) {
            return Err(Reason::Signature);
        }
        let claims = self.claims;
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

impl Header {
    /// Gives the key id if nothing in the header asks for another way of verifying than ours.
    fn accept(self) -> Result<Option<String>, Reason> {
        if self.typ.is_some_and(|typ| typ != "JWT") {
            return Err(Reason::Type);
        }
        if self.alg != "RS256" {
            return Err(Reason::Algorithm);
        }
        let forbidden = [
            self.crit, self.jku, self.jwk, self.x5u, self.x5c, self.enc, self.zip,
        ];
        if forbidden.iter().any(Option::is_some) {
            return Err(Reason::HeaderForbidden);
        }
        if self.kid.as_deref().is_some_and(|kid| !is_key_id(kid)) {
            return Err(Reason::KeyId);
        }
        Ok(self.kid)
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

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Reason> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Reason::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Reason::Malformed)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.chars().any(char::is_control)
}

/// The second version of the claims leaves the prefix off; so do some libraries for the first.
fn is_admin(role: &str) -> bool {
    role.strip_prefix("org:").unwrap_or(role) == "admin"
}

/// Key ids are map keys and log fields, nothing else.
pub(super) fn is_key_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= KEY_ID_BYTES_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
