//! Facts about ties into their table.

use super::event::ChatLinkEvent;
use crate::id::ChatLinkId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &ChatLinkEvent,
) -> StoreResult<()> {
    let id = ChatLinkId::from_uuid(recorded.stream.id());
    match event {
        ChatLinkEvent::Linked {
            install,
            user,
            person,
            how,
        } => execute!(
            tx,
            "INSERT INTO chat_link (org_id, id, seq, install_id, user_digest, person_id, how, linked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            recorded.org,
            id,
            recorded.index,
            *install,
            user,
            *person,
            *how,
            recorded.recorded_at
        )?,
        ChatLinkEvent::Unlinked { .. } => execute!(
            tx,
            "UPDATE chat_link SET ended_at = $3 WHERE org_id = $1 AND id = $2",
            recorded.org,
            id,
            recorded.recorded_at
        )?,
    };
    Ok(())
}
