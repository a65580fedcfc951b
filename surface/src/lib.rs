//! x
pub mod openapi;
pub mod reference;
