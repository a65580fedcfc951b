//! Deliveries as they are looked at, and how an endpoint fares.

use uuid::Uuid;

use super::super::announce::BEHIND_ANOTHER;
use super::super::{Form, store};
use super::Status;
use super::again::Range;
use crate::access::Access;
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_optional};
use crate::time::{DAY_MICROS, HOUR_MICROS, Timestamp};

/// How long deliveries are kept after they are done with.
pub const KEPT_MICROS: i64 = 30 * DAY_MICROS;
/// Of how many deliveries the usual times are told.
const SAMPLE: i64 = 200;

/// A delivery as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// Of which event.
    pub event_id: EventId,
    /// Under which name.
    #[sqlx(rename = "type")]
    pub name: String,
    /// What sort of thing it is about.
    pub object_kind: String,
    /// Which.
    pub object_id: Uuid,
    /// How far it is.
    pub status: Status,
    /// How many attempts were made.
    pub attempts: i64,
    /// When it was announced.
    pub enqueued_at: Timestamp,
    /// When the first attempt was.
    pub first_attempt_at: Option<Timestamp>,
    /// When it was done with.
    pub settled_at: Option<Timestamp>,
    /// The status of the last answer.
    pub answer: Option<i64>,
    /// How long the last attempt took, in milliseconds.
    pub millis: Option<i64>,
    /// When the next attempt is due; none where it is done with, or waits for another of its object, or somebody is at it.
    pub next_at: Option<Timestamp>,
}

/// One attempt that failed or was answered with words.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Which, from 1.
    pub attempt: i64,
    /// When it ended.
    pub at: Timestamp,
    /// The status of the answer; none where there was none.
    pub answer: Option<i64>,
    /// How long it took, in milliseconds.
    pub millis: i64,
    /// What was wrong; empty where nothing was.
    pub why: String,
    /// The beginning of the answer.
    pub excerpt: String,
}

/// Which deliveries somebody wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that are this far.
    pub status: Option<Status>,
    /// Only those of this event.
    pub event: Option<EventId>,
    /// Only those before this one.
    pub before: Option<DeliveryId>,
}

/// What was tried: the log. Where nothing is kept of what it said, that is shown as well.
const TRIED: &str = "SELECT d.id, d.endpoint_id, d.event_id, COALESCE(e.type, '') AS type, COALESCE(e.object_kind, '') AS object_kind,
            COALESCE(e.object_id, d.event_id) AS object_id, d.status, d.attempts, d.enqueued_at,
            d.first_attempt_at, d.settled_at, d.answer, d.millis,
            (SELECT q.due_at FROM delivery_due q WHERE q.org_id = d.org_id AND q.delivery_id = d.id AND q.run IS NULL
                AND q.due_at < 9223372036854775807) AS next_at
     FROM delivery d LEFT JOIN webhook_event e ON e.org_id = d.org_id AND e.event_id = d.event_id AND e.form = d.form WHERE d.org_id = ";
/// What waits, tried or not: what was tried is in the log as well, which then holds.
const WAITING: &str = "SELECT d.delivery_id AS id, d.endpoint_id, d.event_id, e.type, e.object_kind, e.object_id, 'waiting' AS status,
            CAST(0 AS BIGINT) AS attempts, e.at AS enqueued_at, CAST(NULL AS BIGINT) AS first_attempt_at, CAST(NULL AS BIGINT) AS settled_at,
            CAST(NULL AS BIGINT) AS answer, CAST(NULL AS BIGINT) AS millis,
            CASE WHEN d.run IS NULL AND d.due_at < 9223372036854775807 THEN d.due_at END AS next_at
     FROM delivery_due d JOIN webhook_event e ON e.org_id = d.org_id AND e.event_id = d.event_id AND e.form = d.form
     WHERE d.org_id = ";

/// Deliveries to an endpoint that the caller may manage, the latest first.
pub async fn page(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    filter: &Filter,
    limit: i64,
) -> StoreResult<Vec<Delivery>> {
    if store::by_id(tx, access, endpoint).await?.is_none() {
        return Ok(Vec::new());
    }
    // First what waits: what is tried meanwhile is then in both, and the log is right.
    let waits = if filter.status.is_none_or(|status| status == Status::Waiting) {
        waiting(tx, access, endpoint, filter, limit).await?
    } else {
        Vec::new()
    };
    let mut found = tried(tx, access, endpoint, filter, limit).await?;
    found.extend(waits);
    found.sort_by_key(|one| std::cmp::Reverse(one.id));
    found.dedup_by_key(|one| one.id);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

async fn tried(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    filter: &Filter,
    limit: i64,
) -> StoreResult<Vec<Delivery>> {
    let mut query = Query::new(TRIED);
    query.bind(access.org());
    query.push(" AND d.endpoint_id = ").bind(endpoint);
    if let Some(status) = filter.status {
        query.push(" AND d.status = ").bind(status.as_str());
    }
    if let Some(event) = filter.event {
        // An event has few deliveries, an endpoint very many: these are looked up, and not waited for while the others pass by.
        query.push(" AND d.id IN (SELECT x.id FROM delivery x WHERE x.org_id = ");
        query.bind(access.org()).push(" AND x.event_id = ");
        query.bind(event).push(")");
    }
    if let Some(before) = filter.before {
        query.push(" AND d.id < ").bind(before);
    }
    query.push(" ORDER BY d.id DESC LIMIT ").bind(limit);
    query.fetch_all(tx).await
}

async fn waiting(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    filter: &Filter,
    limit: i64,
) -> StoreResult<Vec<Delivery>> {
    let mut query = Query::new(WAITING);
    query.bind(access.org());
    query.push(" AND d.endpoint_id = ").bind(endpoint);
    if let Some(event) = filter.event {
        query.push(" AND d.event_id = ").bind(event);
    }
    if let Some(before) = filter.before {
        query.push(" AND d.delivery_id < ").bind(before);
    }
    query
        .push(" ORDER BY d.delivery_id DESC LIMIT ")
        .bind(limit);
    query.fetch_all(tx).await
}

/// One delivery to an endpoint that the caller may manage.
pub async fn by_id(
    tx: &mut Tx,
    access: &Access,
    (endpoint, id): (EndpointId, DeliveryId),
) -> StoreResult<Option<Delivery>> {
    if store::by_id(tx, access, endpoint).await?.is_none() {
        return Ok(None);
    }
    let mut found = None;
    for (select, key) in [(WAITING, " AND d.delivery_id = "), (TRIED, " AND d.id = ")] {
        let mut query = Query::new(select);
        query.bind(access.org());
        query.push(" AND d.endpoint_id = ").bind(endpoint);
        query.push(key).bind(id);
        found = query.fetch_all(tx).await?.into_iter().next().or(found);
    }
    Ok(found)
}

/// The attempts of a delivery that failed or were answered with words, the first one first.
pub async fn attempts(
    tx: &mut Tx,
    access: &Access,
    (endpoint, id): (EndpointId, DeliveryId),
) -> StoreResult<Vec<Attempt>> {
    if by_id(tx, access, (endpoint, id)).await?.is_none() {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx,
        Attempt,
        "SELECT attempt, at, answer, millis, why, excerpt FROM delivery_attempt WHERE org_id = $1 AND delivery_id = $2 ORDER BY attempt",
        access.org(),
        id
    )
}

/// What a delivery says, as the exact bytes; none where it is not kept any more.
pub async fn body(
    tx: &mut Tx,
    access: &Access,
    (endpoint, id): (EndpointId, DeliveryId),
) -> StoreResult<Option<String>> {
    if by_id(tx, access, (endpoint, id)).await?.is_none() {
        return Ok(None);
    }
    let form: Option<(EventId, Form)> = fetch_optional!(
        tx,
        (EventId, Form),
        "SELECT event_id, form FROM delivery WHERE org_id = $1 AND id = $2
         UNION SELECT event_id, form FROM delivery_due WHERE org_id = $1 AND delivery_id = $2",
        access.org(),
        id
    )?;
    let Some((event, form)) = form else {
        return Ok(None);
    };
    let row: Option<(String,)> = fetch_optional!(
        tx,
        (String,),
        "SELECT body FROM webhook_event WHERE org_id = $1 AND event_id = $2 AND form = $3",
        access.org(),
        event,
        form
    )?;
    Ok(row.map(|(body,)| body))
}

/// How many settled deliveries of a time there are, at most this many: before they are made once more.
pub async fn count(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    (from, to): (Timestamp, Timestamp),
    exhausted_only: bool,
    limit: i64,
) -> StoreResult<i64> {
    if store::by_id(tx, access, endpoint).await?.is_none() {
        return Ok(0);
    }
    let range = Range {
        endpoint,
        from,
        to,
        exhausted_only,
        after: None,
    };
    let mut query = Query::new(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 FROM delivery d WHERE d.org_id = ",
    );
    query.bind(access.org());
    query.push(" AND d.endpoint_id = ").bind(endpoint);
    range.push(&mut query);
    query.push(" LIMIT ").bind(limit).push(") AS found");
    let counted: Vec<(i64,)> = query.fetch_all(tx).await?;
    Ok(counted.first().map_or(0, |(count,)| *count))
}

/// Ids begin with their time, so a range of times is one of ids.
pub(super) fn bounds(from: Timestamp, to: Timestamp) -> (Uuid, Uuid) {
    let at = |time: Timestamp| {
        let millis = u128::try_from(time.micros().max(0) / 1_000).unwrap_or(0);
        Uuid::from_u128(millis << 80)
    };
    (at(from), at(to))
}

/// How an endpoint fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// How many attempts were accepted and how many failed in the hour that is now and the one before it.
    pub hour: Share,
    /// Likewise in the last 24 hours.
    pub day: Share,
    /// Likewise in the last seven days.
    pub week: Share,
    /// Likewise for each of the last 24 hours, the earliest first.
    pub hours: Vec<Share>,
    /// How many failed one after another.
    pub failures_in_row: i64,
    /// When the last was accepted.
    pub delivered_at: Option<Timestamp>,
    /// When the last attempt was.
    pub attempted_at: Option<Timestamp>,
    /// How long half of the last accepted ones took at most, in milliseconds.
    pub p50_millis: Option<i64>,
    /// How long 95 of 100 took at most.
    pub p95_millis: Option<i64>,
    /// Since when the oldest waits that is not delivered.
    pub oldest_waiting_at: Option<Timestamp>,
    /// When the next attempt is due.
    pub next_at: Option<Timestamp>,
}

/// Attempts by how they went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How many were accepted.
    pub delivered: i64,
    /// How many failed.
    pub failed: i64,
}

impl Share {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
    }

    /// How many of a thousand were accepted; none where nothing was tried.
    #[must_use]
    pub const fn per_mille(self) -> Option<i64> {
        let all = self.delivered + self.failed;
        if all == 0 {
            None
        } else {
            Some(self.delivered * 1_000 / all)
        }
    }
}

/// How an endpoint fares that the caller may manage. What it costs does not grow with the log.
pub async fn health(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    now: Timestamp,
) -> StoreResult<Health> {
    let mut health = Health::default();
    if store::by_id(tx, access, endpoint).await?.is_none() {
        return Ok(health);
    }
    let this_hour = now.micros().div_euclid(HOUR_MICROS);
    let hours: Vec<(i64, i64, i64)> = fetch_all!(
        tx,
        (i64, i64, i64),
        "SELECT hour, delivered, failed FROM endpoint_hour WHERE org_id = $1 AND id = $2 AND hour > $3 ORDER BY hour",
        access.org(),
        endpoint,
        this_hour - 7 * 24
    )?;
    health.hours = vec![Share::default(); 24];
    for (hour, delivered, failed) in hours {
        let share = Share { delivered, failed };
        let ago = this_hour - hour;
        health.week.add(share);
        if ago < 24 {
            health.day.add(share);
            if let Some(slot) = usize::try_from(23 - ago)
                .ok()
                .and_then(|at| health.hours.get_mut(at))
            {
                slot.add(share);
            }
        }
        if ago < 2 {
            health.hour.add(share);
        }
    }
    let row: Option<(i64, Option<Timestamp>, Option<Timestamp>)> = fetch_optional!(
        tx,
        (i64, Option<Timestamp>, Option<Timestamp>),
        "SELECT failures_in_row, delivered_at, attempted_at FROM endpoint_health WHERE org_id = $1 AND id = $2",
        access.org(),
        endpoint
    )?;
    if let Some((failures, delivered_at, attempted_at)) = row {
        health.failures_in_row = failures;
        health.delivered_at = delivered_at;
        health.attempted_at = attempted_at;
    }
    let mut millis: Vec<(i64,)> = fetch_all!(
        tx,
        (i64,),
        "SELECT COALESCE(l.millis, 0) FROM (SELECT d.millis, d.status FROM delivery d WHERE d.org_id = $1 AND d.endpoint_id = $2
             AND d.settled_seq IS NOT NULL ORDER BY d.settled_seq DESC LIMIT $3) AS l WHERE l.status = $4",
        access.org(),
        endpoint,
        SAMPLE,
        Status::Delivered
    )?;
    millis.sort_unstable();
    let at = |percent: usize| {
        let last = millis.len().checked_sub(1)?;
        millis.get(last * percent / 100).map(|(millis,)| *millis)
    };
    health.p50_millis = at(50);
    health.p95_millis = at(95);
    let oldest: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT e.at FROM delivery_due q JOIN webhook_event e ON e.org_id = q.org_id AND e.event_id = q.event_id AND e.form = q.form
         WHERE q.org_id = $1 AND q.endpoint_id = $2 ORDER BY q.delivery_id LIMIT 1",
        access.org(),
        endpoint
    )?;
    health.oldest_waiting_at = oldest.map(|(at,)| at);
    let next: Option<(Timestamp,)> = fetch_optional!(
        tx,
        (Timestamp,),
        "SELECT due_at FROM delivery_due WHERE endpoint_id = $2 AND org_id = $1 AND run IS NULL AND due_at < $3 ORDER BY due_at LIMIT 1",
        access.org(),
        endpoint,
        BEHIND_ANOTHER
    )?;
    health.next_at = next.map(|(at,)| at);
    Ok(health)
}
