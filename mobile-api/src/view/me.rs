//! The caller.

use super::common::UnitName;
use super::names::RoleName;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// Who the caller is.
#[derive(Debug, Object)]
pub struct MeView {
    /// The person.
    pub user: User,
    /// Their active organization.
    pub organization: Organization,
    /// The strongest role they hold in it.
    pub role: RoleName,
    /// The topmost units whose assets they see.
    pub units: Vec<UnitName>,
}

/// The person who asks.
#[derive(Debug, Object)]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Nullable<String>,
}

/// An organization.
#[derive(Debug, Object)]
pub struct Organization {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Whether everything in it is invented.
    pub sandbox: bool,
}
