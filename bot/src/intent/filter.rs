//! What a list is narrowed to, in typed parts; all parts hold together, and within a part any of its members does.

use habeo_core::asset::State;
pub use habeo_core::asset::search::Lack;
use habeo_core::id::{CategoryId, LocationId, ManufacturerId, ModelId, UnitId};
use serde::{Deserialize, Serialize};

use super::bounds;
use super::named::{Named, Phrase};
use super::window::Window;

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Of these sorts, with everything below them.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub categories: Vec<Named<CategoryId>>,
    /// Made by these.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub makers: Vec<Named<ManufacturerId>>,
    /// These products.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub models: Vec<Named<ModelId>>,
    /// Owned by these units or by those below them.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub units: Vec<Named<UnitId>>,
    /// In these places or in those within them.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub places: Vec<Named<LocationId>>,
    /// In one of these states; in any but the terminal ones when empty.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub states: Vec<State>,
    /// In whose custody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// With these dates within these days.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub windows: Vec<Window>,
    /// With a cost within these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Without these recorded.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub lacks: Vec<Lack>,
    /// With these codes: tags, parts of tags, serial numbers.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub codes: Vec<Phrase>,
    /// With all of these words somewhere.
    #[serde(
        deserialize_with = "bounds::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub words: Vec<Phrase>,
}

impl Filter {
    /// Whether it narrows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// In whose custody something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Holder {
    /// Somebody's.
    Anyone,
    /// Nobody's.
    Nobody,
    /// The asker's.
    Me,
    /// Whoever is called so.
    Named(Phrase),
}

/// Bounds of what something cost, in minor units of the organisation's currency; both are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// At least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_minor: Option<i64>,
    /// At most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_minor: Option<i64>,
}
