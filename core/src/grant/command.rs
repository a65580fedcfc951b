//! What can be asked about grants.

use super::event::GrantEvent;
use super::store;
use crate::access::{Access, Action, Reach, Role};
use crate::asset::decide::REMARK_CHARS_MAX;
use crate::explain::{Explain, Kind};
use crate::id::{GrantId, PersonId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::StoreResult;
use crate::time::Timestamp;
use crate::{person, text, unit};

/// A role for a person.
#[derive(Debug, Clone)]
pub struct GiveGrant {
    /// To whom.
    pub person: PersonId,
    /// Which role.
    pub role: Role,
    /// Where, with everything below.
    pub root_unit: UnitId,
    /// Until when.
    pub valid_to: Option<Timestamp>,
    /// Why.
    pub remark: Option<String>,
}

/// The end of a grant.
#[derive(Debug, Clone)]
pub struct EndGrant {
    /// Which.
    pub grant: GrantId,
    /// Why.
    pub remark: Option<String>,
}

/// Why a grant was not given or ended.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such grant.
    #[error("no grant with this id is visible to you")]
    Unknown,
    /// No such person.
    #[error("no person with this id is known")]
    PersonUnknown,
    /// No such unit.
    #[error("no unit with this id is known")]
    UnitUnknown,
    /// The caller's own rights do not cover it.
    #[error("you may give only roles that you hold yourself, within your own units")]
    NotPermitted,
    /// The reason is unusable.
    #[error("remark {0}")]
    BadRemark(text::BadText),
    /// An organisation administrator administers the whole organisation.
    #[error("the role org_admin is given at the root of the unit tree")]
    NotAtRoot,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::PersonUnknown | Self::UnitUnknown | Self::BadRemark(_) | Self::NotAtRoot => {
                Kind::Unacceptable
            }
            Self::NotPermitted => Kind::Forbidden,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "grant_unknown",
            Self::PersonUnknown => "grant_person_unknown",
            Self::UnitUnknown => "grant_unit_unknown",
            Self::NotPermitted => "grant_not_permitted",
            Self::BadRemark(_) => "grant_remark_invalid",
            Self::NotAtRoot => "grant_not_at_root",
        }
    }
}

impl Command for GiveGrant {
    type Answer = GrantId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<GrantId, Failure<Refusal>> {
        let refused = Failure::Refused;
        let access = work.access().clone();
        if let Some(remark) = &self.remark {
            text::lines(remark, REMARK_CHARS_MAX).map_err(|e| refused(Refusal::BadRemark(e)))?;
        }
        if !permitted(work, &access, self.role, self.root_unit).await? {
            return Err(refused(Refusal::NotPermitted));
        }
        let root = unit::store::by_id(work.tx(), &access, self.root_unit)
            .await?
            .ok_or(refused(Refusal::UnitUnknown))?;
        if self.role == Role::OrgAdmin && root.parent_id.is_some() {
            return Err(refused(Refusal::NotAtRoot));
        }
        if person::store::standing(work.tx(), &access, self.person)
            .await?
            .is_none()
        {
            return Err(refused(Refusal::PersonUnknown));
        }
        let id = GrantId::generate(work.now(), work.random().as_ref());
        let event = GrantEvent::Given {
            person: self.person,
            role: self.role,
            root_unit: self.root_unit,
            valid_to: self.valid_to,
        };
        let mut fact = Fact::now(Stream::Grant(id), Event::Grant(event), vec![self.root_unit]);
        fact.remark = self.remark;
        work.record(fact).await?;
        Ok(id)
    }
}

impl Command for EndGrant {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let grant = store::by_id(work.tx(), &access, self.grant)
            .await?
            .ok_or(Failure::Refused(Refusal::Unknown))?;
        if let Some(remark) = &self.remark {
            text::lines(remark, REMARK_CHARS_MAX)
                .map_err(|e| Failure::Refused(Refusal::BadRemark(e)))?;
        }
        if !permitted(work, &access, grant.role, grant.root_unit_id).await? {
            return Err(Failure::Refused(Refusal::Unknown));
        }
        if grant.valid_to.is_some_and(|end| end <= work.now()) {
            return Ok(());
        }
        let event = GrantEvent::Ended {
            person: grant.person_id,
            role: grant.role,
        };
        let mut fact = Fact::now(
            Stream::Grant(grant.id),
            Event::Grant(event),
            vec![grant.root_unit_id],
        );
        fact.remark = self.remark;
        work.record(fact).await?;
        Ok(())
    }
}

/// Nobody raises anybody above themselves: a role is given and ended by whoever may give roles there and has all that it permits.
async fn permitted(
    work: &mut Work,
    access: &Access,
    role: Role,
    root_unit: UnitId,
) -> StoreResult<bool> {
    if access.reach(Action::Grant) == Reach::Whole {
        return Ok(true);
    }
    let needed = Action::ALL
        .into_iter()
        .filter(|action| *action == Action::Grant || role.actions().contains(*action));
    for action in needed {
        if !person::command::in_reach(work, access, action, root_unit).await? {
            return Ok(false);
        }
    }
    Ok(role != Role::OrgAdmin)
}
