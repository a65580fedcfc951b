//! In whose custody something is, in which state, and by which acts it got there.

use super::super::fault::shown;
use super::super::field::Field;
use super::super::world::World;
use super::{CODE_CHARS_MAX, Custody, NAME_CHARS_MAX, One};
use habeo_core::asset::command::Act;
use habeo_core::asset::{AssignmentKind, LossKind, RepairBy, State, Target, TargetKind};
use habeo_core::id::UnitId;
use habeo_core::person::PersonStatus;
use habeo_core::text::Tag;
use habeo_core::time::{Day, Timestamp};

impl One<'_> {
    pub(super) fn custody(
        &mut self,
        world: &World,
        state: Option<State>,
        unit: Option<UnitId>,
    ) -> Option<Custody> {
        let target = self.target(world, state, unit)?;
        let kind = self
            .word(Field::AssignmentKind)
            .and_then(|word| self.member(Field::AssignmentKind, &word))
            .unwrap_or(AssignmentKind::Permanent);
        Some(Custody {
            target,
            kind,
            due_at: self.due(),
        })
    }

    pub(super) fn target(
        &mut self,
        world: &World,
        state: Option<State>,
        unit: Option<UnitId>,
    ) -> Option<Target> {
        let kind = self
            .word(Field::HolderType)
            .and_then(|word| self.member::<TargetKind>(Field::HolderType, &word));
        if let Some(address) = self.line(Field::HolderEmail, 3 * CODE_CHARS_MAX) {
            let found = world.person(&address.to_lowercase());
            let (person, status) =
                self.found(Field::HolderEmail, found, "person's address", &address)?;
            if status == PersonStatus::Separated {
                self.fault(
                    Field::HolderEmail,
                    "separated",
                    "this person has left and can hold nothing".to_owned(),
                );
            }
            return Some(Target::Person(person));
        }
        let name = self.line(Field::Holder, 7 * NAME_CHARS_MAX);
        match (kind, name) {
            (Some(TargetKind::Unit), Some(name)) => {
                let found = world.unit(&name);
                self.found(Field::Holder, found, "unit", &name)
                    .map(Target::Unit)
            }
            (Some(TargetKind::Location), Some(name)) => {
                let found = world.known_path(&name);
                self.found(Field::Holder, found, "place", &name)
                    .map(Target::Location)
            }
            (Some(TargetKind::Asset), _) => {
                self.fault(
                    Field::HolderType,
                    "not_importable",
                    "custody of another asset cannot be imported".to_owned(),
                );
                None
            }
            (Some(TargetKind::Person) | None, Some(_)) => {
                let field = Field::HolderEmail;
                self.fault(field, "required", "people are recognised by their address; a name alone does not say who holds it".to_owned());
                None
            }
            // In use, and nobody is named: then its unit answers for it.
            (_, None) if matches!(state, Some(State::InUse)) => unit.map(Target::Unit),
            (_, None) => None,
        }
    }

    pub(super) fn due(&mut self) -> Option<Timestamp> {
        let text = self.cell(Field::DueAt)?;
        // A day means until its end.
        let day = text.parse::<Day>().map(|day| day.plus_days(1).start());
        let due = day.ok().or_else(|| text.parse::<Timestamp>().ok());
        match due {
            Some(due) if due <= self.now => {
                self.fault(
                    Field::DueAt,
                    "past",
                    "lies in the past; a loan cannot begin overdue".to_owned(),
                );
                None
            }
            Some(due) => Some(due),
            None => {
                self.fault(
                    Field::DueAt,
                    "date",
                    format!(
                        "{} is neither a day as in 2026-03-02 nor an instant of RFC 3339",
                        shown(&text)
                    ),
                );
                None
            }
        }
    }

    /// The state as it will be: what the row says, or what follows from label and custody.
    pub(super) fn state(&mut self, said: Option<State>, tag: Option<&Tag>, held: bool) -> State {
        let state = said.unwrap_or(match (tag, held) {
            (_, true) => State::InUse,
            (Some(_), false) => State::InStock,
            (None, false) => State::Received,
        });
        // Repair and loss keep custody, and only what has a tag gets into somebody's.
        let needs_tag = held
            || matches!(
                state,
                State::InStock | State::InUse | State::OnLoan | State::InRepair
            );
        if needs_tag && tag.is_none() && self.faults.is_empty() {
            self.fault(
                Field::Tag,
                "required",
                format!("an asset that is {state} has a tag"),
            );
        }
        if state == State::Received && tag.is_some() {
            self.fault(
                Field::State,
                "contradiction",
                "an asset with a tag is in stock, not only received".to_owned(),
            );
        }
        let holds = matches!(
            state,
            State::InUse | State::OnLoan | State::InRepair | State::Missing
        );
        if held && !holds {
            self.fault(
                Field::State,
                "contradiction",
                format!("an asset that is {state} is in nobody's custody; leave its holder out"),
            );
        }
        if matches!(
            state,
            State::InTransit | State::Surplus | State::Disposed | State::Void
        ) {
            let message = format!(
                "assets that are {state} cannot be imported: that takes persons who approve; --skip-state {state} leaves them out"
            );
            self.fault(Field::State, "not_importable", message);
        }
        state
    }

    /// What follows the registration.
    pub(super) fn next(
        &mut self,
        state: State,
        custody: Option<Custody>,
        unit: UnitId,
    ) -> Vec<Act> {
        if state == State::OnLoan {
            return self.lend(custody).into_iter().collect();
        }
        let deploy = |custody: Custody| Act::Deploy {
            target: custody.target,
            kind: custody.kind,
            location: None,
        };
        let own_unit = Custody {
            target: Target::Unit(unit),
            kind: AssignmentKind::Permanent,
            due_at: None,
        };
        let held = match state {
            State::InUse => Some(deploy(custody.unwrap_or(own_unit))),
            _ => custody.map(deploy),
        };
        let then = match state {
            State::InRepair => Some(Act::RepairOut {
                by: RepairBy::Bench,
                rma_no: None,
            }),
            State::Missing => Some(Act::ReportMissing {
                kind: LossKind::Lost,
                discovered_on: self.now.day(),
                police_no: None,
            }),
            State::Retired => Some(Act::Retire),
            _ => None,
        };
        held.into_iter().chain(then).collect()
    }

    pub(super) fn lend(&mut self, custody: Option<Custody>) -> Option<Act> {
        let Some(custody) = custody else {
            if self.faults.is_empty() {
                let message = "what is on loan is lent to somebody".to_owned();
                self.fault(Field::HolderEmail, "required", message);
            }
            return None;
        };
        let Some(due_at) = custody.due_at else {
            if self.faults.is_empty() {
                let message = "what is on loan is lent until some day".to_owned();
                self.fault(Field::DueAt, "required", message);
            }
            return None;
        };
        Some(Act::Loan {
            target: custody.target,
            due_at,
        })
    }
}
