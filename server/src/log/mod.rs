//! What the process writes about itself: lines for people on a terminal, lines for machines elsewhere.

mod bounded;
mod json;
mod text;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use habeo_core::time::SystemClock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::fmt;

use crate::config::{Log, LogFormat};

/// Begins to write, to standard error: standard output belongs to what a command answers.
pub fn begin(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let on_terminal = io::stderr().is_terminal();
    let lines = fmt()
        .with_env_filter(filter)
        .with_ansi(on_terminal)
        .with_writer(io::stderr);
    let for_people = match log.format {
        LogFormat::Auto => on_terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // A second beginning, in a test, changes nothing.
    drop(if for_people {
        lines.fmt_fields(text::Fields).try_init()
    } else {
        lines
            .event_format(json::Lines::new(Arc::new(SystemClock)))
            .try_init()
    });
}
