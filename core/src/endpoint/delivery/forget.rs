//! Forgetting: what is kept of deliveries for so long and no longer, a portion at a time.
//!
//! Each portion is a transaction of its own and has a bound, so that whoever records something waits for one portion at most. What there is to
//! forget is read first: an organisation with nothing of it writes nothing.

use uuid::Uuid;

use super::super::Status as EndpointStatus;
use super::log::{KEPT_MICROS, bounds};
use crate::access::{Access, Surface};
use crate::id::{DeliveryId, EndpointId, EventId, OrgId};
use crate::ledger::Ledger;
use crate::store::{Query, StoreResult, Tx, execute, fetch_all};
use crate::time::{DAY_MICROS, HOUR_MICROS, MILLISECOND_MICROS, Timestamp};

/// How many rows of each sort one portion is.
pub const PORTION_ROWS: i64 = 500;
/// For how long the counts by the hour are kept: a week is shown.
const HOURS_KEPT_MICROS: i64 = 8 * DAY_MICROS;

/// What there is to forget.
#[derive(Debug, Default)]
struct Old {
    attempts: Vec<(DeliveryId, i64)>,
    deliveries: Vec<(DeliveryId,)>,
    events: Vec<(EventId, String)>,
    hours: Vec<(EndpointId, i64)>,
    secrets: Vec<(EndpointId,)>,
    endpoints: Vec<(EndpointId,)>,
}

/// Forgets a portion of what one organisation has kept long enough: attempts and deliveries that were done with thirty days ago, what they said,
/// counts by the hour, secrets whose time is over, and the addresses and secrets of endpoints that were removed then. Whether there is more.
pub async fn forget(ledger: &Ledger, org: OrgId, now: Timestamp) -> StoreResult<bool> {
    let mut tx = ledger
        .db()
        .read(&Access::system(org, Surface::System))
        .await?;
    let old = Old::find(&mut tx, org, now).await?;
    drop(tx);
    if old.is_empty() {
        return Ok(false);
    }
    let mut tx = ledger.db().write(org).await?;
    old.forget(&mut tx, org, now).await?;
    super::commit(ledger, tx).await?;
    Ok(old.is_full())
}

impl Old {
    async fn find(tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<Self> {
        let before = now.plus_micros(-KEPT_MICROS);
        let end = end(before);
        Ok(Self {
            attempts: attempts(tx, org, (end, before)).await?,
            deliveries: deliveries(tx, org, (end, before)).await?,
            events: events(tx, org, (end, before)).await?,
            hours: hours(tx, org, now.plus_micros(-HOURS_KEPT_MICROS)).await?,
            secrets: secrets(tx, org, now).await?,
            endpoints: endpoints(tx, org, before).await?,
        })
    }

    const fn is_empty(&self) -> bool {
        self.attempts.is_empty()
            && self.deliveries.is_empty()
            && self.events.is_empty()
            && self.hours.is_empty()
            && self.secrets.is_empty()
            && self.endpoints.is_empty()
    }

    /// Whether something was left out because the portion has a bound, or may be forgotten now that this is.
    fn is_full(&self) -> bool {
        let full = usize::try_from(PORTION_ROWS).unwrap_or(usize::MAX);
        !self.attempts.is_empty()
            || !self.deliveries.is_empty()
            || self.events.len() >= full
            || self.hours.len() >= full
    }

    /// Everything is asked once more: somebody may have wanted a delivery again meanwhile.
    async fn forget(&self, tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<()> {
        let before = now.plus_micros(-KEPT_MICROS);
        let end = end(before);
        for (delivery, attempt) in &self.attempts {
            execute!(
                tx,
                "DELETE FROM delivery_attempt WHERE org_id = $1 AND delivery_id = $2 AND attempt = $3",
                org,
                *delivery,
                *attempt
            )?;
        }
        self.forget_deliveries(tx, org, before).await?;
        for (event, form) in &self.events {
            execute!(
                tx,
                "DELETE FROM webhook_event WHERE org_id = $1 AND event_id = $2 AND form = $3 AND NOT EXISTS (
                     SELECT 1 FROM delivery d WHERE d.org_id = $1 AND d.event_id = $2) AND NOT EXISTS (
                     SELECT 1 FROM delivery_due q WHERE q.org_id = $1 AND q.delivery_id < $4 AND q.event_id = $2)",
                org,
                *event,
                form.as_str(),
                end
            )?;
        }
        for (endpoint, hour) in &self.hours {
            execute!(
                tx,
                "DELETE FROM endpoint_hour WHERE org_id = $1 AND id = $2 AND hour = $3",
                org,
                *endpoint,
                *hour
            )?;
        }
        for (endpoint,) in &self.secrets {
            execute!(
                tx,
                "UPDATE endpoint_private SET previous_sealed = NULL, previous_until = NULL, previous_accepted = $3
                 WHERE org_id = $1 AND id = $2 AND previous_until <= $4",
                org,
                *endpoint,
                false,
                now
            )?;
        }
        for (endpoint,) in &self.endpoints {
            execute!(
                tx,
                "DELETE FROM endpoint_private WHERE org_id = $1 AND id = $2 AND NOT EXISTS (
                     SELECT 1 FROM delivery_due d WHERE d.endpoint_id = $2)",
                org,
                *endpoint
            )?;
        }
        Ok(())
    }

    async fn forget_deliveries(
        &self,
        tx: &mut Tx,
        org: OrgId,
        before: Timestamp,
    ) -> StoreResult<()> {
        for deliveries in self.deliveries.chunks(256) {
            let mut query = Query::new("DELETE FROM delivery WHERE org_id = ");
            query
                .bind(org)
                .push(" AND settled_at < ")
                .bind(before)
                .push(" AND id IN ")
                .bind_keys(deliveries.iter().map(|(id,)| *id));
            query.execute(tx).await?;
        }
        Ok(())
    }
}

/// Ids begin with their time, in milliseconds: what was done with by then was announced by then, so this is the beginning of an index.
fn end(before: Timestamp) -> Uuid {
    let (end, _) = bounds(before.plus_micros(MILLISECOND_MICROS), before);
    end
}

/// Attempts have their own time: those of a delivery that was made once more go when each is old.
async fn attempts(
    tx: &mut Tx,
    org: OrgId,
    (end, before): (Uuid, Timestamp),
) -> StoreResult<Vec<(DeliveryId, i64)>> {
    fetch_all!(
        tx,
        (DeliveryId, i64),
        "SELECT delivery_id, attempt FROM delivery_attempt WHERE org_id = $1 AND delivery_id < $2 AND at < $3
         ORDER BY delivery_id, attempt LIMIT $4",
        org,
        end,
        before,
        PORTION_ROWS
    )
}

/// Deliveries without attempts that are kept any more.
async fn deliveries(
    tx: &mut Tx,
    org: OrgId,
    (end, before): (Uuid, Timestamp),
) -> StoreResult<Vec<(DeliveryId,)>> {
    fetch_all!(
        tx,
        (DeliveryId,),
        "SELECT d.id FROM delivery d WHERE d.org_id = $1 AND d.id < $2 AND d.settled_at < $3 AND NOT EXISTS (
             SELECT 1 FROM delivery_attempt a WHERE a.org_id = $1 AND a.delivery_id = d.id)
         ORDER BY d.id LIMIT $4",
        org,
        end,
        before,
        PORTION_ROWS
    )
}

/// What was said of events of which no delivery is kept, and none waits.
async fn events(
    tx: &mut Tx,
    org: OrgId,
    (end, before): (Uuid, Timestamp),
) -> StoreResult<Vec<(EventId, String)>> {
    fetch_all!(
        tx,
        (EventId, String),
        "SELECT e.event_id, e.form FROM webhook_event e WHERE e.org_id = $1 AND e.at < $2 AND NOT EXISTS (
             SELECT 1 FROM delivery d WHERE d.org_id = $1 AND d.event_id = e.event_id) AND NOT EXISTS (
             SELECT 1 FROM delivery_due q WHERE q.org_id = $1 AND q.delivery_id < $3 AND q.event_id = e.event_id)
         ORDER BY e.at LIMIT $4",
        org,
        before,
        end,
        PORTION_ROWS
    )
}

async fn hours(tx: &mut Tx, org: OrgId, before: Timestamp) -> StoreResult<Vec<(EndpointId, i64)>> {
    fetch_all!(
        tx,
        (EndpointId, i64),
        "SELECT id, hour FROM endpoint_hour WHERE org_id = $1 AND hour < $2 LIMIT $3",
        org,
        before.micros().div_euclid(HOUR_MICROS),
        PORTION_ROWS
    )
}

/// Endpoints with a secret that does not sign any more because its time is over. There are few: endpoints have a bound.
async fn secrets(tx: &mut Tx, org: OrgId, now: Timestamp) -> StoreResult<Vec<(EndpointId,)>> {
    fetch_all!(
        tx,
        (EndpointId,),
        "SELECT id FROM endpoint_private WHERE org_id = $1 AND previous_until <= $2 LIMIT $3",
        org,
        now,
        PORTION_ROWS
    )
}

/// Endpoints that are over and of which nothing is on its way, with an address and secrets that are still kept.
async fn endpoints(tx: &mut Tx, org: OrgId, before: Timestamp) -> StoreResult<Vec<(EndpointId,)>> {
    fetch_all!(
        tx,
        (EndpointId,),
        "SELECT e.id FROM endpoint e JOIN endpoint_private p ON p.org_id = e.org_id AND p.id = e.id
         WHERE e.org_id = $1 AND e.status = $2 AND e.changed_at < $3 AND NOT EXISTS (
             SELECT 1 FROM delivery_due d WHERE d.endpoint_id = e.id) LIMIT $4",
        org,
        EndpointStatus::Removed,
        before,
        PORTION_ROWS
    )
}
