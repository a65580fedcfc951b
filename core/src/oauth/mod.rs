//! What a consent gives an app: a code, and for it tokens that are renewed, noticed when they are used twice, and taken back.
//!
//! All that one consent gave is a *family*. A refresh token is good once; its successor takes its place. Because an answer can be lost on its way,
//! the one before is accepted again as long as its successor was not used, which then ends. After that, using it again means that two have it:
//! then the whole family ends, and the ledger says so. Tokens are kept as digests, beside the ledger.

pub mod answer;
pub mod bearer;
pub mod code;
pub mod exchange;
mod issue;
pub mod refresh;
pub mod request;
pub mod revoke;
pub(crate) mod store;
pub mod token;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::app_client::Scopes;
use crate::id::{AppInstallId, OAuthGrantId, OrgId, UnitId};
use crate::store::{Db, StoreResult, fetch_optional};
use crate::time::{DAY_MICROS, SECOND_MICROS, Timestamp};
use token::Hash;

/// How long a code can be exchanged.
pub const CODE_LIFE_MICROS: i64 = 60 * SECOND_MICROS;
/// How long a token of requests is accepted, in seconds.
pub const ACCESS_LIFE_SECONDS: i64 = 3_600;
/// How long a refresh token is accepted while nobody uses it.
pub const REFRESH_IDLE_MICROS: i64 = 30 * DAY_MICROS;
/// How long a family lasts, however often it is renewed. Then somebody has to consent again.
pub const FAMILY_LIFE_MICROS: i64 = 90 * DAY_MICROS;
/// How many pairs of tokens an installation is given at most within [`ISSUED_WITHIN_SECONDS`]; one an hour is what it needs.
pub const ISSUED_MAX: i64 = 30;
/// Within how many seconds.
pub const ISSUED_WITHIN_SECONDS: u32 = 60;
/// For how long what has ended is remembered, so that using it again is noticed.
pub(crate) const REMEMBERED_MICROS: i64 = DAY_MICROS;

/// Tokens that were issued. They are told once.
#[derive(Debug)]
pub struct Issued {
    /// The token of requests.
    pub access: SecretString,
    /// The next one is fetched by it.
    pub refresh: SecretString,
    /// How long the token of requests is accepted, in seconds.
    pub expires_in: i64,
    /// What it permits.
    pub scopes: Scopes,
    /// The installation.
    pub install: AppInstallId,
    /// In which organisation.
    pub org: OrgId,
    /// For which unit.
    pub unit: UnitId,
}

/// Why no tokens were issued. The app is told one thing whatever it was; the log gets the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// There is none such, or not any more.
    Unknown,
    /// It is too old.
    Expired,
    /// It was used before, and so everything that came of it has ended.
    Reused,
    /// It is another app's.
    OtherClient,
    /// The code was sent elsewhere.
    OtherRedirect,
    /// The verifier is not the challenge's.
    OtherVerifier,
    /// The family or the installation has ended.
    Ended,
    /// More is asked for than was consented to.
    Grown,
    /// The installation was given too many tokens just now.
    TooOften,
}

impl Denied {
    /// A word for the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "grant_unknown",
            Self::Expired => "grant_expired",
            Self::Reused => "grant_reused",
            Self::OtherClient => "grant_of_another_client",
            Self::OtherRedirect => "redirect_differs",
            Self::OtherVerifier => "verifier_differs",
            Self::Ended => "grant_ended",
            Self::Grown => "scope_grown",
            Self::TooOften => "issued_too_often",
        }
    }
}

/// A family that was ended, and by what.
pub(crate) type Family = OAuthGrantId;

/// In which organisation a code or token is, if it is known. What it may do is looked up there.
pub async fn org_of(db: &Db, hash: &Hash) -> StoreResult<Option<OrgId>> {
    let mut tx = db.read_directory().await?;
    let row: Option<(OrgId,)> = fetch_optional!(
        &mut tx,
        (OrgId,),
        "SELECT org_id FROM oauth_directory WHERE token_hash = $1",
        hash.as_slice()
    )?;
    Ok(row.map(|(org,)| org))
}

/// The challenge of a verifier (RFC 7636, section 4.2, S256).
#[must_use]
pub fn challenge_of(verifier: &str) -> [u8; 32] {
    Sha256::digest(verifier.as_bytes()).into()
}

/// Whether a text can be a verifier: 43 to 128 unreserved characters (RFC 7636, section 4.1).
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

/// The earlier of two instants.
fn sooner(one: Timestamp, other: Timestamp) -> Timestamp {
    one.min(other)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = URL_SAFE_NO_PAD.encode(challenge_of(verifier));
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_verifier(verifier));
        for bad in [
            "",
            &"a".repeat(42),
            &"a".repeat(129),
            &"ä".repeat(43),
            &"a b".repeat(20),
        ] {
            assert!(!is_verifier(bad), "{bad}");
        }
    }
}
