//! What commands would do to assets, found out by the rules themselves and without leaving anything: for showing it before it is done.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::decide::{Moment, Refusal, decide};
use super::event::AssetEvent;
use super::known::Known;
use super::mentioned::Mentioned;
use super::project::Shelf;
use super::world::{World, serial_claim};
use super::{Acquisition, Asset, AssignmentKind, Condition, LossKind, RepairBy, State, Target};
use crate::access::Access;
use crate::closed_set::closed_set;
use crate::id::{
    AssetId, AssignmentId, CategoryId, EventId, HoldId, LocationId, ManufacturerId, ModelId, UnitId,
};
use crate::ledger::event::{Recorded, Stream};
use crate::random::Random;
use crate::store::{StoreResult, Tx};
use crate::text::{Serial, Tag};
use crate::time::{Day, Timestamp};

closed_set! {
    /// What about an asset changes.
    Field {
        /// Its label.
        Tag = "tag",
        /// What it is.
        Description = "description",
        /// Its serial number.
        Serial = "serial",
        /// What sort of thing.
        Category = "category",
        /// Which product.
        Model = "model",
        /// Who made it.
        Manufacturer = "manufacturer",
        /// Who owns it.
        Unit = "unit",
        /// Where it is in its life.
        State = "state",
        /// Who has it.
        Holder = "holder",
        /// On what terms.
        Terms = "terms",
        /// Until when.
        DueAt = "due_at",
        /// Where it is.
        Location = "location",
        /// What shape it is in.
        Condition = "condition",
        /// Whether its holder has acknowledged that they have it.
        Acknowledged = "acknowledged",
        /// How it went missing.
        Loss = "loss",
        /// When that was noticed.
        DiscoveredOn = "discovered_on",
        /// Who repairs it.
        RepairBy = "repair_by",
        /// The number of a report or of a return.
        Number = "number",
        /// How it was come by.
        Acquisition = "acquisition",
        /// The day it was bought.
        AcquiredOn = "acquired_on",
        /// Where it came from.
        Provenance = "provenance",
        /// What is written about it.
        Note = "note",
    }
}

/// One thing about one asset, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Which asset.
    pub asset: AssetId,
    /// What about it.
    pub field: Field,
    /// What it is.
    pub before: Option<Shown>,
    /// What it will be.
    pub after: Option<Shown>,
}

/// A value before or after a change. What has a name is here as an id: who may know the name is the reader's matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Shown {
    /// A state.
    State(State),
    /// In whose custody.
    Target(Target),
    /// On what terms.
    Terms(AssignmentKind),
    /// A place.
    Place(LocationId),
    /// A shape.
    Condition(Condition),
    /// An instant.
    Instant(Timestamp),
    /// A day.
    Day(Day),
    /// How it went missing.
    Loss(LossKind),
    /// Who repairs it.
    Repair(RepairBy),
    /// A label.
    Tag(Tag),
    /// A serial number.
    Serial(Serial),
    /// A category.
    Category(CategoryId),
    /// A model.
    Model(ModelId),
    /// A maker.
    Manufacturer(ManufacturerId),
    /// A unit.
    Unit(UnitId),
    /// How something was come by.
    Acquisition(Acquisition),
    /// Words.
    Text(String),
    /// That it is so.
    Yes,
}

/// What commands would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rehearsal {
    /// What would change, asset by asset.
    pub changes: Vec<Change>,
    /// The assets as they are, those that exist: which, how many facts each has, and who owns it.
    pub bases: Vec<Base>,
    /// The units that would be concerned.
    pub units: Vec<UnitId>,
}

/// An asset before the commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    pub asset: AssetId,
    pub rev: i64,
    pub tag: Option<Tag>,
}

/// Why commands cannot be done: which asset's is the first that is refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub asset: AssetId,
    pub tag: Option<Tag>,
    pub refusal: Refusal,
}

/// Runs the commands through the rules, one after the other as they would be done, on assets that nobody else sees.
pub(crate) async fn rehearse(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    random: &dyn Random,
    commands: &[Command],
) -> StoreResult<Result<Rehearsal, Refused>> {
    let mut shelf = Shelf::default();
    let mut mentioned = Mentioned::default();
    for command in commands {
        mentioned.command(access, command);
    }
    let mut world = World::load(tx, access.org(), &mut shelf, mentioned).await?;
    let mut rehearsal = Rehearsal {
        changes: Vec::new(),
        bases: Vec::new(),
        units: Vec::new(),
    };
    for command in commands {
        let before = shelf.get(command.asset).cloned();
        let moment = Moment {
            now,
            assignment: AssignmentId::generate(now, random),
            hold: HoldId::generate(now, random),
        };
        let known = Known::new(&world, access);
        let events = match decide(before.as_ref(), command, &known, moment) {
            Ok(events) => events,
            Err(refusal) => {
                return Ok(Err(Refused {
                    asset: command.asset,
                    // Who may not see an asset does not learn its label either.
                    tag: before
                        .filter(|asset| known.sees(asset))
                        .and_then(|asset| asset.tag),
                    refusal,
                }));
            }
        };
        for event in &events {
            let at = command.occurred_at.unwrap_or(now);
            let recorded = pretended(access, command.asset, now, at, random);
            let claim = shelf.get(command.asset).and_then(serial_claim);
            shelf.apply(&recorded, event)?;
            if let Some(asset) = shelf.get(command.asset) {
                world.learn(claim.as_ref(), asset, event);
            }
        }
        if let Some(before) = &before {
            rehearsal.bases.push(Base {
                asset: before.id,
                rev: before.rev,
                tag: before.tag.clone(),
            });
            rehearsal.units.push(before.owning_unit_id);
        }
        if let Some(after) = shelf.get(command.asset) {
            rehearsal.units.push(after.owning_unit_id);
            compare(&mut rehearsal.changes, before.as_ref(), after);
        }
        said(&mut rehearsal.changes, command, &events);
    }
    rehearsal.units.sort_unstable();
    rehearsal.units.dedup();
    Ok(Ok(rehearsal))
}

/// Where and when a fact would be recorded, as far as an asset depends on it.
fn pretended(
    access: &Access,
    asset: AssetId,
    now: Timestamp,
    at: Timestamp,
    random: &dyn Random,
) -> Recorded {
    Recorded {
        org: access.org(),
        index: i64::MAX,
        event: EventId::generate(now, random),
        occurred_at: at,
        recorded_at: now,
        person: access.person(),
        stream: Stream::Asset(asset),
    }
}

/// What differs between an asset and itself afterwards.
fn compare(changes: &mut Vec<Change>, before: Option<&Asset>, after: &Asset) {
    for field in Field::ALL {
        let was = before.and_then(|asset| shown(asset, *field));
        let will_be = shown(after, *field);
        if was != will_be {
            changes.push(Change {
                asset: after.id,
                field: *field,
                before: was,
                after: will_be,
            });
        }
    }
}

fn shown(asset: &Asset, field: Field) -> Option<Shown> {
    let custody = asset.custody.as_ref();
    match field {
        Field::Tag => asset.tag.clone().map(Shown::Tag),
        Field::Description => Some(Shown::Text(asset.description.clone())),
        Field::Serial => asset.serial.clone().map(Shown::Serial),
        Field::Category => Some(Shown::Category(asset.category_id)),
        Field::Model => asset.model_id.map(Shown::Model),
        Field::Manufacturer => asset.manufacturer_id.map(Shown::Manufacturer),
        Field::Unit => Some(Shown::Unit(asset.owning_unit_id)),
        Field::State => Some(Shown::State(asset.state)),
        Field::Holder => custody.map(|custody| Shown::Target(custody.target)),
        Field::Terms => custody.map(|custody| Shown::Terms(custody.kind)),
        Field::DueAt => custody
            .and_then(|custody| custody.due_at)
            .map(Shown::Instant),
        Field::Location => asset.location_id.map(Shown::Place),
        Field::Condition => Some(Shown::Condition(asset.condition)),
        Field::Acknowledged => custody
            .and_then(|custody| custody.acknowledged_at)
            .map(|_| Shown::Yes),
        Field::Acquisition => Some(Shown::Acquisition(asset.acquisition)),
        Field::AcquiredOn => asset.acquired_on.map(Shown::Day),
        Field::Loss
        | Field::DiscoveredOn
        | Field::RepairBy
        | Field::Number
        | Field::Provenance
        | Field::Note => None,
    }
}

/// What a command says that is not about the asset as it is: it stands in the entry only.
fn said(changes: &mut Vec<Change>, command: &Command, events: &[AssetEvent]) {
    let mut say = |field, value: Option<Shown>| {
        if value.is_some() {
            changes.push(Change {
                asset: command.asset,
                field,
                before: None,
                after: value,
            });
        }
    };
    for event in events {
        match event {
            AssetEvent::Missing {
                kind,
                discovered_on,
                police_no,
                ..
            } => {
                say(Field::Loss, Some(Shown::Loss(*kind)));
                say(Field::DiscoveredOn, Some(Shown::Day(*discovered_on)));
                say(Field::Number, police_no.clone().map(Shown::Text));
            }
            AssetEvent::RepairStarted { by, rma_no, .. } => {
                say(Field::RepairBy, Some(Shown::Repair(*by)));
                say(Field::Number, rma_no.clone().map(Shown::Text));
            }
            _ => {}
        }
    }
    // The rules accepted the words just now.
    let provenance = command.provenance().ok().flatten();
    say(Field::Provenance, provenance.map(Shown::Text));
    let remark = command.remark().ok().flatten();
    say(Field::Note, remark.map(Shown::Text));
}
