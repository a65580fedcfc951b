//! What works off everything that other systems report.

use habeo_core::connection::Family;
use habeo_core::inbox::worker::{Handler, Settings, Worker};
use habeo_receivers::reception::source;
use habeo_receivers::work::{Devices, Tickets};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;

/// Letters of one organisation are recorded one batch after the other; of several, side by side.
const SETTINGS: Settings = Settings {
    at_once: 2,
    look_every: std::time::Duration::from_secs(1),
};

/// What works off the reports of device managements.
#[must_use]
pub fn devices(app: &App) -> Worker<Devices> {
    let handler = Devices(app.node.ledger.clone());
    let inbox = app.reception.inbox().clone();
    Worker::new(inbox, source(Family::Mdm), handler, SETTINGS)
}

/// What works off the reports of help desks.
#[must_use]
pub fn tickets(app: &App) -> Worker<Tickets> {
    let handler = Tickets(app.node.ledger.clone());
    let inbox = app.reception.inbox().clone();
    Worker::new(inbox, source(Family::Itsm), handler, SETTINGS)
}

/// What works off everything that other systems report.
#[derive(Debug)]
pub struct Reports {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Reports {
    /// Begins with what waits.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let mut reports = Self {
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        reports.spawn(devices(app));
        reports.spawn(tickets(app));
        reports
    }

    fn spawn<H: Handler>(&mut self, worker: Worker<H>) {
        let mut stopping = self.stop.subscribe();
        self.tasks.spawn(worker.run(async move {
            // Whoever could still say it is gone as well.
            drop(stopping.wait_for(|stop| *stop).await);
        }));
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
