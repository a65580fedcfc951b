//! People.

use habeo_core::person::Person;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use uuid::Uuid;

use super::Named;

/// A person.
#[derive(Debug, Object)]
#[oai(rename = "Person")]
pub struct PersonView {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Nullable<String>,
    /// How they belong, such as `faculty`.
    pub affiliation: String,
    /// Whether they are there, such as `active`.
    pub status: String,
    /// Their unit.
    pub unit: Named,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.uuid(),
            name: person.display_name,
            email: person.email.into(),
            affiliation: person.affiliation.to_string(),
            status: person.status.to_string(),
            unit: Named {
                id: person.home_unit_id.uuid(),
                name: person.home_unit_name,
            },
        }
    }
}
