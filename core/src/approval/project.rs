//! Facts about who approves into their tables.

use super::event::ApprovalEvent;
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &ApprovalEvent,
) -> StoreResult<()> {
    match event {
        ApprovalEvent::PolicySet { limits } => {
            let text = limits.as_ref().map(serde_json::to_string).transpose();
            let text = text.map_err(|error| StoreError::Inconsistent {
                table: "approval_policy",
                what: error.to_string(),
            })?;
            execute!(
                tx,
                "INSERT INTO approval_policy (org_id, unit_id, limits, changed_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (org_id, unit_id) DO UPDATE SET limits = excluded.limits, changed_at = excluded.changed_at",
                recorded.org,
                recorded.stream.id(),
                text.clone(),
                recorded.recorded_at
            )?;
        }
        ApprovalEvent::Delegated {
            from,
            to,
            starts_at,
            ends_at,
        } => {
            execute!(
                tx,
                "INSERT INTO approval_delegation (org_id, id, seq, from_id, to_id, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *from,
                *to,
                *starts_at,
                *ends_at
            )?;
        }
        ApprovalEvent::DelegationEnded => {
            execute!(
                tx,
                "UPDATE approval_delegation SET ended_at = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                recorded.recorded_at
            )?;
        }
    }
    Ok(())
}
