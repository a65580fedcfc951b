//! What can be asked of places.

use super::event::LocationEvent;
use super::{DEPTH_MAX, LocationKind, RoomUse, store};
use crate::access::{Action, Reach};
use crate::explain::{Explain, Kind};
use crate::id::{LocationId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::text;

/// A new place.
#[derive(Debug, Clone)]
pub struct CreateLocation {
    /// Its id where it was planned elsewhere; a new one otherwise.
    pub id: Option<LocationId>,
    /// The place it is in; none makes it a site.
    pub parent: Option<LocationId>,
    /// What sort it is.
    pub kind: LocationKind,
    /// 1 to 64 characters.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
    /// What it is for, where it is a room.
    pub room_use: Option<RoomUse>,
    /// IANA time zone, where it is a site.
    pub timezone: Option<String>,
    /// The unit that controls it.
    pub controlling_unit: Option<UnitId>,
}

/// Why a place was not created.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The place it should be in does not exist.
    #[error("no place with this id is known")]
    Unknown,
    /// The caller may not.
    #[error("you may not change the places")]
    NotPermitted,
    /// Too far below its site.
    #[error("places can be nested {DEPTH_MAX} levels deep")]
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
            Self::TooDeep | Self::BadText(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "location_unknown",
            Self::NotPermitted => "location_not_permitted",
            Self::TooDeep => "location_too_deep",
            Self::BadText(_) => "location_text_invalid",
        }
    }
}

impl Command for CreateLocation {
    type Answer = LocationId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<LocationId, Failure<Refusal>> {
        let refused = Failure::Refused;
        if work.access().reach(Action::Configure) != Reach::Whole {
            return Err(refused(Refusal::NotPermitted));
        }
        let code = text::line(&self.code, 64).map_err(|e| refused(Refusal::BadText(e)))?;
        let name = text::line(&self.name, 200).map_err(|e| refused(Refusal::BadText(e)))?;
        if let Some(parent) = self.parent {
            let access = work.access().clone();
            let parent = store::by_id(work.tx(), &access, parent)
                .await?
                .ok_or(refused(Refusal::Unknown))?;
            if parent.lineage.split(' ').count() > DEPTH_MAX {
                return Err(refused(Refusal::TooDeep));
            }
        }
        let id = self
            .id
            .unwrap_or_else(|| LocationId::generate(work.now(), work.random().as_ref()));
        let event = LocationEvent::Created {
            parent: self.parent,
            kind: self.kind,
            code,
            name,
            room_use: self.room_use,
            timezone: self.timezone,
            controlling_unit: self.controlling_unit,
        };
        let units = self.controlling_unit.into_iter().collect();
        work.record(Fact::now(
            Stream::Location(id),
            Event::Location(event),
            units,
        ))
        .await?;
        Ok(id)
    }
}
