//! Sessions of the console: a random cookie that stands for a person who has signed in with an issuer's token.
//!
//! The cookie is stored as a hash. What its owner may do is looked up at every request, so that a right that ends is gone at once.

mod command;
pub mod event;
pub(crate) mod store;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::access::{Access, Surface};
use crate::id::{OrgId, PersonId, WebSessionId};
use crate::ledger::{Ledger, RecordError};
use crate::session::ended::{self, Ended};
use crate::session::{self, Credential, Session, Sessions};
use crate::store::StoreResult;
use crate::time::{SECOND_MICROS, Timestamp};

/// A session that nobody uses ends after an hour.
pub const IDLE_MICROS: i64 = 3_600 * SECOND_MICROS;
/// No session lasts longer than twelve hours.
pub const LIFE_MICROS: i64 = 12 * 3_600 * SECOND_MICROS;
/// How often the last use is written down.
const SEEN_EVERY_MICROS: i64 = 60 * SECOND_MICROS;
/// Random bytes of a cookie.
const COOKIE_BYTES: usize = 32;
/// Characters of a cookie.
const COOKIE_CHARS: usize = 43;

/// A signed-in visitor of the console.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// What they may see and do, now.
    pub access: Access,
    /// Who they are.
    pub person: PersonId,
    /// Which session.
    pub session: WebSessionId,
}

/// The sessions of the console of one installation.
#[derive(Debug, Clone)]
pub struct WebSessions {
    ledger: Ledger,
    sessions: Sessions,
}

impl WebSessions {
    /// Sessions over one ledger.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        let sessions = Sessions::new(ledger.clone());
        Self { ledger, sessions }
    }

    /// Begins a session for somebody whose token was verified, and gives its cookie: 43 characters, shown to nobody else.
    ///
    /// Sessions in which somebody acts in another's name are not begun: the console changes things.
    pub async fn begin(
        &self,
        credential: &Credential,
        issuer_session: &str,
    ) -> Result<SecretString, session::Refusal> {
        if credential.impersonated {
            return Err(session::Refusal::NotAMember);
        }
        let Session { access, person } = self.sessions.resolve(credential).await?;
        let random = self.ledger.random();
        let cookie = random_text(random);
        let now = self.ledger.clock().now();
        let begin = command::Begin {
            id: WebSessionId::generate(now, random),
            person,
            cookie_hash: hash(cookie.expose_secret()),
            keys: issuer_keys(credential, issuer_session),
        };
        let access = access.on(Surface::Web);
        self.ledger
            .record(&access, begin)
            .await
            .map_err(|error| match error {
                RecordError::Refused(never) => match never {},
                RecordError::Store(error) => session::Refusal::Store(error),
            })?;
        Ok(cookie)
    }

    /// Who comes with this cookie; nobody where it is none of ours, too old, ended, or where its owner is no member any more.
    pub async fn find(&self, cookie: &str) -> Result<Option<Visitor>, session::Refusal> {
        let now = self.ledger.clock().now();
        let Some((org, id)) = self.whose(cookie, now).await? else {
            return Ok(None);
        };
        let access = Access::system(org, Surface::System);
        let mut tx = self.ledger.db().read(&access).await?;
        let Some(row) = store::live(&mut tx, &access, id).await? else {
            return Ok(None);
        };
        let idle = row.seen_at.plus_micros(IDLE_MICROS) <= now;
        // A note of an end is kept for longer than an idle session lasts, so that none wakes up again when it is forgotten.
        if idle || ended::any_since(&mut tx, &row.keys(), row.created_at).await? {
            return Ok(None);
        }
        drop(tx);
        let session = match self.sessions.of_person(org, row.person_id).await {
            Ok(session) => session,
            Err(session::Refusal::NotAMember | session::Refusal::OrganizationClosed) => {
                return Ok(None);
            }
            Err(refusal) => return Err(refusal),
        };
        if row.seen_at.plus_micros(SEEN_EVERY_MICROS) <= now {
            store::note_seen(self.ledger.db(), org, id, now).await?;
        }
        Ok(Some(Visitor {
            access: session.access.on(Surface::Web),
            person: session.person,
            session: id,
        }))
    }

    /// Ends the session of this cookie, if it has one.
    pub async fn end(&self, cookie: &str) -> Result<(), session::Refusal> {
        let Some(visitor) = self.find(cookie).await? else {
            return Ok(());
        };
        let end = command::End {
            id: visitor.session,
            person: visitor.person,
        };
        self.ledger
            .record(&visitor.access, end)
            .await
            .map_err(|error| match error {
                RecordError::Refused(never) => match never {},
                RecordError::Store(error) => session::Refusal::Store(error),
            })
    }

    async fn whose(
        &self,
        cookie: &str,
        now: Timestamp,
    ) -> StoreResult<Option<(OrgId, WebSessionId)>> {
        if !is_cookie(cookie) {
            return Ok(None);
        }
        let mut tx = self.ledger.db().read_directory().await?;
        store::whose(&mut tx, &hash(cookie), now).await
    }
}

/// A fresh random text of 256 bits in base64url, as cookies and the secrets beside them are.
#[must_use]
pub fn random_text(random: &dyn crate::random::Random) -> SecretString {
    let mut bytes = [0; COOKIE_BYTES];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// What a form of this cookie's owner carries, so that a page of somebody else's cannot send it: nobody who lacks the cookie can compute it.
#[must_use]
pub fn form_token(cookie: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"habeo form token\0");
    digest.update(cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// Whether a form carries what [`form_token`] says, compared in constant time.
#[must_use]
pub fn is_form_token(cookie: &str, given: &str) -> bool {
    form_token(cookie).as_bytes().ct_eq(given.as_bytes()).into()
}

/// Whether a text has the form of a cookie; nothing else is looked up.
#[must_use]
pub fn is_cookie(text: &str) -> bool {
    text.len() == COOKIE_CHARS
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn hash(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

/// By what the issuer may end it: the session, the person, the membership.
fn issuer_keys(credential: &Credential, issuer_session: &str) -> [ended::Key; 3] {
    let issuer = &credential.issuer;
    let subject = &credential.subject;
    [
        Ended::Session {
            issuer,
            session_id: issuer_session,
        }
        .key(),
        Ended::Subject { issuer, subject }.key(),
        Ended::Membership {
            issuer,
            subject,
            organization: &credential.organization,
        }
        .key(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{form_token, is_cookie, is_form_token, random_text};
    use crate::random::SeededRandom;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_form_token_belongs_to_one_cookie() {
        let random = SeededRandom::new(7);
        let (mine, other) = (random_text(&random), random_text(&random));
        let (mine, other) = (mine.expose_secret(), other.expose_secret());
        assert!(is_cookie(mine) && is_cookie(other));
        assert!(is_form_token(mine, &form_token(mine)));
        assert!(!is_form_token(mine, &form_token(other)));
        assert!(!is_form_token(mine, ""));
        assert_ne!(form_token(mine), mine);
    }

    #[test]
    fn only_texts_of_our_form_are_looked_up() {
        for bad in [
            "",
            "short",
            &"a".repeat(44),
            &"ä".repeat(43),
            &" ".repeat(43),
        ] {
            assert!(!is_cookie(bad), "{bad}");
        }
    }
}
