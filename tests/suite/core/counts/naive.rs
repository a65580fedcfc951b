//! What filters, orders and breakdowns mean, in the plainest way.

use habeo_core::asset::search::{Dimension, Held, Key, Lack, Narrow, SortKey, Span};
use habeo_core::asset::store::AssetDetail;
use habeo_core::asset::{State, TargetKind};
use habeo_core::id::{CategoryId, LocationId, UnitId};
use habeo_core::unit::scope::Scope;
use habeo_tests::builders::College;

/// What a filter asks for, in the plainest way.
pub(super) struct Naive<'a> {
    pub college: &'a College,
    pub scope: &'a Scope,
}

impl Naive<'_> {
    fn units_below(&self, unit: UnitId) -> Vec<UnitId> {
        let units = &self.college.units;
        // A unit out of sight has no tree.
        if !self.scope.contains(unit) {
            return vec![unit];
        }
        let mut all = vec![unit];
        if unit == units.root {
            all.extend([
                units.unassigned,
                units.arts,
                units.history,
                units.music,
                units.science,
                units.physics,
                units.chemistry,
            ]);
        } else if unit == units.science {
            all.extend([units.physics, units.chemistry]);
        } else if unit == units.arts {
            all.extend([units.history, units.music]);
        }
        all
    }

    fn is_below_category(&self, category: CategoryId, above: CategoryId) -> bool {
        let catalogue = &self.college.catalogue;
        category == above || (category == catalogue.laptops && above == catalogue.computers)
    }

    fn is_within(&self, place: Option<LocationId>, around: LocationId) -> bool {
        let places = &self.college.places;
        let Some(place) = place else { return false };
        let above = [
            (places.reading_room, places.library),
            (places.library, places.main),
            (places.workshop, places.foundry),
            (places.foundry, places.north),
        ];
        let mut at = Some(place);
        while let Some(place) = at {
            if place == around {
                return true;
            }
            at = above
                .iter()
                .find(|(inner, _)| *inner == place)
                .map(|(_, outer)| *outer);
        }
        false
    }

    pub fn lets_through(&self, filter: &Narrow, asset: &AssetDetail) -> bool {
        let any = |empty: bool, passes: bool| empty || passes;
        let terminal = matches!(asset.state, State::Disposed | State::Void);
        let held = match &filter.held {
            None => true,
            Some(Held::Anybody) => asset.target_kind.is_some(),
            Some(Held::Nobody) => asset.target_kind.is_none(),
            Some(Held::By(people)) => {
                asset.target_kind == Some(TargetKind::Person)
                    && people
                        .iter()
                        .any(|person| Some(person.uuid()) == asset.target_id)
            }
        };
        let lacks = |lack: &Lack| match lack {
            Lack::Tag => asset.tag.is_none(),
            Lack::Serial => asset.serial.is_none(),
            Lack::Place => asset.location_id.is_none(),
            Lack::Warranty => asset.warranty_ends_on.is_none(),
            Lack::Cost => asset.cost_minor.is_none(),
            Lack::Model => asset.model_id.is_none(),
            Lack::Sighting => asset.last_verified_at.is_none(),
        };
        !(filter.live && terminal)
            && any(
                filter.states.is_empty(),
                filter.states.contains(&asset.state),
            )
            && any(
                filter.units.is_empty(),
                filter
                    .units
                    .iter()
                    .any(|unit| self.units_below(*unit).contains(&asset.owning_unit_id)),
            )
            && any(
                filter.categories.is_empty(),
                filter
                    .categories
                    .iter()
                    .any(|above| self.is_below_category(asset.category_id, *above)),
            )
            && any(
                filter.models.is_empty(),
                asset
                    .model_id
                    .is_some_and(|model| filter.models.contains(&model)),
            )
            && any(
                filter.makers.is_empty(),
                asset
                    .manufacturer_id
                    .is_some_and(|maker| filter.makers.contains(&maker)),
            )
            && any(
                filter.places.is_empty(),
                filter
                    .places
                    .iter()
                    .any(|around| self.is_within(asset.location_id, *around)),
            )
            && held
            && within(filter.acquired, asset.acquired_on)
            && within(filter.warranty, asset.warranty_ends_on)
            && within(filter.due, asset.due_at)
            && within(filter.since, Some(asset.state_since))
            && within(filter.cost, asset.cost_minor)
            && filter.lacks.iter().all(lacks)
    }
}

fn within<T: Ord + Copy>(span: Option<Span<T>>, value: Option<T>) -> bool {
    let Some(span) = span else { return true };
    let Some(value) = value else { return false };
    span.from.is_none_or(|from| value >= from) && span.until.is_none_or(|until| value < until)
}

/// What an asset has of the sort that an order is by, as a text that sorts the same; none where it has nothing.
pub(super) fn sort_text(asset: &AssetDetail, by: SortKey) -> Option<String> {
    match by {
        SortKey::Entry => Some(format!("{:020}", asset.seq)),
        SortKey::Acquired => asset.acquired_on.map(|day| day.to_string()),
        SortKey::Warranty => asset.warranty_ends_on.map(|day| day.to_string()),
        SortKey::Verified => asset
            .last_verified_at
            .map(|at| format!("{:020}", at.micros())),
        SortKey::Cost => asset.cost_minor.map(|cost| format!("{cost:020}")),
        SortKey::Due => asset.due_at.map(|at| format!("{:020}", at.micros())),
        SortKey::Tag => asset.tag.clone().map(|tag| tag.replace('-', "")),
        SortKey::Model => asset.model_name.clone(),
        SortKey::Unit => Some(asset.owning_unit_name.clone()),
        SortKey::Place => asset.location_path.clone(),
        SortKey::State => Some(asset.state.as_str().to_owned()),
        SortKey::Holder => asset
            .target_name
            .clone()
            .filter(|_| asset.target_kind == Some(TargetKind::Person)),
    }
}

pub(super) fn key(asset: &AssetDetail, by: Dimension) -> Option<Key> {
    let id = |id: Option<uuid::Uuid>| Some(id.map_or(Key::None, Key::Id));
    match by {
        Dimension::Unit => id(Some(asset.owning_unit_id.uuid())),
        Dimension::Site => id(asset.site_id.map(habeo_core::id::LocationId::uuid)),
        Dimension::Place => id(asset.location_id.map(habeo_core::id::LocationId::uuid)),
        Dimension::State => Some(Key::State(asset.state)),
        Dimension::Category => id(Some(asset.category_id.uuid())),
        Dimension::Model => id(asset.model_id.map(habeo_core::id::ModelId::uuid)),
        Dimension::Maker => id(asset
            .manufacturer_id
            .map(habeo_core::id::ManufacturerId::uuid)),
        Dimension::Holder => asset
            .target_id
            .filter(|_| asset.target_kind == Some(TargetKind::Person))
            .map(Key::Id),
        Dimension::Year => Some(
            asset
                .acquired_on
                .map_or(Key::None, |day| Key::Year(day.year())),
        ),
        Dimension::College | Dimension::Building => None,
    }
}
