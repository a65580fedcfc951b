//! What other systems report: the receivers, and what works off what they have kept.

use std::sync::Arc;

use habeo_core::connection::Family;
use habeo_core::inbox::worker::{self, Worker};
use habeo_punchout::upkeep;
use habeo_receivers::clerk::{self, Clerk};
use habeo_receivers::reception::{Reception, source};
use habeo_receivers::stripe::{self, MeterCourier, Stripe};
use habeo_receivers::work::{Devices, Tickets};
use habeo_surface::token::Authenticator;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::Config;
use crate::node::Node;

/// The receivers of an installation. Where nothing is configured they are there, and let nobody in.
#[derive(Debug, Clone)]
pub struct Receivers {
    /// Of the identity provider.
    pub clerk: Clerk,
    /// Of the billing service.
    pub stripe: Stripe,
    /// What reports used seats, where there is a meter.
    pub meter: Option<MeterCourier>,
    /// Of device managements and help desks.
    pub reception: Reception,
}

/// Letters of one organisation are recorded one batch after the other; of several, side by side.
const BATCHES: worker::Settings = worker::Settings {
    at_once: 2,
    look_every: std::time::Duration::from_secs(1),
};

impl Receivers {
    /// The receivers as they are configured.
    #[must_use]
    pub fn new(
        config: &Config,
        node: &Node,
        bot: &habeo_bot::Bot,
        authenticator: &Arc<Authenticator>,
    ) -> Self {
        let parts = bot.common().parts();
        let inbox = parts.inbox.clone();
        let clerk = clerk::Parts {
            ledger: node.ledger.clone(),
            master_key: Arc::clone(&node.master_key),
            inbox: inbox.clone(),
            authenticator: Arc::clone(authenticator),
        };
        let meter = config.stripe.meter();
        let reception = Reception::new(
            node.ledger.clone(),
            inbox.clone(),
            Arc::clone(&node.master_key),
        );
        Self {
            reception,
            clerk: Clerk::new(clerk, config.clerk.reports()),
            stripe: Stripe::new(
                node.ledger.clone(),
                inbox,
                Arc::clone(&node.master_key),
                config.stripe.reports(),
            ),
            meter: meter.map(|meter| MeterCourier::new(parts.egress.clone(), meter)),
        }
    }

    /// What works off the reports of the identity provider.
    #[must_use]
    pub fn clerk_reports(&self) -> Worker<Clerk> {
        let (inbox, settings) = (self.clerk.inbox().clone(), worker::Settings::default());
        Worker::new(inbox, clerk::SOURCE, self.clerk.clone(), settings)
    }

    /// What works off the reports of device managements.
    #[must_use]
    pub fn devices(&self) -> Worker<Devices> {
        let handler = Devices::new(self.reception.ledger().clone());
        let inbox = self.reception.inbox().clone();
        Worker::new(inbox, source(Family::Mdm), handler, BATCHES)
    }

    /// What works off the reports of help desks.
    #[must_use]
    pub fn tickets(&self) -> Worker<Tickets> {
        let handler = Tickets::new(self.reception.ledger().clone());
        let inbox = self.reception.inbox().clone();
        Worker::new(inbox, source(Family::Itsm), handler, BATCHES)
    }

    /// What works off the reports of the billing service.
    #[must_use]
    pub fn stripe_reports(&self) -> Worker<Stripe> {
        let (inbox, settings) = (self.stripe.inbox().clone(), worker::Settings::default());
        Worker::new(inbox, stripe::SOURCE, self.stripe.clone(), settings)
    }
}

/// What works off everything that is reported.
#[derive(Debug)]
pub struct Reports {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Reports {
    /// Begins with what waits.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        let stopping = || {
            let mut stopping = stop.subscribe();
            async move {
                // Whoever could still say it is gone as well.
                drop(stopping.wait_for(|stop| *stop).await);
            }
        };
        tasks.spawn(app.receivers.clerk_reports().run(stopping()));
        tasks.spawn(app.receivers.stripe_reports().run(stopping()));
        tasks.spawn(app.receivers.devices().run(stopping()));
        tasks.spawn(app.receivers.tickets().run(stopping()));
        tasks.spawn(upkeep::run(app.punchout.clone(), stopping()));
        Self { stop, tasks }
    }

    /// Begins nothing more; returns when what was begun has ended.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "what works off reports had ended before its time");
            }
        }
    }
}
