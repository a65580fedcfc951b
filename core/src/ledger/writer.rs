//! Group commit: units of work that wait together are made durable together, each in a savepoint of its own.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::Command;
use super::append::{Head, Pending};
use super::begin::begin;
use super::event::{Event, Fact, Recorded};
use super::figures;
use super::halt::Halt;
use super::{Failure, RecordError, project};
use crate::access::{Access, Actor};
use crate::asset::event::AssetEvent;
use crate::asset::project::Shelf;
use crate::asset::write::{Rows, WordBook};
use crate::id::OrgId;
use crate::random::Random;
use crate::store::{Db, Engine, StoreError, StoreResult, Tx, chain, execute};
use crate::time::{Clock, Timestamp};

/// The most units of work in one transaction.
const UNITS_MAX: usize = 64;
/// The most commands in one transaction of several units of work.
const WEIGHT_MAX: usize = 256;
/// The most units of work that wait for one queue; one more is refused as busy.
const QUEUE_MAX: usize = 1_024;

type Queue = mpsc::Sender<Box<dyn Unit>>;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The transaction in which one unit of work runs.
///
/// It is made by the ledger's writer alone. What is recorded here becomes durable with everything else of the unit, or not at all.
#[derive(Debug)]
pub struct Work {
    tx: Tx,
    words: WordBook,
    desk: Desk,
}

/// Where facts are given their place in the ledger and folded into assets. It needs no database, so that a long command can decide its next
/// steps while what its last ones left is being written.
#[derive(Debug)]
pub(crate) struct Desk {
    access: Access,
    head: Option<Head>,
    now: Timestamp,
    random: Arc<dyn Random>,
    entries: Pending,
    /// Assets change many times within one transaction and are written once for all that is decided together.
    pub assets: Shelf,
    rights_touched: bool,
}

/// What a desk left to be written.
#[derive(Debug)]
pub(crate) struct Batch {
    entries: Pending,
    assets: Rows,
}

impl Desk {
    /// The present instant; one for the whole unit of work.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Randomness for ids.
    pub fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    /// Lets the rest of this unit of work happen at another instant. Only the history of a sandbox may.
    pub const fn pretend_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Gives a fact its place in the ledger.
    fn append(&mut self, actor: &Actor, fact: &Fact) -> StoreResult<Recorded> {
        let head = self.head.as_mut().ok_or(StoreError::Inconsistent {
            table: "ledger_head",
            what: "the organisation has no ledger".to_owned(),
        })?;
        self.rights_touched |= fact.event.touches_rights();
        let now = head.not_before_the_last(self.now);
        self.entries
            .append(head, actor, fact, now, self.random.as_ref())
    }

    /// Records a fact about an asset.
    pub fn record_of_asset(
        &mut self,
        actor: &Actor,
        fact: Fact,
    ) -> StoreResult<(Recorded, AssetEvent)> {
        let recorded = self.append(actor, &fact)?;
        let Event::Asset(event) = fact.event else {
            return Err(StoreError::Inconsistent {
                table: "asset",
                what: "a fact about something else".to_owned(),
            });
        };
        self.assets.apply(&recorded, &event)?;
        Ok((recorded, event))
    }

    /// Takes what waits to be written and need not wait for the end.
    fn take(&mut self) -> Batch {
        Batch {
            entries: std::mem::take(&mut self.entries),
            assets: self.assets.take(),
        }
    }

    /// Takes everything that waits to be written.
    fn take_all(&mut self) -> Batch {
        Batch {
            entries: std::mem::take(&mut self.entries),
            assets: self.assets.take_all(),
        }
    }
}

impl Batch {
    /// Writes it.
    pub async fn write(self, tx: &mut Tx, words: &mut WordBook) -> StoreResult<()> {
        self.entries.write(tx).await?;
        self.assets.write(tx, words).await
    }
}

impl Work {
    /// The transaction, for loading what a rule needs.
    pub(crate) const fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// The transaction and the desk, both at once.
    pub(crate) const fn tx_and_desk(&mut self) -> (&mut Tx, &mut Desk) {
        (&mut self.tx, &mut self.desk)
    }

    /// Writes what the desk has left while `deciding` leaves more on it.
    pub(crate) async fn write_while<T>(
        &mut self,
        deciding: impl AsyncFnOnce(&mut Desk) -> T,
    ) -> StoreResult<T> {
        let batch = self.desk.take();
        let (written, decided) = tokio::join!(
            batch.write(&mut self.tx, &mut self.words),
            deciding(&mut self.desk)
        );
        written.map(|()| decided)
    }

    /// Who asks.
    pub(crate) const fn access(&self) -> &Access {
        &self.desk.access
    }

    /// The present instant; one for the whole unit of work.
    pub(crate) const fn now(&self) -> Timestamp {
        self.desk.now
    }

    /// Randomness for ids.
    pub(crate) fn random(&self) -> Arc<dyn Random> {
        Arc::clone(&self.desk.random)
    }

    /// Begins the ledger of a new organisation, whose id is that of the access.
    pub(crate) async fn begin_ledger(&mut self) -> StoreResult<()> {
        self.desk.head = Some(Head::begin(&mut self.tx, self.desk.access.org()).await?);
        Ok(())
    }

    /// Records a fact as done by whoever asks.
    pub(crate) async fn record(&mut self, fact: Fact) -> StoreResult<Recorded> {
        let actor = self.desk.access.actor().clone();
        let recorded = self.desk.append(&actor, &fact)?;
        project::apply(&mut self.tx, &mut self.desk.assets, &recorded, &fact.event).await?;
        Ok(recorded)
    }

    /// Writes what this unit of work recorded.
    async fn flush(&mut self) -> StoreResult<()> {
        let batch = self.desk.take_all();
        batch.write(&mut self.tx, &mut self.words).await
    }
}

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
