//! Settling in the background: whatever has come back since the last time, by organisation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::command::DisableEndpoint;
use habeo_core::endpoint::delivery::confirm::{BATCH_MAX, GiveUp};
use habeo_core::endpoint::delivery::settle::{Done, Settled, settle};
use habeo_core::id::{EndpointId, EventId, OrgId};
use habeo_core::ledger::RecordError;
use habeo_core::store::{StoreError, StoreResult};
use tokio::sync::watch;
use tokio::time::sleep;

use super::Inner;
use crate::figures;

/// How many are settled together at most.
const TOGETHER_MAX: usize = 1_000;
/// How often settling is tried before it is left to whoever inherits.
const TRIES: u32 = 5;
/// The pause after the first; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// Settles until it is told to stop and nothing is left.
pub(super) async fn run(inner: Arc<Inner>, mut ending: watch::Receiver<bool>) {
    let mut results = inner.results.lock().await;
    loop {
        let first = tokio::select! {
            biased;
            first = results.recv() => first,
            _ = ending.changed() => results.try_recv().ok(),
        };
        let Some(first) = first else { return };
        let mut done = vec![first];
        while done.len() < TOGETHER_MAX {
            let Ok(next) = results.try_recv() else { break };
            done.push(next);
        }
        if let Err(error) = all(&inner, done).await {
            tracing::warn!(%error, "what became of deliveries cannot be noted; they may be made once more");
        }
        if *ending.borrow() && results.is_empty() {
            return;
        }
    }
}

/// Settles these, and does what follows.
pub(super) async fn all(inner: &Inner, done: Vec<Done>) -> StoreResult<()> {
    let mut by_org: BTreeMap<OrgId, Vec<Done>> = BTreeMap::new();
    for done in done {
        figures::delivered(&done);
        by_org.entry(done.leased.org).or_default().push(done);
    }
    let mut failed = None;
    for (org, done) in by_org {
        let settled = tried(inner, org, &done).await;
        inner.is_done(&done);
        match settled {
            Ok(settled) => follow(inner, org, settled).await,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Settles, several times where it may fare better in a moment. What the database loses stops everything.
async fn tried(inner: &Inner, org: OrgId, done: &[Done]) -> StoreResult<Settled> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        let now = inner.ledger.clock().now();
        match settle(&inner.ledger, org, inner.run, done, now).await {
            Err(StoreError::Busy | StoreError::Collided | StoreError::Lost(_))
                if attempt < TRIES =>
            {
                sleep(pause).await;
                pause *= 2;
            }
            settled => return settled,
        }
    }
    Err(StoreError::Busy)
}

async fn follow(inner: &Inner, org: OrgId, settled: Settled) {
    for endpoint in &settled.accepted {
        inner.confirming.note(org, *endpoint);
    }
    if settled.next_due {
        inner.look.notify_one();
    }
    let access = Access::system(org, Surface::System);
    let mut given_up: BTreeMap<EndpointId, Vec<EventId>> = BTreeMap::new();
    for (endpoint, event) in settled.exhausted {
        given_up.entry(endpoint).or_default().push(event);
    }
    for (endpoint, events) in given_up {
        let most = usize::try_from(BATCH_MAX).unwrap_or(1);
        for events in events.chunks(most) {
            let events = events.to_vec();
            let recorded = inner.ledger.record(&access, GiveUp { endpoint, events });
            if let Err(error) = recorded.await {
                tracing::error!(org.id = %org, endpoint.id = %endpoint, %error, "that deliveries were given up cannot be recorded");
            }
        }
    }
    for lost in settled.lost {
        let (endpoint, because) = (lost.endpoint, lost.because);
        match inner
            .ledger
            .record(&access, DisableEndpoint { endpoint, because })
            .await
        {
            Ok(true) => {
                tracing::warn!(org.id = %org, endpoint.id = %endpoint, %because, "an endpoint was disabled");
            }
            // Somebody removed or paused it meanwhile.
            Ok(false) | Err(RecordError::Refused(_)) => {}
            Err(error) => {
                tracing::error!(org.id = %org, endpoint.id = %endpoint, %error, "an endpoint cannot be disabled; it is tried again after its next attempt");
            }
        }
    }
}
