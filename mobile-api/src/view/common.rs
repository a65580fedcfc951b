//! Things that other things name.

use habeo_core::unit::Unit;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// A unit by name.
#[derive(Debug, Object)]
pub struct UnitName {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl From<Unit> for UnitName {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.uuid(),
            name: unit.name,
        }
    }
}

/// Something with an id and a name.
#[derive(Debug, Object)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

pub(super) fn named(id: Option<Uuid>, name: Option<String>) -> Nullable<Named> {
    id.zip(name).map(|(id, name)| Named { id, name }).into()
}
