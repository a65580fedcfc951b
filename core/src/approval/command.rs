//! What can be asked of who approves.

use std::collections::BTreeMap;

use super::event::ApprovalEvent;
use super::{DELEGATION_MICROS_MAX, LIMITS_MAX, Limit, Refusal, store};
use crate::access::{Access, Action, Reach};
use crate::exact::Exact;
use crate::id::{DelegationId, PersonId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::person::{self, PersonStatus};
use crate::supplier;
use crate::time::Timestamp;
use crate::unit;

/// Sets up to which amounts one person approves in a unit and below it. Whom limits bind must not set them, so administrators of the whole
/// organisation do. Asking again changes nothing.
#[derive(Debug, Clone)]
pub struct SetLimits {
    /// Of which unit.
    pub unit: UnitId,
    /// By currency; none where the unit above decides.
    pub limits: Option<Vec<Limit>>,
}

/// Lets somebody approve in the caller's place for a while.
#[derive(Debug, Clone, Copy)]
pub struct Delegate {
    /// Who.
    pub to: PersonId,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// Ends it. Whoever gave it may, and administrators of the whole organisation. Asking again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct EndDelegation {
    /// Which.
    pub delegation: DelegationId,
}

/// Whether the caller may set limits.
#[must_use]
pub fn may_set(access: &Access) -> bool {
    access.reach(Action::Configure) == Reach::Whole
}

impl Command for SetLimits {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        if !may_set(&access) {
            return Err(Failure::Refused(Refusal::NotPermitted));
        }
        let unit = unit::store::by_id(work.tx(), &access, self.unit).await?;
        let unit = unit.ok_or(Failure::Refused(Refusal::UnknownUnit))?.id;
        let limits = self.limits.map(checked).transpose();
        let limits = limits.map_err(Failure::Refused)?;
        if store::own(work.tx(), &access, unit).await? != limits {
            let event = ApprovalEvent::PolicySet { limits };
            let fact = Fact::now(Stream::Unit(unit), Event::Approval(event), vec![unit]);
            work.record(fact).await?;
        }
        Ok(())
    }
}

/// Limits in the order of their currencies, each once.
fn checked(limits: Vec<Limit>) -> Result<Vec<Limit>, Refusal> {
    let given = limits.len();
    let mut by_currency: BTreeMap<String, Exact> = BTreeMap::new();
    for limit in limits {
        let currency = supplier::currency(&limit.currency).ok_or(Refusal::BadLimits)?;
        if limit.one_up_to.is_negative() {
            return Err(Refusal::BadLimits);
        }
        by_currency.insert(currency, limit.one_up_to);
    }
    if by_currency.len() != given || given > LIMITS_MAX {
        return Err(Refusal::BadLimits);
    }
    let limits = by_currency.into_iter().map(|(currency, one_up_to)| Limit {
        currency,
        one_up_to,
    });
    Ok(limits.collect())
}

impl Command for Delegate {
    type Answer = DelegationId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<DelegationId, Failure<Refusal>> {
        let refused = Failure::Refused;
        let (access, now) = (work.access().clone(), work.now());
        let from = access.person().ok_or(refused(Refusal::NotAPerson))?;
        if !access.may(Action::Approve) {
            return Err(refused(Refusal::NothingToDelegate));
        }
        let length = self.ends_at.micros() - self.starts_at.micros();
        if !(1..=DELEGATION_MICROS_MAX).contains(&length) || self.ends_at <= now {
            return Err(refused(Refusal::BadTime));
        }
        let standing = person::store::standing(work.tx(), &access, self.to).await?;
        let there = standing.is_some_and(|(_, status)| status != PersonStatus::Separated);
        if self.to == from || !there {
            return Err(refused(Refusal::BadDelegate));
        }
        let id = DelegationId::generate(now, work.random().as_ref());
        let event = ApprovalEvent::Delegated {
            from,
            to: self.to,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
        };
        record(work, id, event).await?;
        Ok(id)
    }
}

impl Command for EndDelegation {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let (access, now) = (work.access().clone(), work.now());
        let known = store::delegation(work.tx(), &access, self.delegation).await?;
        let known = known
            .filter(|known| Some(known.from) == access.person() || may_set(&access))
            .ok_or(Failure::Refused(Refusal::UnknownDelegation))?;
        if known.ended_at.is_none() && now < known.ends_at {
            record(work, known.id, ApprovalEvent::DelegationEnded).await?;
        }
        Ok(())
    }
}

async fn record(
    work: &mut Work,
    id: DelegationId,
    event: ApprovalEvent,
) -> Result<(), Failure<Refusal>> {
    let fact = Fact::now(Stream::Delegation(id), Event::Approval(event), Vec::new());
    work.record(fact).await?;
    Ok(())
}
