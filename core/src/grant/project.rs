//! Grant facts into their table.

use super::event::GrantEvent;
use crate::id::GrantId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &GrantEvent) -> StoreResult<()> {
    let id = GrantId::from_uuid(recorded.stream.id());
    match event {
        GrantEvent::Given { person, role, root_unit, valid_to } => execute!(
            tx,
            "INSERT INTO role_grant (org_id, id, seq, person_id, role, root_unit_id, valid_from, valid_to)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            recorded.org,
            id,
            recorded.index,
            *person,
            *role,
            *root_unit,
            recorded.recorded_at,
            *valid_to
        )?,
        GrantEvent::Ended { .. } => execute!(
            tx,
            "UPDATE role_grant SET valid_to = $3 WHERE org_id = $1 AND id = $2",
            recorded.org,
            id,
            recorded.recorded_at
        )?,
    };
    Ok(())
}
