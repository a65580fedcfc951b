//! What can be asked about people.

use super::event::PersonEvent;
use super::{Affiliation, PersonStatus, store};
use crate::access::{Access, Action};
use crate::explain::{Explain, Kind};
use crate::id::{PersonId, UnitId};
use crate::ledger::event::{Event, Fact, Stream};
use crate::ledger::{Command, Failure, Work};
use crate::store::StoreResult;
use crate::time::Day;
use crate::{push_device, text, unit};

/// The most characters of an address (RFC 5321 section 4.5.3.1.3, without its brackets).
pub const EMAIL_CHARS_MAX: usize = 254;

/// Somebody who is to be known from now on.
#[derive(Debug, Clone)]
pub struct RegisterPerson {
    /// Their id where it was planned elsewhere; a new one otherwise.
    pub id: Option<PersonId>,
    /// Their name, 1 to 200 characters.
    pub display_name: String,
    /// Their address.
    pub email: Option<String>,
    /// Their number in the personnel system.
    pub hr_id: Option<String>,
    /// Their unit.
    pub home_unit: UnitId,
    /// How they belong.
    pub affiliation: Affiliation,
    /// Whether they are there.
    pub status: PersonStatus,
    /// Since when they are gone.
    pub separated_on: Option<Day>,
    /// How issuers know them: (issuer, subject).
    pub identities: Vec<(String, String)>,
}

/// Somebody came, went or paused.
#[derive(Debug, Clone, Copy)]
pub struct ChangeStatus {
    /// Who.
    pub person: PersonId,
    /// What it is now.
    pub status: PersonStatus,
    /// Since when they are gone.
    pub separated_on: Option<Day>,
}

/// Why something about a person was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such person, as far as the caller may know.
    #[error("no person with this id is visible to you")]
    Unknown,
    /// No such unit.
    #[error("no unit with this id is known")]
    UnitUnknown,
    /// The caller may not.
    #[error("you may not manage the people of this unit")]
    NotPermitted,
    /// Whoever is to be erased is still there.
    #[error("only who has left can be erased")]
    StillHere,
    /// An issuer's name is somebody else's.
    #[error("this sign-in identity belongs to another person")]
    IdentityTaken,
    /// A text is unusable.
    #[error("{0} {1}")]
    BadText(&'static str, text::BadText),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::IdentityTaken | Self::StillHere => Kind::Conflict,
            Self::UnitUnknown | Self::BadText(..) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "person_unknown",
            Self::UnitUnknown => "person_unit_unknown",
            Self::NotPermitted => "person_not_permitted",
            Self::StillHere => "person_still_here",
            Self::IdentityTaken => "person_identity_taken",
            Self::BadText(..) => "person_text_invalid",
        }
    }
}

impl RegisterPerson {
    fn cleaned(mut self) -> Result<Self, Refusal> {
        let line = |field: &'static str, value: &str, max| {
            text::line(value, max).map_err(|e| Refusal::BadText(field, e))
        };
        self.display_name = line("name", &self.display_name, 200)?;
        self.email = self
            .email
            .map(|email| line("email", &email, EMAIL_CHARS_MAX))
            .transpose()?;
        self.hr_id = self
            .hr_id
            .map(|hr_id| line("hrId", &hr_id, 64))
            .transpose()?;
        Ok(self)
    }
}

impl Command for RegisterPerson {
    type Answer = PersonId;
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<PersonId, Failure<Refusal>> {
        let new = self.cleaned().map_err(Failure::Refused)?;
        let access = work.access().clone();
        require(work, &access, new.home_unit).await?;
        let id = new
            .id
            .unwrap_or_else(|| PersonId::generate(work.now(), work.random().as_ref()));
        let event = PersonEvent::Registered {
            home_unit: new.home_unit,
            affiliation: new.affiliation,
            status: new.status,
            separated_on: new.separated_on,
        };
        work.record(Fact::now(
            Stream::Person(id),
            Event::Person(event),
            vec![new.home_unit],
        ))
        .await?;
        store::keep_private(work.tx(), &access, id, &new).await?;
        for (issuer, subject) in &new.identities {
            if !store::link_identity(work.tx(), &access, issuer, subject, id).await? {
                return Err(Failure::Refused(Refusal::IdentityTaken));
            }
            let linked = PersonEvent::IdentityLinked {
                issuer: issuer.clone(),
            };
            work.record(Fact::now(
                Stream::Person(id),
                Event::Person(linked),
                vec![new.home_unit],
            ))
            .await?;
        }
        Ok(id)
    }
}

impl Command for ChangeStatus {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let access = work.access().clone();
        let (home_unit, from) = store::standing(work.tx(), &access, self.person)
            .await?
            .ok_or(Failure::Refused(Refusal::Unknown))?;
        require(work, &access, home_unit).await?;
        if from == self.status {
            return Ok(());
        }
        let event = PersonEvent::StatusChanged {
            from,
            to: self.status,
            separated_on: self.separated_on,
        };
        work.record(Fact::now(
            Stream::Person(self.person),
            Event::Person(event),
            vec![home_unit],
        ))
        .await?;
        if self.status == PersonStatus::Separated {
            // Who has left is told nothing on their phone any more, whatever their sessions say.
            push_device::command::sign_out(work, self.person, None).await?;
        }
        Ok(())
    }
}

/// The unit must exist and be one whose people the caller manages.
async fn require(
    work: &mut Work,
    access: &Access,
    home_unit: UnitId,
) -> Result<(), Failure<Refusal>> {
    if unit::store::by_id(work.tx(), access, home_unit)
        .await?
        .is_none()
    {
        return Err(Failure::Refused(Refusal::UnitUnknown));
    }
    if !in_reach(work, access, Action::ManagePeople, home_unit).await? {
        return Err(Failure::Refused(Refusal::NotPermitted));
    }
    Ok(())
}

/// Whether an action reaches a unit.
pub(crate) async fn in_reach(
    work: &mut Work,
    access: &Access,
    action: Action,
    unit: UnitId,
) -> StoreResult<bool> {
    match access.reach(action) {
        crate::access::Reach::Whole => Ok(true),
        crate::access::Reach::Below(roots) => {
            for root in roots {
                if unit::store::descendants(work.tx(), access, root)
                    .await?
                    .contains(&unit)
                {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}
