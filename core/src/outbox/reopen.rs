//! Parcels that were delivered, and of which the receiver says later that they did not arrive after all.

use super::backoff::{self, Chance};
use super::lane::{self, lane_hash};
use super::lease::Outbox;
use super::{Channel, Status};
use crate::id::{OrgId, ParcelId};
use crate::store::{StoreResult, execute, fetch_optional};
use crate::time::Timestamp;

/// Before every other parcel of its lane: it was older than they.
const BEFORE_ALL: i64 = 0;

impl Outbox {
    /// Puts a delivered parcel back, as if its last attempt had failed just now: under the same id, with the pause that follows that many
    /// attempts. When it is tried again; none where it was not delivered, or its day is over.
    pub async fn reopen(&self, org: OrgId, id: ParcelId) -> StoreResult<Option<Timestamp>> {
        type Row = (Channel, String, i64, Timestamp, Timestamp);
        let now = self.ledger().clock().now();
        let mut tx = self.ledger().db().write(org).await?;
        lane::hold(&mut tx, org).await?;
        let row: Option<Row> = fetch_optional!(
            &mut tx,
            Row,
            "SELECT channel, lane, attempts, enqueued_at, COALESCE(first_attempt_at, enqueued_at) FROM outbox
             WHERE org_id = $1 AND id = $2 AND status = $3",
            org,
            id,
            Status::Delivered
        )?;
        let Some((channel, lane, attempts, enqueued_at, first_attempt_at)) = row else {
            return Ok(None);
        };
        let mut bytes = [0; 4];
        self.ledger().random().fill(&mut bytes);
        let chance = Chance(u32::from_be_bytes(bytes));
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
        let Some(due_at) = backoff::next(attempts, first_attempt_at, now, None, chance) else {
            return Ok(None);
        };
        execute!(
            &mut tx,
            "UPDATE outbox SET status = $3, settled_at = NULL WHERE org_id = $1 AND id = $2",
            org,
            id,
            Status::Waiting
        )?;
        execute!(
            &mut tx,
            "INSERT INTO outbox_due (org_id, parcel_id, channel, lane_hash, lane_seq, retry, due_at, enqueued_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            org,
            id,
            channel,
            lane_hash(org, channel, &lane),
            BEFORE_ALL,
            true,
            due_at,
            enqueued_at
        )?;
        self.commit(tx).await?;
        Ok(Some(due_at))
    }
}
