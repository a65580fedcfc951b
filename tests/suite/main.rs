//! The suites, one binary.

mod cli;
mod client;
mod core;
mod data;
mod dependencies;
mod evidence;
mod http;
mod rates;
mod reference_page;
mod serving;
