//! What is sent because of the hour, and what is forgotten: by one node at a time.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::digest;
use habeo_core::id::{LeaseToken, OrgId};
use habeo_core::lease;
use habeo_core::ledger::Ledger;
use habeo_core::notice::{self, remind};
use habeo_core::org;
use habeo_core::outbox;
use habeo_core::seat;
use habeo_core::store::StoreResult;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::figures;
use crate::forgetting::Forgetting;

/// Whoever holds it makes the rounds.
const ROUNDS: &str = "notices";
/// How long a node that has gone away keeps the others from them.
const ROUNDS_MICROS: i64 = 120 * SECOND_MICROS;

/// The upkeep of one node.
#[derive(Debug)]
pub struct Upkeep {
    ledger: Ledger,
    holder: String,
    /// Whether there is a courier for reports of used seats; without one none is put into the outbox.
    reports_seats: bool,
    forgetting: Forgetting,
}

impl Upkeep {
    /// The upkeep of a ledger's database.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        let holder = fresh(&ledger);
        Self {
            forgetting: Forgetting::new(ledger.clone()),
            ledger,
            holder,
            reports_seats: false,
        }
    }

    /// Reports the seats in use as well, once a day where a licence has a meter.
    #[must_use]
    pub const fn reporting_seats(mut self) -> Self {
        self.reports_seats = true;
        self
    }

    /// Makes its rounds until it is told to stop.
    pub(crate) async fn run(self, mut stopping: watch::Receiver<bool>, every: Duration) {
        let mut out = false;
        while !*stopping.borrow() {
            match self.round().await {
                Ok(()) => out = false,
                Err(error) if !out => {
                    out = true;
                    tracing::warn!(%error, "what is due by the hour cannot be looked up; it waits");
                }
                Err(_) => {}
            }
            tokio::select! {
                _ = stopping.changed() => {}
                () = sleep(every) => {}
            }
        }
    }

    /// One round: counts what waits, and where this node's turn it is, sends what is due by the hour and forgets what is old.
    pub async fn round(&self) -> StoreResult<()> {
        let db = self.ledger.db();
        let now = self.ledger.clock().now();
        figures::backlog(&outbox::store::backlog(db).await?, now);
        if self.ledger.stopped_because().is_some() {
            return Ok(());
        }
        self.tell_all(now).await?;
        self.bill_all().await?;
        self.forgetting.round(now).await
    }

    /// Tells everybody whom there is something to tell. An installation in which nothing is due writes nothing.
    async fn tell_all(&self, now: Timestamp) -> StoreResult<()> {
        let db = self.ledger.db();
        let mut due = Vec::new();
        for org in notice::store::organizations(db).await? {
            // Nobody is told anything of an organisation that was closed.
            let open = !self.is_closed(org).await?;
            if open
                && (remind::is_due(&self.ledger, org).await?
                    || digest::send::is_due(&self.ledger, org).await?)
            {
                due.push(org);
            }
        }
        let until = now.plus_micros(ROUNDS_MICROS);
        if !due.is_empty() && lease::take(db, ROUNDS, &self.holder, now, until).await? {
            for org in due {
                self.tell(org).await;
            }
        }
        Ok(())
    }

    async fn is_closed(&self, org: OrgId) -> StoreResult<bool> {
        let access = Access::system(org, Surface::System);
        let mut tx = self.ledger.db().read(&access).await?;
        org::store::is_closed(&mut tx, org).await
    }

    /// Records where grace has run out, and reports used seats. What is done twice by two nodes is done once: the ledger says so.
    async fn bill_all(&self) -> StoreResult<()> {
        for org in seat::store::organizations(self.ledger.db()).await? {
            let due = seat::report::due(&self.ledger, org).await?;
            let mut failed = None;
            if due.grace {
                failed = seat::report::end_grace(&self.ledger, org).await.err();
            }
            if due.usage && self.reports_seats {
                let reported = seat::report::report(&self.ledger, org).await;
                failed = failed.or(reported.err());
            }
            if let Some(error) = failed {
                tracing::warn!(org.id = %org, %error, "what is due for a licence waits");
            }
        }
        Ok(())
    }

    /// An organisation that cannot be served keeps no other waiting.
    async fn tell(&self, org: OrgId) {
        let told = remind::remind(&self.ledger, org).await;
        let sent = digest::send::send_due(&self.ledger, org).await;
        for error in [told.err(), sent.err()].into_iter().flatten() {
            tracing::warn!(org.id = %org, %error, "notices that are due by the hour wait");
        }
    }
}

fn fresh(ledger: &Ledger) -> String {
    LeaseToken::generate(ledger.clock().now(), ledger.random()).to_string()
}
