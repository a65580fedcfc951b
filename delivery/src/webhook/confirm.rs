//! Making deliveries that are done with into facts: once a second, one entry for each endpoint and at most 500 deliveries.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::delivery::confirm::{self, Confirm};
use habeo_core::id::{EndpointId, OrgId};
use habeo_core::org;
use habeo_core::store::StoreResult;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Inner;

/// How often what others settled and did not confirm is looked for.
const LEFT_OVER_EVERY: Duration = Duration::from_mins(1);

/// Endpoints with deliveries that are done with and not facts yet.
#[derive(Debug, Default)]
pub(super) struct Confirming {
    waiting: Mutex<BTreeSet<(OrgId, EndpointId)>>,
    /// Whether somebody may have left some over.
    left_over: AtomicBool,
}

impl Confirming {
    pub fn note(&self, org: OrgId, endpoint: EndpointId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert((org, endpoint));
    }

    /// A process has ended: what it left over is looked for at once.
    pub fn look(&self) {
        self.left_over.store(true, Ordering::Relaxed);
    }

    fn take(&self) -> BTreeSet<(OrgId, EndpointId)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Confirms until it is told to stop.
pub(super) async fn run(inner: Arc<Inner>, mut stopping: watch::Receiver<bool>) {
    let mut looked = Instant::now();
    let mut out = false;
    while !*stopping.borrow() {
        tokio::select! {
            _ = stopping.changed() => return,
            () = sleep(inner.settings.confirm_every) => {}
        }
        let asked = inner.confirming.left_over.swap(false, Ordering::Relaxed);
        if asked || looked.elapsed() >= LEFT_OVER_EVERY {
            looked = Instant::now();
            let found = find_left_over(&inner).await;
            if found.is_err() {
                inner.confirming.look();
            }
            super::said(
                &mut out,
                found,
                "what others delivered cannot be looked for",
            );
        }
        all(&inner).await;
    }
}

/// Confirms everything that is done with up to now.
pub(super) async fn all(inner: &Inner) {
    for (org, endpoint) in inner.confirming.take() {
        let access = Access::system(org, Surface::System);
        loop {
            match inner.ledger.record(&access, Confirm { endpoint }).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(org.id = %org, endpoint.id = %endpoint, %error, "deliveries are not on record yet");
                    inner.confirming.note(org, endpoint);
                    break;
                }
            }
        }
    }
}

/// Finds what a process that ended had settled and not confirmed.
pub(super) async fn find_left_over(inner: &Inner) -> StoreResult<()> {
    let db = inner.ledger.db();
    for (org, _) in org::store::all(db).await? {
        for endpoint in confirm::left_over(db, org).await? {
            inner.confirming.note(org, endpoint);
        }
    }
    Ok(())
}
