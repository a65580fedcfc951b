//! Facts about requisitions into their tables.

use super::event::{Offer, Purpose, RequisitionEvent, Sum};
use super::{Decision, State};
use crate::id::PersonId;
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute, fetch_optional};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &RequisitionEvent,
) -> StoreResult<()> {
    match event {
        RequisitionEvent::Created { .. } => created(tx, recorded, event).await,
        RequisitionEvent::Edited { offer, sum, by } => {
            offered(tx, recorded, offer).await?;
            touched_by(tx, recorded, *by).await?;
            summed(tx, recorded, sum).await
        }
        RequisitionEvent::LinesChanged { sum } => {
            touched_by(tx, recorded, recorded.person).await?;
            summed(tx, recorded, sum).await
        }
        RequisitionEvent::Assigned {
            purpose,
            digest,
            approvals_needed,
        } => assigned(tx, recorded, purpose, digest, *approvals_needed).await,
        RequisitionEvent::Submitted {
            approvals_needed, ..
        } => {
            touched_by(tx, recorded, recorded.person).await?;
            submitted(tx, recorded, *approvals_needed).await
        }
        RequisitionEvent::Approved {
            digest,
            on_behalf_of,
            complete,
        } => {
            said(tx, recorded, *on_behalf_of, (Decision::Approved, digest)).await?;
            match complete {
                true => become_state(tx, recorded, State::Approved).await,
                false => touched(tx, recorded).await,
            }
        }
        RequisitionEvent::Rejected {
            digest,
            on_behalf_of,
        } => {
            said(tx, recorded, *on_behalf_of, (Decision::Rejected, digest)).await?;
            become_state(tx, recorded, State::Rejected).await
        }
        RequisitionEvent::Withdrawn => become_state(tx, recorded, State::Withdrawn).await,
        RequisitionEvent::Reopened => reopened(tx, recorded).await,
        RequisitionEvent::Ordered { order, .. } => {
            execute!(
                tx,
                "UPDATE requisition SET state = $3, order_id = $4, changed_at = $5 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                State::Ordered,
                *order,
                recorded.recorded_at
            )?;
            Ok(())
        }
    }
}

async fn created(tx: &mut Tx, recorded: &Recorded, event: &RequisitionEvent) -> StoreResult<()> {
    let RequisitionEvent::Created {
        number,
        supplier,
        requester,
        purpose,
        currency,
        offer,
        sum,
    } = event
    else {
        return Ok(());
    };
    execute!(
        tx,
        "INSERT INTO requisition (org_id, id, seq, number, supplier_id, session_id, requester_id, unit_id, location_id, cost_centre, currency,
             state, allowed, quote_pending, supplier_order, lines, total, digest, round, approvals_needed, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0, $19, $19)",
        recorded.org,
        recorded.stream.id(),
        recorded.index,
        *number,
        *supplier,
        offer.session,
        *requester,
        purpose.unit,
        purpose.location,
        purpose.cost_centre.as_deref(),
        currency,
        State::Draft,
        offer.allowed,
        offer.quote_pending,
        offer.supplier_order.as_deref(),
        sum.lines,
        sum.total,
        &sum.digest,
        recorded.recorded_at
    )?;
    Ok(())
}

/// Notes who changed what is wanted, or handed it in: it is theirs as well, and they do not approve it.
async fn touched_by(tx: &mut Tx, recorded: &Recorded, person: Option<PersonId>) -> StoreResult<()> {
    let Some(person) = person else { return Ok(()) };
    execute!(
        tx,
        "INSERT INTO requisition_hand (org_id, requisition_id, person_id) VALUES ($1, $2, $3)
         ON CONFLICT (org_id, requisition_id, person_id) DO NOTHING",
        recorded.org,
        recorded.stream.id(),
        person
    )?;
    Ok(())
}

async fn offered(tx: &mut Tx, recorded: &Recorded, offer: &Offer) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET session_id = $3, allowed = $4, quote_pending = $5, supplier_order = $6 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        offer.session,
        offer.allowed,
        offer.quote_pending,
        offer.supplier_order.as_deref()
    )?;
    Ok(())
}

async fn summed(tx: &mut Tx, recorded: &Recorded, sum: &Sum) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET lines = $3, total = $4, digest = $5, changed_at = $6 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        sum.lines,
        sum.total,
        &sum.digest,
        recorded.recorded_at
    )?;
    Ok(())
}

/// What waited for approval, or had it, waits anew in another round.
async fn assigned(
    tx: &mut Tx,
    recorded: &Recorded,
    purpose: &Purpose,
    digest: &str,
    approvals_needed: Option<i64>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET unit_id = $3, location_id = $4, cost_centre = $5, digest = $6, changed_at = $7 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        purpose.unit,
        purpose.location,
        purpose.cost_centre.as_deref(),
        digest,
        recorded.recorded_at
    )?;
    match approvals_needed {
        Some(needed) => submitted(tx, recorded, needed).await,
        None => Ok(()),
    }
}

async fn submitted(tx: &mut Tx, recorded: &Recorded, approvals_needed: i64) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET state = $3, round = round + 1, approvals_needed = $4, submitted_at = $5, changed_at = $5, decided_at = NULL,
             decided_index = NULL WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        State::Submitted,
        approvals_needed,
        recorded.recorded_at
    )?;
    Ok(())
}

async fn reopened(tx: &mut Tx, recorded: &Recorded) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET state = $3, approvals_needed = 0, submitted_at = NULL, decided_at = NULL, decided_index = NULL, changed_at = $4
         WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        State::Draft,
        recorded.recorded_at
    )?;
    Ok(())
}

async fn become_state(tx: &mut Tx, recorded: &Recorded, state: State) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET state = $3, decided_at = $4, decided_index = $5, changed_at = $4 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        state,
        recorded.recorded_at,
        recorded.index
    )?;
    Ok(())
}

async fn touched(tx: &mut Tx, recorded: &Recorded) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE requisition SET changed_at = $3 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        recorded.recorded_at
    )?;
    Ok(())
}

/// Notes who said what, within the present round. Whoever said yes may still say no.
async fn said(
    tx: &mut Tx,
    recorded: &Recorded,
    on_behalf_of: Option<PersonId>,
    (decision, digest): (Decision, &str),
) -> StoreResult<()> {
    let inconsistent = |what: &str| StoreError::Inconsistent {
        table: "requisition_decision",
        what: what.to_owned(),
    };
    let person = recorded
        .person
        .ok_or_else(|| inconsistent("nobody decided"))?;
    let row: Option<(i64,)> = fetch_optional!(
        tx,
        (i64,),
        "SELECT round FROM requisition WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id()
    )?;
    let (round,) = row.ok_or_else(|| inconsistent("a decision on nothing"))?;
    execute!(
        tx,
        "INSERT INTO requisition_decision (org_id, requisition_id, round, person_id, for_id, decision, digest, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (org_id, requisition_id, round, person_id) DO UPDATE SET for_id = excluded.for_id, decision = excluded.decision,
             digest = excluded.digest, at = excluded.at",
        recorded.org,
        recorded.stream.id(),
        round,
        person,
        on_behalf_of,
        decision,
        digest,
        recorded.recorded_at
    )?;
    Ok(())
}
