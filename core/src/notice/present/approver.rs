//! What waits for somebody's approval, as it is when they are told.

use super::{Present, ToApprover, wanted};
use crate::access::{Access, Surface};
use crate::chat_link;
use crate::id::{ChatLinkId, PersonId, RequisitionId};
use crate::install::Platform;
use crate::outbox::Leased;
use crate::requisition::{self, State};
use crate::session::{Refusal, Sessions};
use crate::store::{Db, StoreResult};

/// To whoever may approve it now, if it waits for them still.
pub(super) async fn to_approver(
    db: &Db,
    sessions: &Sessions,
    leased: &Leased,
    (person, link): (PersonId, ChatLinkId),
    requisition: RequisitionId,
) -> StoreResult<Present> {
    let session = match sessions.of_person(leased.org, person).await {
        Ok(session) => session,
        Err(Refusal::Store(error)) => return Err(error),
        Err(_) => return Ok(Present::Obsolete("the reader is no member any more")),
    };
    let system = Access::system(leased.org, Surface::System);
    let mut tx = db.read(&system).await?;
    let linked = chat_link::store::of_person(&mut tx, &system, person).await?;
    let Some(linked) = linked.into_iter().find(|linked| linked.link == link) else {
        return Ok(Present::Obsolete(
            "the reader is not known in this chat any more",
        ));
    };
    let surface = match linked.platform {
        Platform::Slack => Surface::Slack,
        Platform::Teams => Surface::Teams,
    };
    let access = session.access.within(surface, leased.id.to_string());
    let now = sessions.now();
    let found = requisition::store::by_id(&mut tx, &access, requisition, now).await?;
    let Some(found) = found.filter(|found| found.state == State::Submitted) else {
        return Ok(Present::Obsolete("the requisition waits no more"));
    };
    if !requisition::store::waits_for(&mut tx, &access, &found, now).await? {
        return Ok(Present::Obsolete(
            "the requisition does not wait for the reader",
        ));
    }
    let Some(wanted) = wanted(&mut tx, &access, found).await? else {
        return Ok(Present::Obsolete("the supplier is not known any more"));
    };
    Ok(Present::ToApprover(Box::new(ToApprover {
        access,
        linked,
        wanted,
    })))
}
