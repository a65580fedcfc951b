//! What may be done with a requisition. Pure: who may is asked elsewhere, whether it is time is asked here.

use serde::{Deserialize, Serialize};

use super::{Decided, Decision, Refusal, Requisition, State};
use crate::id::PersonId;

/// Somebody who decides: by their own right, or in another's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decider {
    /// Who.
    pub person: PersonId,
    /// In whose place, where it is another's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
}

impl Decider {
    /// By whose right.
    #[must_use]
    pub fn holder(&self) -> PersonId {
        self.on_behalf_of.unwrap_or(self.person)
    }
}

/// Whether a requisition can be submitted as it was shown.
pub fn submit(requisition: &Requisition, digest: &str) -> Result<(), Refusal> {
    in_state(requisition, &[State::Draft])?;
    as_shown(requisition, digest)?;
    if requisition.lines == 0 {
        return Err(Refusal::Empty);
    }
    if requisition.quote_pending {
        return Err(Refusal::QuotePending);
    }
    Ok(())
}

/// Whether somebody's yes to what was shown counts; and whether nobody else's is needed then. `own` are those whose it is, `decisions` those of
/// every round.
pub fn approve(
    requisition: &Requisition,
    own: &[PersonId],
    decisions: &[Decided],
    decider: Decider,
    digest: &str,
) -> Result<bool, Refusal> {
    may_decide(requisition, own, decider, digest)?;
    if requisition.quote_pending {
        return Err(Refusal::QuotePending);
    }
    let before: Vec<Decider> = approvals(requisition, decisions)
        .map(Decided::decider)
        .collect();
    if !is_another(decider, &before) {
        return Err(Refusal::AlreadyApproved);
    }
    let approvals = i64::try_from(before.len()).unwrap_or(i64::MAX) + 1;
    Ok(approvals >= requisition.approvals_needed)
}

/// Whether somebody is another person, by another's right, than all who said yes before: neither twice the same person, nor somebody and whoever
/// stands in for them.
#[must_use]
pub fn is_another(decider: Decider, before: &[Decider]) -> bool {
    let involved = |person: PersonId| {
        let mut before = before.iter();
        before.any(|one| one.person == person || one.holder() == person)
    };
    !involved(decider.person) && !involved(decider.holder())
}

/// Whether somebody's no to what was shown counts.
pub fn reject(
    requisition: &Requisition,
    own: &[PersonId],
    decider: Decider,
    digest: &str,
) -> Result<(), Refusal> {
    may_decide(requisition, own, decider, digest)
}

/// Who approved it as it is.
pub fn approvals<'a>(
    requisition: &'a Requisition,
    decisions: &'a [Decided],
) -> impl Iterator<Item = &'a Decided> {
    decisions.iter().filter(|one| {
        one.round == requisition.round
            && one.decision == Decision::Approved
            && one.digest == requisition.digest
    })
}

/// Nobody decides on what is their own, by nobody's hand: on what they want, have changed, or have handed in.
fn may_decide(
    requisition: &Requisition,
    own: &[PersonId],
    decider: Decider,
    digest: &str,
) -> Result<(), Refusal> {
    let is_own = |person| person == requisition.requester || own.contains(&person);
    if is_own(decider.person) || is_own(decider.holder()) {
        return Err(Refusal::Own);
    }
    in_state(requisition, &[State::Submitted])?;
    as_shown(requisition, digest)
}

/// Whether a requisition is in one of these states.
pub fn in_state(requisition: &Requisition, states: &[State]) -> Result<(), Refusal> {
    if states.contains(&requisition.state) {
        Ok(())
    } else {
        Err(Refusal::WrongState(requisition.state))
    }
}

/// Whether it is what was shown.
pub fn as_shown(requisition: &Requisition, digest: &str) -> Result<(), Refusal> {
    if requisition.digest == digest {
        Ok(())
    } else {
        Err(Refusal::Changed)
    }
}

#[cfg(test)]
mod tests;
