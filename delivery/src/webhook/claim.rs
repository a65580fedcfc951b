//! Claiming what waits in the database: retries, what found no place when it was announced, and what others left behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::endpoint::delivery::lease::{self, Waiting};
use habeo_core::endpoint::handing::Ready;
use habeo_core::id::OrgId;
use habeo_core::store::StoreResult;
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
        let looked = look(&inner).await.map(|(ready, due_in)| {
            next = next.min(due_in.unwrap_or(next));
            for ready in ready {
                inner.set_out(ready);
            }
        });
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
    let (ready, _) = look(inner).await?;
    for ready in &ready {
        inner.note(&ready.leased);
    }
    Ok(ready)
}

/// Claims for every endpoint with something due, one organisation after the other; and says in how long something else is due.
async fn look(inner: &Arc<Inner>) -> StoreResult<(Vec<Ready>, Option<Duration>)> {
    if inner.ledger.stopped_because().is_some() {
        return Ok((Vec::new(), None));
    }
    let waiting = lease::waiting(inner.ledger.db()).await?;
    let now = inner.ledger.clock().now();
    let mut due_in: Option<Duration> = None;
    let mut sooner =
        |pause: Duration| due_in = Some(due_in.map_or(pause, |before| before.min(pause)));
    let mut by_org: BTreeMap<OrgId, Vec<Waiting>> = BTreeMap::new();
    for waiting in waiting {
        if waiting.due_at <= now {
            by_org.entry(waiting.org_id).or_default().push(waiting);
        } else {
            sooner(until(waiting.due_at, now));
        }
    }
    let mut ready = Vec::new();
    // An endpoint of each organisation, then another of each.
    while !by_org.is_empty() {
        let mut turn = Vec::with_capacity(by_org.len());
        by_org.retain(|_, endpoints| {
            turn.extend(endpoints.pop());
            !endpoints.is_empty()
        });
        for waiting in turn {
            match claim(inner, waiting, now).await? {
                Claimed::All(claimed) => ready.extend(claimed),
                Claimed::Some(claimed) => {
                    ready.extend(claimed);
                    if let Some(rest) = inner.places.rests(waiting.endpoint_id, Instant::now()) {
                        sooner(rest);
                    }
                }
            }
        }
    }
    Ok((ready, due_in))
}

enum Claimed {
    /// What was due.
    All(Vec<Ready>),
    /// As much as there were places for, or as one turn is.
    Some(Vec<Ready>),
}

async fn claim(inner: &Arc<Inner>, waiting: Waiting, now: Timestamp) -> StoreResult<Claimed> {
    let (org, endpoint) = (waiting.org_id, waiting.endpoint_id);
    let mut places = Vec::new();
    while places.len() < TURN_MAX
        && let Some(place) = inner.place(org, endpoint)
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
