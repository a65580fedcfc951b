//! What is forgotten when it is old: by one node, once a day; deliveries by the hour, a portion at a time.

use std::sync::atomic::{AtomicI64, Ordering};

use habeo_core::endpoint::delivery::forget;
use habeo_core::id::{LeaseToken, OrgId};
use habeo_core::lease;
use habeo_core::ledger::Ledger;
use habeo_core::org;
use habeo_core::outbox;
use habeo_core::push_device::ticket;
use habeo_core::store::StoreResult;
use habeo_core::time::{DAY_MICROS, SECOND_MICROS, Timestamp};
use habeo_core::unplaced;
use tokio::task::yield_now;

/// Taken once a day, by whoever comes first.
const DAILY: &str = "outbox-forgetting";
/// How often a node asks whether it is the one, and how often deliveries are looked through.
const ASKED_MICROS: i64 = 3_600 * SECOND_MICROS;
/// How many portions of one organisation are forgotten in one round, before the other rounds go on.
const PORTIONS_MAX: usize = 40;

/// What one node forgets, and when next.
#[derive(Debug)]
pub(crate) struct Forgetting {
    ledger: Ledger,
    /// Before when this node has no need to ask who forgets.
    daily_from: AtomicI64,
    /// Before when no delivery is looked at.
    deliveries_from: AtomicI64,
}

impl Forgetting {
    pub const fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            daily_from: AtomicI64::new(i64::MIN),
            deliveries_from: AtomicI64::new(i64::MIN),
        }
    }

    /// Forgets what is due to be forgotten.
    pub async fn round(&self, now: Timestamp) -> StoreResult<()> {
        self.daily(now).await?;
        self.deliveries(now).await
    }

    async fn daily(&self, now: Timestamp) -> StoreResult<()> {
        if now.micros() < self.daily_from.load(Ordering::Relaxed) {
            return Ok(());
        }
        put_off(&self.daily_from, now);
        let db = self.ledger.db();
        // Under a name that nobody has had before, so that nobody renews it.
        let once = LeaseToken::generate(now, self.ledger.random()).to_string();
        if !lease::take(db, DAILY, &once, now, now.plus_micros(DAY_MICROS)).await? {
            return Ok(());
        }
        for (org, _) in org::store::all(db).await? {
            outbox::store::forget(db, org, now).await?;
            ticket::store::forget(db, org, now).await?;
        }
        unplaced::forget(db, now).await?;
        Ok(())
    }

    /// Deliveries may be very many, so a round ends after so many portions and the next one goes on. Two nodes that do it at once do it once:
    /// each finds what the other has left.
    async fn deliveries(&self, now: Timestamp) -> StoreResult<()> {
        if now.micros() < self.deliveries_from.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut more = false;
        for (org, _) in org::store::all(self.ledger.db()).await? {
            more |= self.deliveries_of(org, now).await?;
        }
        if !more {
            put_off(&self.deliveries_from, now);
        }
        Ok(())
    }

    /// Whether there is more.
    async fn deliveries_of(&self, org: OrgId, now: Timestamp) -> StoreResult<bool> {
        for _ in 0..PORTIONS_MAX {
            if !forget::forget(&self.ledger, org, now).await? {
                return Ok(false);
            }
            yield_now().await;
        }
        Ok(true)
    }
}

fn put_off(from: &AtomicI64, now: Timestamp) {
    let next = now.plus_micros(ASKED_MICROS).micros();
    from.store(next, Ordering::Relaxed);
}
