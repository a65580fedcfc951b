//! Integrations: which workspaces Habeo answers in, how each fares, and connecting and disconnecting them.

pub(super) mod connect;
pub(super) mod digests;
pub(super) mod list;
pub(super) mod manifest;
pub(super) mod show;

use habeo_core::install::{Install, Status};

/// The state of an installation as pages show it: the word, and how serious it is.
pub(super) const fn state(install: &Install) -> (&'static str, &'static str) {
    match install.status {
        Status::Live if install.health.last_error.is_some() => ("Connected, with errors", "warn"),
        Status::Live => ("Connected", "good"),
        Status::Pending => ("Waiting for proof", "warn"),
        Status::NeedsReinstall => ("Connect again", "bad"),
        Status::Ended => ("Disconnected", "bad"),
    }
}
