//! What a unit of work is done with: the transaction, and the desk at which facts are given their place.

use std::sync::Arc;

use super::append::{Head, Pending};
use super::event::{Event, Fact, Recorded};
use super::project;
use super::wanted::Wanted;
use crate::access::{Access, Actor};
use crate::asset::event::AssetEvent;
use crate::asset::project::Shelf;
use crate::asset::world::World;
use crate::asset::write::{Rows, WordBook};
use crate::device::event::DeviceEvent;
use crate::endpoint::announce::Subscriptions;
use crate::endpoint::handing::Hand;
use crate::id::{AssetId, ParcelId};
use crate::idempotency::{Answers, NewAnswers};
use crate::notice;
use crate::outbox::Parcel;
use crate::outbox::tray::Tray;
use crate::random::Random;
use crate::store::{StoreError, StoreResult, Tx};
use crate::time::Timestamp;

/// The transaction in which one unit of work runs.
///
/// It is made by the ledger's writer alone. What is recorded here becomes durable with everything else of the unit, or not at all.
#[derive(Debug)]
pub struct Work {
    pub(super) tx: Tx,
    pub(super) words: WordBook,
    pub(crate) desk: Desk,
}

/// Where facts are given their place in the ledger and folded into assets. It needs no database, so that a long command can decide its next
/// steps while what its last ones left is being written.
#[derive(Debug)]
pub struct Desk {
    pub(super) access: Access,
    pub(super) head: Option<Head>,
    pub(super) now: Timestamp,
    pub(super) random: Arc<dyn Random>,
    pub(super) entries: Pending,
    /// Assets change many times within one transaction and are written once for all that is decided together.
    pub(crate) assets: Shelf,
    /// What endpoints want to be told of, where there are any.
    pub(super) listeners: Listeners,
    /// What the rules ask besides.
    pub(crate) world: World,
    /// What was answered to requests that may be repeated.
    pub(crate) answers: Answers,
    /// What has to be sent because of it.
    pub(crate) tray: Tray,
    pub(super) rights_touched: bool,
    /// Whether people may only read, because the organisation's licence is suspended.
    pub(super) read_only: bool,
}

/// Who is to be told of facts, and who delivers in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Listeners {
    pub(super) subscriptions: Option<Arc<Subscriptions>>,
    pub(super) hand: Option<Arc<dyn Hand>>,
}

/// What a desk left to be written.
#[derive(Debug)]
pub(crate) struct Batch {
    entries: Pending,
    assets: Rows,
    answers: NewAnswers,
}

impl Desk {
    /// One with nothing on it.
    pub(super) fn new(
        access: Access,
        head: Option<Head>,
        now: Timestamp,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            access,
            head,
            now,
            random,
            entries: Pending::default(),
            assets: Shelf::default(),
            listeners: Listeners::default(),
            world: World::default(),
            answers: Answers::default(),
            tray: Tray::default(),
            rights_touched: false,
            read_only: false,
        }
    }

    /// Who asks.
    pub(crate) const fn access(&self) -> &Access {
        &self.access
    }

    /// The present instant; one for the whole unit of work.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Randomness for ids.
    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    /// Lets the rest of this unit of work happen at another instant. Only the history of a sandbox may.
    pub(crate) const fn pretend_now(&mut self, now: Timestamp) {
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
        let recorded = self
            .entries
            .append(head, actor, fact, now, self.random.as_ref())?;
        if let Some(subscriptions) = &self.listeners.subscriptions {
            let by = (actor.principal, actor.surface);
            self.tray
                .announced
                .note(subscriptions, &recorded, fact, by)?;
        }
        self.tray
            .bought
            .extend(notice::bought(&recorded, &fact.event));
        Ok(recorded)
    }

    /// Says what an asset is called that was just announced.
    fn label(&mut self, recorded: &Recorded) {
        if !self.tray.announced.wants_label(recorded.event) {
            return;
        }
        let asset = self.assets.get(AssetId::from_uuid(recorded.stream.id()));
        if let Some(tag) = asset.and_then(|asset| asset.tag.as_ref()) {
            let tag = tag.as_str().to_owned();
            self.tray.announced.label(tag);
        }
    }

    /// Records a fact about an asset.
    pub(crate) fn record_of_asset(
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
        self.label(&recorded);
        self.tray.handovers.note(&recorded, &event, actor.surface);
        let seen = notice::plan::sighting(&recorded, &event, actor.surface);
        self.tray.sightings.extend(seen);
        Ok((recorded, event))
    }

    /// Records a fact of which no table follows.
    pub(crate) fn note(&mut self, actor: &Actor, fact: &Fact) -> StoreResult<Recorded> {
        self.append(actor, fact)
    }

    /// Records a fact about a device. Whoever records many writes their projection by few statements.
    pub(crate) fn note_of_device(
        &mut self,
        actor: &Actor,
        fact: Fact,
    ) -> StoreResult<(Recorded, DeviceEvent)> {
        let recorded = self.append(actor, &fact)?;
        match fact.event {
            Event::Device(event) => Ok((recorded, event)),
            _ => Err(StoreError::Inconsistent {
                table: "device",
                what: "a fact about something else".to_owned(),
            }),
        }
    }

    /// Takes what waits to be written and need not wait for the end.
    fn take(&mut self) -> Batch {
        Batch {
            entries: std::mem::take(&mut self.entries),
            assets: self.assets.take(),
            answers: self.answers.take(),
        }
    }

    /// Takes everything that waits to be written.
    fn take_all(&mut self) -> Batch {
        Batch {
            entries: std::mem::take(&mut self.entries),
            assets: self.assets.take_all(),
            answers: self.answers.take(),
        }
    }
}

impl Batch {
    /// Writes it.
    pub async fn write(self, tx: &mut Tx, words: &mut WordBook) -> StoreResult<()> {
        self.entries.write(tx).await?;
        self.assets.write(tx, words).await?;
        self.answers.write(tx).await
    }
}

impl Work {
    /// The transaction, for loading what a rule needs.
    pub(crate) const fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// The desk, for deciding what needs no database.
    pub(crate) const fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }

    /// Lets what follows be done with this access, and gives the one before.
    pub(crate) const fn seat(&mut self, access: Access) -> Access {
        std::mem::replace(&mut self.desk.access, access)
    }

    /// Puts what commands want on the desk, as it is after everything that was recorded so far.
    pub(crate) async fn load(&mut self, wanted: Wanted) -> StoreResult<()> {
        // What is not in the tables yet would not be found there.
        let batch = self.desk.take();
        batch.write(&mut self.tx, &mut self.words).await?;
        wanted.load(&mut self.tx, &mut self.desk).await
    }

    /// Puts assets on the desk, as they are after everything that was recorded so far, for facts that no command to one asset makes.
    pub(crate) async fn lay_out(
        &mut self,
        ids: impl IntoIterator<Item = AssetId>,
    ) -> StoreResult<()> {
        let batch = self.desk.take();
        batch.write(&mut self.tx, &mut self.words).await?;
        let org = self.desk.access.org();
        self.desk.assets.load(&mut self.tx, org, ids).await
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
        self.desk.label(&recorded);
        Ok(recorded)
    }

    /// Gives a fact its place as done by whoever asks, for those who project many facts at once.
    pub(crate) fn append(&mut self, fact: &Fact) -> StoreResult<Recorded> {
        let actor = self.desk.access.actor().clone();
        self.desk.append(&actor, fact)
    }

    /// Puts a parcel into the outbox: it is sent if this unit of work becomes durable, and has never been there otherwise.
    pub fn enqueue(&mut self, parcel: Parcel) -> StoreResult<ParcelId> {
        let id = ParcelId::generate(self.desk.now, self.desk.random.as_ref());
        self.desk.tray.put(id, parcel)?;
        Ok(id)
    }

    /// Writes what this unit of work recorded, and what has to be sent because of it.
    pub(super) async fn flush(&mut self) -> StoreResult<()> {
        let batch = self.desk.take_all();
        batch.write(&mut self.tx, &mut self.words).await?;
        notice::send::announce(self).await?;
        let (org, now) = (self.desk.access.org(), self.desk.now);
        let desk = &mut self.desk;
        if let Some(subscriptions) = &desk.listeners.subscriptions {
            let by = (desk.listeners.hand.as_deref(), desk.random.as_ref());
            let announced = &mut desk.tray.announced;
            announced
                .write(&mut self.tx, (org, now), subscriptions, by)
                .await?;
        }
        desk.tray.write(&mut self.tx, org, now).await
    }
}
