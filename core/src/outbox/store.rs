//! The outbox as it is looked at: what waits, what was given up and why.

use super::{AttemptOutcome, Channel, Status};
use crate::access::Access;
use crate::id::{EventId, OrgId, ParcelId};
use crate::store::{Db, StoreResult, Tx, execute, fetch_all, fetch_optional};
use crate::time::{DAY_MICROS, Timestamp};

/// How long what became of parcels is kept.
pub const KEPT_MICROS: i64 = 30 * DAY_MICROS;

/// A parcel as it is shown. Its body is the courier's.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sent {
    /// Its id.
    pub id: ParcelId,
    /// By what it travels.
    pub channel: Channel,
    /// The recipient's lane.
    pub lane: String,
    /// The fact from which it follows.
    pub cause: Option<EventId>,
    /// How far it is.
    pub status: Status,
    /// How many attempts were begun.
    pub attempts: i64,
    /// When it was put into the outbox.
    pub enqueued_at: Timestamp,
    /// When it was done with.
    pub settled_at: Option<Timestamp>,
}

/// One attempt. Where a number is missing, its worker died on the way.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Which, from 1.
    pub attempt: i64,
    /// When it ended.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// What the courier said.
    pub detail: String,
}

/// How much of a channel waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Which channel.
    pub channel: Channel,
    /// How many parcels.
    pub parcels: i64,
    /// When the oldest of them was put into the outbox.
    pub oldest_at: Timestamp,
}

macro_rules! columns {
    () => {
        "SELECT id, channel, lane, cause, status, attempts, enqueued_at, settled_at FROM outbox "
    };
}

/// One parcel.
pub async fn by_id(tx: &mut Tx, access: &Access, id: ParcelId) -> StoreResult<Option<Sent>> {
    fetch_optional!(
        tx,
        Sent,
        concat!(columns!(), "WHERE org_id = $1 AND id = $2"),
        access.org(),
        id
    )
}

/// Parcels that are this far, the newest first, before one of them.
pub async fn with_status(
    tx: &mut Tx,
    access: &Access,
    status: Status,
    before: Option<ParcelId>,
    limit: i64,
) -> StoreResult<Vec<Sent>> {
    let before = before.map_or(uuid::Uuid::max(), ParcelId::uuid);
    fetch_all!(
        tx,
        Sent,
        concat!(
            columns!(),
            "WHERE org_id = $1 AND status = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        access.org(),
        status,
        before,
        limit
    )
}

/// The attempts of a parcel, the first one first.
pub async fn attempts(tx: &mut Tx, access: &Access, id: ParcelId) -> StoreResult<Vec<Attempt>> {
    fetch_all!(
        tx,
        Attempt,
        "SELECT attempt, at, outcome, detail FROM outbox_attempt WHERE org_id = $1 AND parcel_id = $2 ORDER BY attempt",
        access.org(),
        id
    )
}

/// An attempt to bring something to a supplier.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SupplierAttempt {
    /// What stands in the parcel.
    pub body: String,
    /// When it ended.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// What the courier said.
    pub detail: String,
}

/// The last attempts to bring something to a supplier in this lane, the latest first.
pub async fn to_supplier(
    tx: &mut Tx,
    access: &Access,
    lane: &str,
    limit: i64,
) -> StoreResult<Vec<SupplierAttempt>> {
    fetch_all!(
        tx,
        SupplierAttempt,
        "SELECT o.body, a.at, a.outcome, a.detail FROM outbox o
         JOIN outbox_attempt a ON a.org_id = o.org_id AND a.parcel_id = o.id
         WHERE o.org_id = $1 AND o.channel = 'supplier' AND o.lane = $2 ORDER BY o.id DESC, a.attempt DESC LIMIT $3",
        access.org(),
        lane,
        limit
    )
}

/// What waits, in all organisations together.
pub async fn backlog(db: &Db) -> StoreResult<Vec<Backlog>> {
    let mut tx = db.read_directory().await?;
    fetch_all!(
        &mut tx,
        Backlog,
        "SELECT channel, CAST(COUNT(*) AS BIGINT) AS parcels, MIN(enqueued_at) AS oldest_at FROM outbox_due GROUP BY channel"
    )
}

/// Forgets what was done with long ago. How many parcels.
pub async fn forget(db: &Db, org: OrgId, now: Timestamp) -> StoreResult<u64> {
    let before = now.plus_micros(-KEPT_MICROS);
    let mut tx = db.write(org).await?;
    execute!(
        &mut tx,
        "DELETE FROM outbox_attempt WHERE org_id = $1 AND parcel_id IN (
             SELECT id FROM outbox WHERE org_id = $1 AND settled_at IS NOT NULL AND settled_at < $2)",
        org,
        before
    )?;
    let gone = execute!(
        &mut tx,
        "DELETE FROM outbox WHERE org_id = $1 AND settled_at IS NOT NULL AND settled_at < $2",
        org,
        before
    )?;
    tx.commit().await?;
    Ok(gone)
}
