//! What can be asked of units.

use super::event::UnitEvent;
use super::{DEPTH_MAX, Unit, UnitKind, store};
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::id::UnitId;
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::person;
use crate::store::StoreResult;
use crate::text;

/// A new unit below another.
#[derive(Debug, Clone)]
pub struct CreateUnit {
    /// Its id where it was planned elsewhere; a new one otherwise.
    pub id: Option<UnitId>,
    /// The unit above it.
    pub parent: UnitId,
    /// What sort it is.
    pub kind: UnitKind,
    /// 1 to 32 characters, unique in the organisation.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
}

/// What is to hold for the assets of a unit, and of those below that say nothing of their own. Whoever administers the unit may say so.
#[derive(Debug, Clone, Copy)]
pub struct SetPolicy {
    /// Which unit.
    pub unit: UnitId,
    /// Whether hand-overs are proposed to whoever uses its assets; none where the unit above decides.
    pub propose_hand_overs: Option<bool>,
}

/// Why a unit was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The parent does not exist.
    #[error("no unit with this id is visible to you")]
    Unknown,
    /// The caller may not.
    #[error("you may not change the unit tree")]
    NotPermitted,
    /// The code is in use.
    #[error("the unit code {0} is already in use")]
    CodeTaken(String),
    /// Too far below the root.
    #[error("units can be nested {DEPTH_MAX} levels deep")]
    TooDeep,
    /// Code or name are unusable.
    #[error("code or name {0}")]
    BadText(text::BadText),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::CodeTaken(_) => Kind::Conflict,
            Self::TooDeep | Self::BadText(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unit_unknown",
            Self::NotPermitted => "unit_not_permitted",
            Self::CodeTaken(_) => "unit_code_taken",
            Self::TooDeep => "unit_too_deep",
            Self::BadText(_) => "unit_text_invalid",
        }
    }
}

impl Command for CreateUnit {
    type Answer = UnitId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<UnitId, Failure<Refusal>> {
        let refused = Failure::Refused;
        if work.access().reach(Action::Configure) != Reach::Whole {
            return Err(refused(Refusal::NotPermitted));
        }
        let code = text::line(&self.code, 32).map_err(|e| refused(Refusal::BadText(e)))?;
        let name = text::line(&self.name, 200).map_err(|e| refused(Refusal::BadText(e)))?;
        let access = work.access().clone();
        let parent = store::by_id(work.tx(), &access, self.parent)
            .await?
            .ok_or(refused(Refusal::Unknown))?;
        if parent.depth >= i64::from(DEPTH_MAX) {
            return Err(refused(Refusal::TooDeep));
        }
        if store::code_exists(work.tx(), &access, &code).await? {
            return Err(refused(Refusal::CodeTaken(code)));
        }
        Ok(
            create(work, Some(&parent), self.kind, &code, &name, self.id)
                .await?
                .id,
        )
    }
}

impl Command for SetPolicy {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let exists = store::by_id(work.tx(), &access, self.unit).await?.is_some();
        // Who gives roles in a unit administers it.
        if !exists || !person::command::in_reach(work, &access, Action::Grant, self.unit).await? {
            return Err(Failure::Refused(Refusal::Unknown));
        }
        let former = store::own_policy(work.tx(), &access, self.unit).await?;
        if former == self.propose_hand_overs {
            return Ok(());
        }
        let event = UnitEvent::PolicySet {
            propose_hand_overs: self.propose_hand_overs,
        };
        let stream = Stream::Unit(self.unit);
        work.record(Fact::now(stream, Event::Unit(event), vec![self.unit]))
            .await?;
        Ok(())
    }
}

/// Records a unit whose place has been checked.
pub(crate) async fn create(
    work: &mut Work,
    parent: Option<&Unit>,
    kind: UnitKind,
    code: &str,
    name: &str,
    id: Option<UnitId>,
) -> StoreResult<Unit> {
    let id = id.unwrap_or_else(|| UnitId::generate(work.now(), work.random().as_ref()));
    let depth = parent.map_or(0, |parent| {
        u8::try_from(parent.depth + 1).unwrap_or(DEPTH_MAX)
    });
    let parent_id = parent.map(|parent| parent.id);
    let event = UnitEvent::Created {
        parent: parent_id,
        kind,
        code: code.to_owned(),
        name: name.to_owned(),
        depth,
    };
    let recorded = work
        .record(Fact::now(
            Stream::Unit(id),
            Event::Unit(event),
            parent_id.into_iter().collect(),
        ))
        .await?;
    Ok(Unit {
        id,
        seq: recorded.index,
        parent_id,
        kind,
        code: code.to_owned(),
        name: name.to_owned(),
        depth: i64::from(depth),
    })
}
