//! What people want to be told into its table.

use super::event::NoticeEvent;
use crate::id::PersonId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &NoticeEvent,
) -> StoreResult<()> {
    let NoticeEvent::Preferred(preference) = event;
    execute!(
        tx,
        "INSERT INTO notice_preference (org_id, person_id, sort, chat, push) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org_id, person_id, sort) DO UPDATE SET chat = excluded.chat, push = excluded.push",
        recorded.org,
        PersonId::from_uuid(recorded.stream.id()),
        preference.sort,
        preference.chat,
        preference.push
    )?;
    Ok(())
}
