//! Places: sites, and the buildings, floors and rooms within them.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;

use crate::closed_set::closed_set;
use crate::id::{LocationId, UnitId};

/// The deepest level of places below a site.
pub const DEPTH_MAX: usize = 6;

closed_set! {
    /// What sort of place it is.
    LocationKind {
        /// A campus.
        Campus = "campus",
        /// A building.
        Building = "building",
        /// A floor.
        Floor = "floor",
        /// A room.
        Room = "room",
        /// A rack.
        Rack = "rack",
        /// A cabinet.
        Cabinet = "cabinet",
        /// A cart.
        Cart = "cart",
        /// A stockroom.
        Stockroom = "stockroom",
        /// A vehicle.
        Vehicle = "vehicle",
        /// Somewhere else.
        OffCampus = "off_campus",
        /// Somebody's home.
        Home = "home",
        /// A rented place.
        LeasedFacility = "leased_facility",
        /// A data centre.
        Datacenter = "datacenter",
    }
    /// What a room is for.
    RoomUse {
        /// Teaching.
        Classroom = "classroom",
        /// Teaching with equipment.
        TeachingLab = "teaching_lab",
        /// Research.
        ResearchLab = "research_lab",
        /// Desks.
        Office = "office",
        /// Projection and sound.
        AvBooth = "av_booth",
        /// Network equipment.
        Network = "network",
        /// Storage.
        Storage = "storage",
        /// Everybody.
        Public = "public",
    }
}

/// A place as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Its place in lists.
    pub seq: i64,
    /// The place it is in; none for a site.
    pub parent_id: Option<LocationId>,
    /// The site it belongs to; itself for a site.
    pub site_id: LocationId,
    /// What sort it is.
    pub kind: LocationKind,
    /// Its short name within its parent.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The names from the site down to it.
    pub path: String,
    /// The ids from the site down to it, separated by spaces.
    pub lineage: String,
    /// The distinct words of the codes and names from the site down to it.
    pub words: String,
    /// What it is for, where it is a room.
    pub room_use: Option<RoomUse>,
    /// IANA time zone, where it is a site.
    pub timezone: Option<String>,
    /// The unit that controls it, if one does.
    pub controlling_unit_id: Option<UnitId>,
    /// Whether it is in use.
    pub active: bool,
}
