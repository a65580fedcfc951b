//! Making deliveries once more: the same event id, the attempts counted on, and a schedule of their own.

use super::Status;
use super::log::bounds;
use crate::access::Access;
use crate::id::{DeliveryId, EndpointId};
use crate::store::{Query, StoreResult, Tx, Value, execute, fetch_all, fetch_optional};
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
}

/// Makes one delivery due.
pub(crate) async fn one(
    tx: &mut Tx,
    access: &Access,
    (endpoint, id): (EndpointId, DeliveryId),
    now: Timestamp,
) -> StoreResult<Again> {
    let row: Option<(Status, i64, i64)> = fetch_optional!(
        tx,
        (Status, i64, i64),
        "SELECT d.status, d.attempts, CAST((SELECT COUNT(*) FROM webhook_event e WHERE e.org_id = d.org_id AND e.event_id = d.event_id
             AND e.form = d.form) AS BIGINT) FROM delivery d WHERE d.org_id = $1 AND d.endpoint_id = $2 AND d.id = $3",
        access.org(),
        endpoint,
        id
    )?;
    let Some((status, attempts, kept)) = row else {
        return Ok(Again::Unknown);
    };
    if kept == 0 {
        return Ok(Again::Forgotten);
    }
    if status == Status::Waiting {
        // What is being made is left alone; what waits for its next attempt need not.
        execute!(
            tx,
            "UPDATE delivery_due SET due_at = $3 WHERE org_id = $1 AND delivery_id = $2 AND run IS NULL AND due_at > $3 AND object_id IS NULL",
            access.org(),
            id,
            now
        )?;
    } else {
        make_due(tx, access, endpoint, &[(id, attempts)], now).await?;
    }
    Ok(Again::Due)
}

/// Makes the settled deliveries of a time due. How many.
pub(crate) async fn range(
    tx: &mut Tx,
    access: &Access,
    range: Range,
    now: Timestamp,
    limit: i64,
) -> StoreResult<i64> {
    let (first, end) = bounds(range.from, range.to);
    let delivered = if range.exhausted_only {
        Status::Exhausted
    } else {
        Status::Delivered
    };
    let rows: Vec<(DeliveryId, i64)> = fetch_all!(
        tx,
        (DeliveryId, i64),
        "SELECT d.id, d.attempts FROM delivery d WHERE d.org_id = $1 AND d.endpoint_id = $2 AND d.id >= $3 AND d.id < $4
             AND (d.status = $5 OR d.status = $6)
             AND EXISTS (SELECT 1 FROM webhook_event e WHERE e.org_id = d.org_id AND e.event_id = d.event_id AND e.form = d.form)
         ORDER BY d.id LIMIT $7",
        access.org(),
        range.endpoint,
        first,
        end,
        delivered,
        Status::Exhausted,
        limit
    )?;
    for rows in rows.chunks(256) {
        make_due(tx, access, range.endpoint, rows, now).await?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

async fn make_due(
    tx: &mut Tx,
    access: &Access,
    endpoint: EndpointId,
    rows: &[(DeliveryId, i64)],
    now: Timestamp,
) -> StoreResult<()> {
    let org = access.org();
    let mut query = Query::new("UPDATE delivery SET status = ");
    query.bind(Status::Waiting.as_str());
    query.push(", settled_at = NULL, first_attempt_at = NULL, settled_seq = NULL WHERE org_id = ");
    query.bind(org).push(" AND id IN ");
    query.bind_list(rows.iter().map(|(id, _)| *id));
    query.execute(tx).await?;
    let due = rows
        .iter()
        .map(|(id, attempts)| {
            [
                org.into(),
                (*id).into(),
                endpoint.into(),
                // It was sent before what came after it; it stands in no line any more.
                Value::Uuid(None),
                0_i64.into(),
                now.into(),
                (*attempts).into(),
                (*attempts).into(),
                Value::Uuid(None),
            ]
        })
        .collect();
    super::insert_due(tx, due).await
}
