//! Unit facts into their tables: the row, and one closure row per ancestor.

use super::event::UnitEvent;
use crate::id::UnitId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &UnitEvent) -> StoreResult<()> {
    let id = UnitId::from_uuid(recorded.stream.id());
    match event {
        UnitEvent::Created {
            parent,
            kind,
            code,
            name,
            depth,
        } => {
            execute!(
                tx,
                "INSERT INTO unit (org_id, id, seq, parent_id, kind, code, name, depth) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                recorded.org,
                id,
                recorded.index,
                *parent,
                *kind,
                code,
                name,
                i64::from(*depth)
            )?;
            execute!(
                tx,
                "INSERT INTO unit_closure (org_id, ancestor_id, descendant_id, distance)
                 SELECT org_id, ancestor_id, $2, distance + 1 FROM unit_closure WHERE org_id = $1 AND descendant_id = $3",
                recorded.org,
                id,
                *parent
            )?;
            execute!(
                tx,
                "INSERT INTO unit_closure (org_id, ancestor_id, descendant_id, distance) VALUES ($1, $2, $2, 0)",
                recorded.org,
                id
            )?;
            Ok(())
        }
        UnitEvent::PolicySet { propose_hand_overs } => {
            execute!(
                tx,
                "UPDATE unit SET propose_hand_overs = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                id,
                *propose_hand_overs
            )?;
            Ok(())
        }
    }
}
