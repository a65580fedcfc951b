//! The `habeo` binary as a library: configuration, commands, and the wiring of every surface.
//!
//! This is the only crate that knows all others, and nothing below it reads the environment, the command line or the clock.

pub mod app;
pub mod backup;
pub mod chat;
pub mod checkpoints;
pub mod cli;
pub mod config;
pub mod ends;
pub mod figures;
pub mod import;
pub mod issuer;
pub mod keys;
pub mod listen;
mod log;
pub mod marketplace;
pub mod node;
pub mod purchases;
pub mod ready;
pub mod reports;
pub mod sandbox;
mod signal;
pub mod stop;
