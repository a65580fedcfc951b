//! Yes and no, each to exactly what was shown.

use super::{Decider, Refusal, Requisition, again, decide, seen, store, worded, write};
use crate::id::{EventId, RequisitionId};
use crate::ledger::{Command, Failure, Work};
use crate::notice::plan::Waiting;
use crate::requisition::event::RequisitionEvent;
use crate::store::StoreResult;

/// Approves a requisition exactly as it was shown. The answer is how it is then; somebody else may have to as well.
#[derive(Debug, Clone)]
pub struct Approve {
    /// Which.
    pub requisition: RequisitionId,
    /// The digest of what was shown.
    pub digest: String,
}

/// Says no to a requisition as it was shown.
#[derive(Debug, Clone)]
pub struct Reject {
    /// Which.
    pub requisition: RequisitionId,
    /// The digest of what was shown.
    pub digest: String,
    /// Why, for whoever wants it.
    pub reason: String,
}

impl Command for Approve {
    type Answer = Requisition;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        approve(work, self.requisition, &self.digest).await
    }
}

impl Command for Reject {
    type Answer = Requisition;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        reject(work, self.requisition, &self.digest, &self.reason).await
    }
}

/// Approves within a unit of work; also for what was confirmed in a chat.
pub(crate) async fn approve(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
) -> Result<Requisition, Failure<Refusal>> {
    let (found, decider, complete) = approval(work, id, digest).await?;
    let event = RequisitionEvent::Approved {
        digest: found.digest.clone(),
        on_behalf_of: decider.on_behalf_of,
        complete,
    };
    write::record(work, &found, event, None).await?;
    again(work, id).await
}

/// Says no within a unit of work.
pub(crate) async fn reject(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
    why: &str,
) -> Result<Requisition, Failure<Refusal>> {
    let (found, decider, why) = rejection(work, id, digest, why).await?;
    let event = RequisitionEvent::Rejected {
        digest: found.digest.clone(),
        on_behalf_of: decider.on_behalf_of,
    };
    write::record(work, &found, event, Some(why)).await?;
    again(work, id).await
}

/// The requisition, if the caller's yes to what was shown would count.
pub(crate) async fn may_approve(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
) -> Result<Requisition, Failure<Refusal>> {
    let (found, ..) = approval(work, id, digest).await?;
    Ok(found)
}

/// The requisition, if the caller's no to what was shown would count.
pub(crate) async fn may_reject(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
    why: &str,
) -> Result<Requisition, Failure<Refusal>> {
    let (found, ..) = rejection(work, id, digest, why).await?;
    Ok(found)
}

async fn approval(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
) -> Result<(Requisition, Decider, bool), Failure<Refusal>> {
    let access = work.access().clone();
    let (found, decider) = deciding(work, id).await?;
    let own = store::own(work.tx(), &access, &found).await?;
    let decisions = store::decisions(work.tx(), &access, id).await?;
    let complete =
        decide::approve(&found, &own, &decisions, decider, digest).map_err(Failure::Refused)?;
    Ok((found, decider, complete))
}

async fn rejection(
    work: &mut Work,
    id: RequisitionId,
    digest: &str,
    why: &str,
) -> Result<(Requisition, Decider, String), Failure<Refusal>> {
    let (found, decider) = deciding(work, id).await?;
    let access = work.access().clone();
    let own = store::own(work.tx(), &access, &found).await?;
    decide::reject(&found, &own, decider, digest).map_err(Failure::Refused)?;
    Ok((found, decider, worded(why)?))
}

/// The requisition, and as whom the caller decides on it.
async fn deciding(
    work: &mut Work,
    id: RequisitionId,
) -> Result<(Requisition, Decider), Failure<Refusal>> {
    let refused = Failure::Refused;
    let (access, now) = (work.access().clone(), work.now());
    let found = seen(work, id).await?;
    let person = access.person().ok_or(refused(Refusal::NotAPerson))?;
    if store::own(work.tx(), &access, &found)
        .await?
        .contains(&person)
    {
        return Err(refused(Refusal::Own));
    }
    let decider = store::decider(work.tx(), &access, &found, now).await?;
    let decider = decider.ok_or(refused(Refusal::NotPermitted))?;
    Ok((found, decider))
}

/// Notes that somebody should be told that a requisition waits for them.
pub(super) async fn wait(
    work: &mut Work,
    requisition: &Requisition,
    cause: EventId,
) -> StoreResult<()> {
    let access = work.access().clone();
    let own = store::own(work.tx(), &access, requisition).await?;
    work.desk().tray.waiting.push(Waiting {
        requisition: requisition.id,
        unit: requisition.unit,
        own,
        cause,
    });
    Ok(())
}
