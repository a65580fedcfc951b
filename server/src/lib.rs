//! The `habeo` binary as a library: configuration, commands, and the wiring of every surface.
//!
//! This is the only crate that knows all others, and nothing below it reads the environment, the command line or the clock.

pub mod app;
pub mod cli;
pub mod config;
pub mod ends;
pub mod issuer;
pub mod listen;
pub mod node;
pub mod sandbox;
