//! Making deliveries once more: the same event id, the attempts counted on, and a schedule of their own.

use std::collections::HashMap;

use super::super::Form;
use super::super::announce::BEHIND_ANOTHER;
use super::Status;
use super::log::bounds;
use crate::access::Access;
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::store::{Query, StoreResult, Tx, Value, execute, fetch_optional};
use crate::time::Timestamp;

/// What came of asking for one delivery once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// There is none with this id.
    Unknown,
    /// What it said is not kept any more.
    Forgotten,
    /// It is due now.
    Due,
}

/// Deliveries of a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub endpoint: EndpointId,
    pub from: Timestamp,
    pub to: Timestamp,
    pub exhausted_only: bool,
    /// Only those after this one.
    pub after: Option<DeliveryId>,
}

/// Makes one delivery due.
pub(crate) async fn one(
    tx: &mut Tx,
    access: &Access,
    (endpoint, id): (EndpointId, DeliveryId),
    now: Timestamp,
) -> StoreResult<Again> {
    // What is tried meanwhile is in the log then.
    let waits: Option<(DeliveryId,)> = fetch_optional!(
        &mut *tx,
        (DeliveryId,),
        "SELECT delivery_id FROM delivery_due WHERE org_id = $1 AND endpoint_id = $2 AND delivery_id = $3",
        access.org(),
        endpoint,
        id
    )?;
    let row: Option<(Status, i64, i64)> = fetch_optional!(
        &mut *tx,
        (Status, i64, i64),
        "SELECT d.status, d.attempts, CAST((SELECT COUNT(*) FROM webhook_event e WHERE e.org_id = d.org_id AND e.event_id = d.event_id
             AND e.form = d.form) AS BIGINT) FROM delivery d WHERE d.org_id = $1 AND d.endpoint_id = $2 AND d.id = $3",
        access.org(),
        endpoint,
        id
    )?;
    let Some((status, attempts, kept)) = row else {
        if waits.is_none() {
            return Ok(Again::Unknown);
        }
        hurry(tx, access, id, now).await?;
        return Ok(Again::Due);
    };
    if kept == 0 {
        return Ok(Again::Forgotten);
    }
    if status == Status::Waiting {
        hurry(tx, access, id, now).await?;
    } else if make_due(tx, access, endpoint, &[(id, attempts)], now).await? == 0 {
        return Ok(Again::Forgotten);
    }
    Ok(Again::Due)
}

/// What is being made is left alone, and so is what waits for another; what waits for its next attempt need not.
async fn hurry(tx: &mut Tx, access: &Access, id: DeliveryId, now: Timestamp) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE delivery_due SET due_at = $3 WHERE org_id = $1 AND delivery_id = $2 AND run IS NULL AND due_at > $3 AND due_at < $4",
        access.org(),
        id,
        now,
        BEHIND_ANOTHER
    )?;
    Ok(())
}

const AGAIN: &str = "SELECT d.id, d.attempts FROM delivery d WHERE d.org_id = ";
/// Only what is still there to be said.
const SAID: &str = " AND EXISTS (SELECT 1 FROM webhook_event e WHERE e.org_id = d.org_id AND e.event_id = d.event_id AND e.form = d.form)";

/// Makes the settled deliveries of a time due, the first ones of those after the one that is named. How many, and the last of them.
pub(crate) async fn range(
    tx: &mut Tx,
    access: &Access,
    range: Range,
    now: Timestamp,
    limit: i64,
) -> StoreResult<(i64, Option<DeliveryId>)> {
    let mut query = Query::new(AGAIN);
    query.bind(access.org());
    query.push(" AND d.endpoint_id = ").bind(range.endpoint);
    range.push(&mut query);
    query.push(SAID).push(" ORDER BY d.id LIMIT ").bind(limit);
    let rows: Vec<(DeliveryId, i64)> = query.fetch_all(tx).await?;
    let mut count = 0;
    for rows in rows.chunks(256) {
        count += make_due(tx, access, range.endpoint, rows, now).await?;
    }
    let full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    let last = rows.last().map(|(id, _)| *id).filter(|_| full);
    Ok((i64::try_from(count).unwrap_or(i64::MAX), last))
}

impl Range {
    /// What a delivery `d` of this time is. Those that were given up are a range of an index of their own.
    pub fn push(&self, query: &mut Query) {
        let (first, end) = bounds(self.from, self.to);
        if self.exhausted_only {
            query
                .push(" AND d.status = ")
                .bind(Status::Exhausted.as_str());
        } else {
            query
                .push(" AND d.status <> ")
                .bind(Status::Waiting.as_str());
        }
        query.push(" AND d.id >= ").bind(first);
        query.push(" AND d.id < ").bind(end);
        if let Some(after) = self.after {
            query.push(" AND d.id > ").bind(after);
        }
    }
}

/// Makes settled deliveries due that are on record as such. Which are not there any more, or were settled a moment ago, are passed over. How many.
async fn make_due(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    rows: &[(DeliveryId, i64)],
    now: Timestamp,
) -> StoreResult<usize> {
    let org = access.org();
    let attempts: HashMap<DeliveryId, i64> = rows.iter().copied().collect();
    let mut query = Query::new("UPDATE delivery SET status = ");
    query.bind(Status::Waiting.as_str());
    query.push(", settled_at = NULL, first_attempt_at = NULL, settled_seq = NULL WHERE org_id = ");
    query.bind(org).push(" AND status <> ");
    query.bind(Status::Waiting.as_str());
    // What is not on record yet keeps its number until it is.
    query.push(
        " AND (settled_seq IS NULL OR settled_seq <= (SELECT h.confirmed_seq FROM endpoint_health h WHERE h.org_id = ",
    );
    query.bind(org).push(" AND h.id = ").bind(endpoint);
    query.push(")) AND id IN ");
    query.bind_keys(rows.iter().map(|(id, _)| *id));
    query.push(" RETURNING id, event_id, form");
    let found: Vec<(DeliveryId, EventId, Form)> = query.fetch_all(tx).await?;
    let due: Vec<_> = found
        .iter()
        .map(|(id, event, form)| {
            let attempts = attempts.get(id).copied().unwrap_or(0);
            [
                org.into(),
                (*id).into(),
                endpoint.into(),
                (*event).into(),
                form.as_str().into(),
                // It was sent before what came after it; it stands in no line any more.
                Value::Uuid(None),
                0_i64.into(),
                now.into(),
                attempts.into(),
                attempts.into(),
                Value::Uuid(None),
            ]
        })
        .collect();
    let made = due.len();
    super::insert_due(tx, due).await?;
    Ok(made)
}
