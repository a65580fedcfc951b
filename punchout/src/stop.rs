//! Whether anybody waits for what is read yet: whoever takes a document apart asks from time to time, because nobody can end a thread from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Says that nobody waits any more. The default says never.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// While this is held, somebody waits.
#[derive(Debug)]
pub(crate) struct Waiting(Stop);

impl Stop {
    /// A sign, and what gives it when it is dropped.
    pub(crate) fn while_awaited() -> (Self, Waiting) {
        let stop = Self::default();
        (stop.clone(), Waiting(stop))
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_when_nobody_waits() {
        let (stop, waiting) = Stop::while_awaited();
        assert!(!stop.is_given());
        drop(waiting);
        assert!(stop.is_given());
        assert!(!Stop::default().is_given());
    }
}
