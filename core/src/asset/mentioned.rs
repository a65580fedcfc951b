//! What commands mention: the ids and codes that have to be looked up before the rules are asked.

use std::collections::HashSet;

use super::Target;
use super::command::{Act, Command, Description, FieldValue};
use super::project::Shelf;
use crate::access::{Access, Action, Reach};
use crate::id::{
    AssetId, CategoryId, EventId, LocationId, ManufacturerId, ModelId, PersonId, UnitId,
};
use crate::text::{self, Serial};

/// What the commands at hand mention.
#[derive(Debug, Default)]
pub(crate) struct Mentioned {
    pub(super) assets: HashSet<AssetId>,
    /// The units at which those who give the commands have the rights that these need.
    pub(super) roots: HashSet<UnitId>,
    pub(super) claims: Claims,
    /// Assets whose fields change; with them changes what their serial numbers claim.
    changing: HashSet<AssetId>,
    pub(super) models: HashSet<ModelId>,
    pub(super) manufacturers: HashSet<ManufacturerId>,
    pub(super) categories: HashSet<CategoryId>,
    pub(super) places: HashSet<LocationId>,
    pub(super) units: HashSet<UnitId>,
    pub(super) people: HashSet<PersonId>,
    pub(super) others: HashSet<AssetId>,
    pub(super) entries: HashSet<EventId>,
}

/// Codes, folded, that only one asset can have.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub tags: HashSet<String>,
    pub serials: HashSet<String>,
    pub identifiers: HashSet<String>,
}

impl Claims {
    fn serial(&mut self, serial: Option<&Serial>) {
        self.serials
            .extend(serial.map(|serial| serial.folded().to_owned()));
    }
}

impl Mentioned {
    /// Whether there was no command to mention anything.
    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
    }

    /// Takes in a command and the rights of whoever gives it.
    pub fn command(&mut self, access: &Access, command: &Command) {
        for action in std::iter::once(Action::ReadAssets).chain(command.act.action()) {
            if let Reach::Below(roots) = access.reach(action) {
                self.roots.extend(roots);
            }
        }
        self.assets.insert(command.asset);
        self.others.extend(other_assets(&command.act));
        match &command.act {
            Act::Order(what) => self.description(what),
            Act::Register(new) => {
                self.description(&new.what);
                self.claims
                    .tags
                    .extend(new.tag.as_ref().map(|tag| tag.folded().to_owned()));
                self.claims.serial(new.serial.as_ref());
                self.places.extend(new.location);
                self.claims.identifiers.extend(
                    new.identifiers
                        .iter()
                        .map(|(_, value)| text::fold_code(value)),
                );
            }
            Act::Receive {
                serial, location, ..
            } => {
                self.claims.serial(serial.as_ref());
                self.places.extend(*location);
            }
            Act::Tag { tag, .. } | Act::Retag { tag } => {
                self.claims.tags.insert(tag.folded().to_owned());
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
            Act::ChangeFields(fields) => self.fields(command.asset, fields),
            Act::Correct { of, fields } => {
                self.entries.insert(*of);
                self.fields(command.asset, fields);
            }
            Act::Renew { .. }
            | Act::RepairOut { .. }
            | Act::RepairIn { .. }
            | Act::ReportMissing { .. }
            | Act::Retire
            | Act::Reinstate { .. }
            | Act::Cancel
            | Act::Note
            | Act::Acknowledge
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

    fn fields(&mut self, asset: AssetId, fields: &[FieldValue]) {
        self.changing.insert(asset);
        for field in fields {
            self.field(field);
        }
    }

    fn field(&mut self, field: &FieldValue) {
        match field {
            FieldValue::Serial(serial) => self.claims.serial(serial.as_ref()),
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

    /// Takes in what the assets themselves refer to, known only after they were loaded.
    pub fn what_the_assets_bring_in(&mut self, loaded: &Shelf) {
        for asset in self.assets.iter().filter_map(|id| loaded.get(*id)) {
            self.models.extend(asset.model_id);
            self.places.extend(asset.bound_for_id);
            if self.changing.contains(&asset.id) {
                self.claims.serial(asset.serial.as_ref());
            }
        }
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
