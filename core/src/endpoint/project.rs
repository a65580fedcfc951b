//! Facts about endpoints into their table.

use super::event::EndpointEvent;
use super::{Because, Owner, Settings, Status};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &EndpointEvent,
) -> StoreResult<()> {
    match event {
        EndpointEvent::Created {
            owner, settings, ..
        } => {
            let (app, install) = match owner {
                Owner::App(app) => (Some(*app), None),
                Owner::Install(install) => (None, Some(*install)),
            };
            execute!(
                tx,
                "INSERT INTO endpoint (org_id, id, seq, app_id, install_id, status, settings, created_by, created_at, changed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                app,
                install,
                Status::Active,
                text(settings)?,
                recorded.person,
                recorded.recorded_at
            )?;
        }
        EndpointEvent::Changed { settings, .. } => {
            execute!(
                tx,
                "UPDATE endpoint SET settings = $3, changed_at = $4 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                text(settings)?,
                recorded.recorded_at
            )?;
        }
        EndpointEvent::Paused { suspended } => {
            let because = suspended.then_some(Because::Suspended.as_str());
            become_status(tx, recorded, Status::Paused, because).await?;
        }
        EndpointEvent::Resumed {} => become_status(tx, recorded, Status::Active, None).await?,
        EndpointEvent::Removed {} => become_status(tx, recorded, Status::Removed, None).await?,
        EndpointEvent::Disabled { because } => {
            become_status(tx, recorded, Status::Disabled, Some(because.as_str())).await?;
        }
        // Secrets and deliveries are kept beside the ledger.
        EndpointEvent::SecretRotated { .. }
        | EndpointEvent::RotationEnded {}
        | EndpointEvent::Delivered { .. }
        | EndpointEvent::Exhausted { .. }
        | EndpointEvent::Tested {}
        | EndpointEvent::Redelivered { .. } => {}
    }
    Ok(())
}

async fn become_status(
    tx: &mut Tx,
    recorded: &Recorded,
    status: Status,
    because: Option<&str>,
) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE endpoint SET status = $3, because = $4, changed_at = $5 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        status,
        because.map(str::to_owned),
        recorded.recorded_at
    )?;
    Ok(())
}

fn text(settings: &Settings) -> StoreResult<String> {
    serde_json::to_string(settings).map_err(|error| StoreError::Inconsistent {
        table: "endpoint",
        what: error.to_string(),
    })
}
