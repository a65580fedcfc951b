//! Claiming parcels. Whoever holds a parcel's lease delivers it; nobody else does meanwhile.
//!
//! A claim sets a token and an end; what comes after names the token, so that a worker whose lease ran out settles nothing any more. No
//! transaction is open while a parcel is on its way.

use std::collections::HashSet;

pub use super::settle::Verdict;
use super::{Channel, Leased};
use crate::id::{EventId, LeaseToken, OrgId, ParcelId};
use crate::ledger::Ledger;
use crate::store::{Query, StoreError, StoreResult, Tx, chain, fetch_all};
use crate::time::{SECOND_MICROS, Timestamp};

/// How long a claim holds. A node that dies gives its parcels back by it.
pub const LEASE_MICROS: i64 = 60 * SECOND_MICROS;
/// How many ids one statement names.
const LIST_MAX: usize = 64;

/// How many parcels of one organisation a worker wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// In all.
    pub parcels: usize,
    /// Of them such as were tried before, at most. They have the first half of the places: they wait longer after each attempt, so that there
    /// are never many of them due.
    pub again_max: usize,
}

impl Wanted {
    /// In which order which parcels are claimed, and how many of each given how many were already.
    fn passes(self) -> [(bool, usize); 3] {
        let half = self.parcels.div_ceil(2);
        [(true, half), (false, self.parcels), (true, self.parcels)]
    }
}

/// The outbox of every organisation, as workers see it.
#[derive(Debug, Clone)]
pub struct Outbox {
    ledger: Ledger,
}

impl Outbox {
    /// The outbox of a ledger's database.
    #[must_use]
    pub const fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    /// The ledger whose facts it sends.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Organisations that have a parcel of the channel due, in the order of their ids after one of them, and from the start once the end is
    /// reached: so every one has its turn. What it costs grows with organisations that wait for something, not with parcels.
    pub async fn organizations_due(
        &self,
        channel: Channel,
        after: Option<OrgId>,
        limit: usize,
    ) -> StoreResult<Vec<OrgId>> {
        let now = self.ledger.clock().now();
        let mut tx = self.ledger.db().read_directory().await?;
        let from = after.map_or(uuid::Uuid::nil(), OrgId::uuid);
        let mut due = organizations(&mut tx, channel, from, now, limit).await?;
        if due.len() < limit && after.is_some() {
            let rest = limit - due.len();
            let around = organizations(&mut tx, channel, uuid::Uuid::nil(), now, rest).await?;
            let known: HashSet<OrgId> = due.iter().copied().collect();
            due.extend(around.into_iter().filter(|org| !known.contains(org)));
        }
        Ok(due)
    }

    /// Claims parcels of one organisation that are due. Whatever is returned is this caller's until the lease ends.
    pub async fn claim(
        &self,
        org: OrgId,
        channel: Channel,
        wanted: Wanted,
    ) -> StoreResult<Vec<Leased>> {
        let now = self.ledger.clock().now();
        let token = LeaseToken::generate(now, self.ledger.random());
        let until = now.plus_micros(LEASE_MICROS);
        let mut tx = self.ledger.db().write(org).await?;
        let mut claimed = Vec::new();
        let mut again = 0;
        for (retry, upto) in wanted.passes() {
            let mut room = upto.saturating_sub(claimed.len());
            if retry {
                room = room.min(wanted.again_max.saturating_sub(again));
            }
            if room == 0 {
                continue;
            }
            let limit = i64::try_from(room).unwrap_or(i64::MAX);
            let which = Which { channel, retry };
            let marked = take(&mut tx, org, which, (now, until), token, limit).await?;
            if retry {
                again += marked.len();
            }
            claimed.extend(marked);
        }
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let parcels = open(&mut tx, org, &claimed, now, (token, until)).await?;
        self.commit(tx).await?;
        Ok(parcels)
    }

    /// Commits, and lets nobody build on a database that does not keep what it is given.
    pub(super) async fn commit(&self, tx: Tx) -> StoreResult<()> {
        let committed = tx.commit().await.map_err(StoreError::at_commit);
        if let Err(error) = &committed
            && error.stops_writing()
        {
            self.ledger.stop(chain(error));
        }
        committed
    }
}

/// Jumps from one organisation to the next along the index, and looks into each once.
async fn organizations(
    tx: &mut Tx,
    channel: Channel,
    after: uuid::Uuid,
    now: Timestamp,
    limit: usize,
) -> StoreResult<Vec<OrgId>> {
    let rows: Vec<(OrgId,)> = fetch_all!(
        tx,
        (OrgId,),
        "WITH RECURSIVE waiting (org_id) AS (
             SELECT * FROM (SELECT org_id FROM outbox_due WHERE channel = $1 AND org_id > $2 ORDER BY org_id LIMIT 1) AS first
             UNION ALL
             SELECT (SELECT d.org_id FROM outbox_due d WHERE d.channel = $1 AND d.org_id > waiting.org_id ORDER BY d.org_id LIMIT 1)
             FROM waiting WHERE waiting.org_id IS NOT NULL)
         SELECT org_id FROM waiting WHERE org_id IS NOT NULL AND (
             EXISTS (SELECT 1 FROM outbox_due d WHERE d.channel = $1 AND d.org_id = waiting.org_id AND d.retry = $5 AND d.due_at <= $3)
             OR EXISTS (SELECT 1 FROM outbox_due d WHERE d.channel = $1 AND d.org_id = waiting.org_id AND d.retry = $6 AND d.due_at <= $3))
         LIMIT $4",
        channel,
        after,
        now,
        i64::try_from(limit).unwrap_or(i64::MAX),
        false,
        true
    )?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}

// Chosen once and then marked: inside the condition of the update PostgreSQL may run the choice again for every row that it compares, and so
// mark more than the limit.
macro_rules! take_sql {
    ($skip:literal) => {
        concat!(
            "WITH chosen AS MATERIALIZED (
                 SELECT parcel_id FROM outbox_due WHERE org_id = $1 AND channel = $2 AND retry = $3 AND due_at <= $4
                 ORDER BY due_at, parcel_id LIMIT $7",
            $skip,
            ") UPDATE outbox_due SET lease_token = $6, due_at = $5
             WHERE org_id = $1 AND channel = $2 AND retry = $3 AND due_at <= $4 AND parcel_id IN (SELECT parcel_id FROM chosen)
             RETURNING parcel_id"
        )
    };
}

/// Which parcels of an organisation.
#[derive(Debug, Clone, Copy)]
struct Which {
    channel: Channel,
    retry: bool,
}

/// Marks parcels as claimed. Where several workers run at once, each passes over what another is claiming.
async fn take(
    tx: &mut Tx,
    org: OrgId,
    which: Which,
    (now, until): (Timestamp, Timestamp),
    token: LeaseToken,
    limit: i64,
) -> StoreResult<Vec<ParcelId>> {
    let sql = match tx {
        Tx::Sqlite(_) => take_sql!(""),
        Tx::Postgres(_) => take_sql!(" FOR UPDATE SKIP LOCKED"),
    };
    let rows: Vec<(ParcelId,)> = fetch_all!(
        tx,
        (ParcelId,),
        sql,
        org,
        which.channel,
        which.retry,
        now,
        until,
        token,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

#[derive(Debug, sqlx::FromRow)]
struct Opened {
    id: ParcelId,
    channel: Channel,
    lane: String,
    body: String,
    cause: Option<EventId>,
    attempts: i64,
    enqueued_at: Timestamp,
    first_attempt_at: Timestamp,
}

/// Counts the attempt that begins and reads what is to be delivered.
async fn open(
    tx: &mut Tx,
    org: OrgId,
    ids: &[ParcelId],
    now: Timestamp,
    (token, until): (LeaseToken, Timestamp),
) -> StoreResult<Vec<Leased>> {
    let mut leased = Vec::with_capacity(ids.len());
    for ids in ids.chunks(LIST_MAX) {
        let mut query = Query::new(
            "UPDATE outbox SET attempts = attempts + 1, first_attempt_at = COALESCE(first_attempt_at, ",
        );
        query.bind(now).push(") WHERE org_id = ").bind(org);
        query
            .push(" AND id IN ")
            .bind_list(ids.iter().copied())
            .push(" RETURNING id, channel, lane, body, cause, attempts, enqueued_at, first_attempt_at");
        let rows: Vec<Opened> = query.fetch_all(tx).await?;
        leased.extend(rows.into_iter().map(|row| Leased {
            id: row.id,
            org,
            channel: row.channel,
            lane: row.lane,
            body: row.body,
            cause: row.cause,
            attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            enqueued_at: row.enqueued_at,
            first_attempt_at: row.first_attempt_at,
            token,
            until,
        }));
    }
    if leased.len() != ids.len() {
        return Err(StoreError::Inconsistent {
            table: "outbox_due",
            what: "a parcel is due that is not in the outbox".to_owned(),
        });
    }
    leased.sort_unstable_by_key(|parcel| parcel.id);
    Ok(leased)
}
