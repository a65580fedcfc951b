//! The carrier of one channel: claims as much as it has places for, lets the courier deliver it by loads, and settles what came of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use habeo_core::id::{OrgId, ParcelId};
use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{Leased, Outcome};
use habeo_core::store::{StoreError, StoreResult};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};

use crate::courier::{AnyCourier, attempt};
use crate::figures;
use crate::share::{Places, UnderWay};
use crate::worker::Settings;

/// How often settling is tried before the leases are left to run out.
const SETTLE_ATTEMPTS: u32 = 5;
/// The pause after the first of them; each further one is twice as long.
const SETTLE_PAUSE: Duration = Duration::from_millis(100);

type Done = (Leased, Outcome);
/// Parcels that were given to the courier together.
type Load = Vec<Done>;

/// One channel's carrier.
pub(crate) struct Carrier {
    outbox: Outbox,
    courier: Arc<dyn AnyCourier>,
    places: Places,
    /// The organisation that had its turn last.
    last: Option<OrgId>,
    under_way: HashMap<ParcelId, Leased>,
    tasks: JoinSet<Load>,
    /// How many parcels the courier takes together.
    together: usize,
    /// How many loads may be on their way.
    loads: usize,
    /// Whether the database failed the last time it was asked.
    out: bool,
}

impl Carrier {
    pub fn new(outbox: Outbox, courier: Arc<dyn AnyCourier>, settings: &Settings) -> Self {
        let load = courier.load();
        let together = load.parcels.max(1);
        let loads = load.at_once.unwrap_or(settings.places).max(1);
        Self {
            outbox,
            courier,
            places: Places::new(loads.saturating_mul(together)),
            together,
            loads,
            last: None,
            under_way: HashMap::new(),
            tasks: JoinSet::new(),
            out: false,
        }
    }

    /// Delivers until it is told to stop; then finishes what is on its way, and gives back what is not done in time.
    pub async fn run(mut self, mut stopping: watch::Receiver<bool>, settings: Settings) {
        let mut enqueued = self.outbox.ledger().parcels_enqueued();
        while !*stopping.borrow() {
            // Before looking: what is put there meanwhile has it look again.
            enqueued.mark_unchanged();
            self.fill_or_say().await;
            let done = tokio::select! {
                _ = stopping.changed() => break,
                done = self.tasks.join_next(), if !self.tasks.is_empty() => done,
                changed = enqueued.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    None
                }
                () = sleep(settings.look_every) => None,
            };
            if let Some(first) = done {
                self.settle_with(first).await;
            }
        }
        self.leave(settings.finish).await;
    }

    /// Delivers everything that is due now, and what becomes due by it. How many attempts were made.
    pub async fn deliver_due(&mut self) -> StoreResult<usize> {
        let mut attempts = 0;
        loop {
            attempts += self.fill().await?;
            match self.tasks.join_next().await {
                Some(done) => self.settle_with(done).await,
                None => return Ok(attempts),
            }
        }
    }

    async fn fill_or_say(&mut self) {
        match self.fill().await {
            Ok(_) => self.out = false,
            Err(error) if !self.out => {
                self.out = true;
                tracing::warn!(%error, channel = %self.courier.channel(), "parcels cannot be claimed; they wait");
            }
            Err(_) => {}
        }
    }

    /// Claims for every free place, one organisation after the other, and sets out. How many parcels.
    async fn fill(&mut self) -> StoreResult<usize> {
        // A load that is not full takes its way as well as a full one.
        let roads = self.loads.saturating_sub(self.tasks.len());
        let free = self.places.all.saturating_sub(self.under_way.len());
        let free = free.min(roads.saturating_mul(self.together));
        if free == 0 || self.outbox.ledger().stopped_because().is_some() {
            return Ok(0);
        }
        let channel = self.courier.channel();
        let orgs = self
            .outbox
            .organizations_due(channel, self.last, free)
            .await?;
        let (mut claimed, mut failed) = (Vec::new(), None);
        for (position, org) in orgs.iter().enumerate() {
            let left = free.saturating_sub(claimed.len());
            let mut wanted = self.places.share(self.way(*org), orgs.len() - position);
            wanted.parcels = wanted.parcels.min(left);
            if wanted.parcels == 0 {
                continue;
            }
            self.last = Some(*org);
            match self.outbox.claim(*org, channel, wanted).await {
                Ok(parcels) => {
                    let under_way = parcels.iter().map(|leased| (leased.id, leased.clone()));
                    self.under_way.extend(under_way);
                    claimed.extend(parcels);
                }
                // What is wrong with one organisation's parcels keeps no other's waiting.
                Err(error) => failed = Some(error),
            }
        }
        let parcels = claimed.len();
        while !claimed.is_empty() {
            let rest = claimed.split_off(claimed.len().min(self.together));
            self.set_out(std::mem::replace(&mut claimed, rest));
        }
        match failed {
            Some(error) if parcels == 0 => Err(error),
            _ => Ok(parcels),
        }
    }

    fn way(&self, org: OrgId) -> UnderWay {
        let on_way = self.under_way.values();
        UnderWay {
            all: self.under_way.len(),
            of_org: on_way.clone().filter(|leased| leased.org == org).count(),
            again: on_way.filter(|leased| leased.attempt > 1).count(),
        }
    }

    fn set_out(&mut self, parcels: Vec<Leased>) {
        let courier = Arc::clone(&self.courier);
        self.tasks.spawn(async move {
            let outcomes = attempt(courier.as_ref(), &parcels).await;
            parcels.into_iter().zip(outcomes).collect()
        });
    }

    /// Settles an attempt that has come to its end, with all others that have.
    async fn settle_with(&mut self, first: Result<Load, JoinError>) {
        let mut done: BTreeMap<OrgId, Vec<Done>> = BTreeMap::new();
        let mut next = Some(first);
        while let Some(one) = next {
            // An attempt that was broken off stays under way, and is given back.
            for (leased, outcome) in one.unwrap_or_default() {
                self.under_way.remove(&leased.id);
                done.entry(leased.org).or_default().push((leased, outcome));
            }
            next = self.tasks.try_join_next();
        }
        for (org, done) in done {
            self.settle(org, &done).await;
        }
    }

    async fn settle(&self, org: OrgId, done: &[Done]) {
        let mut pause = SETTLE_PAUSE;
        for attempt in 1.. {
            match self.outbox.settle(org, done).await {
                Ok(verdicts) => {
                    for ((leased, outcome), verdict) in done.iter().zip(verdicts) {
                        figures::settled(leased.channel, outcome, verdict);
                    }
                    return;
                }
                Err(error) if attempt < SETTLE_ATTEMPTS && passes(&error) => {
                    sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => {
                    tracing::warn!(org.id = %org, %error, parcels = done.len(), "what became of parcels cannot be noted; they may go out again");
                    return;
                }
            }
        }
    }

    /// Waits for what is on its way, as long as it may take, and gives the rest back.
    async fn leave(&mut self, finish: Duration) {
        let end = Instant::now() + finish;
        while let Ok(Some(done)) = timeout_at(end, self.tasks.join_next()).await {
            self.settle_with(done).await;
        }
        self.tasks.abort_all();
        while let Some(done) = self.tasks.join_next().await {
            self.settle_with(done).await;
        }
        let mut left: BTreeMap<OrgId, Vec<Leased>> = BTreeMap::new();
        for (_, leased) in self.under_way.drain() {
            left.entry(leased.org).or_default().push(leased);
        }
        for (org, leased) in left {
            if let Err(error) = self.outbox.give_back(org, &leased).await {
                tracing::warn!(org.id = %org, %error, parcels = leased.len(), "parcels cannot be given back; their leases run out");
            }
        }
    }
}

/// Whether the same statement may succeed in a moment.
const fn passes(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Busy | StoreError::Collided | StoreError::Lost(_)
    )
}
