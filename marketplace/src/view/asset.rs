//! Assets.

use habeo_core::asset::store::AssetDetail;
use habeo_core::id::{LocationId, ManufacturerId, ModelId};
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::{CivilDay, Instant};
use poem_openapi::Object;
use uuid::Uuid;

use super::Named;

/// An asset with its holder and its place.
#[derive(Debug, Object)]
#[oai(rename = "Asset")]
pub struct AssetView {
    /// Its id.
    pub id: Uuid,
    /// What is printed on its label.
    pub tag: Nullable<String>,
    /// Its maker's serial number.
    pub serial: Nullable<String>,
    /// Who made it.
    pub manufacturer: Nullable<Named>,
    /// Which product it is.
    pub model: Nullable<Named>,
    /// What sort of thing.
    pub category: Named,
    /// What it is.
    pub description: String,
    /// Where it is in its life, such as `in_use`.
    pub state: String,
    /// Since when.
    pub state_since: Instant,
    /// What shape it is in.
    pub condition: String,
    /// Which unit owns it.
    pub unit: Named,
    /// Who or what has it.
    pub holder: Nullable<Holder>,
    /// Where it is.
    pub location: Nullable<Place>,
    /// The day it was bought.
    pub acquired_on: Nullable<CivilDay>,
    /// The last day of its warranty.
    pub warranty_ends_on: Nullable<CivilDay>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Who or what has an asset.
#[derive(Debug, Object)]
pub struct Holder {
    /// What sort: `person`, `unit`, `location` or `asset`.
    #[oai(rename = "type")]
    pub kind: String,
    /// Which one.
    pub id: Uuid,
    /// By name.
    pub name: String,
    /// Until when it is lent.
    pub due_at: Nullable<Instant>,
}

/// Where an asset is.
#[derive(Debug, Object)]
pub struct Place {
    /// The place.
    pub id: Uuid,
    /// By name.
    pub name: String,
    /// The names from the site down to it.
    pub path: String,
    /// Its site.
    pub site_id: Uuid,
}

fn named(id: Option<Uuid>, name: Option<String>) -> Nullable<Named> {
    id.zip(name).map(|(id, name)| Named { id, name }).into()
}

impl From<AssetDetail> for AssetView {
    fn from(asset: AssetDetail) -> Self {
        let holder = asset.target_kind.zip(asset.target_id);
        let holder = holder.map(|(kind, id)| Holder {
            kind: kind.to_string(),
            id,
            name: asset.target_name.unwrap_or_default(),
            due_at: asset.due_at.map(Instant::from).into(),
        });
        let place = asset
            .location_id
            .zip(asset.site_id)
            .map(|(id, site)| Place {
                id: id.uuid(),
                name: asset.location_name.unwrap_or_default(),
                path: asset.location_path.unwrap_or_default(),
                site_id: LocationId::uuid(site),
            });
        Self {
            id: asset.id.uuid(),
            tag: asset.tag.into(),
            serial: asset.serial.map(String::from).into(),
            manufacturer: named(
                asset.manufacturer_id.map(ManufacturerId::uuid),
                asset.manufacturer_name,
            ),
            model: named(asset.model_id.map(ModelId::uuid), asset.model_name),
            category: Named {
                id: asset.category_id.uuid(),
                name: asset.category_name,
            },
            description: asset.description,
            state: asset.state.to_string(),
            state_since: asset.state_since.into(),
            condition: asset.condition.to_string(),
            unit: Named {
                id: asset.owning_unit_id.uuid(),
                name: asset.owning_unit_name,
            },
            holder: holder.into(),
            location: place.into(),
            acquired_on: asset.acquired_on.map(CivilDay::from).into(),
            warranty_ends_on: asset.warranty_ends_on.map(CivilDay::from).into(),
            created_at: asset.created_at.into(),
            updated_at: asset.updated_at.into(),
        }
    }
}
