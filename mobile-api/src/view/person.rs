//! People.

use super::common::UnitName;
use super::names::{AffiliationName, PersonStatusName};
use habeo_core::person::Person;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

/// A person.
#[derive(Debug, Object)]
pub struct PersonView {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Nullable<String>,
    /// How they belong.
    pub affiliation: AffiliationName,
    /// Whether they are there.
    pub status: PersonStatusName,
    /// Their unit.
    pub unit: UnitName,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.uuid(),
            name: person.display_name,
            email: person.email.into(),
            affiliation: person.affiliation.into(),
            status: person.status.into(),
            unit: UnitName {
                id: person.home_unit_id.uuid(),
                name: person.home_unit_name,
            },
        }
    }
}
