//! Facts about the catalogue.

use serde::{Deserialize, Serialize};

use crate::id::{CategoryId, ManufacturerId};

/// What happened to the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum CatalogueEvent {
    /// A maker was entered.
    #[serde(rename = "catalogue.manufacturer_added")]
    ManufacturerAdded {
        /// Its name.
        name: String,
    },
    /// A category was entered.
    #[serde(rename = "catalogue.category_added")]
    CategoryAdded {
        /// The category above it.
        parent: Option<CategoryId>,
        /// Its short name.
        code: String,
        /// Its name.
        name: String,
    },
    /// A product was entered.
    #[serde(rename = "catalogue.model_added")]
    ModelAdded {
        /// Who makes it.
        manufacturer: ManufacturerId,
        /// What sort it is.
        category: CategoryId,
        /// Its name.
        name: String,
        /// Its maker's number for it.
        model_no: Option<String>,
        /// Whether it stores data that must be removed before it leaves.
        bears_data: bool,
        /// Whether each one has a serial number that must be recorded.
        requires_serial: bool,
        /// How long it is used, in months.
        useful_life_months: u16,
    },
}
