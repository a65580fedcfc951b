//! How quickly messages follow each other in one conversation: a few at once, then one a second, well below what the channel takes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_surface::limit::{Quota, decide};
use moka::future::Cache;
use tokio::time::Instant;

const QUOTA: Quota = Quota {
    rate: 1,
    period_seconds: 1,
    burst: 5,
};
const CONVERSATIONS_MAX: u64 = 10_000;
/// After this long everything is forgiven anyway.
const KEPT: Duration = Duration::from_mins(1);

/// What was sent lately, by conversation.
#[derive(Debug)]
pub(super) struct Paces {
    began: Instant,
    arrivals: Cache<String, Arc<Mutex<i64>>>,
}

impl Default for Paces {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            arrivals: Cache::builder()
                .max_capacity(CONVERSATIONS_MAX)
                .time_to_idle(KEPT)
                .build(),
        }
    }
}

impl Paces {
    /// Waits until it is this message's turn.
    pub(super) async fn turn(&self, conversation: &str) {
        let begun = async { Arc::default() };
        let arrival = self.arrivals.get_with(conversation.to_owned(), begun);
        let arrival: Arc<Mutex<i64>> = arrival.await;
        loop {
            let wait = {
                let mut tat = arrival.lock().unwrap_or_else(PoisonError::into_inner);
                let now = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
                let verdict = decide(*tat, now, QUOTA);
                *tat = verdict.tat;
                if verdict.allowed {
                    return;
                }
                u64::try_from(verdict.retry_after_micros).unwrap_or_default()
            };
            tokio::time::sleep(Duration::from_micros(wait.max(1_000))).await;
        }
    }
}
