//! Claiming deliveries. Each process that delivers has a run; what it has carries the run's id, and a run that is not known to live any more
//! has nothing.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use uuid::Uuid;

use super::super::Form;
use super::super::announce::LEASE_MICROS;
use super::super::handing::Leased;
use super::super::store;
use super::give_up::{Old, note};
use super::settle::release_next;
use crate::id::{DeliveryId, EndpointId, EventId, OrgId, RunId};
use crate::inbox;
use crate::ledger::Ledger;
use crate::store::{Db, Engine, Query, StoreResult, Tx, execute, fetch_all, fetch_one};
use crate::time::{SECOND_MICROS, Timestamp};

/// How long a run is known to live after it said so, by the clock of the database, which is the same for all.
pub const ALIVE_MICROS: i64 = 3 * SECOND_MICROS / 2;

/// How much longer until it is taken for dead, and what it had of the inbox is worked off by another: to do that twice at once is to be avoided.
pub const DEAD_MICROS: i64 = 10 * SECOND_MICROS;

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

/// What time it is by the clock by which runs are judged. Where several processes serve that is the database's: a node whose own clock is wrong
/// would take every other for dead, or be taken for it. SQLite has one process, and its clock will do.
pub async fn time(db: &Db, own: Timestamp) -> StoreResult<Timestamp> {
    if db.engine() == Engine::Sqlite {
        return Ok(own);
    }
    let mut tx = db.read_directory().await?;
    let (now,): (Timestamp,) = fetch_one!(
        &mut tx,
        (Timestamp,),
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
    )?;
    Ok(now)
}

/// Says that a run lives; `now` is by [`time()`].
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

/// How many runs are known to live, and how many of them come before this one in an order that all agree upon.
pub async fn rank(db: &Db, own: RunId, now: Timestamp) -> StoreResult<(u32, u32)> {
    // One process serves a SQLite file.
    if db.engine() == Engine::Sqlite {
        return Ok((0, 1));
    }
    let mut tx = db.read_directory().await?;
    let (before, others): (i64, i64) = fetch_one!(
        &mut tx,
        (i64, i64),
        "SELECT CAST(COALESCE(SUM(CASE WHEN run < $1 THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COUNT(*) AS BIGINT) FROM delivery_run
         WHERE run <> $1 AND alive_until > $2",
        own,
        now
    )?;
    let few = |count: i64| u32::try_from(count).unwrap_or(u32::MAX - 1);
    Ok((few(before), few(others) + 1))
}

/// How many runs are known to live, which is how many nodes there are.
pub async fn nodes(db: &Db, now: Timestamp) -> StoreResult<i64> {
    let mut tx = db.read_directory().await?;
    let (nodes,): (i64,) = fetch_one!(
        &mut tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_run WHERE alive_until > $1",
        now
    )?;
    Ok(nodes)
}

/// Says that a run has come to its end and has nothing any more.
pub async fn leave(db: &Db, run: RunId) -> StoreResult<()> {
    let mut tx = db.write_directory().await?;
    execute!(&mut tx, "DELETE FROM delivery_run WHERE run = $1", run)?;
    tx.commit().await
}

/// Makes due what runs had that do not live any more, deliveries at once and what came in when they are taken for dead. On SQLite, where one process
/// serves, that is every other run. Whoever has not lived steadily itself takes nobody for dead: while the database was away nobody could say that
/// they live. Lives are judged by the
/// first instant, which is by [`time()`]; what is freed is due from the second, by the clock of whoever claims. How many deliveries.
pub async fn inherit(
    db: &Db,
    own: RunId,
    (judged, due): (Timestamp, Timestamp),
    steady: bool,
) -> StoreResult<u64> {
    let mut tx = db.write_directory().await?;
    let alone = db.engine() == Engine::Sqlite;
    let horizon = if alone {
        Timestamp::from_micros(i64::MAX)
    } else {
        judged
    };
    let freed = execute!(
        &mut tx,
        "UPDATE delivery_due SET run = NULL, due_at = $3 WHERE run IS NOT NULL AND run <> $1 AND NOT EXISTS (
             SELECT 1 FROM delivery_run r WHERE r.run = delivery_due.run AND r.alive_until > $2)",
        own,
        horizon,
        due
    )?;
    if !alone && !steady {
        tx.commit().await?;
        return Ok(freed);
    }
    let dead: Vec<(RunId,)> = fetch_all!(
        &mut tx,
        (RunId,),
        "DELETE FROM delivery_run WHERE run <> $1 AND alive_until <= $2 RETURNING run",
        own,
        if alone {
            horizon
        } else {
            horizon.plus_micros(-DEAD_MICROS)
        }
    )?;
    if !dead.is_empty() {
        let dead: Vec<RunId> = dead.into_iter().map(|(run,)| run).collect();
        inbox::store::free(&mut tx, &dead, due).await?;
    }
    tx.commit().await?;
    Ok(freed)
}

/// Every endpoint that has something on its way, with when the first of it is due. What it costs grows with endpoints, not with deliveries:
/// it jumps along the index from one to the next, and looks at the first entry of each.
pub const WAITING: &str = "WITH RECURSIVE jump (endpoint_id) AS (
         SELECT * FROM (SELECT endpoint_id FROM delivery_due ORDER BY endpoint_id LIMIT 1) AS first
         UNION ALL
         SELECT (SELECT d.endpoint_id FROM delivery_due d WHERE d.endpoint_id > jump.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
         FROM jump WHERE jump.endpoint_id IS NOT NULL)
     SELECT (SELECT n.org_id FROM delivery_due n WHERE n.endpoint_id = jump.endpoint_id ORDER BY n.due_at, n.delivery_id LIMIT 1) AS org_id,
         jump.endpoint_id,
         (SELECT n.due_at FROM delivery_due n WHERE n.endpoint_id = jump.endpoint_id ORDER BY n.due_at, n.delivery_id LIMIT 1) AS due_at
     FROM jump WHERE jump.endpoint_id IS NOT NULL";

/// The answer to [`WAITING`].
pub async fn waiting(db: &Db) -> StoreResult<Vec<Waiting>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(&mut tx, Waiting, WAITING)
}

#[derive(Debug, sqlx::FromRow)]
struct Taken {
    delivery_id: DeliveryId,
    event_id: EventId,
    form: Form,
    object_id: Option<Uuid>,
    attempts: i64,
    restarted: i64,
}

impl Taken {
    /// Nobody knows any more when it was announced.
    const fn given_up(&self, now: Timestamp) -> Old {
        Old {
            delivery_id: self.delivery_id,
            event_id: self.event_id,
            form: self.form,
            at: now,
            object_id: self.object_id,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Said {
    event_id: EventId,
    form: Form,
    at: Timestamp,
    body: String,
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
             RETURNING delivery_id, event_id, form, object_id, attempts, restarted"
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
    let said = said(&mut tx, org, &taken).await?;
    let begun = begun(&mut tx, org, &taken).await?;
    let mut leased = Vec::with_capacity(taken.len());
    let mut orphans = Vec::new();
    for taken in taken {
        let Some((at, body)) = said.get(&(taken.event_id, taken.form)) else {
            orphans.push(taken);
            continue;
        };
        leased.push(Leased {
            org,
            id: taken.delivery_id,
            endpoint,
            event: taken.event_id,
            form: taken.form,
            enqueued_at: *at,
            object: taken.object_id,
            body: body.clone(),
            attempt: u32::try_from(taken.attempts).unwrap_or(u32::MAX),
            restarted: u32::try_from(taken.restarted).unwrap_or(u32::MAX),
            first_attempt_at: begun.get(&taken.delivery_id).copied().unwrap_or(now),
            version,
        });
    }
    drop_orphans(&mut tx, (org, endpoint), &orphans, now).await?;
    super::commit(ledger, tx).await?;
    leased.sort_unstable_by_key(|leased| leased.id);
    Ok(leased)
}

/// What is said of events, and when they were announced.
async fn said(
    tx: &mut Tx,
    org: OrgId,
    taken: &[Taken],
) -> StoreResult<HashMap<(EventId, Form), (Timestamp, Bytes)>> {
    let events: BTreeSet<EventId> = taken.iter().map(|taken| taken.event_id).collect();
    let said: Vec<Said> = Query::keyed(
        tx,
        "SELECT e.event_id, e.form, e.at, e.body FROM webhook_event e WHERE e.org_id = ",
        org,
        "e.event_id",
        events,
    )
    .await?;
    let by_form = said.into_iter().map(|said| {
        let body = Bytes::from(said.body);
        ((said.event_id, said.form), (said.at, body))
    });
    Ok(by_form.collect())
}

/// When the first attempt was of what was tried before.
async fn begun(
    tx: &mut Tx,
    org: OrgId,
    taken: &[Taken],
) -> StoreResult<HashMap<DeliveryId, Timestamp>> {
    let again = taken
        .iter()
        .filter(|taken| taken.attempts > taken.restarted + 1);
    let rows: Vec<(DeliveryId, Option<Timestamp>)> = Query::keyed(
        tx,
        "SELECT d.id, d.first_attempt_at FROM delivery d WHERE d.org_id = ",
        org,
        "d.id",
        again.map(|taken| taken.delivery_id),
    )
    .await?;
    let begun = rows.into_iter().filter_map(|(id, at)| Some((id, at?)));
    Ok(begun.collect())
}

/// Ends what is due although nothing is kept of what it says, so that it does not stand in the way of what is due beside and behind it.
async fn drop_orphans(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    orphans: &[Taken],
    now: Timestamp,
) -> StoreResult<()> {
    if orphans.is_empty() {
        return Ok(());
    }
    tracing::error!(org.id = %org, endpoint.id = %endpoint, deliveries = orphans.len(), "deliveries were due of which nothing is kept; they are given up");
    for delivery in orphans.iter().map(|orphan| orphan.delivery_id) {
        execute!(
            tx,
            "DELETE FROM delivery_due WHERE org_id = $1 AND delivery_id = $2",
            org,
            delivery
        )?;
    }
    let ended: Vec<Old> = orphans.iter().map(|orphan| orphan.given_up(now)).collect();
    note(tx, (org, endpoint), &ended, now).await?;
    for object in orphans.iter().filter_map(|orphan| orphan.object_id) {
        release_next(tx, org, (endpoint, object), now).await?;
    }
    Ok(())
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
