//! x
pub mod browser;
