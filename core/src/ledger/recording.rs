//! A command on its way through the writer, whatever its kind: what is wanted for it, how it is run, and who is answered.

use std::pin::Pin;

use tokio::sync::oneshot;

use super::work::{Desk, Work};
use super::{Command, Failure, RecordError, Wanted};
use crate::access::Access;
use crate::store::{StoreError, StoreResult};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A command of any kind on its way.
pub(super) trait Unit: Send {
    fn access(&self) -> &Access;
    /// How many commands it is.
    fn weight(&self) -> usize;
    /// Whether it is decided at the desk.
    fn is_at_desk(&self) -> bool;
    /// Says what is to be loaded for it, if it is decided at the desk.
    fn want(&self, wanted: &mut Wanted);
    /// Decides it at the desk. Returns whether it was not refused. Until it is settled it can be decided again.
    fn decide(&mut self, desk: &mut Desk) -> StoreResult<bool>;
    /// Carries it out by itself. An error asks for its effects to be undone.
    fn run<'a>(&'a mut self, work: &'a mut Work) -> BoxFuture<'a, Result<(), Undo>>;
    /// Answers, after the commit or its failure.
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// The unit's effects are not wanted; its answer says why.
pub(super) enum Undo {
    /// This unit's.
    Unit,
    /// Everybody's: the transaction is over.
    Group(StoreError),
}

/// Where an answer goes.
type Reply<C> =
    oneshot::Sender<Result<<C as Command>::Answer, RecordError<<C as Command>::Refusal>>>;

/// One command on its way, with the place its answer goes to.
pub(super) struct Recording<C: Command> {
    access: Access,
    command: Option<C>,
    answer: Option<Result<C::Answer, Failure<C::Refusal>>>,
    reply: Reply<C>,
}

impl<C: Command> Recording<C> {
    pub const fn new(access: Access, command: C, reply: Reply<C>) -> Self {
        Self {
            access,
            command: Some(command),
            answer: None,
            reply,
        }
    }
}

/// Whether an organisation that may only be read refuses a command: a change that a person asks for.
fn is_refused<C: Command>(access: &Access, command: Option<&C>) -> bool {
    access.person().is_some() && command.is_some_and(Command::is_change)
}

impl<C: Command> Unit for Recording<C> {
    fn access(&self) -> &Access {
        &self.access
    }

    fn weight(&self) -> usize {
        self.command.as_ref().map_or(0, Command::weight)
    }

    fn is_at_desk(&self) -> bool {
        self.command
            .as_ref()
            .is_some_and(|command| command.at_desk().is_some())
    }

    fn want(&self, wanted: &mut Wanted) {
        if let Some(command) = self.command.as_ref().and_then(Command::at_desk) {
            command.want(&self.access, wanted);
        }
    }

    fn decide(&mut self, desk: &mut Desk) -> StoreResult<bool> {
        let Some(command) = self.command.as_ref().and_then(Command::at_desk) else {
            return Ok(false);
        };
        if desk.read_only && is_refused(&self.access, self.command.as_ref()) {
            drop(command);
            self.answer = Some(Err(Failure::Store(StoreError::ReadOnly)));
            return Ok(false);
        }
        let answer = match command.decide(desk) {
            Err(Failure::Store(error)) => return Err(error),
            answer => answer,
        };
        let kept = answer.is_ok();
        drop(command);
        self.answer = Some(answer);
        Ok(kept)
    }

    fn run<'a>(&'a mut self, work: &'a mut Work) -> BoxFuture<'a, Result<(), Undo>> {
        Box::pin(async move {
            let Some(command) = self.command.take() else {
                return Err(Undo::Unit);
            };
            if work.desk.read_only && is_refused(&self.access, Some(&command)) {
                self.answer = Some(Err(Failure::Store(StoreError::ReadOnly)));
                return Err(Undo::Unit);
            }
            let mut answer = command.execute(work).await;
            if answer.is_ok()
                && let Err(error) = work.flush().await
            {
                answer = Err(Failure::Store(error));
            }
            let outcome = match &answer {
                Ok(_) => Ok(()),
                Err(Failure::Store(error)) if error.ends_transaction() => {
                    Err(Undo::Group(error.retold()))
                }
                Err(_) => Err(Undo::Unit),
            };
            self.answer = Some(answer);
            outcome
        })
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        // When the group was lost, so was whatever a refusal may have rested on: then nobody is told more than that.
        let answer = match (outcome, self.answer) {
            (Err(error), _) | (Ok(()), Some(Err(Failure::Store(error)))) => {
                Err(RecordError::Store(error))
            }
            (Ok(()), Some(Err(Failure::Refused(refusal)))) => Err(RecordError::Refused(refusal)),
            (Ok(()), Some(Ok(answer))) => Ok(answer),
            (Ok(()), None) => Err(RecordError::Store(StoreError::Busy)),
        };
        // Whoever asked may have gone; the fact stands all the same.
        drop(self.reply.send(answer));
    }
}
