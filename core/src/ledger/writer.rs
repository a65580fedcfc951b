//! Group commit: units of work that wait together are carried out and made durable together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::Command;
use super::halt::Halt;
use super::recording::{Recording, Unit};
use super::{RecordError, figures, group};
use crate::access::Access;
use crate::endpoint::announce::Remembered;
use crate::endpoint::handing::Hand;
use crate::id::OrgId;
use crate::random::Random;
use crate::store::{Db, Engine, StoreError, chain};
use crate::time::Clock;

/// The most units of work in one transaction.
const UNITS_MAX: usize = 64;
/// The most commands in one transaction of several units of work.
const WEIGHT_MAX: usize = 256;
/// The most units of work that wait for one queue; one more is refused as busy.
const QUEUE_MAX: usize = 1_024;

type Queue = mpsc::Sender<Box<dyn Unit>>;
/// Who is told after a commit.
pub(super) trait Listener: Send + Sync + std::fmt::Debug {
    /// Rights within the organisation may have changed.
    fn rights_changed(&self, org: OrgId);
    /// Something is in the outbox.
    fn parcels_enqueued(&self);
    /// Who delivers to endpoints in this process, if somebody does.
    fn hand(&self) -> Option<Arc<dyn Hand>>;
}

/// The queues of waiting units of work, one per organisation, or one in all on SQLite, which has one writer.
#[derive(Debug)]
pub(super) struct Writer {
    context: Context,
    queues: Mutex<HashMap<Option<OrgId>, Queue>>,
}

/// What carrying out takes besides the commands.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) listener: Arc<dyn Listener>,
    /// What the endpoints of each organisation want to be told of.
    pub(super) remembered: Arc<Remembered>,
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
            remembered: Arc::default(),
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
        let queue = self.queue(access.org());
        let unit = Recording::new(access, command, reply);
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
        // Whoever was answered and asks again at once comes into one group with the others, and not into one of its own.
        tokio::task::yield_now().await;
    }
}

async fn commit_together(context: &Context, org: OrgId, mut units: Vec<Box<dyn Unit>>) {
    let begun = Instant::now();
    let outcome = match context.halt.check() {
        Ok(()) => group::carry_out(context, org, &mut units).await,
        Err(stopped) => Err(stopped),
    };
    figures::group(units.len(), begun.elapsed(), outcome.is_err());
    // Where nobody knows what was committed, what is remembered of rights is forgotten too.
    if matches!(outcome, Ok(true) | Err(StoreError::Uncertain(_))) {
        context.listener.rights_changed(org);
    }
    if let Err(error) = &outcome {
        tracing::error!(org.id = %org, error = %chain(error), units = units.len(), "a group commit failed");
        if error.stops_writing() {
            // Before anybody is answered: nobody may be told that the next group might fare better.
            context.halt.stop(chain(error));
        }
    }
    for unit in units {
        // An error is not Clone; each unit is told the same thing in its own copy.
        unit.settle(outcome.as_ref().map(|_| ()).map_err(StoreError::retold));
    }
}
