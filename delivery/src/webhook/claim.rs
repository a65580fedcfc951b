//! Claiming what waits in the database: retries, what found no place when it was announced, and what others left behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::endpoint::delivery::lease::{self, Waiting};
use habeo_core::endpoint::handing::{Limits, Ready};
use habeo_core::id::OrgId;
use habeo_core::store::{StoreError, StoreResult};
use habeo_core::time::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Inner;

/// The most that is claimed for one endpoint before the others have their turn.
const TURN_MAX: usize = 64;
/// The shortest pause between two looks: what becomes free or due within it is looked for together.
const PAUSE_MIN: Duration = Duration::from_millis(2);

/// Claims until it is told to stop.
pub(super) async fn run(inner: Arc<Inner>, mut stopping: watch::Receiver<bool>) {
    let mut out = false;
    while !*stopping.borrow() {
        let mut next = inner.settings.look_every;
        let Looked {
            ready,
            due_in,
            failed,
        } = look(&inner).await;
        next = next.min(due_in.unwrap_or(next));
        for ready in ready {
            inner.set_out(ready);
        }
        let looked = failed.map_or(Ok(()), Err);
        super::said(&mut out, looked, "deliveries cannot be claimed; they wait");
        tokio::select! {
            _ = stopping.changed() => return,
            () = inner.look.notified() => sleep(PAUSE_MIN).await,
            () = sleep(next.max(PAUSE_MIN)) => {}
        }
    }
}

/// Everything that is due, for as long as there are places.
pub(super) async fn all_due(inner: &Arc<Inner>) -> StoreResult<Vec<Ready>> {
    let looked = look(inner).await;
    for ready in &looked.ready {
        inner.note(&ready.leased);
    }
    match looked.failed {
        Some(error) if looked.ready.is_empty() => Err(error),
        _ => Ok(looked.ready),
    }
}

/// What came of looking once.
#[derive(Default)]
struct Looked {
    /// What was claimed: it is this process's, whatever else went wrong.
    ready: Vec<Ready>,
    /// In how long something else is due.
    due_in: Option<Duration>,
    /// Why some could not be claimed.
    failed: Option<StoreError>,
}

impl Looked {
    fn sooner(&mut self, pause: Duration) {
        self.due_in = Some(self.due_in.map_or(pause, |before| before.min(pause)));
    }
}

/// Claims for every endpoint with something due, one organisation after the other. One that cannot be claimed for keeps no other waiting.
async fn look(inner: &Arc<Inner>) -> Looked {
    let mut looked = Looked::default();
    if inner.ledger.stopped_because().is_some() {
        return looked;
    }
    let waiting = match lease::waiting(inner.ledger.db()).await {
        Ok(waiting) => waiting,
        Err(error) => {
            looked.failed = Some(error);
            return looked;
        }
    };
    let now = inner.ledger.clock().now();
    let mut by_org: BTreeMap<OrgId, Vec<Waiting>> = BTreeMap::new();
    for waiting in waiting {
        if waiting.due_at <= now {
            by_org.entry(waiting.org_id).or_default().push(waiting);
        } else {
            looked.sooner(until(waiting.due_at, now));
        }
    }
    // An endpoint of each organisation, then another of each.
    while !by_org.is_empty() {
        let mut turn = Vec::with_capacity(by_org.len());
        by_org.retain(|_, endpoints| {
            turn.extend(endpoints.pop());
            !endpoints.is_empty()
        });
        for waiting in turn {
            match claim(inner, waiting, now).await {
                Ok(Claimed::All(claimed)) => looked.ready.extend(claimed),
                Ok(Claimed::Some(claimed)) => {
                    looked.ready.extend(claimed);
                    if let Some(rest) = inner.places.rests(waiting.endpoint_id, Instant::now()) {
                        looked.sooner(rest);
                    }
                }
                Err(error) => looked.failed = Some(error),
            }
        }
    }
    looked
}

enum Claimed {
    /// What was due.
    All(Vec<Ready>),
    /// As much as there were places for, or as one turn is.
    Some(Vec<Ready>),
}

async fn claim(inner: &Arc<Inner>, waiting: Waiting, now: Timestamp) -> StoreResult<Claimed> {
    let (org, endpoint) = (waiting.org_id, waiting.endpoint_id);
    // What its owner allows, as far as it is known here; an attempt looks once more.
    let known = inner.targets.get(org, endpoint, 0).await?;
    let limits = known.map_or(Limits::default(), |known| known.target.limits);
    let mut places = Vec::new();
    while places.len() < TURN_MAX
        && inner.places.may_claim(org)
        && let Some(place) = inner.place(org, endpoint, limits)
    {
        places.push(place);
    }
    if places.is_empty() {
        return Ok(Claimed::Some(Vec::new()));
    }
    let wanted = places.len();
    let leased = lease::claim(&inner.ledger, (org, endpoint), inner.run, now, wanted).await?;
    let all = leased.len() < wanted;
    inner.places.set_more(endpoint, !all);
    let ready = leased
        .into_iter()
        .zip(places)
        .map(|(leased, place)| Ready { leased, place })
        .collect();
    if all {
        Ok(Claimed::All(ready))
    } else {
        inner.look.notify_one();
        Ok(Claimed::Some(ready))
    }
}

fn until(due_at: Timestamp, now: Timestamp) -> Duration {
    let micros = due_at.micros().saturating_sub(now.micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
