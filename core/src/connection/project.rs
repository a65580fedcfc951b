//! Facts about connections into their table.

use super::event::ConnectionEvent;
use super::{Settings, Status};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &ConnectionEvent,
) -> StoreResult<()> {
    match event {
        ConnectionEvent::Created { provider, settings } => {
            // A rebuild's tables have no defaults on SQLite.
            execute!(
                tx,
                "INSERT INTO connection (org_id, id, seq, provider, status, created_by, created_at, settings, accepted)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *provider,
                Status::Active,
                recorded.person,
                recorded.recorded_at,
                text(settings)?
            )?;
        }
        ConnectionEvent::Configured { settings } => {
            execute!(
                tx,
                "UPDATE connection SET settings = $3 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                text(settings)?
            )?;
        }
        ConnectionEvent::Paused => become_status(tx, recorded, Status::Paused).await?,
        ConnectionEvent::Resumed => become_status(tx, recorded, Status::Active).await?,
        ConnectionEvent::Removed => become_status(tx, recorded, Status::Removed).await?,
        ConnectionEvent::Accepted { letters, .. } => {
            execute!(
                tx,
                "UPDATE connection SET accepted = accepted + $3, accepted_at = $4 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                *letters,
                recorded.recorded_at
            )?;
        }
        // Secrets and letters are kept beside the ledger.
        ConnectionEvent::SecretRotated { .. }
        | ConnectionEvent::RotationEnded
        | ConnectionEvent::DeliveryUsed { .. } => {}
    }
    Ok(())
}

async fn become_status(tx: &mut Tx, recorded: &Recorded, status: Status) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE connection SET status = $3 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        status
    )?;
    Ok(())
}

fn text(settings: &Settings) -> StoreResult<String> {
    serde_json::to_string(settings).map_err(|error| StoreError::Inconsistent {
        table: "connection",
        what: error.to_string(),
    })
}
