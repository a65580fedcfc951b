//! The suites, one binary.

mod core;
mod http;
mod reference_page;
