//! Units.

use super::names::UnitKindName;
use habeo_core::unit::Unit;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// A unit.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UnitView {
    /// Its id.
    pub id: Uuid,
    /// The unit above it.
    pub parent_id: Nullable<Uuid>,
    /// What sort it is.
    pub kind: UnitKindName,
    /// Its short name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How far below the root; the root is 0.
    pub depth: i64,
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.uuid(),
            parent_id: unit.parent_id.map(habeo_core::id::UnitId::uuid).into(),
            kind: unit.kind.into(),
            code: unit.code,
            name: unit.name,
            depth: unit.depth,
        }
    }
}
