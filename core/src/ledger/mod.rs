//! The ledger: the only door for writes, and the record that proves what came through it.

pub(crate) mod append;
pub mod audit;
mod begin;
pub mod checkpoint;
pub mod event;
pub mod export;
pub mod feed;
mod figures;
mod group;
mod halt;
pub mod note;
pub(crate) mod project;
pub mod proof;
pub mod rebuild;
mod recording;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod trail;
pub mod tree;
pub mod verify;
mod wanted;
pub mod words;
mod work;
pub(crate) mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::watch;

pub use wanted::Wanted;
pub use work::{Desk, Work};

use crate::access::Access;
use crate::endpoint::handing::Hand;
use crate::explain::{Explain, Kind};
use crate::id::{OrgId, RunId};
use crate::random::Random;
use crate::store::{Db, StoreError, StoreResult, Tx, chain};
use crate::time::Clock;

/// Something that can be asked to be done. Implemented by the nouns; run by the ledger's writer inside a transaction.
pub trait Command: Send + 'static {
    /// What is answered when it was done.
    type Answer: Send + 'static;
    /// Why it may be refused.
    type Refusal: Explain + Send + 'static;

    /// How many commands this is. Large ones are committed on their own: beside them small ones would wait, and undoing one of several in a
    /// transaction takes a copy of every page that it changes.
    fn weight(&self) -> usize {
        1
    }

    /// Whether it changes what the organisation has on record. What only follows somebody's coming, going, asking and reading does not, and is
    /// taken from people whose organisation may only be read at the moment.
    fn is_change(&self) -> bool {
        true
    }

    /// The command as one that is decided at the desk, if it is one: then it waits for no statement of its own.
    fn at_desk(&self) -> Option<Box<dyn AtDesk<Self::Answer, Self::Refusal> + '_>> {
        None
    }

    /// Loads what the rule needs, decides, and records what follows.
    fn execute(
        self,
        work: &mut Work,
    ) -> impl Future<Output = Result<Self::Answer, Failure<Self::Refusal>>> + Send;
}

/// A command that is decided at the desk: from what was loaded for it, and with nothing to write but what it leaves there.
///
/// Many of them take as many statements as one. A refused one must have left nothing.
pub trait AtDesk<A, R> {
    /// Says what is to be loaded for it.
    fn want(&self, access: &Access, wanted: &mut Wanted);

    /// Decides, as whoever sits at the desk, and leaves what follows there.
    fn decide(&self, desk: &mut Desk) -> Result<A, Failure<R>>;
}

impl<A, R, C: AtDesk<A, R>> AtDesk<A, R> for &C {
    fn want(&self, access: &Access, wanted: &mut Wanted) {
        C::want(self, access, wanted);
    }

    fn decide(&self, desk: &mut Desk) -> Result<A, Failure<R>> {
        C::decide(self, desk)
    }
}

/// Why a command left nothing behind.
#[derive(Debug)]
pub enum Failure<R> {
    /// A rule says no.
    Refused(R),
    /// The store failed.
    Store(StoreError),
}

impl<R> From<StoreError> for Failure<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The answer to a command that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RecordError<R> {
    /// A rule says no.
    #[error("{0}")]
    Refused(R),
    /// The store failed; nothing was recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R: Explain> Explain for RecordError<R> {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// The ledger of every organisation in one database. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    writer: writer::Writer,
    heard: Arc<Heard>,
}

/// What this process has committed that others in it wait for.
#[derive(Debug, Default)]
struct Heard {
    /// How often rights changed, per organisation.
    rights: Mutex<HashMap<OrgId, u64>>,
    /// How often something was put into the outbox.
    parcels: watch::Sender<u64>,
    /// Who delivers to endpoints.
    hand: OnceLock<Arc<dyn Hand>>,
}

impl writer::Listener for Heard {
    fn parcels_enqueued(&self) {
        self.parcels.send_modify(|times| *times += 1);
    }

    fn hand(&self) -> Option<Arc<dyn Hand>> {
        self.hand.get().cloned()
    }

    fn rights_changed(&self, org: OrgId) {
        *self
            .rights
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(org)
            .or_default() += 1;
    }
}

impl Ledger {
    /// Opens the ledger of a database.
    #[must_use]
    pub fn new(db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let heard = Arc::new(Heard::default());
        let listener: Arc<dyn writer::Listener> = Arc::clone(&heard) as Arc<dyn writer::Listener>;
        let writer = writer::Writer::new(
            db.clone(),
            Arc::clone(&clock),
            Arc::clone(&random),
            listener,
        );
        Self(Arc::new(Inner {
            db,
            clock,
            random,
            writer,
            heard,
        }))
    }

    /// Carries out a command, or refuses it. When this returns an answer, what it says is durable.
    pub async fn record<C: Command>(
        &self,
        access: &Access,
        command: C,
    ) -> Result<C::Answer, RecordError<C::Refusal>> {
        self.0.writer.submit(access.clone(), command).await
    }

    /// Commits a transaction beside the ledger's own. One that fails as no commit may stops recording, as one of its own would.
    pub(crate) async fn commit(&self, tx: Tx) -> StoreResult<()> {
        let committed = tx.commit().await.map_err(StoreError::at_commit);
        if let Err(error) = &committed
            && error.stops_writing()
        {
            self.stop(chain(error));
        }
        committed
    }

    /// Stops recording in this process for good: what is there is not what was there.
    pub fn stop(&self, cause: String) {
        self.0.writer.halt().stop(cause);
    }

    /// Why recording has stopped, if it has. Reading goes on.
    #[must_use]
    pub fn stopped_because(&self) -> Option<&str> {
        self.0.writer.halt().cause()
    }

    /// Waits until recording stops, and says why. The process is to end then.
    pub async fn until_stopped(&self) -> &str {
        self.0.writer.halt().stopped().await
    }

    /// The database, for reading.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// The clock, for others to keep.
    #[must_use]
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// The source of randomness, for others to keep.
    #[must_use]
    pub fn shared_random(&self) -> Arc<dyn Random> {
        Arc::clone(&self.0.random)
    }

    /// The source of randomness.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    /// Has whatever is announced from now on handed over to whoever delivers in this process. Only the first one counts.
    pub fn hand_over_to(&self, hand: Arc<dyn Hand>) {
        drop(self.0.heard.hand.set(hand));
    }

    /// As what this process takes work that other processes could do as well, once it does.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.0.heard.hand.get().map(|hand| hand.run())
    }

    /// Changes whenever this process has put something into the outbox. What other processes put there has to be looked for.
    #[must_use]
    pub fn parcels_enqueued(&self) -> watch::Receiver<u64> {
        self.0.heard.parcels.subscribe()
    }

    /// A number that rises whenever this process may have changed somebody's rights in the organisation, or what a system may report to it.
    #[must_use]
    pub fn rights_generation(&self, org: OrgId) -> u64 {
        self.0
            .heard
            .rights
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&org)
            .copied()
            .unwrap_or(0)
    }
}

/// Several commands of one kind in one transaction: all of them, or none.
#[derive(Debug)]
pub struct All<C>(pub Vec<C>);

impl<C: Command> Command for All<C> {
    type Answer = Vec<C::Answer>;
    type Refusal = C::Refusal;

    fn is_change(&self) -> bool {
        self.0.iter().any(Command::is_change)
    }

    fn weight(&self) -> usize {
        self.0.len()
    }

    async fn execute(self, work: &mut Work) -> Result<Self::Answer, Failure<Self::Refusal>> {
        let mut answers = Vec::with_capacity(self.0.len());
        for command in self.0 {
            answers.push(command.execute(work).await?);
        }
        Ok(answers)
    }
}
