//! What one decision asks: the world as it was loaded, and how far the rights of whoever gives the command reach in it.

use super::event::Place;
use super::refusal::Refusal;
use super::world::World;
use super::{Asset, IdentifierKind, Target, store};
use crate::access::{Access, Action, Reach};
use crate::catalogue::store::ModelFacts;
use crate::id::{
    AssetId, CategoryId, EventId, LocationId, ManufacturerId, ModelId, PersonId, UnitId,
};
use crate::person::PersonStatus;
use crate::text::{self, Serial, Tag};

/// The world, and who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    world: &'a World,
    access: &'a Access,
}

impl<'a> Known<'a> {
    pub const fn new(world: &'a World, access: &'a Access) -> Self {
        Self { world, access }
    }

    pub fn currency(&self) -> String {
        self.world.currency.clone()
    }

    pub const fn loan_renewals_max(&self) -> i64 {
        self.world.loan_renewals_max
    }

    fn reaches(&self, action: Action, unit: UnitId) -> bool {
        match self.access.reach(action) {
            Reach::Whole => true,
            Reach::Below(roots) => roots.iter().any(|root| {
                self.world
                    .below
                    .get(root)
                    .is_some_and(|units| units.contains(&unit))
            }),
        }
    }

    /// Whether the caller sees the asset at all.
    pub fn sees(&self, asset: &Asset) -> bool {
        let holds = asset.custody.is_some_and(|custody| {
            self.access
                .person()
                .is_some_and(|own| custody.target == Target::Person(own))
        });
        holds || self.reaches(Action::ReadAssets, asset.owning_unit_id)
    }

    /// The person who asks, if it is one.
    pub const fn asker(&self) -> Option<PersonId> {
        self.access.person()
    }

    pub fn permit(&self, action: Action, unit: UnitId) -> Result<(), Refusal> {
        if self.reaches(action, unit) {
            Ok(())
        } else {
            Err(Refusal::NotPermitted)
        }
    }

    pub fn tag_free(&self, tag: &Tag, asset: AssetId) -> Result<(), Refusal> {
        match self.world.tags.get(tag.folded()) {
            // Going back to a former label is fine; it was never anybody else's.
            Some(owner) if *owner != asset => Err(Refusal::TagTaken(tag.clone())),
            _ => Ok(()),
        }
    }

    pub fn serial_free(
        &self,
        serial: &Serial,
        maker: Option<ManufacturerId>,
        asset: AssetId,
    ) -> Result<(), Refusal> {
        if serial.is_placeholder() {
            return Ok(());
        }
        match self
            .world
            .serials
            .get(&(serial.folded().to_owned(), store::claim(maker)))
        {
            Some(owner) if *owner != asset => Err(Refusal::SerialTaken(serial.clone())),
            _ => Ok(()),
        }
    }

    pub fn identifier_free(
        &self,
        kind: IdentifierKind,
        value: &str,
        asset: AssetId,
    ) -> Result<(), Refusal> {
        // Network adapters move between machines.
        if kind == IdentifierKind::MacWired {
            return Ok(());
        }
        match self.world.identifiers.get(&(kind, text::fold_code(value))) {
            Some(owner) if *owner != asset => Err(Refusal::IdentifierTaken),
            _ => Ok(()),
        }
    }

    pub fn model(&self, id: ModelId) -> Result<&ModelFacts, Refusal> {
        self.world
            .models
            .get(&id)
            .ok_or(Refusal::ReferenceUnknown("the model"))
    }

    pub fn manufacturer(&self, id: ManufacturerId) -> Result<ManufacturerId, Refusal> {
        exists(self.world.manufacturers.contains(&id), "the manufacturer").map(|()| id)
    }

    pub fn category(&self, id: CategoryId) -> Result<(), Refusal> {
        exists(self.world.categories.contains(&id), "the category")
    }

    pub fn unit(&self, id: UnitId) -> Result<(), Refusal> {
        exists(self.world.units.contains(&id), "the unit")
    }

    /// Somebody who is there: nothing is handed to, or approved by, those who have left.
    pub fn person(&self, id: PersonId) -> Result<(), Refusal> {
        exists(
            self.world
                .people
                .get(&id)
                .is_some_and(|status| *status != PersonStatus::Separated),
            "the person",
        )
    }

    /// Another asset that the caller sees.
    pub fn other_asset(&self, id: AssetId) -> Result<(), Refusal> {
        exists(
            self.world
                .assets
                .get(&id)
                .is_some_and(|unit| self.reaches(Action::ReadAssets, *unit)),
            "the other asset",
        )
    }

    pub fn place(&self, id: Option<LocationId>) -> Result<Option<Place>, Refusal> {
        id.map(|id| self.place_at(id)).transpose()
    }

    pub fn place_at(&self, id: LocationId) -> Result<Place, Refusal> {
        self.world
            .places
            .get(&id)
            .copied()
            .ok_or(Refusal::ReferenceUnknown("the place"))
    }

    pub fn is_entry_of(&self, event: EventId, asset: AssetId) -> bool {
        self.world.entries.contains(&(event, asset))
    }
}

fn exists(does: bool, what: &'static str) -> Result<(), Refusal> {
    if does {
        Ok(())
    } else {
        Err(Refusal::ReferenceUnknown(what))
    }
}
