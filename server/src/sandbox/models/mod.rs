//! Categories, makers and products as tables, one row to a line. Prices are what a university might pay, in whole US dollars.

mod categories;
mod makers;
mod products;

pub use categories::CATEGORIES;
pub use makers::MAKERS;
pub use products::MODELS;
