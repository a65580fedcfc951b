//! Person facts into their table. The private rows are not projections and are written by the commands.

use super::event::PersonEvent;
use crate::id::PersonId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &PersonEvent,
) -> StoreResult<()> {
    let id = PersonId::from_uuid(recorded.stream.id());
    match event {
        PersonEvent::Registered {
            home_unit,
            affiliation,
            status,
            separated_on,
        } => {
            execute!(
                tx,
                "INSERT INTO person (org_id, id, seq, home_unit_id, affiliation, status, separated_on) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                recorded.org,
                id,
                recorded.index,
                *home_unit,
                *affiliation,
                *status,
                *separated_on
            )?;
        }
        PersonEvent::StatusChanged {
            to, separated_on, ..
        } => {
            execute!(
                tx,
                "UPDATE person SET status = $3, separated_on = $4 WHERE org_id = $1 AND id = $2",
                recorded.org,
                id,
                *to,
                *separated_on
            )?;
        }
        // Identities and names are kept outside the projections.
        PersonEvent::IdentityLinked { .. }
        | PersonEvent::IdentityEnded { .. }
        | PersonEvent::IdentityBarred { .. }
        | PersonEvent::IdentityRestored { .. }
        | PersonEvent::ProfileChanged { .. }
        | PersonEvent::Erased => {}
    }
    Ok(())
}
