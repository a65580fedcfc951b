//! How far the server is on its way out. Everybody who has to do with it holds a handle to the same.

use std::time::Duration;

use tokio::sync::watch;

/// How long requests in flight may take once nothing new is accepted.
pub const FINISH_TIMEOUT: Duration = Duration::from_secs(10);
/// How long connections are still accepted after the process was asked to stop, at most: whoever balances load needs to see that it is not ready.
pub const STOP_DELAY_MAX: Duration = Duration::from_secs(2);
/// How long what is left may take to end, and the database to be closed: twice this, with the times above, is below 20 s.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Everything is served.
    Serving,
    /// Readiness is red; everything is still served, and answers announce that their connection ends.
    Leaving,
    /// Nothing new is accepted; what is in flight is finished, and silent connections end.
    Closing,
    /// Whatever is left ends at once.
    Ended,
}

/// The present step.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<Phase>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Stop {
    /// The present step.
    #[must_use]
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Goes on to a step. There is no way back.
    pub fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let further = *phase < to;
            if further {
                *phase = to;
            }
            further
        });
    }

    /// Waits for a step, or a later one, and says which it is.
    pub async fn reached(&self, phase: Phase) -> Phase {
        let mut steps = self.0.subscribe();
        match steps.wait_for(|present| *present >= phase).await {
            Ok(present) => *present,
            // Unreachable while `self` lives, which sends.
            Err(_) => Phase::Ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_is_no_way_back() {
        let stop = Stop::default();
        let other = stop.clone();
        other.advance(Phase::Closing);
        other.advance(Phase::Leaving);
        assert_eq!(stop.phase(), Phase::Closing);
        assert_eq!(stop.reached(Phase::Leaving).await, Phase::Closing);
    }
}
