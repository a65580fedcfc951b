//! Sites.

use habeo_core::location::Location;
use habeo_core::location::store::Counts;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// A site.
#[derive(Debug, Object)]
#[oai(rename = "Site")]
pub struct SiteView {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What sort of place, such as `campus`.
    pub kind: String,
    /// IANA time zone.
    pub timezone: Nullable<String>,
    /// Buildings there.
    pub building_count: i64,
    /// Rooms there.
    pub room_count: i64,
    /// Assets of the entity there that are neither disposed of nor void.
    pub asset_count: i64,
}

impl SiteView {
    /// A site with its counts.
    #[must_use]
    pub fn new(site: Location, counts: Counts) -> Self {
        Self {
            id: site.id.uuid(),
            code: site.code,
            name: site.name,
            kind: site.kind.to_string(),
            timezone: site.timezone.into(),
            building_count: counts.buildings,
            room_count: counts.rooms,
            asset_count: counts.assets,
        }
    }
}
