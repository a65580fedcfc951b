//! Assets.

use super::common::{Named, UnitName, named};
use super::names::{AssetCondition, AssetState, AssignmentKindName, MdmStatus, TargetKindName};
use habeo_core::asset::store::AssetDetail;
use habeo_core::id::AssetId;
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::{CivilDay, Instant};
use poem_openapi::Object;
use uuid::Uuid;

/// A product model.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ModelName {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its maker's number for it.
    pub model_no: Nullable<String>,
}

/// An asset with its assignment and location.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
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
    pub model: Nullable<ModelName>,
    /// What sort of thing.
    pub category: Named,
    /// What it is.
    pub description: String,
    /// Where it is in its life.
    pub state: AssetState,
    /// Since when.
    pub state_since: Instant,
    /// What shape it is in.
    pub condition: AssetCondition,
    /// Who owns it.
    pub unit: UnitName,
    /// In whose custody it is. While it is in transit, in repair or missing, custody rests.
    pub assignment: Nullable<AssignmentView>,
    /// Where it is.
    pub location: Nullable<LocationView>,
    /// The day it was bought.
    pub acquired_on: Nullable<CivilDay>,
    /// What it cost, in minor units of `currency`.
    pub cost_minor: Nullable<i64>,
    /// ISO 4217.
    pub currency: Nullable<String>,
    /// The last day of its warranty.
    pub warranty_ends_on: Nullable<CivilDay>,
    /// When somebody last had it before their eyes.
    pub last_verified_at: Nullable<Instant>,
    /// What device management says of it.
    pub mdm: Nullable<MdmView>,
    /// The record that goes on for it, where it turned out to be a second record of the same asset. Lists leave such records out.
    pub merged_into: Nullable<Uuid>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// What device management says of an asset.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MdmView {
    /// Which system.
    pub provider: String,
    /// When the device last reported to it.
    pub last_seen_at: Nullable<Instant>,
    /// Whether the device is under management there.
    pub status: MdmStatus,
}

/// An asset's custody.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AssignmentView {
    /// On what terms.
    pub kind: AssignmentKindName,
    /// Who or what has it.
    pub target: TargetView,
    /// Since when.
    pub from: Instant,
    /// Until when it is lent.
    pub due_at: Nullable<Instant>,
    /// Whether custody rests.
    pub suspended: bool,
}

/// Who or what has an asset.
#[derive(Debug, Object)]
pub struct TargetView {
    /// What sort.
    #[oai(rename = "type")]
    pub kind: TargetKindName,
    /// Which one.
    pub id: Uuid,
    /// By name.
    pub name: String,
}

/// Where an asset is.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LocationView {
    /// The place.
    pub id: Uuid,
    /// By name.
    pub name: String,
    /// The names from the site down to it.
    pub path: String,
    /// Its site.
    pub site_id: Uuid,
}

impl From<AssetDetail> for AssetView {
    fn from(asset: AssetDetail) -> Self {
        let assignment = assignment(&asset);
        let location = match (
            asset.location_id,
            asset.site_id,
            asset.location_name,
            asset.location_path,
        ) {
            (Some(id), Some(site), Some(name), Some(path)) => Some(LocationView {
                id: id.uuid(),
                name,
                path,
                site_id: site.uuid(),
            }),
            _ => None,
        };
        let mdm = asset.mdm_provider.zip(asset.mdm_status);
        let mdm = mdm.map(|(provider, status)| MdmView {
            provider: provider.to_string(),
            last_seen_at: asset.mdm_seen_at.map(Instant::from).into(),
            status: status.into(),
        });
        let model = asset
            .model_id
            .zip(asset.model_name)
            .map(|(id, name)| ModelName {
                id: id.uuid(),
                name,
                model_no: asset.model_no.into(),
            });
        Self {
            id: asset.id.uuid(),
            tag: asset.tag.into(),
            serial: asset.serial.map(String::from).into(),
            manufacturer: named(
                asset
                    .manufacturer_id
                    .map(habeo_core::id::ManufacturerId::uuid),
                asset.manufacturer_name,
            ),
            model: model.into(),
            category: Named {
                id: asset.category_id.uuid(),
                name: asset.category_name,
            },
            description: asset.description,
            state: asset.state.into(),
            state_since: asset.state_since.into(),
            condition: asset.condition.into(),
            unit: UnitName {
                id: asset.owning_unit_id.uuid(),
                name: asset.owning_unit_name,
            },
            assignment: assignment.into(),
            location: location.into(),
            acquired_on: asset.acquired_on.map(CivilDay::from).into(),
            cost_minor: asset.cost_minor.into(),
            currency: asset.currency.into(),
            warranty_ends_on: asset.warranty_ends_on.map(CivilDay::from).into(),
            last_verified_at: asset.last_verified_at.map(Instant::from).into(),
            mdm: mdm.into(),
            merged_into: asset.merged_into_id.map(AssetId::uuid).into(),
            created_at: asset.created_at.into(),
            updated_at: asset.updated_at.into(),
        }
    }
}

fn assignment(asset: &AssetDetail) -> Option<AssignmentView> {
    Some(AssignmentView {
        kind: asset.assignment_kind?.into(),
        target: TargetView {
            kind: asset.target_kind?.into(),
            id: asset.target_id?,
            name: asset.target_name.clone().unwrap_or_default(),
        },
        from: asset.assigned_from?.into(),
        due_at: asset.due_at.map(Instant::from).into(),
        suspended: asset.suspended.unwrap_or(false),
    })
}
