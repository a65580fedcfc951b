//! The worker of a node: a carrier for each courier, and the upkeep.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::outbox::lease::Outbox;
use habeo_core::outbox::{Channel, Courier};
use habeo_core::store::StoreResult;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::carrier::Carrier;
use crate::courier::AnyCourier;
use crate::hours;
use crate::upkeep::Upkeep;

/// How a worker works.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many parcels of one channel may be on their way at once.
    pub places: usize,
    /// How often it looks for what other nodes have put into the outbox, and for what has become due.
    pub look_every: Duration,
    /// How often the upkeep makes its round.
    pub round_every: Duration,
    /// How long parcels on their way may still take once it has to stop.
    pub finish: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            places: 64,
            look_every: Duration::from_secs(1),
            round_every: Duration::from_secs(20),
            finish: Duration::from_secs(8),
        }
    }
}

/// What delivers the parcels of an installation on one node.
#[derive(Clone)]
pub struct Worker {
    outbox: Outbox,
    couriers: Vec<Arc<dyn AnyCourier>>,
    settings: Settings,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.couriers.iter().map(|courier| courier.channel());
        f.debug_struct("Worker")
            .field("channels", &channels.collect::<Vec<_>>())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker without couriers yet: it keeps the hours and delivers nothing.
    #[must_use]
    pub const fn new(outbox: Outbox, settings: Settings) -> Self {
        Self {
            outbox,
            couriers: Vec::new(),
            settings,
        }
    }

    /// Gives it the courier of a channel, in the place of a former one.
    #[must_use]
    pub fn courier(mut self, courier: impl Courier) -> Self {
        let channel = Courier::channel(&courier);
        self.couriers.retain(|other| other.channel() != channel);
        self.couriers.push(Arc::new(courier));
        self
    }

    /// Works in the background until it is stopped.
    #[must_use]
    pub fn start(self) -> Running {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let upkeep = self.upkeep();
        for courier in self.couriers {
            let every = self.settings.round_every;
            tasks.spawn(hours::keep_up(
                Arc::clone(&courier),
                stopping.clone(),
                every,
            ));
            let carrier = Carrier::new(self.outbox.clone(), courier, &self.settings);
            tasks.spawn(carrier.run(stopping.clone(), self.settings));
        }
        tasks.spawn(upkeep.run(stopping, self.settings.round_every));
        Running { stop, tasks }
    }

    /// The upkeep that goes with these couriers.
    #[must_use]
    pub fn upkeep(&self) -> Upkeep {
        let upkeep = Upkeep::new(self.outbox.ledger().clone());
        let reports = |courier: &Arc<dyn AnyCourier>| courier.channel() == Channel::Billing;
        if self.couriers.iter().any(reports) {
            upkeep.reporting_seats()
        } else {
            upkeep
        }
    }

    /// Lets every courier do what it has to do by the hour, once: for a test, which is in no hurry.
    pub async fn keep_up(&self) -> StoreResult<()> {
        for courier in &self.couriers {
            courier.keep_up().await?;
        }
        Ok(())
    }

    /// Delivers everything that is due now, and what becomes due by it: makes background work explicit where a test wants it so. How many
    /// attempts were made.
    pub async fn deliver_due(&self) -> StoreResult<usize> {
        let mut attempts = 0;
        for courier in &self.couriers {
            let courier = Arc::clone(courier);
            let mut carrier = Carrier::new(self.outbox.clone(), courier, &self.settings);
            attempts += carrier.deliver_due().await?;
        }
        Ok(attempts)
    }
}

/// A worker at work.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Claims nothing more, lets what is on its way come to an end in the time the settings give, and gives the rest back. When this returns
    /// the database is not used any more.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the delivery had ended before its time");
            }
        }
    }
}
