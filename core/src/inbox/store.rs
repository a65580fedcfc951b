//! Messages that came in, in SQL: what they say in the tenant's table, and which of them are due in the directory.

pub(super) mod kept;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Arrival, Dead, LEASE_MICROS, Outcome, Progress};
use crate::access::Access;
use crate::connection;
use crate::id::{ConnectionId, OrgId, ReceiptId, RunId};
use crate::store::{Db, Query, StoreError, StoreResult, Tx, execute, fetch_all, fetch_one};
use crate::time::Timestamp;

/// A message to be stored.
#[derive(Debug)]
pub(crate) struct New {
    pub org: OrgId,
    pub id: ReceiptId,
    pub source: String,
    pub key: String,
    pub lane: Option<String>,
    pub sealed: Vec<u8>,
    pub received_at: Timestamp,
    pub connection: Option<ConnectionId>,
    pub kind: Option<String>,
    pub ignored: Option<String>,
    pub keep: bool,
}

impl New {
    const fn progress(&self) -> Progress {
        if self.ignored.is_some() {
            Progress::Done
        } else {
            Progress::Waiting
        }
    }
}

/// A claim as the directory gives it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Claim {
    #[sqlx(rename = "org_id")]
    pub org: OrgId,
    pub id: ReceiptId,
    pub place: i64,
    pub attempts: i64,
}

/// What a claimed message says.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Body {
    id: ReceiptId,
    pub key: String,
    #[sqlx(rename = "body_sealed")]
    pub sealed: Option<Vec<u8>>,
    pub received_at: Timestamp,
    #[sqlx(rename = "connection_id")]
    pub connection: Option<ConnectionId>,
}

/// The end of a claim.
#[derive(Debug)]
pub(crate) struct Settlement {
    pub org: OrgId,
    pub id: ReceiptId,
    pub lease: String,
    pub attempts: i64,
    pub end: End,
    pub now: Timestamp,
}

/// How a claim ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    Done(Option<(Outcome, Option<String>)>),
    /// It was not begun: it is due, and this claim does not count.
    Back,
    Again(Timestamp, String),
    Dead(String),
}

const HEAD: &str =
    "INSERT INTO inbox (org_id, id, source, key, body_sealed, received_at, state, attempts, connection_id, kind, keep, outcome, error, settled_at)
     VALUES";
const IDS: &str = "SELECT id FROM inbox WHERE org_id = ";
const DUE_HEAD: &str =
    "INSERT INTO inbox_directory (org_id, id, source, lane, place, due_at, attempts) VALUES";

/// Stores messages of one organisation, or of several where the engine does not hold them apart; says of each whether it is new. They are
/// given their places in their order.
pub(super) async fn receive(
    tx: &mut Tx,
    messages: &[New],
    first_place: i64,
) -> StoreResult<Vec<Arrival>> {
    let rows: Vec<_> = messages
        .iter()
        .map(|new| {
            [
                new.org.into(),
                new.id.into(),
                new.source.as_str().into(),
                new.key.as_str().into(),
                new.sealed.clone().into(),
                new.received_at.into(),
                new.progress().as_str().into(),
                0_i64.into(),
                new.connection.into(),
                new.kind.clone().into(),
                new.keep.into(),
                new.ignored
                    .as_ref()
                    .map(|_| Outcome::Ignored.as_str().to_owned())
                    .into(),
                new.ignored.clone().into(),
                new.ignored.as_ref().map(|_| new.received_at).into(),
            ]
        })
        .collect();
    let tail = " ON CONFLICT (org_id, source, key) DO NOTHING";
    let stored = Query::insert_rows(tx, HEAD, rows, tail).await?;
    let mut arrivals = vec![Arrival::First; messages.len()];
    if stored < messages.len() as u64 {
        let mut orgs: Vec<OrgId> = messages.iter().map(|new| new.org).collect();
        orgs.sort_unstable();
        orgs.dedup();
        let mut there = HashSet::new();
        for org in orgs {
            let ids = messages.iter().filter(|new| new.org == org);
            let found: Vec<(ReceiptId,)> =
                Query::keyed(tx, IDS, org, "id", ids.map(|new| new.id)).await?;
            there.extend(found.into_iter().map(|(id,)| id));
        }
        let mut seen = Vec::new();
        for (arrival, new) in arrivals.iter_mut().zip(messages) {
            if !there.contains(&new.id) {
                *arrival = Arrival::Seen;
                seen.push(new);
            }
        }
        repeated(tx, &seen).await?;
    }
    let due = messages.iter().zip(&arrivals).zip(first_place..);
    let due = due
        .filter(|((new, arrival), _)| **arrival == Arrival::First && new.ignored.is_none())
        .map(|((new, _), place)| {
            [
                new.org.into(),
                new.id.into(),
                new.source.as_str().into(),
                new.lane.clone().into(),
                place.into(),
                new.received_at.into(),
                0_i64.into(),
            ]
        });
    Query::insert_rows(tx, DUE_HEAD, due.collect(), "").await?;
    connection::store::count_accepted(tx, counted(messages, &arrivals)).await?;
    Ok(arrivals)
}

/// How many new messages there are of each connection, and when the first of them came in; each count under the id of that first one.
fn counted(
    messages: &[New],
    arrivals: &[Arrival],
) -> Vec<(ReceiptId, OrgId, ConnectionId, Timestamp, i64)> {
    let mut counted: BTreeMap<(OrgId, ConnectionId), (ReceiptId, Timestamp, i64)> = BTreeMap::new();
    for (new, arrival) in messages.iter().zip(arrivals) {
        if let (Some(connection), Arrival::First) = (new.connection, arrival) {
            let first = (new.id, new.received_at, 0);
            let (_, at, letters) = counted.entry((new.org, connection)).or_insert(first);
            *at = new.received_at.min(*at);
            *letters += 1;
        }
    }
    let counted = counted.into_iter();
    counted
        .map(|((org, connection), (id, at, letters))| (id, org, connection, at, letters))
        .collect()
}

/// Claims what is due. A claim makes a message due again when the claim runs out, so one condition finds both. Organisations have their turn
/// one after the other, beginning behind `after`, so that a flood of one leaves the others their places.
pub(super) async fn claim(
    db: &Db,
    source: &str,
    (lease, run, most): (&str, Option<RunId>, usize),
    after: Option<OrgId>,
    now: Timestamp,
) -> StoreResult<Vec<Claim>> {
    let mut tx = db.write_directory().await?;
    let mut waiting = organizations(&mut tx, source, after, most, now).await?;
    if waiting.len() < most && after.is_some() {
        let around = organizations(&mut tx, source, None, most - waiting.len(), now).await?;
        let new = around.into_iter().filter(|org| !waiting.contains(org));
        waiting.extend(new.collect::<Vec<_>>());
    }
    let mut claimed = Vec::new();
    // Each its share, and again among those who have more while there is room.
    while claimed.len() < most && !waiting.is_empty() {
        let share = (most - claimed.len()).div_ceil(waiting.len());
        let mut more = Vec::new();
        for org in waiting {
            let room = share.min(most - claimed.len());
            if room == 0 {
                break;
            }
            let taken = match take(&mut tx, (org, source), (lease, run, room), now).await {
                Ok(taken) => taken,
                // Somebody else was claiming the same at the same time: what is left is found the next time.
                Err(StoreError::Collided) => return Ok(Vec::new()),
                Err(error) if error.is_unique_violation() => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            if taken.len() == room {
                more.push(org);
            }
            claimed.extend(taken);
        }
        waiting = more;
    }
    if !claimed.is_empty() {
        tx.commit().await?;
    }
    Ok(claimed)
}

/// Jumps from one organisation to the next along the index, and looks into each once.
async fn organizations(
    tx: &mut Tx,
    source: &str,
    after: Option<OrgId>,
    most: usize,
    now: Timestamp,
) -> StoreResult<Vec<OrgId>> {
    let rows: Vec<(OrgId,)> = fetch_all!(
        tx,
        (OrgId,),
        "WITH RECURSIVE waiting (org_id) AS (
             SELECT * FROM (SELECT org_id FROM inbox_directory WHERE source = $1 AND org_id > $2 ORDER BY org_id LIMIT 1) AS first
             UNION ALL
             SELECT (SELECT d.org_id FROM inbox_directory d WHERE d.source = $1 AND d.org_id > waiting.org_id ORDER BY d.org_id LIMIT 1)
             FROM waiting WHERE waiting.org_id IS NOT NULL)
         SELECT org_id FROM waiting WHERE org_id IS NOT NULL
             AND EXISTS (SELECT 1 FROM inbox_directory d WHERE d.source = $1 AND d.org_id = waiting.org_id AND d.due_at <= $3)
         LIMIT $4",
        source,
        after.map_or(uuid::Uuid::nil(), OrgId::uuid),
        now,
        i64::try_from(most).unwrap_or(i64::MAX)
    )?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}

async fn take(
    tx: &mut Tx,
    (org, source): (OrgId, &str),
    (lease, run, most): (&str, Option<RunId>, usize),
    now: Timestamp,
) -> StoreResult<Vec<Claim>> {
    // Of a lane the oldest is taken, and none while another is being worked off. Should two nodes disagree on which is the oldest, because a
    // third has not committed it yet, the index over claimed lanes refuses the later of the two claims. Chosen once and then marked: inside the
    // condition of the update PostgreSQL may run the choice again for every row that it compares.
    fetch_all!(
        tx,
        Claim,
        "WITH chosen AS MATERIALIZED (
             SELECT d.id FROM inbox_directory d
             WHERE d.org_id = $1 AND d.source = $2 AND d.due_at <= $3 AND (d.lane IS NULL OR d.lease IS NOT NULL OR NOT EXISTS (
                 SELECT 1 FROM inbox_directory o WHERE o.org_id = d.org_id AND o.source = d.source AND o.lane = d.lane AND o.id <> d.id
                     AND (o.lease IS NOT NULL OR (o.place, o.id) < (d.place, d.id))))
             ORDER BY d.due_at, d.place LIMIT $6)
         UPDATE inbox_directory SET lease = $4, run = $7, due_at = $5, attempts = attempts + 1
         WHERE org_id = $1 AND due_at <= $3 AND id IN (SELECT id FROM chosen)
         RETURNING org_id, id, place, attempts",
        org,
        source,
        now,
        lease,
        now.plus_micros(LEASE_MICROS),
        i64::try_from(most).unwrap_or(i64::MAX),
        run
    )
}

/// Makes due what processes had claimed that are dead. How many messages.
pub(crate) async fn free(tx: &mut Tx, dead: &[RunId], now: Timestamp) -> StoreResult<u64> {
    let mut query = Query::new("UPDATE inbox_directory SET lease = NULL, due_at = ");
    query.bind(now).push(" WHERE lease IS NOT NULL AND run IN ");
    query.bind_list(dead.iter().copied());
    query.execute(tx).await
}

/// What claimed messages say.
pub(super) async fn bodies(
    tx: &mut Tx,
    access: &Access,
    claims: &[Claim],
) -> StoreResult<HashMap<ReceiptId, Body>> {
    const BODIES: &str =
        "SELECT id, key, body_sealed, received_at, connection_id FROM inbox WHERE org_id = ";
    let ids = claims.iter().map(|claim| claim.id);
    let rows: Vec<Body> = Query::keyed(tx, BODIES, access.org(), "id", ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Counts that messages came again: those of one organisation and source, and that came again as often, by one statement.
async fn repeated(tx: &mut Tx, seen: &[&New]) -> StoreResult<()> {
    let mut times: BTreeMap<(OrgId, &str, &str), i64> = BTreeMap::new();
    for new in seen {
        *times.entry((new.org, &new.source, &new.key)).or_default() += 1;
    }
    let mut alike: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for ((org, source, key), times) in times {
        alike.entry((org, source, times)).or_default().push(key);
    }
    for ((org, source, times), keys) in alike {
        let mut query = Query::new("UPDATE inbox SET repeats = repeats + ");
        query
            .bind(times)
            .push(" WHERE org_id = ")
            .bind(org)
            .push(" AND source = ")
            .bind(source)
            .push(" AND key IN ")
            .bind_keys(keys);
        query.execute(tx).await?;
    }
    Ok(())
}

/// Ends claims, those that still are; says of each whether it was. What ended alike takes two statements, however many they are.
pub(super) async fn settle(tx: &mut Tx, ends: &[Settlement]) -> StoreResult<Vec<bool>> {
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    let mut unbegun: HashMap<_, Vec<usize>> = HashMap::new();
    let mut settled = vec![false; ends.len()];
    for (index, end) in ends.iter().enumerate() {
        match &end.end {
            End::Done(outcome) => {
                let sort = (end.org, &end.lease, end.attempts, end.now, outcome);
                alike.entry(sort).or_default().push(index);
            }
            End::Back => {
                let sort = (end.org, &end.lease, end.now);
                unbegun.entry(sort).or_default().push(index);
            }
            End::Again(at, why) => settled[index] = again(tx, end, (*at, why)).await?,
            End::Dead(why) => settled[index] = dies(tx, end, why).await?,
        }
    }
    let of = |indexes: &[usize]| -> Vec<&Settlement> {
        let indexes = indexes.iter();
        indexes.map(|index| &ends[*index]).collect()
    };
    for indexes in alike.into_values() {
        let done = done(tx, &of(&indexes)).await?;
        for index in indexes {
            settled[index] = done.contains(&ends[index].id);
        }
    }
    for indexes in unbegun.into_values() {
        let back = back(tx, &of(&indexes)).await?;
        for index in indexes {
            settled[index] = back.contains(&ends[index].id);
        }
    }
    Ok(settled)
}

/// Gives back what was claimed together and not begun. Which of them still were claims.
async fn back(tx: &mut Tx, ends: &[&Settlement]) -> StoreResult<HashSet<ReceiptId>> {
    let Some(first) = ends.first() else {
        return Ok(HashSet::new());
    };
    let mut query =
        Query::new("UPDATE inbox_directory SET lease = NULL, attempts = attempts - 1, due_at = ");
    query
        .bind(first.now)
        .push(" WHERE org_id = ")
        .bind(first.org)
        .push(" AND lease = ")
        .bind(first.lease.as_str())
        .push(" AND id IN ")
        .bind_keys(ends.iter().map(|end| end.id))
        .push(" RETURNING id");
    let held: Vec<(ReceiptId,)> = query.fetch_all(tx).await?;
    Ok(held.into_iter().map(|(id,)| id).collect())
}

/// Ends claims of one organisation that ended alike. Which of them still were claims.
async fn done(tx: &mut Tx, ends: &[&Settlement]) -> StoreResult<HashSet<ReceiptId>> {
    let Some(first) = ends.first() else {
        return Ok(HashSet::new());
    };
    let mut query = Query::new("DELETE FROM inbox_directory WHERE org_id = ");
    query
        .bind(first.org)
        .push(" AND lease = ")
        .bind(first.lease.as_str())
        .push(" AND id IN ")
        .bind_keys(ends.iter().map(|end| end.id))
        .push(" RETURNING id");
    let held: Vec<(ReceiptId,)> = query.fetch_all(tx).await?;
    if held.is_empty() {
        return Ok(HashSet::new());
    }
    let (outcome, why) = match &first.end {
        End::Done(Some((outcome, why))) => (Some(outcome.as_str().to_owned()), why.clone()),
        _ => (None, None),
    };
    // That it came in is remembered; what it said is, where it was to be kept.
    let mut query = Query::new("UPDATE inbox SET state = 'done', attempts = ");
    query
        .bind(first.attempts)
        .push(", settled_at = ")
        .bind(first.now)
        .push(", outcome = ")
        .bind(outcome)
        .push(", error = ")
        .bind(why)
        .push(", body_sealed = CASE WHEN keep THEN body_sealed END WHERE org_id = ")
        .bind(first.org)
        .push(" AND id IN ")
        .bind_keys(held.iter().map(|(id,)| *id));
    query.execute(tx).await?;
    Ok(held.into_iter().map(|(id,)| id).collect())
}

async fn again(tx: &mut Tx, end: &Settlement, (at, why): (Timestamp, &str)) -> StoreResult<bool> {
    let held = execute!(
        tx,
        "UPDATE inbox_directory SET lease = NULL, due_at = $4 WHERE org_id = $1 AND id = $2 AND lease = $3",
        end.org,
        end.id,
        &end.lease,
        at
    )?;
    if held > 0 {
        execute!(
            tx,
            "UPDATE inbox SET attempts = $3, error = $4 WHERE org_id = $1 AND id = $2",
            end.org,
            end.id,
            end.attempts,
            why
        )?;
    }
    Ok(held > 0)
}

async fn dies(tx: &mut Tx, end: &Settlement, why: &str) -> StoreResult<bool> {
    let held = execute!(
        tx,
        "DELETE FROM inbox_directory WHERE org_id = $1 AND id = $2 AND lease = $3",
        end.org,
        end.id,
        &end.lease
    )?;
    if held > 0 {
        execute!(
            tx,
            "UPDATE inbox SET state = 'dead', attempts = $3, settled_at = $4, error = $5 WHERE org_id = $1 AND id = $2",
            end.org,
            end.id,
            end.attempts,
            end.now,
            why
        )?;
    }
    Ok(held > 0)
}

/// What could not be worked off.
pub(super) async fn dead(tx: &mut Tx, access: &Access, limit: i64) -> StoreResult<Vec<Dead>> {
    fetch_all!(
        tx,
        Dead,
        "SELECT id, source, key, received_at, attempts, error FROM inbox WHERE org_id = $1 AND state = 'dead'
         ORDER BY received_at DESC, id DESC LIMIT $2",
        access.org(),
        limit
    )
}

/// How many messages are not settled.
pub(super) async fn backlog(tx: &mut Tx, source: &str) -> StoreResult<i64> {
    let (count,): (i64,) = fetch_one!(
        tx,
        (i64,),
        "SELECT CAST(COUNT(*) AS BIGINT) FROM inbox_directory WHERE source = $1",
        source
    )?;
    Ok(count)
}

/// Removes some messages of an organisation that came in before an instant, settled or not.
pub(super) async fn sweep(db: &Db, org: OrgId, before: Timestamp, most: i64) -> StoreResult<u64> {
    let mut tx = db.write(org).await?;
    let old: Vec<(ReceiptId,)> = fetch_all!(
        &mut tx,
        (ReceiptId,),
        "SELECT id FROM inbox WHERE org_id = $1 AND received_at < $2 ORDER BY received_at LIMIT $3",
        org,
        before,
        most
    )?;
    if old.is_empty() {
        return Ok(0);
    }
    let mut removed = 0;
    for (of, table) in [
        ("DELETE FROM inbox_directory WHERE org_id = ", false),
        ("DELETE FROM inbox WHERE org_id = ", true),
    ] {
        let mut query = Query::new(of);
        query
            .bind(org)
            .push(" AND id IN ")
            .bind_keys(old.iter().map(|(id,)| *id));
        let touched = query.execute(&mut tx).await?;
        if table {
            removed = touched;
        }
    }
    tx.commit().await?;
    Ok(removed)
}
