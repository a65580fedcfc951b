//! Group commit: units of work that wait together are made durable together, each in a savepoint of its own.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::Command;
use super::append::{Head, Pending};
use super::begin::begin;
use super::figures;
use super::halt::Halt;
use super::work::{Desk, Work};
use super::{Failure, RecordError};
use crate::access::Access;
use crate::asset::project::Shelf;
use crate::asset::write::WordBook;
use crate::id::OrgId;
use crate::random::Random;
use crate::store::{Db, Engine, StoreError, StoreResult, chain, execute};
use crate::time::Clock;

/// The most units of work in one transaction.
const UNITS_MAX: usize = 64;
/// The most commands in one transaction of several units of work.
const WEIGHT_MAX: usize = 256;
/// The most units of work that wait for one queue; one more is refused as busy.
const QUEUE_MAX: usize = 1_024;

type Queue = mpsc::Sender<Box<dyn Unit>>;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One command on its way, with the place its answer goes to.
trait Unit: Send {
    fn access(&self) -> &Access;
    /// How many commands it is.
    fn weight(&self) -> usize;
    /// Runs the command. An error asks for its effects to be undone.
    fn run<'a>(&'a mut self, work: &'a mut Work) -> BoxFuture<'a, Result<(), Undo>>;
    /// Answers, after the commit or its failure.
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// The unit's effects are not wanted; its answer says why.
enum Undo {
    /// This unit's.
    Unit,
    /// Everybody's: the transaction is over.
    Group(StoreError),
}

struct Recording<C: Command> {
    access: Access,
    command: Option<C>,
    answer: Option<Result<C::Answer, Failure<C::Refusal>>>,
    reply: oneshot::Sender<Result<C::Answer, RecordError<C::Refusal>>>,
}

impl<C: Command> Unit for Recording<C> {
    fn access(&self) -> &Access {
        &self.access
    }

    fn weight(&self) -> usize {
        self.command.as_ref().map_or(0, Command::weight)
    }

    fn run<'a>(&'a mut self, work: &'a mut Work) -> BoxFuture<'a, Result<(), Undo>> {
        Box::pin(async move {
            let Some(command) = self.command.take() else {
                return Err(Undo::Unit);
            };
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

/// Who is told after a commit.
pub(super) trait Listener: Send + Sync + std::fmt::Debug {
    /// Rights within the organisation may have changed.
    fn rights_changed(&self, org: OrgId);
}

/// The queues of waiting units of work, one per organisation, or one in all on SQLite, which has one writer.
#[derive(Debug)]
pub(super) struct Writer {
    context: Context,
    queues: Mutex<HashMap<Option<OrgId>, Queue>>,
}

#[derive(Debug, Clone)]
struct Context {
    db: Db,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    listener: Arc<dyn Listener>,
    halt: Arc<Halt>,
}

impl Writer {
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        listener: Arc<dyn Listener>,
    ) -> Self {
        let context = Context {
            db,
            clock,
            random,
            listener,
            halt: Arc::default(),
        };
        Self {
            context,
            queues: Mutex::default(),
        }
    }

    /// Whether this writes no more, and why.
    pub fn halt(&self) -> &Halt {
        &self.context.halt
    }

    /// Hands a command to its organisation's queue and waits until its effects are durable.
    pub async fn submit<C: Command>(
        &self,
        access: Access,
        command: C,
    ) -> Result<C::Answer, RecordError<C::Refusal>> {
        self.context.halt.check()?;
        let (reply, answer) = oneshot::channel();
        let unit = Recording {
            access,
            command: Some(command),
            answer: None,
            reply,
        };
        let queue = self.queue(unit.access.org());
        queue
            .try_send(Box::new(unit))
            .map_err(|_| RecordError::Store(StoreError::Busy))?;
        figures::waiting(1.0);
        // The writer runs in a task of its own: when the caller goes away, the unit of work is still carried through.
        answer
            .await
            .unwrap_or(Err(RecordError::Store(StoreError::Busy)))
    }

    fn queue(&self, org: OrgId) -> Queue {
        let key = match self.context.db.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(org),
        };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let live = queues.get(&key).filter(|queue| !queue.is_closed());
        if let Some(queue) = live {
            return queue.clone();
        }
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(write(self.context.clone(), receiver));
        queues.insert(key, sender.clone());
        sender
    }
}

/// Takes what waits, at once when idle, and commits it together.
async fn write(context: Context, mut queue: mpsc::Receiver<Box<dyn Unit>>) {
    let mut left_over: Option<Box<dyn Unit>> = None;
    loop {
        let first = match left_over.take() {
            Some(unit) => unit,
            None => match queue.recv().await {
                Some(unit) => unit,
                None => return,
            },
        };
        let org = first.access().org();
        let mut weight = first.weight();
        let mut units = vec![first];
        while units.len() < UNITS_MAX && weight < WEIGHT_MAX {
            match queue.try_recv() {
                Ok(unit) if unit.access().org() == org && weight + unit.weight() <= WEIGHT_MAX => {
                    weight += unit.weight();
                    units.push(unit);
                }
                // A transaction belongs to one organisation.
                Ok(unit) => {
                    left_over = Some(unit);
                    break;
                }
                Err(_) => break,
            }
        }
        commit_together(&context, org, units).await;
    }
}

async fn commit_together(context: &Context, org: OrgId, units: Vec<Box<dyn Unit>>) {
    let begun = Instant::now();
    let mut ran = Vec::with_capacity(units.len());
    let outcome = match context.halt.check() {
        Ok(()) => run_all(context, org, units, &mut ran).await,
        Err(stopped) => {
            ran.extend(units);
            Err(stopped)
        }
    };
    figures::group(ran.len(), begun.elapsed(), outcome.is_err());
    // Where nobody knows what was committed, what is remembered of rights is forgotten too.
    if matches!(outcome, Ok(true) | Err(StoreError::Uncertain(_))) {
        context.listener.rights_changed(org);
    }
    if let Err(error) = &outcome {
        tracing::error!(org.id = %org, error = %chain(error), units = ran.len(), "a group commit failed");
        if error.stops_writing() {
            // Before anybody is answered: nobody may be told that the next group might fare better.
            context.halt.stop(chain(error));
        }
    }
    for unit in ran {
        // An error is not Clone; each unit is told the same thing in its own copy.
        unit.settle(outcome.as_ref().map(|_| ()).map_err(StoreError::retold));
    }
}

/// Runs every unit and commits. Returns whether rights were touched. On error nothing was committed.
async fn run_all(
    context: &Context,
    org: OrgId,
    units: Vec<Box<dyn Unit>>,
    ran: &mut Vec<Box<dyn Unit>>,
) -> StoreResult<bool> {
    let alone = units.len() == 1;
    let mut units = units.into_iter();
    let (mut tx, mut head) = match begin(&context.db, context.random.as_ref(), org).await {
        Ok(begun) => begun,
        Err(error) => {
            ran.extend(units);
            return Err(error);
        }
    };
    let mut rights_touched = false;
    let mut any_kept = false;
    while let Some(mut unit) = units.next() {
        let now = context.clock.now();
        let now = head
            .as_ref()
            .map_or(now, |head| head.not_before_the_last(now));
        let mut work = Work {
            tx,
            words: WordBook::default(),
            desk: Desk {
                access: unit.access().clone(),
                head: head.clone(),
                now,
                random: Arc::clone(&context.random),
                entries: Pending::default(),
                assets: Shelf::default(),
                rights_touched: false,
            },
        };
        let result = run_one(unit.as_mut(), &mut work, alone).await;
        ran.push(unit);
        let kept = match result {
            Ok(kept) => kept,
            Err(error) => {
                ran.extend(units);
                return Err(error);
            }
        };
        tx = work.tx;
        if kept {
            head = work.desk.head;
            rights_touched |= work.desk.rights_touched;
            any_kept = true;
        }
    }
    if !any_kept {
        return Ok(false);
    }
    let growth = head.as_ref().map_or(0, Head::growth);
    if let Some(head) = &mut head {
        head.store(&mut tx).await?;
    }
    let committing = Instant::now();
    tx.commit().await.map_err(StoreError::at_commit)?;
    figures::commit(committing.elapsed());
    figures::entries(growth);
    Ok(rights_touched)
}

/// Runs one unit between savepoints; alone it needs none, because undoing it is rolling back.
async fn run_one(unit: &mut dyn Unit, work: &mut Work, alone: bool) -> StoreResult<bool> {
    if !alone {
        execute!(&mut work.tx, "SAVEPOINT unit_of_work")?;
    }
    let kept = match unit.run(work).await {
        Ok(()) => true,
        Err(Undo::Unit) => false,
        Err(Undo::Group(error)) => return Err(error),
    };
    if alone {
        return Ok(kept);
    }
    if !kept {
        execute!(&mut work.tx, "ROLLBACK TO SAVEPOINT unit_of_work")?;
    }
    execute!(&mut work.tx, "RELEASE SAVEPOINT unit_of_work")?;
    Ok(kept)
}
