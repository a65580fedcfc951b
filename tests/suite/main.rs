//! The suites, one binary.

mod core;
mod reference_page;
