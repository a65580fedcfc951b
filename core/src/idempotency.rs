//! Requests that may be repeated: the first one's answer is kept for a day, in the transaction that carried it out, and given again.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::access::Principal;
use crate::explain::{Explain, Kind};
use crate::ledger::{Command, Failure, Work};
use crate::store::{StoreError, execute, fetch_optional};
use crate::time::{DAY_MICROS, Timestamp};

/// The most characters of a key.
pub const KEY_CHARS_MAX: usize = 128;
/// How long an answer is kept.
pub const LIFE_MICROS: i64 = DAY_MICROS;

/// A caller's name for one request, by which they may repeat it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

/// A text that is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to {KEY_CHARS_MAX} of A-Z, a-z, 0-9, _ and -")]
pub struct NotAKey;

impl Key {
    /// Accepts 1 to 128 of `[A-Za-z0-9_-]`.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let fits = (1..=KEY_CHARS_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAKey)
        }
    }
}

/// A command that is carried out once per key.
#[derive(Debug)]
pub struct Once<C> {
    /// The caller's name for the request.
    pub key: Key,
    /// Which operation it is; the same key may be used for another one.
    pub route: &'static str,
    /// Everything the answer depends on, in a canonical spelling.
    pub input: String,
    /// What to do.
    pub command: C,
}

/// The answer to a command that is carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<A> {
    /// What was answered, the first time.
    pub answer: A,
    /// Whether this is a repetition.
    pub replayed: bool,
}

/// Why a command that is carried out once was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal<R> {
    /// The key names another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The command itself was refused.
    #[error(transparent)]
    Command(R),
}

impl<R: Explain> Explain for Refusal<R> {
    fn kind(&self) -> Kind {
        match self {
            Self::KeyReused => Kind::Conflict,
            Self::Command(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::KeyReused => "idempotency_key_reused",
            Self::Command(refusal) => refusal.code(),
        }
    }
}

impl<C> Command for Once<C>
where
    C: Command,
    C::Answer: Serialize + DeserializeOwned,
{
    type Answer = Answer<C::Answer>;
    type Refusal = Refusal<C::Refusal>;

    /// Repetitions wait at the organisation's head like every writer, so none is ever "in progress".
    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Self::Refusal>> {
        let org = work.access().org();
        let principal = match work.access().actor().principal {
            Principal::Person(id) => id.to_string(),
            Principal::System => "system".to_owned(),
        };
        let now = work.now();
        let input_hash = Sha256::digest(self.input.as_bytes()).to_vec();
        let kept: Option<(Vec<u8>, String, Timestamp)> = fetch_optional!(
            work.tx(),
            (Vec<u8>, String, Timestamp),
            "SELECT input_hash, answer, expires_at FROM idempotency WHERE org_id = $1 AND principal = $2 AND route = $3 AND key = $4",
            org,
            &principal,
            self.route,
            &self.key.0
        )?;
        if let Some((hash, answer, expires_at)) = kept
            && expires_at > now
        {
            if hash != input_hash {
                return Err(Failure::Refused(Refusal::KeyReused));
            }
            let answer = serde_json::from_str(&answer).map_err(|error| inconsistent(&error))?;
            return Ok(Answer {
                answer,
                replayed: true,
            });
        }
        execute!(
            work.tx(),
            "DELETE FROM idempotency WHERE org_id = $1 AND expires_at <= $2",
            org,
            now
        )?;
        let answer = self
            .command
            .execute(work)
            .await
            .map_err(|failure| match failure {
                Failure::Refused(refusal) => Failure::Refused(Refusal::Command(refusal)),
                Failure::Store(error) => Failure::Store(error),
            })?;
        let text = serde_json::to_string(&answer).map_err(|error| inconsistent(&error))?;
        execute!(
            work.tx(),
            "INSERT INTO idempotency (org_id, principal, route, key, input_hash, answer, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            org,
            &principal,
            self.route,
            &self.key.0,
            input_hash,
            text,
            now.plus_micros(LIFE_MICROS)
        )?;
        Ok(Answer {
            answer,
            replayed: false,
        })
    }
}

fn inconsistent(error: &serde_json::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "idempotency",
        what: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_few_characters() {
        assert!(Key::parse("a-B_9").is_ok());
        for bad in ["", "a b", "ä", "a/b", &"a".repeat(KEY_CHARS_MAX + 1)] {
            assert_eq!(Key::parse(bad), Err(NotAKey), "{bad}");
        }
    }
}
