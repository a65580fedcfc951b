//! An asset in one line.

use habeo_core::asset::command::{Act, Command, Register};
use habeo_core::asset::decide::Refusal;
use habeo_core::asset::steps::Done;
use habeo_core::asset::{Acquisition, IdentifierKind};
use habeo_core::id::{AssetId, CategoryId, LocationId, ManufacturerId, ModelId, UnitId};
use habeo_core::ledger::RecordError;

use super::{College, command, serial, tag};
use crate::must;

/// An asset that is about to be registered.
#[derive(Debug, Clone)]
pub struct NewAsset<'a> {
    pub(super) college: &'a College,
    pub(super) id: AssetId,
    pub(super) register: Register,
}

impl NewAsset<'_> {
    /// With this label.
    #[must_use]
    pub fn tag(mut self, text: &str) -> Self {
        self.register.tag = Some(tag(text));
        self
    }

    /// Without a label: received only.
    #[must_use]
    pub fn untagged(mut self) -> Self {
        self.register.tag = None;
        self
    }

    /// With this serial number.
    #[must_use]
    pub fn serial(mut self, text: &str) -> Self {
        self.register.serial = Some(serial(text));
        self
    }

    /// Of this unit.
    #[must_use]
    pub fn unit(mut self, unit: UnitId) -> Self {
        self.register.what.unit = unit;
        self
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, place: LocationId) -> Self {
        self.register.location = Some(place);
        self
    }

    /// Of this model.
    #[must_use]
    pub fn model(mut self, model: ModelId) -> Self {
        self.register.what.model = Some(model);
        self
    }

    /// By this maker.
    #[must_use]
    pub fn maker(mut self, maker: ManufacturerId) -> Self {
        self.register.what.manufacturer = Some(maker);
        self
    }

    /// Of this category.
    #[must_use]
    pub fn category(mut self, category: CategoryId) -> Self {
        self.register.what.category = category;
        self
    }

    /// Come by like this.
    #[must_use]
    pub fn acquired(mut self, acquisition: Acquisition) -> Self {
        self.register.what.acquisition = acquisition;
        self
    }

    /// Recognised by this as well.
    #[must_use]
    pub fn identifier(mut self, kind: IdentifierKind, value: &str) -> Self {
        self.register.identifiers.push((kind, value.to_owned()));
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> AssetId {
        self.id
    }

    /// What would be ordered instead of registered.
    #[must_use]
    pub fn order(self) -> Command {
        command(self.id, Act::Order(Box::new(self.register.what)))
    }

    /// The command that registers it.
    #[must_use]
    pub fn command(self) -> Command {
        command(self.id, Act::Register(Box::new(self.register)))
    }

    /// Registers it.
    pub async fn register(self) -> AssetId {
        must(self.try_register().await).asset
    }

    /// Tries to register it.
    pub async fn try_register(self) -> Result<Done, RecordError<Refusal>> {
        let college = self.college;
        let command = self.command();
        college.db.ledger.record(&college.access, command).await
    }
}
