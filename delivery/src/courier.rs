//! Couriers of different kinds in one list, and what keeps each of them from doing harm.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use habeo_core::outbox::{Channel, Courier, Leased, Outcome};

/// The longest that any delivery may take: well within a lease, so that it is settled while it is held.
const DEADLINE_MAX: Duration = Duration::from_secs(40);

/// A courier of whatever kind.
pub(crate) trait AnyCourier: Send + Sync {
    fn channel(&self) -> Channel;
    fn deadline(&self) -> Duration;
    fn deliver<'a>(&'a self, parcel: &'a Leased) -> BoxFuture<'a, Outcome>;
}

impl<C: Courier> AnyCourier for C {
    fn channel(&self) -> Channel {
        Courier::channel(self)
    }

    fn deadline(&self) -> Duration {
        Courier::deadline(self).min(DEADLINE_MAX)
    }

    fn deliver<'a>(&'a self, parcel: &'a Leased) -> BoxFuture<'a, Outcome> {
        Box::pin(Courier::deliver(self, parcel))
    }
}

/// Asks a courier once. A panic and a courier that does not come back are attempts that failed.
pub(crate) async fn attempt(courier: &dyn AnyCourier, parcel: &Leased) -> Outcome {
    let failed = |why: &str| Outcome::Again {
        after: None,
        why: why.to_owned(),
    };
    // What a courier shares between calls is its own affair; a panic leaves ours as it was.
    let delivering = AssertUnwindSafe(courier.deliver(parcel)).catch_unwind();
    match tokio::time::timeout(courier.deadline(), delivering).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => {
            tracing::error!(org.id = %parcel.org, parcel.id = %parcel.id, channel = %parcel.channel, "a courier panicked");
            failed("the courier failed")
        }
        Err(_) => failed("there was no answer in time"),
    }
}
