//! Facts about visits to shops into their table.

use super::event::PunchoutEvent;
use super::{Outcome, State};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &PunchoutEvent,
) -> StoreResult<()> {
    match event {
        PunchoutEvent::Started {
            supplier,
            person,
            purpose,
            operation,
            requisition,
            expires_at,
        } => {
            execute!(
                tx,
                "INSERT INTO punchout_session (org_id, id, seq, supplier_id, person_id, unit_id, operation, requisition_id, location_id,
                     cost_centre, state, created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *supplier,
                *person,
                purpose.unit,
                *operation,
                *requisition,
                purpose.location,
                purpose.cost_centre.as_deref(),
                State::Open,
                recorded.recorded_at,
                *expires_at
            )?;
        }
        PunchoutEvent::Returned {
            document_hash,
            outcome,
            requisitions,
            ..
        } => {
            let requisitions =
                serde_json::to_string(requisitions).map_err(|error| inconsistent(&error))?;
            // One return for one visit, whoever else was asked before: the statement says so once more.
            let returned = execute!(
                tx,
                "UPDATE punchout_session SET state = 'returned', returned_at = $3, document_hash = $4, outcome = $5, requisitions = $6
                 WHERE org_id = $1 AND id = $2 AND state = 'open'",
                recorded.org,
                recorded.stream.id(),
                recorded.recorded_at,
                document_hash,
                *outcome,
                &requisitions
            )?;
            one(returned)?;
        }
        PunchoutEvent::Answered { outcome } => {
            let answered = execute!(
                tx,
                "UPDATE punchout_session SET outcome = $3 WHERE org_id = $1 AND id = $2 AND outcome = $4",
                recorded.org,
                recorded.stream.id(),
                *outcome,
                Outcome::Asking
            )?;
            one(answered)?;
        }
        PunchoutEvent::Closed => {
            execute!(
                tx,
                "UPDATE punchout_session SET state = $3 WHERE org_id = $1 AND id = $2 AND state = 'open'",
                recorded.org,
                recorded.stream.id(),
                State::Closed
            )?;
        }
        // What was not taken changed nothing; it is kept beside the ledger.
        PunchoutEvent::NotTaken { .. } => {}
    }
    Ok(())
}

fn inconsistent(error: &serde_json::Error) -> StoreError {
    StoreError::Inconsistent {
        table: "punchout_session",
        what: error.to_string(),
    }
}

fn one(rows: u64) -> StoreResult<()> {
    match rows {
        1 => Ok(()),
        _ => Err(StoreError::Inconsistent {
            table: "punchout_session",
            what: "a visit that is over was ended again".to_owned(),
        }),
    }
}
