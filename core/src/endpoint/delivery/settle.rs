//! Settling: what became of attempts, many of one organisation in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use uuid::Uuid;

use super::super::Because;
use super::super::announce::BEHIND_ANOTHER;
use super::super::handing::Leased;
use super::Status;
use crate::id::{DeliveryId, EndpointId, OrgId, RunId};
use crate::ledger::Ledger;
use crate::outbox::{backoff, lane};
use crate::store::{Query, StoreResult, Tx, Value, execute, fetch_one};
use crate::time::{DAY_MICROS, HOUR_MICROS, Timestamp};

/// How many ids one statement names.
const LIST_MAX: usize = 256;
/// How often an endpoint may say that it is gone, over [`GONE_MICROS`], until it is believed.
const GONE_TIMES: i64 = 3;
/// For how long it has to say so.
const GONE_MICROS: i64 = HOUR_MICROS;
/// How long nothing has to be accepted until an endpoint is told of nothing more.
const SILENT_MICROS: i64 = 5 * DAY_MICROS;
/// How many attempts have to have failed by then.
const SILENT_ATTEMPTS: i64 = 10;
/// After how many failures in a row only one request at a time is tried.
pub const FAILING_ATTEMPTS: i64 = 5;

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which; the first is 1.
    pub attempt: u32,
    /// When it ended.
    pub at: Timestamp,
    /// The status of the answer; none where there was none.
    pub answer: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u32,
    /// What was wrong; empty where nothing was.
    pub why: String,
    /// The beginning of the answer, at most 1 KiB, with everything masked that looks like a secret.
    pub excerpt: String,
}

/// What became of a delivery that was taken.
#[derive(Debug, Clone)]
pub struct Done {
    /// Which.
    pub leased: Leased,
    /// Its attempts, the last one last: more than one where it was repeated at once with the other secret.
    pub attempts: Vec<Attempt>,
    /// Whether the last was accepted.
    pub accepted: bool,
    /// Which of two secrets signed first in what was accepted, where there were two: whether it was the one before.
    pub by_previous: Option<bool>,
    /// How long the receiver asks to wait.
    pub retry_after: Option<Duration>,
}

/// An endpoint that should be told of nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub endpoint: EndpointId,
    /// Why.
    pub because: Because,
}

/// What followed from settling.
#[derive(Debug, Default)]
pub struct Settled {
    /// Endpoints that should be told of nothing more.
    pub lost: Vec<Lost>,
    /// Endpoints that failed so often in a row that only one request at a time is tried.
    pub failing: Vec<EndpointId>,
    /// Deliveries that follow on one that is done, and are due now.
    pub next_due: bool,
    /// Endpoints with deliveries that are done with and not yet facts.
    pub numbered: BTreeSet<EndpointId>,
    /// The next time anything of this is due.
    pub due_at: Option<Timestamp>,
}

/// How the deliveries of an endpoint went that are settled together.
#[derive(Debug, Default)]
struct Tally {
    delivered: i64,
    /// Deliveries that are given up.
    exhausted: i64,
    failed: i64,
    /// Failures since the last success, if there was one.
    trailing: i64,
    any_success: bool,
    gone: i64,
    by_previous: Option<bool>,
}

/// What one claim is known by: a later claim of the same delivery counts one attempt more.
type Claim = (DeliveryId, u32);

/// Notes what became of deliveries of one organisation. What this run did not have any more, or has by a later claim, is passed over: somebody
/// else has it.
pub async fn settle(
    ledger: &Ledger,
    org: OrgId,
    run: RunId,
    done: &[&Done],
    now: Timestamp,
) -> StoreResult<Settled> {
    let mut seen = HashSet::with_capacity(done.len());
    let done: Vec<&Done> = done
        .iter()
        .copied()
        .filter(|done| seen.insert(done.claim()))
        .collect();
    let mut tx = ledger.db().write(org).await?;
    let mut settled = Settled::default();
    if done.iter().any(|done| done.leased.object.is_some()) {
        lane::hold(&mut tx, org).await?;
    }
    let mut finished: Vec<Claim> = Vec::with_capacity(done.len());
    finished.extend(
        done.iter()
            .filter(|done| done.next(now).is_none())
            .map(|done| done.claim()),
    );
    let mut held = release(&mut tx, (org, run), finished).await?;
    postpone(&mut tx, (org, run), &done, now, (&mut held, &mut settled)).await?;
    let done: Vec<&Done> = done
        .into_iter()
        .filter(|done| held.contains(&done.claim()))
        .collect();
    let tallies = tally(&done, now);
    let mut first_seq = BTreeMap::new();
    for (endpoint, tally) in &tallies {
        let numbered = tally.delivered + tally.exhausted;
        let health = note_health(&mut tx, (org, *endpoint), tally, now).await?;
        first_seq.insert(*endpoint, health.settled_seq - numbered + 1);
        if let Some(because) = health.verdict(now) {
            settled.lost.push(Lost {
                endpoint: *endpoint,
                because,
            });
        }
        if health.failures_in_row >= FAILING_ATTEMPTS {
            settled.failing.push(*endpoint);
        }
        if numbered > 0 {
            settled.numbered.insert(*endpoint);
        }
        if let Some(by_previous) = tally.by_previous {
            note_accepted_secret(&mut tx, (org, *endpoint), by_previous).await?;
        }
    }
    keep(&mut tx, org, &done, now, &mut first_seq).await?;
    hours(&mut tx, org, &tallies, now).await?;
    settled.next_due = let_next(&mut tx, org, &done, now).await?;
    super::commit(ledger, tx).await?;
    Ok(settled)
}

/// Lets what is tried again wait for its next attempt.
async fn postpone(
    tx: &mut Tx,
    (org, run): (OrgId, RunId),
    done: &[&Done],
    now: Timestamp,
    (held, settled): (&mut HashSet<Claim>, &mut Settled),
) -> StoreResult<()> {
    for again in done {
        let Some(due_at) = again.next(now) else {
            continue;
        };
        let postponed = execute!(
            &mut *tx,
            "UPDATE delivery_due SET due_at = $4, run = NULL, attempts = $5
             WHERE org_id = $1 AND delivery_id = $2 AND run = $3 AND attempts = $6",
            org,
            again.leased.id,
            run,
            due_at,
            i64::from(again.attempts_made()),
            i64::from(again.leased.attempt)
        )?;
        if postponed == 1 {
            held.insert(again.claim());
            settled.due_at = Some(settled.due_at.map_or(due_at, |at| at.min(due_at)));
        }
    }
    Ok(())
}

impl Done {
    const fn claim(&self) -> Claim {
        (self.leased.id, self.leased.attempt)
    }

    fn attempts_made(&self) -> u32 {
        self.attempts
            .last()
            .map_or(self.leased.attempt, |last| last.attempt)
    }

    /// When the next attempt is due; none where there is none.
    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        if self.accepted {
            return None;
        }
        let first = self.leased.first_attempt_at;
        backoff::next(
            self.attempts_made().saturating_sub(self.leased.restarted),
            first,
            now,
            self.retry_after,
            self.chance(),
        )
    }

    /// A chance that is the same however often it is asked for: of the delivery and its attempt.
    fn chance(&self) -> backoff::Chance {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new_with_prefix(b"habeo delivery")
            .chain_update(self.leased.id.uuid().as_bytes())
            .chain_update(self.attempts_made().to_be_bytes())
            .finalize();
        backoff::Chance(u32::from_be_bytes([
            digest[0], digest[1], digest[2], digest[3],
        ]))
    }
}

/// Ends the claims of what is done with. Which were held.
async fn release(
    tx: &mut Tx,
    (org, run): (OrgId, RunId),
    finished: Vec<Claim>,
) -> StoreResult<HashSet<Claim>> {
    let mut by_attempt: BTreeMap<u32, Vec<DeliveryId>> = BTreeMap::new();
    for (id, attempt) in finished {
        by_attempt.entry(attempt).or_default().push(id);
    }
    let mut held = HashSet::new();
    // Nearly all were accepted at their first attempt: that is one statement.
    for (attempt, mut ids) in by_attempt {
        // Everybody locks rows in one order.
        ids.sort_unstable();
        for ids in ids.chunks(LIST_MAX) {
            let mut query = Query::new("DELETE FROM delivery_due WHERE org_id = ");
            query.bind(org).push(" AND run = ").bind(run);
            query.push(" AND attempts = ").bind(i64::from(attempt));
            query
                .push(" AND delivery_id IN ")
                .bind_keys(ids.iter().copied());
            query.push(" RETURNING delivery_id");
            let rows: Vec<(DeliveryId,)> = query.fetch_all(tx).await?;
            held.extend(rows.into_iter().map(|(id,)| (id, attempt)));
        }
    }
    Ok(held)
}

fn tally(done: &[&Done], now: Timestamp) -> BTreeMap<EndpointId, Tally> {
    let mut tallies: BTreeMap<EndpointId, Tally> = BTreeMap::new();
    for done in done {
        let tally = tallies.entry(done.leased.endpoint).or_default();
        let failed = done.attempts.len() - usize::from(done.accepted);
        let failed = i64::try_from(failed).unwrap_or(i64::MAX);
        tally.failed += failed;
        if done.accepted {
            tally.delivered += 1;
            tally.trailing = 0;
            tally.any_success = true;
            tally.gone = 0;
            tally.by_previous = done.by_previous.or(tally.by_previous);
        } else {
            tally.trailing += failed;
            tally.exhausted += i64::from(done.next(now).is_none());
            let gone = done.attempts.iter().filter(|a| a.answer == Some(410));
            tally.gone += i64::try_from(gone.count()).unwrap_or(i64::MAX);
        }
    }
    tallies
}

#[derive(Debug, sqlx::FromRow)]
struct Health {
    settled_seq: i64,
    failures_in_row: i64,
    failing_since: Option<Timestamp>,
    gone_times: i64,
    gone_since: Option<Timestamp>,
}

impl Health {
    /// Whether the endpoint should be told of nothing more.
    fn verdict(&self, now: Timestamp) -> Option<Because> {
        let since = |since: Option<Timestamp>, micros: i64| {
            since.is_some_and(|since| since.plus_micros(micros) <= now)
        };
        if self.gone_times >= GONE_TIMES && since(self.gone_since, GONE_MICROS) {
            Some(Because::Gone)
        } else if self.failures_in_row >= SILENT_ATTEMPTS
            && since(self.failing_since, SILENT_MICROS)
        {
            Some(Because::Silent)
        } else {
            None
        }
    }
}

async fn note_health(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    tally: &Tally,
    now: Timestamp,
) -> StoreResult<Health> {
    let delivered_at = tally.any_success.then_some(now);
    let failing = tally.trailing > 0;
    fetch_one!(
        tx,
        Health,
        "UPDATE endpoint_health SET delivered = delivered + $3, failed = failed + $4, settled_seq = settled_seq + $10,
             attempted_at = $5, delivered_at = COALESCE($6, delivered_at),
             failures_in_row = CASE WHEN $6 IS NULL THEN failures_in_row ELSE 0 END + $7,
             failing_since = CASE WHEN $8 = 0 THEN NULL WHEN $6 IS NULL THEN COALESCE(failing_since, $5) ELSE $5 END,
             gone_times = CASE WHEN $6 IS NULL THEN gone_times ELSE 0 END + $9,
             gone_since = CASE WHEN $9 = 0 AND $6 IS NULL THEN gone_since WHEN $9 = 0 THEN NULL WHEN $6 IS NULL THEN COALESCE(gone_since, $5) ELSE $5 END
         WHERE org_id = $1 AND id = $2
         RETURNING settled_seq, failures_in_row, failing_since, gone_times, gone_since",
        org,
        endpoint,
        tally.delivered,
        tally.failed,
        now,
        delivered_at,
        tally.trailing,
        i64::from(failing),
        tally.gone,
        tally.delivered + tally.exhausted
    )
}

/// Remembers which of two secrets the receiver accepts.
async fn note_accepted_secret(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    by_previous: bool,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE endpoint_private SET previous_accepted = $3 WHERE org_id = $1 AND id = $2
         AND previous_accepted <> $3 AND previous_sealed IS NOT NULL",
        org,
        endpoint,
        by_previous
    )?;
    Ok(())
}

pub(super) const DELIVERY: &str =
    "INSERT INTO delivery (org_id, id, endpoint_id, event_id, form, status, attempts,
        enqueued_at, first_attempt_at, settled_at, settled_seq, answer, millis) VALUES";
pub(super) const CHANGED: &str = " ON CONFLICT (org_id, id) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
        first_attempt_at = excluded.first_attempt_at, settled_at = excluded.settled_at, settled_seq = excluded.settled_seq,
        answer = excluded.answer, millis = excluded.millis";
const ATTEMPT: &str = "INSERT INTO delivery_attempt (org_id, delivery_id, attempt, at, answer, millis, why, excerpt) VALUES";

/// Writes how each of them went into the log, and the attempts that failed or were answered with words.
async fn keep(
    tx: &mut Tx,
    org: OrgId,
    done: &[&Done],
    now: Timestamp,
    next_seq: &mut BTreeMap<EndpointId, i64>,
) -> StoreResult<()> {
    let mut rows = Vec::with_capacity(done.len());
    let mut attempts: Vec<[Value; 8]> = Vec::new();
    for done in done {
        let leased = &done.leased;
        let last = done.attempts.last();
        let status = if done.accepted {
            Status::Delivered
        } else if done.next(now).is_none() {
            Status::Exhausted
        } else {
            Status::Waiting
        };
        let settled_at = (status != Status::Waiting).then_some(now);
        // By its number it becomes a fact, whatever becomes of this process.
        let seq = settled_at
            .and_then(|_| next_seq.get_mut(&leased.endpoint))
            .map(|next| {
                *next += 1;
                *next - 1
            });
        rows.push([
            org.into(),
            leased.id.into(),
            leased.endpoint.into(),
            leased.event.into(),
            leased.form.as_str().into(),
            status.as_str().into(),
            i64::from(done.attempts_made()).into(),
            leased.enqueued_at.into(),
            leased.first_attempt_at.into(),
            settled_at.into(),
            seq.into(),
            last.and_then(|last| last.answer).map(i64::from).into(),
            last.map(|last| i64::from(last.millis)).into(),
        ]);
        let accepted_at = done.accepted.then(|| done.attempts_made());
        for attempt in &done.attempts {
            let says_nothing = Some(attempt.attempt) == accepted_at && attempt.excerpt.is_empty();
            if says_nothing {
                continue;
            }
            attempts.push([
                org.into(),
                leased.id.into(),
                i64::from(attempt.attempt).into(),
                attempt.at.into(),
                attempt.answer.map(i64::from).into(),
                i64::from(attempt.millis).into(),
                attempt.why.as_str().into(),
                attempt.excerpt.as_str().into(),
            ]);
        }
    }
    Query::insert_rows(tx, DELIVERY, rows, CHANGED).await?;
    // An attempt that was broken off by the end of its process, and made again, has a number that may be there.
    Query::insert_rows(
        tx,
        ATTEMPT,
        attempts,
        " ON CONFLICT (org_id, delivery_id, attempt) DO NOTHING",
    )
    .await?;
    Ok(())
}

/// Counts by the hour.
async fn hours(
    tx: &mut Tx,
    org: OrgId,
    tallies: &BTreeMap<EndpointId, Tally>,
    now: Timestamp,
) -> StoreResult<()> {
    let hour = now.micros().div_euclid(HOUR_MICROS);
    let rows = tallies
        .iter()
        .map(|(endpoint, tally)| {
            [
                org.into(),
                (*endpoint).into(),
                hour.into(),
                tally.delivered.into(),
                tally.failed.into(),
            ]
        })
        .collect();
    Query::insert_rows(
        tx,
        "INSERT INTO endpoint_hour (org_id, id, hour, delivered, failed) VALUES",
        rows,
        " ON CONFLICT (org_id, id, hour) DO UPDATE SET delivered = endpoint_hour.delivered + excluded.delivered,
            failed = endpoint_hour.failed + excluded.failed",
    )
    .await?;
    Ok(())
}

/// Lets the next delivery of each object go, where one before it is done with. Whether any is due now.
async fn let_next(tx: &mut Tx, org: OrgId, done: &[&Done], now: Timestamp) -> StoreResult<bool> {
    let lines: BTreeSet<(EndpointId, Uuid)> = done
        .iter()
        .filter(|done| done.accepted || done.next(now).is_none())
        .filter_map(|done| Some((done.leased.endpoint, done.leased.object?)))
        .collect();
    let mut any = false;
    for (endpoint, object) in lines {
        any |= release_next(tx, org, (endpoint, object), now).await?;
    }
    Ok(any)
}

/// Lets the oldest delivery of an object go, if it waits behind another that is not there any more.
pub(super) async fn release_next(
    tx: &mut Tx,
    org: OrgId,
    (endpoint, object): (EndpointId, Uuid),
    now: Timestamp,
) -> StoreResult<bool> {
    let released = execute!(
        tx,
        "UPDATE delivery_due SET due_at = $4 WHERE org_id = $1 AND due_at = $5 AND delivery_id = (
             SELECT n.delivery_id FROM delivery_due n WHERE n.org_id = $1 AND n.endpoint_id = $2 AND n.object_id = $3
             ORDER BY n.sequence, n.delivery_id LIMIT 1)",
        org,
        endpoint,
        object,
        now,
        BEHIND_ANOTHER
    )?;
    Ok(released > 0)
}
