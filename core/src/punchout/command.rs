//! What can be asked of visits to shops.

mod answer;
mod start;
mod take;
mod trace;

use super::event::PunchoutEvent;
use super::{Refusal, Session, store};
use crate::id::PunchoutId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Failure, Work};
use crate::store::StoreResult;

pub use answer::{AnswerEmpty, CloseSession};
pub use start::{COOKIE_BYTES, StartSession, Started, cookie_hash};
pub use take::{Recover, TakeReturn, Taken};
pub use trace::KeepDocument;

async fn record(work: &mut Work, session: &Session, event: PunchoutEvent) -> StoreResult<()> {
    let fact = Fact::now(
        Stream::Punchout(session.id),
        Event::Punchout(event),
        vec![session.unit],
    );
    work.record(fact).await?;
    Ok(())
}

/// A visit, whoever asks.
async fn known(work: &mut Work, id: PunchoutId) -> Result<Session, Failure<Refusal>> {
    let access = work.access().clone();
    let found = store::known(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

/// A visit of the caller's own.
async fn own(work: &mut Work, id: PunchoutId) -> Result<Session, Failure<Refusal>> {
    let person = work.access().person();
    let found = known(work, id).await?;
    if person == Some(found.person) {
        Ok(found)
    } else {
        Err(Failure::Refused(Refusal::Unknown))
    }
}

fn of_requisition(failure: Failure<crate::requisition::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Requisition(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}
