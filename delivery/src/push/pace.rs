//! How fast phones are sent to: evenly, below what the service permits, and not at all while it asks to be left alone.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Phones a second. The service takes twice as many for a project.
pub const RATE_DEFAULT: u32 = 300;

/// The pace of one node: its part of what the installation may send in a second.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u32,
    /// Among how many nodes it is divided, as far as is known.
    nodes: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When what was taken so far will have gone at the even pace; none before the first.
    even: Option<Instant>,
    /// Until when the service asked to be left alone.
    held: Option<Instant>,
}

impl Pace {
    /// So many phones a second, as many at once.
    pub fn new(rate: u32) -> Self {
        Self {
            rate: rate.max(1),
            nodes: AtomicU32::new(1),
            state: Mutex::default(),
        }
    }

    /// Divides it among so many nodes from now on.
    pub fn share(&self, nodes: u32) {
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
    }

    /// Waits until so many may be sent to.
    pub async fn take(&self, phones: usize) {
        let at = self.turn(phones, Instant::now());
        sleep_until(at).await;
    }

    /// How much longer the service wants to be left alone.
    pub fn held(&self) -> Option<Duration> {
        let now = Instant::now();
        let left = self.state().held?.checked_duration_since(now)?;
        (!left.is_zero()).then_some(left)
    }

    /// Leaves the service alone for so long.
    pub fn hold(&self, pause: Duration) {
        let until = Instant::now().checked_add(pause);
        let mut state = self.state();
        state.held = until.max(state.held);
    }

    /// When so many may go, who come now: what was taken before has to be far enough on its way that a second's worth is never exceeded.
    fn turn(&self, phones: usize, now: Instant) -> Instant {
        let second = Duration::from_secs(1);
        let phones = u32::try_from(phones).unwrap_or(u32::MAX);
        let rate = (self.rate / self.nodes.load(Ordering::Relaxed)).max(1);
        let takes = second.saturating_mul(phones) / rate;
        let mut state = self.state();
        let begins = state.even.map_or(now, |even| even.max(now));
        let done = begins + takes;
        state.even = Some(done);
        done.checked_sub(second).map_or(now, |at| at.max(now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn three_hundred_go_at_once_and_then_as_many_a_second() {
        let pace = Pace::new(300);
        let now = Instant::now();
        let turns: Vec<u64> = (0..7)
            .map(|_| {
                let wait = pace.turn(100, now) - now;
                u64::try_from(wait.as_millis()).expect("short")
            })
            .collect();
        assert_eq!(turns, [0, 0, 0, 333, 666, 999, 1_333]);
        let later = now + Duration::from_mins(1);
        assert_eq!(pace.turn(300, later), later, "rest is not saved up");
        assert_eq!(pace.turn(300, later), later + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn nodes_share_the_pace() {
        let pace = Pace::new(300);
        pace.share(3);
        let now = Instant::now();
        let waits: Vec<u64> = (0..3)
            .map(|_| (pace.turn(100, now) - now).as_secs())
            .collect();
        assert_eq!(waits, [0, 1, 2]);
        pace.share(0);
        let later = now + Duration::from_mins(1);
        assert_eq!(pace.turn(300, later), later, "alone again");
    }

    #[tokio::test]
    async fn the_longest_pause_counts() {
        let pace = Pace::new(1);
        assert_eq!(pace.held(), None);
        pace.hold(Duration::from_secs(50));
        pace.hold(Duration::from_secs(5));
        assert!(pace.held().is_some_and(|left| left.as_secs() > 40));
        pace.hold(Duration::MAX);
        assert!(pace.held().is_some());
    }
}
