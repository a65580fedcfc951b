//! What can be asked of what one is told.

use super::event::NoticeEvent;
use super::{Preference, Preferences, store};
use crate::explain::{Explain, Kind};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::notice::Sort;

/// What whoever asks wants to be told. What is not named stays as it is, so that a program that knows fewer sorts takes none away.
#[derive(Debug, Clone)]
pub struct Prefer {
    /// Each sort once at most.
    pub wanted: Vec<Preference>,
}

/// Why that is not so from now on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Only people are told anything.
    #[error("only a signed-in person has notices")]
    NotAPerson,
    /// Which of the two is meant?
    #[error("the notice {0} is named twice")]
    Twice(Sort),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAPerson => Kind::Forbidden,
            Self::Twice(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAPerson => "notice_not_a_person",
            Self::Twice(_) => "notice_named_twice",
        }
    }
}

impl Command for Prefer {
    type Answer = Preferences;
    type Refusal = Refusal;

    fn is_change(&self) -> bool {
        false
    }

    async fn execute(self, work: &mut Work) -> Result<Preferences, Failure<Refusal>> {
        let access = work.access().clone();
        let person = access
            .person()
            .ok_or(Failure::Refused(Refusal::NotAPerson))?;
        let twice = self.wanted.iter().enumerate().find(|(n, one)| {
            let before = &self.wanted[..*n];
            before.iter().any(|other| other.sort == one.sort)
        });
        if let Some((_, one)) = twice {
            return Err(Failure::Refused(Refusal::Twice(one.sort)));
        }
        let before = store::of_person(work.tx(), &access, person).await?;
        for wanted in self.wanted {
            if before.get(wanted.sort) == wanted {
                continue;
            }
            work.record(Fact::now(
                Stream::Person(person),
                Event::Notice(NoticeEvent::Preferred(wanted)),
                Vec::new(),
            ))
            .await?;
        }
        Ok(store::of_person(work.tx(), &access, person).await?)
    }
}
