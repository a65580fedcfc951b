//! Facts about suppliers into their table.

use super::event::SupplierEvent;
use super::{Settings, Status};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &SupplierEvent,
) -> StoreResult<()> {
    match event {
        SupplierEvent::Created { protocol, settings } => {
            execute!(
                tx,
                "INSERT INTO supplier (org_id, id, seq, protocol, status, created_by, created_at, settings)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *protocol,
                Status::Active,
                recorded.person,
                recorded.recorded_at,
                text(settings)?
            )?;
        }
        SupplierEvent::Configured { settings } => {
            execute!(
                tx,
                "UPDATE supplier SET settings = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                text(settings)?
            )?;
        }
        SupplierEvent::Paused => become_status(tx, recorded, Status::Paused).await?,
        SupplierEvent::Resumed => become_status(tx, recorded, Status::Active).await?,
        SupplierEvent::Removed => become_status(tx, recorded, Status::Removed).await?,
        // Secrets are kept beside the ledger.
        SupplierEvent::SecretSet { .. } | SupplierEvent::RotationEnded => {}
    }
    Ok(())
}

async fn become_status(tx: &mut Tx, recorded: &Recorded, status: Status) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE supplier SET status = $3 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        status
    )?;
    Ok(())
}

fn text(settings: &Settings) -> StoreResult<String> {
    serde_json::to_string(settings).map_err(|error| StoreError::Inconsistent {
        table: "supplier",
        what: error.to_string(),
    })
}
