//! What can be asked of requisitions.

mod decision;
mod lines;
mod order;

use super::decide::{self, Decider};
use super::event::{Purpose, RequisitionEvent};
use super::{
    COST_CENTRE_CHARS_MAX, REASON_CHARS_MAX, Refusal, Requisition, State, digest, store, write,
};
use crate::access::{Access, Action};
use crate::approval;
use crate::id::{LocationId, RequisitionId, UnitId};
use crate::ledger::{Command, Failure, Work};
use crate::location;
use crate::person::command::in_reach;
use crate::store::StoreResult;
use crate::text;

pub use decision::{Approve, Reject};
pub(crate) use decision::{approve, may_approve, may_reject, reject};
pub use lines::{AnswerPieces, RemoveLines};
pub use order::ordered;

/// Hands a draft in for approval, exactly as it was shown.
#[derive(Debug, Clone)]
pub struct Submit {
    /// Which.
    pub requisition: RequisitionId,
    /// The digest of what was shown.
    pub digest: String,
}

/// Does not want it any more. Asking again changes nothing.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// Which.
    pub requisition: RequisitionId,
    /// Why, for whoever would have decided.
    pub reason: Option<String>,
}

/// Makes a draft again of what was rejected or withdrawn.
#[derive(Debug, Clone, Copy)]
pub struct Reopen {
    /// Which.
    pub requisition: RequisitionId,
}

/// Says for which unit it is, where it is to be sent and who pays. What was approved has to be approved anew. Asking again changes nothing.
#[derive(Debug, Clone)]
pub struct Assign {
    /// Which.
    pub requisition: RequisitionId,
    /// For which unit.
    pub unit: UnitId,
    /// Where it is to be sent.
    pub location: Option<LocationId>,
    /// Who pays.
    pub cost_centre: Option<String>,
}

impl Command for Submit {
    type Answer = Requisition;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        let found = ordering(work, self.requisition).await?;
        // Who clicks twice handed it in once.
        if found.state == State::Submitted && found.digest == self.digest {
            return Ok(found);
        }
        decide::submit(&found, &self.digest).map_err(Failure::Refused)?;
        let event = RequisitionEvent::Submitted {
            digest: found.digest.clone(),
            approvals_needed: needed(work, found.unit, &found).await?,
        };
        let recorded = write::record(work, &found, event, None).await?;
        decision::wait(work, &found, recorded.event).await?;
        again(work, found.id).await
    }
}

impl Command for Withdraw {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let found = ordering(work, self.requisition).await?;
        if found.state == State::Withdrawn {
            return Ok(());
        }
        let open = [
            State::Draft,
            State::Submitted,
            State::Approved,
            State::Rejected,
        ];
        decide::in_state(&found, &open).map_err(Failure::Refused)?;
        let reason = self.reason.as_deref().map(worded).transpose()?;
        write::record(work, &found, RequisitionEvent::Withdrawn, reason).await?;
        Ok(())
    }
}

impl Command for Reopen {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let found = ordering(work, self.requisition).await?;
        if found.state == State::Draft {
            return Ok(());
        }
        let over = [State::Rejected, State::Withdrawn];
        decide::in_state(&found, &over).map_err(Failure::Refused)?;
        write::record(work, &found, RequisitionEvent::Reopened, None).await?;
        Ok(())
    }
}

impl Command for Assign {
    type Answer = Requisition;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<Requisition, Failure<Refusal>> {
        let (access, now) = (work.access().clone(), work.now());
        let found = seen(work, self.requisition).await?;
        let decides = store::may_decide(work.tx(), &access, &found, now).await?;
        if !decides && !orders(work, &access, &found).await? {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let open = [State::Draft, State::Submitted, State::Approved];
        decide::in_state(&found, &open).map_err(Failure::Refused)?;
        let purpose = Purpose {
            unit: self.unit,
            location: self.location,
            cost_centre: self.cost_centre.as_deref().map(cost_centre).transpose()?,
        };
        check_purpose(work, &access, &found, &purpose).await?;
        if purpose == found.purpose() {
            return Ok(found);
        }
        let lines = store::lines(work.tx(), &access, found.id).await?;
        let digest = digest::digest(found.head(), &purpose, (found.total, &lines));
        let approvals_needed = match found.state {
            State::Draft => None,
            _ => Some(needed(work, purpose.unit, &found).await?),
        };
        let event = RequisitionEvent::Assigned {
            purpose,
            digest,
            approvals_needed,
        };
        let recorded = write::record(work, &found, event, None).await?;
        let found = again(work, found.id).await?;
        if found.state == State::Submitted {
            decision::wait(work, &found, recorded.event).await?;
        }
        Ok(found)
    }
}

/// How many people have to approve a requisition in a unit.
async fn needed(work: &mut Work, unit: UnitId, requisition: &Requisition) -> StoreResult<i64> {
    let access = work.access().clone();
    let policy = approval::store::of_unit(work.tx(), &access, unit).await?;
    let limits = policy.as_ref().map(|policy| policy.limits.as_slice());
    Ok(approval::needed(
        limits,
        &requisition.currency,
        requisition.total,
    ))
}

/// Whether it may be for that unit and that place. Whoever moves it to another unit orders or approves there.
async fn check_purpose(
    work: &mut Work,
    access: &Access,
    requisition: &Requisition,
    purpose: &Purpose,
) -> Result<(), Failure<Refusal>> {
    if purpose.unit != requisition.unit {
        let there = in_reach(work, access, Action::Register, purpose.unit).await?
            || in_reach(work, access, Action::Approve, purpose.unit).await?;
        let known = crate::unit::store::by_id(work.tx(), access, purpose.unit).await?;
        if !there || known.is_none() {
            return Err(Failure::Refused(Refusal::UnknownUnit));
        }
    }
    if let Some(place) = purpose.location {
        let known = location::store::by_id(work.tx(), access, place).await?;
        if known.is_none() {
            return Err(Failure::Refused(Refusal::UnknownLocation));
        }
    }
    Ok(())
}

pub(crate) fn cost_centre(text: &str) -> Result<String, Failure<Refusal>> {
    text::line(text, COST_CENTRE_CHARS_MAX)
        .map_err(|bad| Failure::Refused(Refusal::BadCostCentre(bad)))
}

fn worded(text: &str) -> Result<String, Failure<Refusal>> {
    text::lines(text, REASON_CHARS_MAX).map_err(|bad| Failure::Refused(Refusal::BadReason(bad)))
}

/// A requisition that the caller sees.
async fn seen(work: &mut Work, id: RequisitionId) -> Result<Requisition, Failure<Refusal>> {
    let (access, now) = (work.access().clone(), work.now());
    let found = store::by_id(work.tx(), &access, id, now).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}

/// A requisition that the caller wants, or for whose unit they order.
async fn ordering(work: &mut Work, id: RequisitionId) -> Result<Requisition, Failure<Refusal>> {
    let access = work.access().clone();
    let found = seen(work, id).await?;
    if orders(work, &access, &found).await? {
        Ok(found)
    } else {
        Err(Failure::Refused(Refusal::NotPermitted))
    }
}

async fn orders(work: &mut Work, access: &Access, found: &Requisition) -> StoreResult<bool> {
    Ok(access.person() == Some(found.requester)
        || in_reach(work, access, Action::Register, found.unit).await?)
}

/// The requisition as it is after what was recorded.
async fn again(work: &mut Work, id: RequisitionId) -> Result<Requisition, Failure<Refusal>> {
    let access = work.access().clone();
    let found = store::known(work.tx(), &access, id).await?;
    found.ok_or(Failure::Refused(Refusal::Unknown))
}
