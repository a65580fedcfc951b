//! The suites, one binary.

mod client;
mod core;
mod dependencies;
mod http;
mod reference_page;
