//! The suites, one binary.

mod cli;
mod client;
mod connections;
mod console;
mod core;
mod data;
mod delivery;
mod dependencies;
mod engine;
mod evidence;
mod http;
mod manifests;
mod market;
mod order;
mod punchout;
mod push;
mod rates;
mod reference_page;
mod reports;
pub(crate) mod requisition;
mod serving;
mod simulator;
mod slack;
mod teams;
mod webhooks;
