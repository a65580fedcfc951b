//! Facts about licences into their tables: each subscription, and what they add up to.

use super::event::SeatEvent;
use super::{State, Terms, decide, store};
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute, fetch_optional};
use crate::time::Timestamp;

pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &SeatEvent) -> StoreResult<()> {
    match event {
        SeatEvent::CustomerLinked {
            customer, livemode, ..
        } => link(tx, recorded, customer, *livemode).await?,
        SeatEvent::CustomerDetached { customer, .. } => {
            execute!(
                tx,
                "UPDATE seat SET detached = $3 WHERE org_id = $1 AND customer = $2",
                recorded.org,
                customer,
                true
            )?;
        }
        SeatEvent::SeatsChanged {
            subscription,
            customer,
            after,
            failed_at,
            grace_until,
            ended,
            unclear,
            ..
        } => {
            let row = Row {
                id: subscription,
                customer,
                terms: after,
                failed_at: *failed_at,
                grace_until: *grace_until,
                ended: *ended,
                unclear: *unclear,
            };
            row.write(tx, recorded).await?;
        }
        SeatEvent::GraceEntered {
            subscription,
            failed_at,
            until,
            ..
        } => {
            let (state, failed_at, until) = (State::Grace, Some(*failed_at), Some(*until));
            bear(tx, recorded, subscription, state, (failed_at, until)).await?;
        }
        SeatEvent::GraceLeft {
            subscription,
            event_id: Some(_),
            to,
        } => bear(tx, recorded, subscription, *to, (None, None)).await?,
        // The time was up: when it failed is kept, so that the grace does not begin anew.
        SeatEvent::GraceLeft {
            subscription, to, ..
        } => {
            execute!(
                tx,
                "UPDATE seat_subscription SET state = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                subscription,
                *to
            )?;
        }
    }
    add_up(tx, recorded).await
}

async fn link(tx: &mut Tx, recorded: &Recorded, customer: &str, livemode: bool) -> StoreResult<()> {
    execute!(
        tx,
        "INSERT INTO seat (org_id, customer, livemode, detached, state, metered, unclear, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (org_id) DO UPDATE SET customer = excluded.customer, livemode = excluded.livemode, detached = excluded.detached",
        recorded.org,
        customer,
        livemode,
        false,
        State::Pending,
        false,
        false,
        recorded.recorded_at
    )?;
    Ok(())
}

/// A subscription as a fact has it.
struct Row<'a> {
    id: &'a str,
    customer: &'a str,
    terms: &'a Terms,
    failed_at: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    ended: bool,
    unclear: bool,
}

impl Row<'_> {
    async fn write(&self, tx: &mut Tx, recorded: &Recorded) -> StoreResult<()> {
        execute!(
            tx,
            "INSERT INTO seat_subscription (org_id, id, customer, status, state, quantity, period_end, failed_at, grace_until, metered, unclear, ended)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (org_id, id) DO UPDATE SET customer = excluded.customer, status = excluded.status, state = excluded.state,
                 quantity = excluded.quantity, period_end = excluded.period_end, failed_at = excluded.failed_at,
                 grace_until = excluded.grace_until, metered = excluded.metered, unclear = excluded.unclear, ended = excluded.ended",
            recorded.org,
            self.id,
            self.customer,
            &self.terms.status,
            self.terms.state,
            self.terms.quantity,
            self.terms.period_end,
            self.failed_at,
            self.grace_until,
            self.terms.metered,
            self.unclear,
            self.ended
        )?;
        Ok(())
    }
}

async fn bear(
    tx: &mut Tx,
    recorded: &Recorded,
    subscription: &str,
    state: State,
    (failed_at, until): (Option<Timestamp>, Option<Timestamp>),
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE seat_subscription SET state = $3, failed_at = $4, grace_until = $5 WHERE org_id = $1 AND id = $2",
        recorded.org,
        subscription,
        state,
        failed_at,
        until
    )?;
    Ok(())
}

/// The licence is what the subscriptions of its customer add up to.
async fn add_up(tx: &mut Tx, recorded: &Recorded) -> StoreResult<()> {
    let row: Option<(String, bool)> = fetch_optional!(
        tx,
        (String, bool),
        "SELECT customer, detached FROM seat WHERE org_id = $1",
        recorded.org
    )?;
    let Some((customer, detached)) = row else {
        return Ok(());
    };
    let subscriptions = store::subscriptions(tx, recorded.org, &customer).await?;
    let sum = decide::sum(&subscriptions, detached);
    execute!(
        tx,
        "UPDATE seat SET state = $2, quantity = $3, period_end = $4, grace_until = $5, metered = $6, unclear = $7, changed_at = $8
         WHERE org_id = $1",
        recorded.org,
        sum.state,
        sum.quantity,
        sum.period_end,
        sum.grace_until,
        sum.metered,
        sum.unclear,
        recorded.recorded_at
    )?;
    Ok(())
}
