//! What leaves: the shapes of `/public/v1`. Every member is always there; what is not known is null.

pub mod asset;
pub mod person;
pub mod site;
pub mod ticket;
pub mod webhook;

use poem_openapi::Object;
use uuid::Uuid;

/// Something by id and name.
#[derive(Debug, Object)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}
