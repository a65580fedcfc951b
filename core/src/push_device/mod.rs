//! Phones that receive notifications. Their tokens are credentials: sealed at rest, never shown again.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;

use crate::closed_set::closed_set;

/// The most phones of one person.
pub const DEVICES_MAX: usize = 20;

closed_set! {
    /// What system the phone runs.
    Platform {
        /// Apple's.
        Ios = "ios",
        /// Google's.
        Android = "android",
    }
}
