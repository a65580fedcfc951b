//! The history of an asset.

use super::names::{RoleName, SurfaceName};
use habeo_core::id::PersonId;
use habeo_core::ledger::audit;
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde_json::Value;
use uuid::Uuid;

/// One fact about an asset.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its event id.
    pub id: Uuid,
    /// What happened, such as `asset.deployed`.
    #[oai(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who did it.
    pub actor: ActorView,
    /// How it came in.
    pub surface: SurfaceName,
    /// The request, where there was one.
    pub request_id: Nullable<String>,
    /// What was written about it.
    pub remark: Nullable<String>,
    /// The fact itself; its members depend on `type`.
    pub payload: Any<Value>,
}

/// Who did something.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ActorView {
    /// The person; null when Habeo itself or its operator did it.
    pub person_id: Nullable<Uuid>,
    /// Their name, where you may know it.
    pub name: Nullable<String>,
    /// The role they acted in.
    pub role: RoleName,
}

impl HistoryEntry {
    /// An entry with its actor as far as the reader may know them.
    #[must_use]
    pub fn new(entry: audit::Entry, person: Option<PersonId>, name: Option<String>) -> Self {
        Self {
            id: entry.event_id.uuid(),
            kind: entry.kind,
            occurred_at: entry.occurred_at.into(),
            recorded_at: entry.recorded_at.into(),
            actor: ActorView {
                person_id: person.map(PersonId::uuid).into(),
                name: name.into(),
                role: entry.actor.role.into(),
            },
            surface: entry.surface.into(),
            request_id: entry.request_id.into(),
            remark: entry.remark_text.into(),
            payload: Any(entry.payload),
        }
    }
}
