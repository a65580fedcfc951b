//! Giving up what has waited too long for its turn.
//!
//! A day is counted from a delivery's first attempt. To an endpoint that fails only one request at a time is made, so that what is announced
//! meanwhile may wait for its first attempt without an end. It waits for so long and no longer.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use super::super::Form;
use super::Status;
use super::log::bounds;
use super::settle::{CHANGED, DELIVERY, release_next};
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

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Old {
    pub delivery_id: DeliveryId,
    pub event_id: EventId,
    pub form: Form,
    pub at: Timestamp,
    pub object_id: Option<Uuid>,
}

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
        Query::new("DELETE FROM delivery_due WHERE run IS NULL AND NOT EXISTS (SELECT 1 FROM delivery d
             WHERE d.org_id = delivery_due.org_id AND d.id = delivery_due.delivery_id) AND org_id = ");
    query.bind(org).push(" AND delivery_id IN ");
    query.bind_keys(old.iter().map(|one| one.delivery_id));
    query.push(" RETURNING delivery_id");
    let ended: Vec<(DeliveryId,)> = query.fetch_all(&mut tx).await?;
    let ended: HashSet<DeliveryId> = ended.into_iter().map(|(id,)| id).collect();
    let ended: Vec<Old> = old
        .into_iter()
        .filter(|one| ended.contains(&one.delivery_id))
        .collect();
    note(&mut tx, (org, endpoint), &ended, now).await?;
    let objects: BTreeSet<Uuid> = ended.iter().filter_map(|one| one.object_id).collect();
    for object in objects {
        release_next(&mut tx, org, (endpoint, object), now).await?;
    }
    super::commit(ledger, tx).await?;
    Ok(ended.len())
}

/// Ids begin with their time, so the oldest ones are the beginning of an index. What somebody wanted once more is in the log.
async fn old(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    now: Timestamp,
) -> StoreResult<Vec<Old>> {
    let before = now.plus_micros(-WAIT_MICROS_MAX);
    let (end, _) = bounds(before, before);
    fetch_all!(
        tx,
        Old,
        "SELECT q.delivery_id, q.event_id, q.form, e.at, q.object_id FROM delivery_due q
             JOIN webhook_event e ON e.org_id = q.org_id AND e.event_id = q.event_id AND e.form = q.form
         WHERE q.org_id = $1 AND q.endpoint_id = $2 AND q.delivery_id < $3 AND q.run IS NULL
             AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.org_id = q.org_id AND d.id = q.delivery_id)
         ORDER BY q.delivery_id LIMIT $4",
        org,
        endpoint,
        end,
        PORTION
    )
}

/// Writes into the log what was given up, with a number, so that it becomes a fact.
pub(super) async fn note(
    tx: &mut Tx,
    (org, endpoint): (OrgId, EndpointId),
    ended: &[Old],
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
    let rows = ended.iter().zip(last - count + 1..).map(|(one, seq)| {
        [
            org.into(),
            one.delivery_id.into(),
            endpoint.into(),
            one.event_id.into(),
            one.form.as_str().into(),
            Status::Exhausted.as_str().into(),
            0_i64.into(),
            one.at.into(),
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
