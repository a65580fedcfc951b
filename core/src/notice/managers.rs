//! What is told to those who answer for the whole organisation.

use std::collections::HashSet;

use super::Notice;
use super::send::{Readers, tell};
use crate::access::{Access, Action, Role};
use crate::grant;
use crate::id::EventId;
use crate::ledger::Work;
use crate::store::StoreResult;

/// Tells everybody something who may do this in the whole organisation, each once.
pub(crate) async fn tell_managers(
    work: &mut Work,
    access: &Access,
    action: Action,
    notice: Notice,
    cause: Option<EventId>,
) -> StoreResult<()> {
    let Some(mut readers) = Readers::of(work, access).await? else {
        return Ok(());
    };
    let mut told = HashSet::new();
    let roles = Role::ALL.into_iter();
    for role in roles.filter(|role| role.actions().contains(action)) {
        for holder in grant::store::holders(work.tx(), access, role).await? {
            if holder.unit_depth == 0 && told.insert(holder.person_id) {
                tell(work, access, &mut readers, holder.person_id, notice, cause).await?;
            }
        }
    }
    Ok(())
}
