//! Facts about installed apps into their table.

use super::Status;
use super::event::AppInstallEvent;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &AppInstallEvent,
) -> StoreResult<()> {
    match event {
        AppInstallEvent::Consented {
            client,
            app_org,
            app,
            name,
            publisher,
            unit,
            scopes,
            person,
        } => {
            execute!(
                tx,
                "INSERT INTO app_install (org_id, id, seq, client_id, app_org, app_id, name, publisher, unit_id, scopes, status, installed_by,
                     installed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name, publisher = excluded.publisher, scopes = excluded.scopes,
                     status = excluded.status, installed_by = excluded.installed_by, installed_at = excluded.installed_at",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *client,
                *app_org,
                *app,
                name,
                publisher,
                *unit,
                scopes.clone(),
                Status::Active,
                *person,
                recorded.recorded_at
            )?;
        }
        AppInstallEvent::Suspended => become_status(tx, recorded, Status::Suspended).await?,
        AppInstallEvent::Resumed => become_status(tx, recorded, Status::Active).await?,
        AppInstallEvent::Uninstalled => become_status(tx, recorded, Status::Ended).await?,
        // What a consent gave is kept beside the ledger.
        AppInstallEvent::FamilyRevoked { .. } => {}
    }
    Ok(())
}

async fn become_status(tx: &mut Tx, recorded: &Recorded, status: Status) -> StoreResult<()> {
    execute!(
        tx,
        "UPDATE app_install SET status = $3 WHERE org_id = $1 AND id = $2",
        recorded.org,
        recorded.stream.id(),
        status
    )?;
    Ok(())
}
