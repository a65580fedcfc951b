//! Settling in the background: whatever has come back since the last time, by organisation.
//!
//! What the database cannot take is kept and tried again for as long as a claim lasts. What follows of it is done beside, so that one
//! organisation's ledger keeps nobody waiting.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::command::DisableEndpoint;
use habeo_core::endpoint::delivery::give_up::give_up;
use habeo_core::endpoint::delivery::settle::{Done, Lost, Settled, settle};
use habeo_core::id::{EndpointId, OrgId};
use habeo_core::ledger::RecordError;
use habeo_core::store::{StoreError, StoreResult};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Inner;
use crate::figures;

/// How many are settled together at most.
const TOGETHER_MAX: usize = 1_000;
/// For how long what became of a delivery is kept that cannot be noted: as long as its claim lasts.
const KEPT: Duration = Duration::from_mins(1);
/// The pause before it is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// A delivery that has come back.
#[derive(Debug)]
pub(super) struct Back {
    done: Done,
    /// Until when it is kept.
    until: Instant,
}

impl Back {
    pub fn new(done: Done) -> Self {
        figures::delivered(&done);
        Self {
            done,
            until: Instant::now() + KEPT,
        }
    }
}

/// Settles until it is told to stop and nothing is left.
pub(super) async fn run(inner: Arc<Inner>, mut ending: watch::Receiver<bool>) {
    let mut results = inner.results.lock().await;
    let mut following = Following::default();
    let mut out = false;
    loop {
        let first = tokio::select! {
            biased;
            first = results.recv() => first,
            _ = ending.changed() => results.try_recv().ok(),
        };
        let Some(first) = first else { break };
        let mut back = vec![first];
        while back.len() < TOGETHER_MAX {
            let Ok(next) = results.try_recv() else { break };
            back.push(next);
        }
        let mut failed = None;
        for (org, back) in by_org(back) {
            match some(&inner, org, &back).await {
                Ok(settled) => following.follow(&inner, org, settled),
                Err(error) => {
                    keep(&inner, back);
                    failed = Some(error);
                }
            }
        }
        let noted = failed.map_or(Ok(()), Err);
        super::said(
            &mut out,
            noted,
            "what became of deliveries cannot be noted; it is tried again",
        );
        if *ending.borrow() && results.is_empty() {
            break;
        }
    }
    following.end().await;
}

/// Settles these at once, and does what follows.
pub(super) async fn all(inner: &Inner, done: Vec<Done>) -> StoreResult<()> {
    let back = done.into_iter().map(Back::new).collect();
    for (org, back) in by_org(back) {
        let settled = loop {
            match some(inner, org, &back).await {
                Err(StoreError::Busy | StoreError::Collided | StoreError::Lost(_))
                    if back.iter().any(|back| Instant::now() < back.until) =>
                {
                    sleep(PAUSE).await;
                }
                settled => break settled?,
            }
        };
        note(inner, org, &settled);
        follow(inner, org, settled).await;
    }
    Ok(())
}

fn by_org(back: Vec<Back>) -> BTreeMap<OrgId, Vec<Back>> {
    let mut by_org: BTreeMap<OrgId, Vec<Back>> = BTreeMap::new();
    for back in back {
        by_org.entry(back.done.leased.org).or_default().push(back);
    }
    by_org
}

async fn some(inner: &Inner, org: OrgId, back: &[Back]) -> StoreResult<Settled> {
    let done: Vec<&Done> = back.iter().map(|back| &back.done).collect();
    let now = inner.ledger.clock().now();
    let settled = settle(&inner.ledger, org, inner.run, &done, now).await?;
    inner.is_done(done);
    Ok(settled)
}

/// Brings them back in a moment; those whose claims are over are left to whoever claims them next.
fn keep(inner: &Arc<Inner>, back: Vec<Back>) {
    let now = Instant::now();
    let (kept, over): (Vec<Back>, Vec<Back>) = back.into_iter().partition(|back| now < back.until);
    if !over.is_empty() {
        let deliveries = over.len();
        tracing::warn!(
            deliveries,
            "what became of deliveries could not be noted; they are made once more"
        );
        inner.is_done(over.iter().map(|back| &back.done));
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        sleep(PAUSE).await;
        for back in kept {
            // Where nobody settles any more, it is given back.
            drop(inner.done.send(back));
        }
    });
}

/// What is done beside, for one organisation one after another.
#[derive(Default)]
struct Following {
    tasks: JoinSet<OrgId>,
    busy: HashSet<OrgId>,
}

impl Following {
    /// What is left out because the organisation has something followed already is found again after the next attempt that fails.
    fn follow(&mut self, inner: &Arc<Inner>, org: OrgId, settled: Settled) {
        note(inner, org, &settled);
        if settled.lost.is_empty() && settled.failing.is_empty() {
            return;
        }
        while let Some(ended) = self.tasks.try_join_next() {
            match ended {
                Ok(org) => {
                    self.busy.remove(&org);
                }
                Err(error) => {
                    tracing::error!(%error, "what follows of deliveries had ended before its time");
                    self.busy.clear();
                }
            }
        }
        if self.busy.insert(org) {
            let inner = Arc::clone(inner);
            self.tasks.spawn(async move {
                follow(&inner, org, settled).await;
                org
            });
        }
    }

    async fn end(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What follows at once.
fn note(inner: &Inner, org: OrgId, settled: &Settled) {
    for endpoint in &settled.numbered {
        inner.confirming.note(org, *endpoint);
    }
    if settled.next_due {
        inner.look.notify_one();
    }
}

/// What follows of failures.
async fn follow(inner: &Inner, org: OrgId, settled: Settled) {
    for endpoint in settled.failing {
        if let Err(error) = give_up_old(inner, org, endpoint).await {
            tracing::warn!(org.id = %org, endpoint.id = %endpoint, %error, "what waits too long cannot be given up; it is tried again after the next attempt");
        }
    }
    for lost in settled.lost {
        disable(inner, org, lost).await;
    }
}

async fn give_up_old(inner: &Inner, org: OrgId, endpoint: EndpointId) -> StoreResult<()> {
    let now = inner.ledger.clock().now();
    while give_up(&inner.ledger, (org, endpoint), now).await? > 0 {
        inner.confirming.note(org, endpoint);
    }
    Ok(())
}

async fn disable(inner: &Inner, org: OrgId, lost: Lost) {
    let access = Access::system(org, Surface::System);
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
