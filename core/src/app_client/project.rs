//! Facts about clients into their table.

use super::event::AppClientEvent;
use super::{Settings, Status};
use crate::ledger::event::Recorded;
use crate::store::{StoreError, StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &AppClientEvent,
) -> StoreResult<()> {
    let (org, id) = (recorded.org, recorded.stream.id());
    match event {
        AppClientEvent::Registered {
            app,
            form,
            proof,
            settings,
            rate_per_minute,
        } => {
            execute!(
                tx,
                "INSERT INTO app_client (org_id, id, seq, app_id, form, proof, settings, rate_per_minute, status, created_by, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                org,
                id,
                recorded.index,
                *app,
                *form,
                *proof,
                text(settings)?,
                rate_per_minute.map(i64::from),
                Status::Active,
                recorded.person,
                recorded.recorded_at
            )?;
        }
        AppClientEvent::Configured { settings } => {
            execute!(
                tx,
                "UPDATE app_client SET settings = $3 WHERE org_id = $1 AND id = $2",
                org,
                id,
                text(settings)?
            )?;
        }
        AppClientEvent::RateSet { rate_per_minute } => {
            execute!(
                tx,
                "UPDATE app_client SET rate_per_minute = $3 WHERE org_id = $1 AND id = $2",
                org,
                id,
                rate_per_minute.map(i64::from)
            )?;
        }
        AppClientEvent::StatusSet { status } => {
            execute!(
                tx,
                "UPDATE app_client SET status = $3 WHERE org_id = $1 AND id = $2",
                org,
                id,
                *status
            )?;
        }
        // Secrets are kept beside the ledger.
        AppClientEvent::SecretRotated { .. } | AppClientEvent::RotationEnded => {}
    }
    Ok(())
}

fn text(settings: &Settings) -> StoreResult<String> {
    serde_json::to_string(settings).map_err(|error| StoreError::Inconsistent {
        table: "app_client",
        what: error.to_string(),
    })
}
