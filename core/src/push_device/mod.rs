//! Phones that receive notifications. Their tokens are credentials: sealed at rest, never shown again.
//!
//! What the push service takes it names with a ticket, and says later what became of it: [`ticket`]. Whoever serves phones of a kind that the
//! service refuses for the installation as a whole is not asked for a while: [`stop`], on the word of several: [`evidence`].

pub mod command;
pub mod event;
pub mod evidence;
pub(crate) mod project;
pub mod stop;
pub mod store;
pub mod ticket;

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
