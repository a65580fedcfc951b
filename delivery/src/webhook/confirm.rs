//! Making accepted deliveries into facts: once a second, one entry for each endpoint and at most 500 deliveries.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::delivery::confirm::{self, Confirm};
use habeo_core::id::{EndpointId, OrgId};
use habeo_core::org;
use habeo_core::store::StoreResult;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Inner;

/// Endpoints with accepted deliveries that are not facts yet.
#[derive(Debug, Default)]
pub(super) struct Confirming(Mutex<BTreeSet<(OrgId, EndpointId)>>);

impl Confirming {
    pub fn note(&self, org: OrgId, endpoint: EndpointId) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert((org, endpoint));
    }

    fn take(&self) -> BTreeSet<(OrgId, EndpointId)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Confirms until it is told to stop.
pub(super) async fn run(inner: Arc<Inner>, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        tokio::select! {
            _ = stopping.changed() => return,
            () = sleep(inner.settings.confirm_every) => all(&inner).await,
        }
    }
}

/// Confirms everything that was accepted up to now.
pub(super) async fn all(inner: &Inner) {
    for (org, endpoint) in inner.confirming.take() {
        let access = Access::system(org, Surface::System);
        loop {
            match inner.ledger.record(&access, Confirm { endpoint }).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(org.id = %org, endpoint.id = %endpoint, %error, "accepted deliveries are not on record yet");
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
