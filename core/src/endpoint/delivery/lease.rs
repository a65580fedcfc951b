//! Claiming deliveries. Each process that delivers has a run; what it has carries the run's id, and a run that is not known to live any more
//! has nothing.

use bytes::Bytes;
use uuid::Uuid;

use super::super::announce::LEASE_MICROS;
use super::super::handing::Leased;
use super::super::store;
use crate::id::{DeliveryId, EndpointId, EventId, OrgId, RunId};
use crate::ledger::Ledger;
use crate::store::{Db, Engine, Query, StoreError, StoreResult, Tx, execute, fetch_all};
use crate::time::{SECOND_MICROS, Timestamp};

/// How long a run is known to live after it said so.
pub const ALIVE_MICROS: i64 = 3 * SECOND_MICROS / 2;

/// An endpoint with something to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// In which organisation.
    pub org_id: OrgId,
    /// Which.
    pub endpoint_id: EndpointId,
    /// When the next of it is due; what a process has is due when its claim runs out.
    pub due_at: Timestamp,
}

/// Says that a run lives.
pub async fn live(db: &Db, run: RunId, now: Timestamp) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    execute!(
        &mut tx,
        "INSERT INTO delivery_run (run, alive_until) VALUES ($1, $2)
         ON CONFLICT (run) DO UPDATE SET alive_until = excluded.alive_until",
        run,
        now.plus_micros(ALIVE_MICROS)
    )?;
    tx.commit().await
}

/// Makes due what runs had that do not live any more. On SQLite, where one process serves, that is every other run. How many deliveries.
pub async fn inherit(db: &Db, own: RunId, now: Timestamp) -> StoreResult<u64> {
    let mut tx = db.write_directory().await?;
    let alone = db.engine() == Engine::Sqlite;
    let horizon = if alone {
        Timestamp::from_micros(i64::MAX)
    } else {
        now
    };
    let freed = execute!(
        &mut tx,
        "UPDATE delivery_due SET run = NULL, due_at = $3 WHERE run IS NOT NULL AND run <> $1 AND NOT EXISTS (
             SELECT 1 FROM delivery_run r WHERE r.run = delivery_due.run AND r.alive_until > $2)",
        own,
        horizon,
        now
    )?;
    execute!(
        &mut tx,
        "DELETE FROM delivery_run WHERE run <> $1 AND alive_until <= $2",
        own,
        horizon
    )?;
    tx.commit().await?;
    Ok(freed)
}

/// Every endpoint that has something on its way, with when the first of it is due. What it costs grows with endpoints, not with deliveries:
/// it jumps along the index from one to the next.
pub async fn waiting(db: &Db) -> StoreResult<Vec<Waiting>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(
        &mut tx,
        Waiting,
        "WITH RECURSIVE jump (endpoint_id) AS (
             SELECT * FROM (SELECT endpoint_id FROM delivery_due ORDER BY endpoint_id LIMIT 1) AS first
             UNION ALL
             SELECT (SELECT d.endpoint_id FROM delivery_due d WHERE d.endpoint_id > jump.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
             FROM jump WHERE jump.endpoint_id IS NOT NULL)
         SELECT d.org_id, d.endpoint_id, d.due_at FROM jump JOIN delivery_due d ON d.endpoint_id = jump.endpoint_id
             AND d.delivery_id = (SELECT n.delivery_id FROM delivery_due n WHERE n.endpoint_id = jump.endpoint_id
                 ORDER BY n.due_at, n.delivery_id LIMIT 1)
         WHERE jump.endpoint_id IS NOT NULL"
    )
}

#[derive(Debug, sqlx::FromRow)]
struct Taken {
    delivery_id: DeliveryId,
    object_id: Option<Uuid>,
    attempts: i64,
    restarted: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct Said {
    id: DeliveryId,
    event_id: EventId,
    first_attempt_at: Option<Timestamp>,
    body: Option<String>,
}

macro_rules! take_sql {
    ($skip:literal) => {
        concat!(
            "WITH chosen AS MATERIALIZED (
                 SELECT delivery_id FROM delivery_due WHERE org_id = $1 AND endpoint_id = $2 AND due_at <= $3
                 ORDER BY due_at, delivery_id LIMIT $6",
            $skip,
            ") UPDATE delivery_due SET run = $5, due_at = $4, attempts = attempts + 1
             WHERE org_id = $1 AND due_at <= $3 AND delivery_id IN (SELECT delivery_id FROM chosen)
             RETURNING delivery_id, object_id, attempts, restarted"
        )
    };
}

/// Claims deliveries to one endpoint that are due, the longest due first. Whatever is returned is this run's until it is settled, or the run
/// is not known to live any more, or a minute has passed.
pub async fn claim(
    ledger: &Ledger,
    (org, endpoint): (OrgId, EndpointId),
    run: RunId,
    now: Timestamp,
    limit: usize,
) -> StoreResult<Vec<Leased>> {
    let mut tx = ledger.db().write(org).await?;
    let sql = match tx {
        Tx::Sqlite(_) => take_sql!(""),
        Tx::Postgres(_) => take_sql!(" FOR UPDATE SKIP LOCKED"),
    };
    let taken: Vec<Taken> = fetch_all!(
        &mut tx,
        Taken,
        sql,
        org,
        endpoint,
        now,
        now.plus_micros(LEASE_MICROS),
        run,
        i64::try_from(limit).unwrap_or(i64::MAX)
    )?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let version = store::version(&mut tx, org).await?;
    let said: Vec<Said> = Query::keyed(
        &mut tx,
        "SELECT d.id, d.event_id, d.first_attempt_at, (SELECT e.body FROM webhook_event e WHERE e.org_id = d.org_id
             AND e.event_id = d.event_id AND e.form = d.form) AS body FROM delivery d WHERE d.org_id = ",
        org,
        "d.id",
        taken.iter().map(|taken| taken.delivery_id),
    )
    .await?;
    super::commit(ledger, tx).await?;
    let mut said: std::collections::HashMap<DeliveryId, Said> =
        said.into_iter().map(|said| (said.id, said)).collect();
    let mut leased = Vec::with_capacity(taken.len());
    for taken in taken {
        let found = said.remove(&taken.delivery_id);
        let Some((said, body)) =
            found.and_then(|mut said| said.body.take().map(|body| (said, body)))
        else {
            return Err(StoreError::Inconsistent {
                table: "delivery_due",
                what: "a delivery is due of which nothing is kept".to_owned(),
            });
        };
        leased.push(Leased {
            org,
            id: taken.delivery_id,
            endpoint,
            event: said.event_id,
            object: taken.object_id,
            body: Bytes::from(body),
            attempt: u32::try_from(taken.attempts).unwrap_or(u32::MAX),
            restarted: u32::try_from(taken.restarted).unwrap_or(u32::MAX),
            first_attempt_at: said.first_attempt_at.unwrap_or(now),
            version,
        });
    }
    leased.sort_unstable_by_key(|leased| leased.id);
    Ok(leased)
}

/// Gives back what a run has and has not begun, or has to break off: it is due at once.
pub async fn give_back(
    ledger: &Ledger,
    org: OrgId,
    run: RunId,
    ids: Vec<DeliveryId>,
    now: Timestamp,
) -> StoreResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut tx = ledger.db().write(org).await?;
    for ids in ids.chunks(256) {
        let mut query = Query::new("UPDATE delivery_due SET run = NULL, due_at = ");
        query.bind(now).push(" WHERE org_id = ").bind(org);
        query
            .push(" AND run = ")
            .bind(run)
            .push(" AND delivery_id IN ");
        query.bind_list(ids.iter().copied());
        query.execute(&mut tx).await?;
    }
    super::commit(ledger, tx).await
}
