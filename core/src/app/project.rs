//! Facts about apps into their table.

use super::Status;
use super::event::AppEvent;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(tx: &mut Tx, recorded: &Recorded, event: &AppEvent) -> StoreResult<()> {
    match event {
        AppEvent::Created { name, kind } => {
            execute!(
                tx,
                "INSERT INTO app (org_id, id, seq, name, kind, status, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                name,
                *kind,
                Status::Active,
                recorded.person,
                recorded.recorded_at
            )?;
        }
        AppEvent::Renamed { name } => {
            execute!(
                tx,
                "UPDATE app SET name = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                name
            )?;
        }
        AppEvent::Removed {} => {
            execute!(
                tx,
                "UPDATE app SET status = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                Status::Removed
            )?;
        }
    }
    Ok(())
}
