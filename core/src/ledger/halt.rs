//! The stop: after a failed sync, a damaged disk or a ledger that contradicts itself nothing more is recorded by this process.
//!
//! There is no way back but a new process, which looks at everything anew when it starts. A failed sync is never tried again: the second
//! one may succeed and mean nothing.

use std::sync::OnceLock;

use tokio::sync::watch;

use crate::store::StoreError;

/// Whether recording has stopped, and why.
#[derive(Debug)]
pub(super) struct Halt {
    cause: OnceLock<String>,
    told: watch::Sender<bool>,
}

impl Default for Halt {
    fn default() -> Self {
        Self {
            cause: OnceLock::new(),
            told: watch::Sender::new(false),
        }
    }
}

impl Halt {
    /// Stops recording, for the first cause that is given.
    pub fn stop(&self, cause: String) {
        tracing::error!(%cause, "recording has stopped");
        if self.cause.set(cause).is_ok() {
            self.told.send_replace(true);
        }
    }

    /// Refuses where recording has stopped.
    pub fn check(&self) -> Result<(), StoreError> {
        match self.cause.get() {
            Some(_) => Err(StoreError::Stopped),
            None => Ok(()),
        }
    }

    /// Why it has stopped, if it has.
    pub fn cause(&self) -> Option<&str> {
        self.cause.get().map(String::as_str)
    }

    /// Waits until it stops.
    pub async fn stopped(&self) -> &str {
        let mut told = self.told.subscribe();
        // The sender lives as long as this does, so waiting ends in one way only.
        drop(told.wait_for(|stopped| *stopped).await);
        self.cause().unwrap_or_default()
    }
}
