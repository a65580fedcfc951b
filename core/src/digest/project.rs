//! Digest facts into their table.

use super::event::DigestEvent;
use crate::id::DigestId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &DigestEvent,
) -> StoreResult<()> {
    let id = DigestId::from_uuid(recorded.stream.id());
    match event {
        DigestEvent::Subscribed {
            install,
            chat,
            unit,
            cadence,
            local_hour,
        } => execute!(
            tx,
            "INSERT INTO digest (org_id, id, seq, install_id, chat, unit_id, cadence, local_hour) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            recorded.org,
            id,
            recorded.index,
            *install,
            chat,
            *unit,
            *cadence,
            i64::from(*local_hour)
        )?,
        DigestEvent::Unsubscribed {} => execute!(
            tx,
            "UPDATE digest SET ended_at = $3 WHERE org_id = $1 AND id = $2",
            recorded.org,
            id,
            recorded.recorded_at
        )?,
    };
    Ok(())
}
