//! What commands mention: the ids and codes that have to be looked up before the rules are asked.

use std::collections::HashSet;

use super::command::{Act, Command, Description, FieldValue};
use super::{Asset, Target};
use crate::access::Action;
use crate::id::{
    AssetId, CategoryId, EventId, LocationId, ManufacturerId, ModelId, PersonId, UnitId,
};
use crate::text::{self, Serial};

/// What the commands at hand mention.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    pub actions: HashSet<Action>,
    pub tags: HashSet<String>,
    pub serials: HashSet<String>,
    pub identifiers: HashSet<String>,
    pub models: HashSet<ModelId>,
    pub manufacturers: HashSet<ManufacturerId>,
    pub categories: HashSet<CategoryId>,
    pub places: HashSet<LocationId>,
    pub units: HashSet<UnitId>,
    pub people: HashSet<PersonId>,
    pub others: HashSet<AssetId>,
    pub entries: HashSet<EventId>,
}

impl Mentioned {
    pub fn by(commands: &[&Command]) -> Self {
        let mut all = Self::default();
        all.actions.insert(Action::ReadAssets);
        for command in commands {
            all.command(command);
        }
        all
    }

    fn command(&mut self, command: &Command) {
        self.actions.insert(command.act.action());
        self.others.extend(other_assets(&command.act));
        match &command.act {
            Act::Order(what) => self.description(what),
            Act::Register(new) => {
                self.description(&new.what);
                self.tags
                    .extend(new.tag.as_ref().map(|tag| tag.folded().to_owned()));
                self.serial(new.serial.as_ref());
                self.places.extend(new.location);
                self.identifiers.extend(
                    new.identifiers
                        .iter()
                        .map(|(_, value)| text::fold_code(value)),
                );
            }
            Act::Receive {
                serial, location, ..
            } => {
                self.serial(serial.as_ref());
                self.places.extend(*location);
            }
            Act::Tag { tag, .. } | Act::Retag { tag } => {
                self.tags.insert(tag.folded().to_owned());
            }
            Act::Deploy {
                target, location, ..
            }
            | Act::Reassign {
                target, location, ..
            } => {
                self.target(*target);
                self.places.extend(*location);
            }
            Act::Loan { target, .. } => self.target(*target),
            Act::Return { location, .. } | Act::Arrive { at: location } => {
                self.places.extend(*location);
            }
            Act::Dispatch { to: location } | Act::Move { location, .. } => {
                self.places.insert(*location);
            }
            Act::Found {
                observation,
                handed_to,
            } => {
                self.places.extend(observation.location);
                if let Some(target) = handed_to {
                    self.target(*target);
                }
            }
            Act::WriteOff { approved_by, .. }
            | Act::Dispose { approved_by, .. }
            | Act::Void { approved_by } => {
                self.people.extend(approved_by);
            }
            Act::Surplus {
                approved_by,
                sanitization,
            } => {
                self.people.insert(*approved_by);
                self.people.extend(
                    sanitization
                        .iter()
                        .flat_map(|proof| [proof.by, proof.verified_by]),
                );
            }
            Act::ChangeFields(fields) => self.fields(fields),
            Act::Correct { of, fields } => {
                self.entries.insert(*of);
                self.fields(fields);
            }
            Act::Renew { .. }
            | Act::RepairOut { .. }
            | Act::RepairIn { .. }
            | Act::ReportMissing { .. }
            | Act::Retire
            | Act::Reinstate { .. }
            | Act::Cancel
            | Act::Note
            | Act::PlaceHold { .. }
            | Act::ReleaseHold { .. } => {}
        }
    }

    fn description(&mut self, what: &Description) {
        self.categories.insert(what.category);
        self.units.insert(what.unit);
        self.models.extend(what.model);
        self.manufacturers.extend(what.manufacturer);
    }

    fn serial(&mut self, serial: Option<&Serial>) {
        self.serials
            .extend(serial.map(|serial| serial.folded().to_owned()));
    }

    fn target(&mut self, target: Target) {
        match target {
            Target::Person(id) => {
                self.people.insert(id);
            }
            Target::Unit(id) => {
                self.units.insert(id);
            }
            Target::Location(id) => {
                self.places.insert(id);
            }
            Target::Asset(_) => {}
        }
    }

    fn fields(&mut self, fields: &[FieldValue]) {
        for field in fields {
            self.field(field);
        }
    }

    fn field(&mut self, field: &FieldValue) {
        match field {
            FieldValue::Serial(serial) => self.serial(serial.as_ref()),
            FieldValue::Category(id) => {
                self.categories.insert(*id);
            }
            FieldValue::Model(id) => self.models.extend(*id),
            FieldValue::Manufacturer(id) => self.manufacturers.extend(*id),
            FieldValue::Unit(id) => {
                self.units.insert(*id);
            }
            _ => {}
        }
    }

    /// What the assets themselves bring in, known only after they were loaded.
    pub fn asset(&mut self, asset: &Asset) {
        self.models.extend(asset.model_id);
        self.places.extend(asset.bound_for_id);
        self.serial(asset.serial.as_ref());
    }
}

/// Which assets a command needs to have been loaded besides its own.
fn other_assets(act: &Act) -> Option<AssetId> {
    match act {
        Act::Deploy {
            target: Target::Asset(id),
            ..
        }
        | Act::Loan {
            target: Target::Asset(id),
            ..
        }
        | Act::Reassign {
            target: Target::Asset(id),
            ..
        }
        | Act::Found {
            handed_to: Some(Target::Asset(id)),
            ..
        } => Some(*id),
        _ => None,
    }
}
