//! Group commit of the inbox: messages that come in together, and claims that end together, are made durable together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::Arrival;
use super::store::{self, New, Settlement};
use crate::id::OrgId;
use crate::ledger::Ledger;
use crate::store::{Engine, StoreError, StoreResult, chain};

/// The most messages and ends of claims in one transaction.
const TOGETHER_MAX: usize = 256;
/// The most bytes of the messages in one transaction.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many may wait in a queue.
const QUEUE_MAX: usize = 8_192;
/// How many messages of one organisation may wait; one more is refused as busy. On SQLite all share a queue: so a flood of one leaves the others
/// most of it.
const SHARE_MAX: usize = 2_048;
const _: () = assert!(SHARE_MAX * 2 <= QUEUE_MAX);
/// How often a transaction that collided with another is tried again.
const RETRIES_MAX: u32 = 3;

/// Something to be made durable, and where the answer goes.
#[derive(Debug)]
enum Task {
    /// With its place in the organisation's share of the queue.
    Receive(
        New,
        oneshot::Sender<StoreResult<Arrival>>,
        OwnedSemaphorePermit,
    ),
    Settle(Settlement, oneshot::Sender<StoreResult<bool>>),
}

impl Task {
    const fn org(&self) -> OrgId {
        match self {
            Self::Receive(new, ..) => new.org,
            Self::Settle(end, _) => end.org,
        }
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Receive(new, ..) => new.sealed.len(),
            Self::Settle(..) => 0,
        }
    }
}

type Queue = mpsc::Sender<Task>;

/// The queues: one per organisation, or one in all on SQLite, which has one writer and does not hold organisations apart by itself.
#[derive(Debug)]
pub(super) struct Writer {
    context: Context,
    queues: Mutex<HashMap<Option<OrgId>, Queue>>,
    /// How much room each organisation has left.
    shares: Mutex<HashMap<OrgId, Arc<Semaphore>>>,
}

#[derive(Debug, Clone)]
struct Context {
    ledger: Ledger,
    /// The last place that was given, so that of two messages of one instant the first comes first.
    place: Arc<AtomicI64>,
}

impl Writer {
    pub fn new(ledger: Ledger) -> Self {
        let context = Context {
            ledger,
            place: Arc::default(),
        };
        Self {
            context,
            queues: Mutex::default(),
            shares: Mutex::default(),
        }
    }

    pub async fn receive(&self, new: New) -> StoreResult<Arrival> {
        let (reply, answer) = oneshot::channel();
        let place = self.share(new.org).try_acquire_owned();
        let place = place.map_err(|_| StoreError::Busy)?;
        let queue = self.queue(new.org);
        queue
            .try_send(Task::Receive(new, reply, place))
            .map_err(|_| StoreError::Busy)?;
        answer.await.unwrap_or(Err(StoreError::Busy))
    }

    pub async fn settle(&self, end: Settlement) -> StoreResult<bool> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue(end.org);
        // Whoever settles is one of few and can wait; were they refused, what they did would be done again.
        queue
            .send(Task::Settle(end, reply))
            .await
            .map_err(|_| StoreError::Busy)?;
        answer.await.unwrap_or(Err(StoreError::Busy))
    }

    fn share(&self, org: OrgId) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares.entry(org);
        Arc::clone(share.or_insert_with(|| Arc::new(Semaphore::new(SHARE_MAX))))
    }

    fn queue(&self, org: OrgId) -> Queue {
        let key = match self.context.ledger.db().engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(org),
        };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&key).filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(write(self.context.clone(), receiver));
        queues.insert(key, sender.clone());
        sender
    }
}

/// Takes what waits, at once when idle, and commits it together.
async fn write(context: Context, mut queue: mpsc::Receiver<Task>) {
    while let Some(first) = queue.recv().await {
        let mut bytes = first.bytes();
        let mut tasks = vec![first];
        while tasks.len() < TOGETHER_MAX && bytes < BYTES_MAX {
            match queue.try_recv() {
                Ok(task) => {
                    bytes += task.bytes();
                    tasks.push(task);
                }
                Err(_) => break,
            }
        }
        commit_together(&context, tasks).await;
    }
}

async fn commit_together(context: &Context, tasks: Vec<Task>) {
    let (mut news, mut ends) = (Vec::new(), Vec::new());
    let (mut arrival_replies, mut end_replies) = (Vec::new(), Vec::new());
    // Held until all are answered.
    let mut places = Vec::new();
    let Some(org) = tasks.first().map(Task::org) else {
        return;
    };
    for task in tasks {
        match task {
            Task::Receive(new, reply, place) => {
                news.push(new);
                arrival_replies.push(reply);
                places.push(place);
            }
            Task::Settle(end, reply) => {
                ends.push(end);
                end_replies.push(reply);
            }
        }
    }
    let outcome = write_together(context, org, &news, &ends).await;
    // Whoever asked may have gone; what is stored stands all the same.
    match outcome {
        Ok((arrivals, settled)) => {
            for (reply, arrival) in arrival_replies.into_iter().zip(arrivals) {
                drop(reply.send(Ok(arrival)));
            }
            for (reply, settled) in end_replies.into_iter().zip(settled) {
                drop(reply.send(Ok(settled)));
            }
        }
        Err(error) => {
            tracing::error!(error = %chain(&error), messages = news.len(), "messages that came in were not stored");
            for reply in arrival_replies {
                drop(reply.send(Err(error.retold())));
            }
            for reply in end_replies {
                drop(reply.send(Err(error.retold())));
            }
        }
    }
}

async fn write_together(
    context: &Context,
    org: OrgId,
    news: &[New],
    ends: &[Settlement],
) -> StoreResult<(Vec<Arrival>, Vec<bool>)> {
    let mut retries = 0;
    loop {
        match attempt(context, org, news, ends).await {
            Err(StoreError::Collided) if retries < RETRIES_MAX => retries += 1,
            Err(error) => {
                if error.stops_writing() {
                    context.ledger.stop(chain(&error));
                }
                return Err(error);
            }
            Ok(outcome) => return Ok(outcome),
        }
    }
}

async fn attempt(
    context: &Context,
    org: OrgId,
    news: &[New],
    ends: &[Settlement],
) -> StoreResult<(Vec<Arrival>, Vec<bool>)> {
    if context.ledger.stopped_because().is_some() {
        return Err(StoreError::Stopped);
    }
    let mut tx = context.ledger.db().write(org).await?;
    let first_place = context.places(news.len());
    let arrivals = if news.is_empty() {
        Vec::new()
    } else {
        store::receive(&mut tx, news, first_place).await?
    };
    let settled = store::settle(&mut tx, ends).await?;
    tx.commit().await.map_err(StoreError::at_commit)?;
    Ok((arrivals, settled))
}

impl Context {
    /// So many places in a row, none of them given before by this node, and not before those that others give at the same time.
    fn places(&self, count: usize) -> i64 {
        let count = i64::try_from(count).unwrap_or(0);
        let now = self.ledger.clock().now().micros();
        let next = |last: i64| Some(last.max(now) + count);
        let before = self
            .place
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        before.unwrap_or_else(|last| last).max(now) + 1
    }
}
