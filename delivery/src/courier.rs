//! Couriers of different kinds in one list, and what keeps each of them from doing harm.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use habeo_core::outbox::{Channel, Courier, Leased, Load, Outcome};
use habeo_core::store::StoreResult;

/// The longest that any delivery may take: well within a lease, so that it is settled while it is held.
const DEADLINE_MAX: Duration = Duration::from_secs(40);

/// A courier of whatever kind.
pub(crate) trait AnyCourier: Send + Sync {
    fn channel(&self) -> Channel;
    fn deadline(&self) -> Duration;
    fn load(&self) -> Load;
    fn deliver_many<'a>(&'a self, parcels: &'a [Leased]) -> BoxFuture<'a, Vec<Outcome>>;
    fn keep_up(&self) -> BoxFuture<'_, StoreResult<()>>;
}

impl<C: Courier> AnyCourier for C {
    fn channel(&self) -> Channel {
        Courier::channel(self)
    }

    fn deadline(&self) -> Duration {
        Courier::deadline(self).min(DEADLINE_MAX)
    }

    fn load(&self) -> Load {
        Courier::load(self)
    }

    fn deliver_many<'a>(&'a self, parcels: &'a [Leased]) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(Courier::deliver_many(self, parcels))
    }

    fn keep_up(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(Courier::keep_up(self))
    }
}

/// Asks a courier once, and says what became of each parcel in their order. A panic, a courier that does not come back, and a parcel of which it
/// says nothing are attempts that failed.
pub(crate) async fn attempt(courier: &dyn AnyCourier, parcels: &[Leased]) -> Vec<Outcome> {
    let failed = |why: &str| Outcome::Again {
        after: None,
        why: why.to_owned(),
    };
    // What a courier shares between calls is its own affair; a panic leaves ours as it was.
    let delivering = AssertUnwindSafe(courier.deliver_many(parcels)).catch_unwind();
    let (mut outcomes, why) = match tokio::time::timeout(courier.deadline(), delivering).await {
        Ok(Ok(outcomes)) => (outcomes, "the courier said nothing of it"),
        Ok(Err(_)) => {
            let first = parcels.first();
            tracing::error!(org.id = ?first.map(|one| one.org), parcel.id = ?first.map(|one| one.id), parcels = parcels.len(), channel = %courier.channel(), "a courier panicked");
            (Vec::new(), "the courier failed")
        }
        Err(_) => (Vec::new(), "there was no answer in time"),
    };
    outcomes.resize(parcels.len(), failed(why));
    outcomes
}
