//! That letters were taken in, as facts: counted entries, of one connection at most one a minute, whatever comes in.
//!
//! The inbox counts the letters that it stores in the transaction that stores them. Units of work about what a connection reported record how
//! many they were; what no such unit follows is recorded by the upkeep.

use super::command::may_manage;
use super::event::ConnectionEvent;
use super::{Refusal, store};
use crate::id::ConnectionId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::StoreResult;
use crate::time::MINUTE_MICROS;

/// How much time lies between two entries of one connection at least.
pub const TOLD_EVERY_MICROS: i64 = MINUTE_MICROS;

/// Records how many letters of a connection were taken in since that was last recorded. The answer: whether nothing is left to be told.
#[derive(Debug, Clone, Copy)]
pub struct TellAccepted {
    /// Of which.
    pub connection: ConnectionId,
}

impl Command for TellAccepted {
    type Answer = bool;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<bool, Failure<Refusal>> {
        if !may_manage(work.access()) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        Ok(tell(work, self.connection).await?)
    }
}

/// Records it within a unit of work about something else, where it is time. Whether nothing is left to be told.
pub(crate) async fn tell(work: &mut Work, connection: ConnectionId) -> StoreResult<bool> {
    let (access, now) = (work.access().clone(), work.now());
    let told_at = store::accepted_at(work.tx(), &access, connection).await?;
    if told_at.is_some_and(|at| now < at.plus_micros(TOLD_EVERY_MICROS)) {
        return Ok(false);
    }
    let counted = store::take_accepted(work.tx(), &access, connection).await?;
    let Some(since) = counted.iter().map(|(at, _)| *at).min() else {
        return Ok(true);
    };
    let letters = counted.iter().map(|(_, letters)| letters).sum();
    let event = ConnectionEvent::Accepted { letters, since };
    let stream = Stream::Connection(connection);
    let fact = Fact::now(stream, Event::Connection(event), Vec::new());
    work.record(fact).await?;
    Ok(true)
}
