//! Phone facts into their table.

use super::event::PushDeviceEvent;
use crate::id::PushDeviceId;
use crate::ledger::event::Recorded;
use crate::store::{StoreResult, Tx, execute};

pub(crate) async fn apply(
    tx: &mut Tx,
    recorded: &Recorded,
    event: &PushDeviceEvent,
) -> StoreResult<()> {
    let id = PushDeviceId::from_uuid(recorded.stream.id());
    match event {
        PushDeviceEvent::Registered { person, platform } => execute!(
            tx,
            "INSERT INTO push_device (org_id, id, seq, person_id, platform, registered_at) VALUES ($1, $2, $3, $4, $5, $6)",
            recorded.org,
            id,
            recorded.index,
            *person,
            *platform,
            recorded.recorded_at
        )?,
        PushDeviceEvent::Removed { .. }
        | PushDeviceEvent::Disabled { .. }
        | PushDeviceEvent::SignedOut { .. } => execute!(
            tx,
            "UPDATE push_device SET removed_at = $3 WHERE org_id = $1 AND id = $2",
            recorded.org,
            id,
            recorded.recorded_at
        )?,
    };
    Ok(())
}
