//! Forgetting who somebody was: what names them beside the ledger goes, and every entry and every proof stays as it is.

use super::command::{Refusal, in_reach};
use super::event::PersonEvent;
use super::{PersonStatus, store};
use crate::access::Action;
use crate::id::PersonId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::{device, push_device, ticket};

/// What somebody is called who was erased.
pub const ERASED: &str = "Erased person";

/// Erases what is kept of somebody who is gone: their name and addresses, in which words device managements and help desks named them, and what
/// their devices were called, and their phones. What else is known of them says no name. The answer: whether there was anything.
#[derive(Debug, Clone, Copy)]
pub struct ErasePerson {
    /// Who.
    pub person: PersonId,
}

impl Command for ErasePerson {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        let access = work.access().clone();
        let standing = store::standing(work.tx(), &access, self.person).await?;
        let (home_unit, status) = standing.ok_or(Failure::Refused(Refusal::Unknown))?;
        if !in_reach(work, &access, Action::ManagePeople, home_unit).await? {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        if status != PersonStatus::Separated {
            return Err(Failure::Refused(Refusal::StillHere));
        }
        let person = self.person;
        let address = store::address(work.tx(), &access, person).await?;
        // The words of proposals tell which of the words kept of a device are theirs, and go last.
        let mut erased = device::store::erase_user(work.tx(), &access, person, address).await?;
        erased += device::store::erase_named(work.tx(), &access, person).await?;
        erased += ticket::store::erase_names(work.tx(), &access, person).await?;
        erased += store::erase(work.tx(), &access, person, ERASED).await?;
        // What they called their phones, and by which tokens those are reached.
        let phones = push_device::command::sign_out(work, person, None).await?;
        erased += u64::try_from(phones).unwrap_or(u64::MAX);
        if erased == 0 {
            return Ok(false);
        }
        let stream = Stream::Person(person);
        let fact = Fact::now(stream, Event::Person(PersonEvent::Erased), vec![home_unit]);
        work.record(fact).await?;
        Ok(true)
    }
}
