//! Giving up what has waited too long for its turn.
//!
//! A day is counted from a delivery's first attempt. To an endpoint that fails only one request at a time is made, so that what is announced
//! meanwhile may wait for its first attempt without an end. It waits for so long and no longer.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Status;
use super::log::bounds;
use super::settle::{DELIVERY, release_next};
use crate::access::{Access, Surface};
use crate::id::{DeliveryId, EndpointId, EventId, OrgId};
use crate::ledger::Ledger;
use crate::outbox::lane;
use crate::store::{Query, StoreResult, Tx, fetch_all, fetch_one};
use crate::time::{DAY_MICROS, Timestamp};

/// How long something waits for its first attempt at an endpoint that fails, from when it was announced.
pub const WAIT_MICROS_MAX: i64 = 2 * DAY_MICROS;
/// How many are given up by one transaction.
const PORTION: i64 = 256;

const CHANGED: &str = " ON CONFLICT (org_id, id) DO UPDATE SET status = excluded.status, settled_at = excluded.settled_at,
        settled_seq = excluded.settled_seq";

/// Gives up a portion of what waits for its first attempt at an endpoint that fails and was announced too long ago. What was tried has a day from
/// then, and so has what somebody wanted once more. How many: where any were, there may be more.
pub async fn give_up(
    ledger: &Ledger,
    (org, endpoint): (OrgId, EndpointId),
    now: Timestamp,
) -> StoreResult<usize> {
    let access = Access::system(org, Surface::System);
    let mut tx = ledger.db().read(&access).await?;
    let old = old(&mut tx, (org, endpoint), now).await?;
    drop(tx);
    if old.is_empty() {
        return Ok(0);
    }
    let mut tx = ledger.db().write(org).await?;
    lane::hold(&mut tx, org).await?;
    let mut query =
        Query::new("DELETE FROM delivery_due WHERE run IS NULL AND attempts = 0 AND org_id = ");
    query.bind(org).push(" AND delivery_id IN ");
    query.bind_keys(old.iter().map(|(id,)| *id));
    query.push(" RETURNING delivery_id, object_id");
    let ended: Vec<(DeliveryId, Option<Uuid>)> = query.fetch_all(&mut tx).await?;
    note(&mut tx, (org, endpoint), &ended, now).await?;
    let objects: BTreeSet<Uuid> = ended.iter().filter_map(|(_, object)| *object).collect();
    for object in objects {
        release_next(&mut tx, org, (endpoint, object), now).await?;
    }
    super::commit(ledger, tx).await?;
    Ok(ended.len())
}

/// Ids begin with their time, so the oldest ones are the beginning of an index.
async fn old(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    now: Timestamp,
) -> StoreResult<Vec<(DeliveryId,)>> {
    let before = now.plus_micros(-WAIT_MICROS_MAX);
    let (end, _) = bounds(before, before);
    fetch_all!(
        tx,
        (DeliveryId,),
        "SELECT d.id FROM delivery d JOIN delivery_due q ON q.org_id = d.org_id AND q.delivery_id = d.id
         WHERE d.org_id = $1 AND d.endpoint_id = $2 AND d.status = $3 AND d.id < $4 AND q.run IS NULL AND q.attempts = 0
         ORDER BY d.id LIMIT $5",
        org,
        endpoint,
        Status::Waiting,
        end,
        PORTION
    )
}

/// Numbers what was given up, so that it becomes a fact.
async fn note(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    ended: &[(DeliveryId, Option<Uuid>)],
    now: Timestamp,
) -> StoreResult<()> {
    let count = i64::try_from(ended.len()).unwrap_or(PORTION);
    let (last,): (i64,) = fetch_one!(
        &mut *tx,
        (i64,),
        "UPDATE endpoint_health SET settled_seq = settled_seq + $3 WHERE org_id = $1 AND id = $2 RETURNING settled_seq",
        org,
        endpoint,
        count
    )?;
    let rows = ended.iter().zip(last - count + 1..).map(|((id, _), seq)| {
        // Only what is changed is taken from this row; the rest names a row that is there.
        [
            org.into(),
            (*id).into(),
            endpoint.into(),
            EventId::from_uuid(Uuid::nil()).into(),
            "".into(),
            "".into(),
            "".into(),
            Uuid::nil().into(),
            Status::Exhausted.as_str().into(),
            0_i64.into(),
            now.into(),
            None::<Timestamp>.into(),
            now.into(),
            seq.into(),
            None::<i64>.into(),
            None::<i64>.into(),
        ]
    });
    Query::insert_rows(tx, DELIVERY, rows.collect(), CHANGED).await?;
    Ok(())
}
