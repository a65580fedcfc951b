//! Sites, their buildings and rooms.

use super::names::{PlaceKind, RoomUseName};
use habeo_core::location::Location;
use habeo_core::location::store::Counts;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// A site.
#[derive(Debug, Object)]
pub struct SiteView {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What sort of place.
    pub kind: PlaceKind,
    /// IANA time zone.
    pub timezone: Nullable<String>,
    /// How much there is.
    pub counts: SiteCounts,
}

/// How much there is at a site.
#[derive(Debug, Object)]
pub struct SiteCounts {
    /// Buildings.
    pub buildings: i64,
    /// Rooms.
    pub rooms: i64,
    /// Assets you can see that are neither disposed of nor void.
    pub assets: i64,
}

impl SiteView {
    /// A site with its counts.
    #[must_use]
    pub fn new(site: Location, counts: Counts) -> Self {
        Self {
            id: site.id.uuid(),
            code: site.code,
            name: site.name,
            kind: site.kind.into(),
            timezone: site.timezone.into(),
            counts: SiteCounts {
                buildings: counts.buildings,
                rooms: counts.rooms,
                assets: counts.assets,
            },
        }
    }
}

/// A site with what is within it.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SiteDetail {
    /// The site.
    #[oai(flatten)]
    pub site: SiteView,
    /// Its buildings.
    pub buildings: Vec<Building>,
    /// Whether every place is named; false beyond 5,000 places.
    pub places_complete: bool,
}

/// A building with its rooms.
#[derive(Debug, Object)]
pub struct Building {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its rooms, and whatever else lies in it, on all floors.
    pub rooms: Vec<Room>,
}

/// A room or another place within a building.
#[derive(Debug, Object)]
pub struct Room {
    /// Its id.
    pub id: Uuid,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What sort of place.
    pub kind: PlaceKind,
    /// What it is for.
    #[oai(rename = "use")]
    pub room_use: Nullable<RoomUseName>,
    /// The names from the site down to it.
    pub path: String,
}

impl From<&Location> for Room {
    fn from(place: &Location) -> Self {
        Self {
            id: place.id.uuid(),
            code: place.code.clone(),
            name: place.name.clone(),
            kind: place.kind.into(),
            room_use: place.room_use.map(RoomUseName::from).into(),
            path: place.path.clone(),
        }
    }
}
