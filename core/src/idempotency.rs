//! Requests that may be repeated: the first one's answer is kept for a day, in the transaction that carried it out, and given again.

mod answers;

use answers::Kept;
pub(crate) use answers::{Answers, Name, NewAnswers};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::access::{Access, Principal};
use crate::explain::{Explain, Kind};
use crate::ledger::{AtDesk, Command, Desk, Failure, Ledger, RecordError, Wanted, Work};
use crate::store::StoreError;
use crate::time::DAY_MICROS;

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

/// A command that callers may name.
pub trait Repeatable: Command {
    /// Which operation it is.
    const ROUTE: &'static str;

    /// Everything the answer depends on, in a canonical spelling and without secrets.
    fn input(&self) -> String;
}

/// Records a command, once where it has a key.
pub async fn record<C>(
    ledger: &Ledger,
    access: &Access,
    key: Option<Key>,
    command: C,
) -> Result<Answer<C::Answer>, RecordError<Refusal<C::Refusal>>>
where
    C: Repeatable,
    C::Answer: Serialize + DeserializeOwned,
{
    if let Some(key) = key {
        let once = Once {
            key,
            route: C::ROUTE,
            input: command.input(),
            command,
        };
        return ledger.record(access, once).await;
    }
    match ledger.record(access, command).await {
        Ok(answer) => Ok(Answer {
            answer,
            replayed: false,
        }),
        Err(RecordError::Refused(refusal)) => Err(RecordError::Refused(Refusal::Command(refusal))),
        Err(RecordError::Store(error)) => Err(RecordError::Store(error)),
    }
}

impl<C> Once<C> {
    fn name(&self, access: &Access) -> Name {
        let principal = match access.actor().principal {
            Principal::Person(id) => id.to_string(),
            Principal::System => "system".to_owned(),
            Principal::Key(id) => format!("key:{id}"),
            Principal::Install(id) => format!("install:{id}"),
        };
        Name {
            principal,
            route: self.route.to_owned(),
            key: self.key.0.clone(),
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

    fn is_change(&self) -> bool {
        self.command.is_change()
    }

    fn at_desk(&self) -> Option<Box<dyn AtDesk<Self::Answer, Self::Refusal> + '_>> {
        let command = self.command.at_desk()?;
        Some(Box::new(OnceAtDesk {
            once: self,
            command,
        }))
    }

    /// Repetitions wait at the organisation's head like every writer, so none is ever "in progress".
    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Self::Refusal>> {
        let request = Request::new(self.name(work.access()), &self.input);
        let mut wanted = Wanted::default();
        wanted.answers.insert(request.name.clone());
        work.load(wanted).await?;
        if let Some(given) = request.given(work.desk())? {
            return Ok(given);
        }
        let answer = self.command.execute(work).await;
        request.keep(work.desk(), answer.map_err(of_command)?)
    }
}

/// A command that is decided at the desk, once.
struct OnceAtDesk<'a, C: Command> {
    once: &'a Once<C>,
    command: Box<dyn AtDesk<C::Answer, C::Refusal> + 'a>,
}

impl<C> AtDesk<Answer<C::Answer>, Refusal<C::Refusal>> for OnceAtDesk<'_, C>
where
    C: Command,
    C::Answer: Serialize + DeserializeOwned,
{
    fn want(&self, access: &Access, wanted: &mut Wanted) {
        wanted.answers.insert(self.once.name(access));
        self.command.want(access, wanted);
    }

    fn decide(&self, desk: &mut Desk) -> Result<Answer<C::Answer>, Failure<Refusal<C::Refusal>>> {
        let request = Request::new(self.once.name(desk.access()), &self.once.input);
        if let Some(given) = request.given(desk)? {
            return Ok(given);
        }
        let answer = self.command.decide(desk).map_err(of_command)?;
        request.keep(desk, answer)
    }
}

fn of_command<R>(failure: Failure<R>) -> Failure<Refusal<R>> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Command(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// Which request it is, and what was asked.
struct Request {
    name: Name,
    input_hash: Vec<u8>,
}

impl Request {
    fn new(name: Name, input: &str) -> Self {
        let input_hash = Sha256::digest(input.as_bytes()).to_vec();
        Self { name, input_hash }
    }

    /// What was answered to it before, if anything was.
    fn given<A: DeserializeOwned, R>(
        &self,
        desk: &Desk,
    ) -> Result<Option<Answer<A>>, Failure<Refusal<R>>> {
        let kept = desk.answers.given.get(&self.name);
        let Some(kept) = kept.filter(|kept| kept.expires_at > desk.now()) else {
            return Ok(None);
        };
        if kept.input_hash != self.input_hash {
            return Err(Failure::Refused(Refusal::KeyReused));
        }
        let answer = serde_json::from_str(&kept.answer).map_err(|error| inconsistent(&error))?;
        Ok(Some(Answer {
            answer,
            replayed: true,
        }))
    }

    /// Keeps the answer for those who ask again.
    fn keep<A: Serialize, R>(
        self,
        desk: &mut Desk,
        answer: A,
    ) -> Result<Answer<A>, Failure<Refusal<R>>> {
        let text = serde_json::to_string(&answer).map_err(|error| inconsistent(&error))?;
        let kept = Kept {
            input_hash: self.input_hash,
            answer: text,
            expires_at: desk.now().plus_micros(LIFE_MICROS),
        };
        let (org, now) = (desk.access().org(), desk.now());
        desk.answers.keep(org, self.name, kept, now);
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
