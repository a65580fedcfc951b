//! The catalogue: makers, categories and product models.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;
