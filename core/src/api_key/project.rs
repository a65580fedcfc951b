//! Facts about keys into their table.

use super::event::ApiKeyEvent;
use super::{Scope, Status};
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &ApiKeyEvent,
) -> StoreResult<()> {
    match event {
        ApiKeyEvent::Created {
            app,
            name,
            scopes,
            mode,
        } => {
            let scopes: Vec<&str> = scopes.iter().map(|scope| Scope::as_str(*scope)).collect();
            execute!(
                tx,
                "INSERT INTO api_key (org_id, id, seq, app_id, name, scopes, mode, status, created_by, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                recorded.org,
                recorded.stream.id(),
                recorded.index,
                *app,
                name,
                scopes.join(" "),
                *mode,
                Status::Active,
                recorded.person,
                recorded.recorded_at
            )?;
        }
        ApiKeyEvent::Revoked {} => {
            execute!(
                tx,
                "UPDATE api_key SET status = $3, revoked_at = $4 WHERE org_id = $1 AND id = $2",
                recorded.org,
                recorded.stream.id(),
                Status::Revoked,
                recorded.recorded_at
            )?;
        }
    }
    Ok(())
}
