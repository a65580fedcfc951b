//! Which notices follow from a fact. Pure: whom they reach is another question.

use std::collections::HashMap;

use crate::access::Surface;
use crate::asset::Target;
use crate::asset::event::AssetEvent;
use crate::id::{
    AssetId, AssignmentId, EventId, LocationId, PersonId, RequisitionId, TicketId, UnitId,
};
use crate::ledger::event::Recorded;
use crate::time::{DAY_MICROS, Timestamp};

/// How long ago something may have happened and still be news.
pub const NEWS_MICROS: i64 = DAY_MICROS;

/// An asset that went into somebody's custody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handover {
    /// Whose.
    pub person: PersonId,
    /// Which asset.
    pub asset: AssetId,
    /// The custody.
    pub assignment: AssignmentId,
    /// Until when, if it is a loan.
    pub due_at: Option<Timestamp>,
    /// The fact.
    pub cause: EventId,
    /// Its index, which is the order in which people are told.
    pub index: i64,
}

/// A ticket that is about an asset from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketNews {
    /// Which ticket.
    pub ticket: TicketId,
    /// About which asset.
    pub asset: AssetId,
    /// The fact.
    pub cause: EventId,
}

/// An asset that a scan showed at another place than the one that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// Which asset.
    pub asset: AssetId,
    /// Where it was seen.
    pub location: LocationId,
    /// Who scanned it, which they need not be told.
    pub by: Option<PersonId>,
    /// The fact.
    pub cause: EventId,
}

/// A requisition that waits for somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub requisition: RequisitionId,
    /// For which unit.
    pub unit: UnitId,
    /// Whose it is: they do not approve it.
    pub own: Vec<PersonId>,
    /// The fact.
    pub cause: EventId,
}

/// Whether a fact says that an asset was seen elsewhere than where it was recorded. What somebody merely states contradicts nothing: it is how
/// a record is corrected.
#[must_use]
pub fn sighting(recorded: &Recorded, event: &AssetEvent, surface: Surface) -> Option<Sighting> {
    let AssetEvent::Moved {
        from: Some(from),
        to,
        observation: Some(_),
    } = event
    else {
        return None;
    };
    let news = surface != Surface::Import && !is_old(recorded);
    (news && *from != to.id).then(|| Sighting {
        asset: AssetId::from_uuid(recorded.stream.id()),
        location: to.id,
        by: recorded.person,
        cause: recorded.event,
    })
}

const fn is_old(recorded: &Recorded) -> bool {
    recorded.recorded_at.micros() - recorded.occurred_at.micros() > NEWS_MICROS
}

/// What a fact about an asset means for whoever has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Nothing changes.
    Nothing,
    /// Somebody has it from now on, and is told.
    Handed(Handover),
    /// Whoever had it, or would have been told that they have it, has it no more. Nobody is told.
    TakenBack,
}

/// What follows from a fact.
///
/// What was entered by an import, or recorded long after it happened, is no news to whoever has the thing.
#[must_use]
pub fn notices(recorded: &Recorded, event: &AssetEvent, surface: Surface) -> Follows {
    let (target, assignment, due_at) = match event {
        AssetEvent::Deployed {
            target, assignment, ..
        }
        | AssetEvent::Reassigned {
            target, assignment, ..
        }
        | AssetEvent::Found {
            target: Some(target),
            assignment: Some(assignment),
            ..
        } => (*target, *assignment, None),
        AssetEvent::Loaned {
            target,
            assignment,
            due_at,
        } => (*target, *assignment, Some(*due_at)),
        AssetEvent::Found { .. }
        | AssetEvent::Returned { .. }
        | AssetEvent::Missing { .. }
        | AssetEvent::WrittenOff { .. }
        | AssetEvent::Disposed { .. } => return Follows::TakenBack,
        _ => return Follows::Nothing,
    };
    match target {
        Target::Person(person) if surface != Surface::Import && !is_old(recorded) => {
            Follows::Handed(Handover {
                person,
                asset: AssetId::from_uuid(recorded.stream.id()),
                assignment,
                due_at,
                cause: recorded.event,
                index: recorded.index,
            })
        }
        _ => Follows::TakenBack,
    }
}

/// What was handed to people in one unit of work and is still theirs at its end.
#[derive(Debug, Default)]
pub struct Handovers(HashMap<AssetId, Handover>);

impl Handovers {
    /// Takes in a fact.
    pub fn note(&mut self, recorded: &Recorded, event: &AssetEvent, surface: Surface) {
        match notices(recorded, event, surface) {
            Follows::Nothing => {}
            Follows::Handed(handover) => {
                self.0.insert(handover.asset, handover);
            }
            Follows::TakenBack => {
                self.0.remove(&AssetId::from_uuid(recorded.stream.id()));
            }
        }
    }

    /// Whether nobody has to be told anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what there is to tell, in the order in which it happened.
    pub fn take(&mut self) -> Vec<Handover> {
        let mut handovers: Vec<Handover> = self.0.drain().map(|(_, handover)| handover).collect();
        handovers.sort_unstable_by_key(|handover| handover.index);
        handovers
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::asset::command::Observation;
    use crate::asset::{AssignmentKind, Condition, LossKind};
    use crate::id::{ObservationId, OrgId};
    use crate::ledger::event::Stream;

    fn uuid(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn person(n: u128) -> Target {
        Target::Person(PersonId::from_uuid(uuid(n)))
    }

    fn assignment(n: u128) -> AssignmentId {
        AssignmentId::from_uuid(uuid(n))
    }

    fn recorded(asset: u128, index: i64, late_micros: i64) -> Recorded {
        let recorded_at = Timestamp::from_seconds(1_000_000);
        Recorded {
            org: OrgId::from_uuid(uuid(1)),
            index,
            event: EventId::from_uuid(uuid(2)),
            occurred_at: recorded_at.plus_micros(-late_micros),
            recorded_at,
            person: None,
            stream: Stream::Asset(AssetId::from_uuid(uuid(asset))),
        }
    }

    fn deployed(target: Target) -> AssetEvent {
        AssetEvent::Deployed {
            assignment: assignment(5),
            target,
            kind: AssignmentKind::Permanent,
            location: None,
        }
    }

    fn returned() -> AssetEvent {
        AssetEvent::Returned {
            closed: assignment(5),
            condition: Condition::Good,
            location: None,
        }
    }

    fn found(target: Option<Target>) -> AssetEvent {
        AssetEvent::Found {
            observation: Observation {
                id: ObservationId::from_uuid(uuid(6)),
                raw_code: "X".to_owned(),
                location: None,
                occurred_at: Timestamp::from_seconds(0),
            },
            location: None,
            closed: None,
            assignment: target.map(|_| assignment(5)),
            target,
        }
    }

    /// Every fact that changes custody, and whether somebody is told.
    #[test]
    fn people_are_told_what_they_were_handed() {
        let due_at = Timestamp::from_seconds(9);
        let reassigned = |target| AssetEvent::Reassigned {
            closed: assignment(4),
            assignment: assignment(5),
            target,
            kind: AssignmentKind::Shared,
            location: None,
        };
        let loaned = |target| AssetEvent::Loaned {
            assignment: assignment(5),
            target,
            due_at,
        };
        let missing = AssetEvent::Missing {
            kind: LossKind::Stolen,
            discovered_on: "2026-01-01".parse().expect("a day"),
            police_no: None,
            from_state: crate::asset::State::InUse,
        };
        let unit = Target::Unit(UnitId::from_uuid(uuid(8)));
        let room = Target::Location(LocationId::from_uuid(uuid(8)));
        let handed = |due_at| {
            Follows::Handed(Handover {
                person: PersonId::from_uuid(uuid(7)),
                asset: AssetId::from_uuid(uuid(3)),
                assignment: assignment(5),
                due_at,
                cause: EventId::from_uuid(uuid(2)),
                index: 0,
            })
        };
        for (event, follows) in [
            (deployed(person(7)), handed(None)),
            (loaned(person(7)), handed(Some(due_at))),
            (reassigned(person(7)), handed(None)),
            (found(Some(person(7))), handed(None)),
            (deployed(unit), Follows::TakenBack),
            (reassigned(room), Follows::TakenBack),
            (found(None), Follows::TakenBack),
            (returned(), Follows::TakenBack),
            (missing, Follows::TakenBack),
            (AssetEvent::Reinstated, Follows::Nothing),
        ] {
            let told = notices(&recorded(3, 0, 0), &event, Surface::Api);
            assert_eq!(told, follows, "{event:?}");
        }
    }

    #[test]
    fn what_an_import_enters_and_what_was_long_ago_is_no_news() {
        let event = deployed(person(7));
        let told = |late, surface| {
            matches!(
                notices(&recorded(3, 0, late), &event, surface),
                Follows::Handed(_)
            )
        };
        assert!(told(NEWS_MICROS, Surface::Web));
        assert!(!told(NEWS_MICROS + 1, Surface::Web));
        assert!(!told(0, Surface::Import));
    }

    #[test]
    fn only_what_is_theirs_at_the_end_is_told() {
        let mut handovers = Handovers::default();
        handovers.note(&recorded(1, 0, 0), &deployed(person(7)), Surface::Api);
        handovers.note(&recorded(2, 1, 0), &deployed(person(7)), Surface::Api);
        handovers.note(&recorded(3, 2, 0), &deployed(person(7)), Surface::Api);
        handovers.note(&recorded(2, 3, 0), &returned(), Surface::Api);
        handovers.note(&recorded(1, 4, 0), &found(Some(person(8))), Surface::Api);
        let told: Vec<(i64, PersonId)> = handovers
            .take()
            .iter()
            .map(|handover| (handover.index, handover.person))
            .collect();
        let people = [7, 8].map(|n| PersonId::from_uuid(uuid(n)));
        assert_eq!(told, [(2, people[0]), (4, people[1])]);
        assert!(handovers.is_empty());
    }
}
