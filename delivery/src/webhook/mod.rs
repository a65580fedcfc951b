//! Deliveries to endpoints: what is announced sets out at once, and is tried for a day.
//!
//! A unit of work hands what it announced straight over (`Hand`), written as this process's own; where there is no place for it, it waits in
//! the database and is claimed when there is one. Places are counted here: so many in all, so many of one organisation, and of each endpoint
//! as many as its receiver bears (`outlet`). What became of attempts is settled many at a time, and once a second made into facts.
//!
//! A process has nothing that another cannot find: it says twice a second that it lives, and what somebody had who does not is everybody's.

mod attempt;
mod claim;
mod confirm;
mod known;
mod outlet;
mod places;
mod settle;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use habeo_core::endpoint::delivery::lease::{self, ALIVE_MICROS, DEAD_MICROS};
use habeo_core::endpoint::delivery::settle::Done;
use habeo_core::endpoint::handing::{Hand, Leased, Limits, Place, Ready};
use habeo_core::id::{DeliveryId, EndpointId, OrgId, RunId};
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::store::{StoreError, StoreResult};
use habeo_core::time::Timestamp;
use habeo_egress::Egress;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::figures;
use known::Targets;
use outlet::Part;
use places::Places;
use settle::Back;

/// How deliveries are made.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many may be under way at once.
    pub places: usize,
    /// How many of one organisation: some are always left for another.
    pub places_of_org: usize,
    /// How often what waits is looked for.
    pub look_every: Duration,
    /// How often the process says that it lives.
    pub beat_every: Duration,
    /// How often what was accepted is made into facts.
    pub confirm_every: Duration,
    /// For how long what is under way may go on once the process has to end.
    pub finish: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            places: 1_024,
            places_of_org: 768,
            look_every: Duration::from_secs(1),
            beat_every: Duration::from_millis(500),
            confirm_every: Duration::from_secs(1),
            finish: Duration::from_secs(15),
        }
    }
}

/// What delivers to the endpoints of an installation on one node. Cloning it gives another handle to the same.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

pub(crate) struct Inner {
    ledger: Ledger,
    egress: Egress,
    targets: Targets,
    places: Places,
    run: RunId,
    settings: Settings,
    /// What this process has: given back when it has to end before it is done.
    under_way: Mutex<HashMap<DeliveryId, OrgId>>,
    done: mpsc::UnboundedSender<Back>,
    results: tokio::sync::Mutex<mpsc::UnboundedReceiver<Back>>,
    look: Notify,
    confirming: confirm::Confirming,
    alive: Mutex<Option<Alive>>,
}

/// Since when this process has said without a gap that it lives, and when it did last.
#[derive(Debug, Clone, Copy)]
struct Alive {
    since: Timestamp,
    last: Timestamp,
}

impl Alive {
    /// Says so once more. Whether it has for so long that whoever did not in that time is dead.
    fn says(alive: &mut Option<Self>, now: Timestamp) -> bool {
        let since = match alive {
            Some(alive) if now <= alive.last.plus_micros(ALIVE_MICROS) => alive.since,
            _ => now,
        };
        *alive = Some(Self { since, last: now });
        since.plus_micros(DEAD_MICROS + ALIVE_MICROS) <= now
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("run", &self.0.run)
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Webhooks {
    /// Deliveries of a ledger's organisations, by this client.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        egress: Egress,
        master_key: Arc<MasterKey>,
        settings: Settings,
    ) -> Self {
        let (done, results) = mpsc::unbounded_channel();
        let run = RunId::generate(ledger.clock().now(), ledger.random());
        Self(Arc::new(Inner {
            targets: Targets::new(ledger.db().clone(), master_key),
            places: Places::new(settings.places, settings.places_of_org),
            ledger,
            egress,
            run,
            settings,
            under_way: Mutex::default(),
            done,
            results: tokio::sync::Mutex::new(results),
            look: Notify::new(),
            confirming: confirm::Confirming::default(),
            alive: Mutex::default(),
        }))
    }

    /// Works in the background until it is stopped. What is announced in this process is handed over from now on.
    pub async fn start(self) -> StoreResult<Running> {
        let inner = &self.0;
        inner.beat().await?;
        confirm::find_left_over(inner).await?;
        inner
            .ledger
            .hand_over_to(Arc::new(self.clone()) as Arc<dyn Hand>);
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(claim::run(Arc::clone(inner), stopping.clone()));
        tasks.spawn(confirm::run(Arc::clone(inner), stopping));
        let (end, ending) = watch::channel(false);
        let settling = tokio::spawn(settle::run(Arc::clone(inner), ending));
        let (rest, resting) = watch::channel(false);
        let beating = tokio::spawn(beat(Arc::clone(inner), resting));
        Ok(Running {
            inner: self.0,
            stop,
            tasks,
            end,
            settling,
            rest,
            beating,
        })
    }

    /// Makes every delivery that is due now, and what becomes due by it: makes background work explicit where a test wants it so. How many
    /// deliveries were tried.
    pub async fn deliver_due(&self) -> StoreResult<usize> {
        let inner = &self.0;
        let mut tried = 0;
        loop {
            let ready = claim::all_due(inner).await?;
            if ready.is_empty() {
                confirm::find_left_over(inner).await?;
                confirm::all(inner).await;
                return Ok(tried);
            }
            tried += ready.len();
            let mut attempts = JoinSet::new();
            for ready in ready {
                let inner = Arc::clone(inner);
                attempts.spawn(async move { attempt::make(&inner, ready).await });
            }
            let done = attempts.join_all().await;
            settle::all(inner, done).await?;
        }
    }
}

impl Hand for Webhooks {
    fn run(&self) -> RunId {
        self.0.run
    }

    fn place(&self, org: OrgId, endpoint: EndpointId, limits: Limits) -> Option<Place> {
        if self.0.ledger.stopped_because().is_some() {
            return None;
        }
        self.0.place(org, endpoint, limits)
    }

    fn take(&self, ready: Vec<Ready>) {
        for ready in ready {
            self.0.set_out(ready);
        }
    }

    fn look(&self) {
        self.0.look.notify_one();
    }
}

impl Inner {
    /// A place for one more delivery, if one is free. Once it is free again, whatever waits for it is looked for.
    fn place(self: &Arc<Self>, org: OrgId, endpoint: EndpointId, limits: Limits) -> Option<Place> {
        if !self.places.take((org, endpoint), limits, Instant::now()) {
            return None;
        }
        let inner = Arc::downgrade(self);
        Some(Place::given_back_by(move || {
            if let Some(inner) = inner.upgrade()
                && inner.places.give_back(org, endpoint)
            {
                inner.look.notify_one();
            }
        }))
    }

    /// Makes an attempt in the background, and has settled what became of it.
    fn set_out(self: &Arc<Self>, ready: Ready) {
        self.note(&ready.leased);
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let done = attempt::make(&inner, ready).await;
            // Whoever settles goes last; where nobody does any more, the delivery is given back.
            drop(inner.done.send(Back::new(done)));
        });
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<DeliveryId, OrgId>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn is_done<'a>(&self, done: impl IntoIterator<Item = &'a Done>) {
        let mut under_way = self.under_way();
        for done in done {
            under_way.remove(&done.leased.id);
        }
    }

    fn note(&self, leased: &Leased) {
        self.under_way().insert(leased.id, leased.org);
    }

    /// Says that this process lives, and takes over what others had that do not.
    async fn beat(&self) -> StoreResult<()> {
        figures::in_flight(self.places.in_flight());
        let (db, own) = (self.ledger.db(), self.ledger.clock().now());
        let now = lease::time(db, own).await?;
        lease::live(db, self.run, now).await?;
        let (rank, of) = lease::rank(db, self.run, now).await?;
        self.places.share(Part { rank, of });
        let steady = {
            let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
            Alive::says(&mut alive, now)
        };
        if lease::inherit(db, self.run, (now, own), steady).await? > 0 {
            self.look.notify_one();
            self.confirming.look();
        }
        Ok(())
    }

    /// Gives back everything that this process still has.
    async fn give_back(&self) {
        let mut left: HashMap<OrgId, Vec<DeliveryId>> = HashMap::new();
        for (delivery, org) in self.under_way().drain() {
            left.entry(org).or_default().push(delivery);
        }
        let now = self.ledger.clock().now();
        for (org, ids) in left {
            let deliveries = ids.len();
            if let Err(error) = lease::give_back(&self.ledger, org, self.run, ids, now).await {
                tracing::warn!(org.id = %org, %error, deliveries, "deliveries cannot be given back; others find them in a moment");
            }
        }
    }
}

async fn beat(inner: Arc<Inner>, mut resting: watch::Receiver<bool>) {
    let mut out = false;
    while !*resting.borrow() {
        said(
            &mut out,
            inner.beat().await,
            "nobody can be told that this process delivers",
        );
        tokio::select! {
            _ = resting.changed() => {}
            () = sleep(inner.settings.beat_every) => {}
        }
    }
}

/// Says once that something does not work, and once more only after it has.
fn said(out: &mut bool, result: Result<(), StoreError>, what: &'static str) {
    match result {
        Ok(()) => *out = false,
        Err(error) if !*out => {
            *out = true;
            tracing::warn!(%error, "{what}");
        }
        Err(_) => {}
    }
}

/// Deliveries in the background.
#[derive(Debug)]
pub struct Running {
    inner: Arc<Inner>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    end: watch::Sender<bool>,
    settling: tokio::task::JoinHandle<()>,
    rest: watch::Sender<bool>,
    beating: tokio::task::JoinHandle<()>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl Running {
    /// Claims nothing more, lets what is under way come to an end in the time the settings give, settles it, and gives the rest back. Until then
    /// it says that it lives, so that nobody else makes what it is still making.
    pub async fn stop(mut self) {
        let inner = &self.inner;
        inner.places.close();
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        let end = Instant::now() + inner.settings.finish;
        let all_done = async {
            // What has a place and is not under way yet is becoming durable.
            while !inner.under_way().is_empty() || inner.places.in_flight() > 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        drop(timeout_at(end, all_done).await);
        self.end.send_replace(true);
        ended(self.settling.await, "settling");
        inner.give_back().await;
        confirm::all(inner).await;
        self.rest.send_replace(true);
        ended(self.beating.await, "saying that this process lives");
        if let Err(error) = lease::leave(inner.ledger.db(), inner.run).await {
            tracing::warn!(%error, "nobody can be told that this process delivers no more; others find out in a moment");
        }
    }
}

fn ended(task: Result<(), tokio::task::JoinError>, what: &'static str) {
    if let Err(error) = task {
        tracing::error!(%error, what, "a part of delivering had ended before its time");
    }
}
