//! Yes and no to requisitions, proposed and confirmed like changes of assets: what was shown is named by its digest, and nothing else is decided on.

use super::{Propose, lapse, record, settle};
use crate::access::Access;
use crate::chat_link::ChatUser;
use crate::confirm::event::{ConfirmEvent, Lapse};
use crate::confirm::store::{self, Body, Intent};
use crate::confirm::{Confirmed, LIFE_MICROS, Outcome, Proposal, Proposed, Refusal};
use crate::id::{AssetId, ConfirmId, PersonId};
use crate::ledger::{Failure, Work};
use crate::requisition::{self, Requisition, command};

/// Proposes a decision. What would be refused is refused before anything is shown.
pub(super) async fn propose(
    work: &mut Work,
    person: PersonId,
    propose: Propose,
    made: AssetId,
) -> Result<Proposed, Failure<Refusal>> {
    let refused = Failure::Refused;
    let (access, now, random) = (work.access().clone(), work.now(), work.random());
    let found = decidable(work, &access, &propose.proposal, propose.remark.as_deref()).await?;
    let found = found.map_err(|refusal| refused(Refusal::Requisition(refusal)))?;
    let shown = (Vec::new(), &[][..]);
    let body = Body::new(
        propose.proposal,
        propose.remark,
        made,
        shown,
        random.as_ref(),
    );
    let intent = Intent::new(
        ConfirmId::generate(now, random.as_ref()),
        person,
        &propose.asked_by,
        body,
        now.plus_micros(LIFE_MICROS),
    )
    .map_err(refused)?;
    let event = ConfirmEvent::Created {
        person,
        install: propose.asked_by.install,
        user: propose.asked_by.digest(),
        assets: 0,
        digest: intent.digest.clone(),
        expires_at: intent.expires_at,
    };
    record(work, intent.id, event, vec![found.unit]).await?;
    store::keep(work.tx(), &access, &intent).await?;
    Ok(Proposed {
        id: intent.id,
        changes: Vec::new(),
        expires_at: intent.expires_at,
    })
}

/// Does what was confirmed, with what the person may do now.
pub(super) async fn carry_out(
    work: &mut Work,
    access: Access,
    (person, by): (PersonId, &ChatUser),
    intent: &Intent,
) -> Result<Result<Confirmed, Refusal>, Failure<Refusal>> {
    let (proposal, remark) = (&intent.body.proposal, intent.body.remark.as_deref());
    let found = match decidable(work, &access, proposal, remark).await? {
        Ok(found) => found,
        Err(refusal) => {
            let why = match refusal {
                requisition::Refusal::Changed => Lapse::Changed,
                _ => Lapse::Refused,
            };
            return lapse(work, intent, why, Refusal::Requisition(refusal)).await;
        }
    };
    settle(work, intent, Outcome::Confirmed).await?;
    let event = ConfirmEvent::Confirmed {
        person,
        install: by.install,
        user: by.digest(),
        digest: intent.digest.clone(),
    };
    let cause = record(work, intent.id, event, vec![found.unit]).await?;
    let asking = work.seat(access.because(cause));
    let done = match proposal {
        Proposal::RejectRequisition { digest, .. } => {
            command::reject(work, found.id, digest, remark.unwrap_or_default()).await
        }
        _ => command::approve(work, found.id, &found.digest).await,
    };
    work.seat(asking);
    done.map_err(of_requisition)?;
    Ok(Ok(Confirmed {
        id: intent.id,
        changes: Vec::new(),
        requisition: Some(found.id),
    }))
}

/// The requisition, if the decision would count now.
async fn decidable(
    work: &mut Work,
    access: &Access,
    proposal: &Proposal,
    remark: Option<&str>,
) -> Result<Result<Requisition, requisition::Refusal>, Failure<Refusal>> {
    let Some((id, digest)) = proposal.requisition() else {
        return Ok(Err(requisition::Refusal::Unknown));
    };
    let asking = work.seat(access.clone());
    let checked = match proposal {
        Proposal::RejectRequisition { .. } => {
            command::may_reject(work, id, digest, remark.unwrap_or_default()).await
        }
        _ => command::may_approve(work, id, digest).await,
    };
    work.seat(asking);
    match checked {
        Ok(found) => Ok(Ok(found)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(Failure::Store(error)) => Err(Failure::Store(error)),
    }
}

fn of_requisition(failure: Failure<requisition::Refusal>) -> Failure<Refusal> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Refusal::Requisition(refusal)),
        Failure::Store(error) => Failure::Store(error),
    }
}
