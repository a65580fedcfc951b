//! Windows: so many requests in a span of time that begins with the first of them.
//!
//! A bucket refills while it is used; a window does not, which is what "120 requests per 60 seconds" says. Where the one before it ends, the next
//! request begins another.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::time::{Clock, SECOND_MICROS};

use super::shared::Shared;
use super::store::Key;
use super::{Policy, RateReport, ceil_seconds};

/// The most keys that are remembered.
const ENTRIES_MAX: usize = 100_000;

/// How many requests a window takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Requests; at least 1.
    pub rate: u32,
    /// From the first of them on, in seconds; at least 1.
    pub period_seconds: u32,
}

impl Window {
    /// An installed app on `/public/v1`.
    pub const PUBLIC: Self = Self {
        rate: 120,
        period_seconds: 60,
    };

    pub(super) fn period_micros(self) -> i64 {
        i64::from(self.period_seconds.max(1)) * SECOND_MICROS
    }
}

/// A window that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun {
    /// When it ends, in microseconds.
    pub ends: i64,
    /// How many requests it took.
    pub taken: u32,
}

/// Decides on one request: the window that it belongs to, and whether it may pass.
fn decide(begun: Option<Begun>, now: i64, window: Window) -> (Begun, bool) {
    let fresh = Begun {
        ends: now + window.period_micros(),
        taken: 0,
    };
    let current = begun.filter(|begun| now < begun.ends).unwrap_or(fresh);
    let allowed = current.taken < window.rate.max(1);
    let taken = current.taken + u32::from(allowed);
    (Begun { taken, ..current }, allowed)
}

fn report(begun: Begun, allowed: bool, now: i64, window: Window) -> RateReport {
    let left = (begun.ends - now).max(0);
    let seconds = ceil_seconds(left);
    RateReport {
        policy: Policy::Window(window),
        remaining: window.rate.max(1).saturating_sub(begun.taken),
        reset_at: ceil_seconds(now + left),
        reset_in: seconds,
        retry_after: (!allowed).then(|| u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)),
    }
}

/// The windows of many keys, each with a size of its own.
pub struct Windows {
    clock: Arc<dyn Clock>,
    entries_max: usize,
    begun: Mutex<Known>,
    shared: Option<(&'static str, Arc<Shared>)>,
}

/// The windows, and the same in the order in which they end.
#[derive(Default)]
struct Known {
    windows: HashMap<Key, Begun>,
    order: BTreeSet<(i64, Key)>,
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Windows").finish_non_exhaustive()
    }
}

impl Windows {
    /// Windows of which none has begun.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            entries_max: ENTRIES_MAX,
            begun: Mutex::default(),
            shared: None,
        }
    }

    /// The same with their counts in a store that other nodes share, under this name.
    #[must_use]
    pub fn shared(mut self, name: &'static str, shared: Arc<Shared>) -> Self {
        self.shared = Some((name, shared));
        self
    }

    /// Counts one request of this key.
    pub async fn take(&self, key: Key, window: Window) -> RateReport {
        if let Some((name, shared)) = &self.shared
            && let Some(counted) = shared.count(name, key, window).await
        {
            // Should the store be gone for the next request, that goes on from here.
            let here = self.clock.now().micros();
            let ends = here + (counted.begun.ends - counted.now);
            let begun = Begun {
                ends,
                ..counted.begun
            };
            self.known().put(key, begun, self.entries_max);
            return report(counted.begun, counted.allowed, counted.now, window);
        }
        let now = self.clock.now().micros();
        let mut known = self.known();
        let before = known.windows.get(&key).copied();
        let (begun, allowed) = decide(before, now, window);
        known.put(key, begun, self.entries_max);
        report(begun, allowed, now, window)
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known().windows.len()
    }

    /// Whether no key is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Remembers a window. What ended longest ago is forgotten first: it gives away nothing.
    fn put(&mut self, key: Key, begun: Begun, entries_max: usize) {
        if let Some(before) = self.windows.insert(key, begun) {
            self.order.remove(&(before.ends, key));
        }
        self.order.insert((begun.ends, key));
        while self.windows.len() > entries_max {
            let Some((_, key)) = self.order.pop_first() else {
                return;
            };
            self.windows.remove(&key);
        }
    }
}

/// When a window was counted elsewhere: what the store said, on its clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub begun: Begun,
    pub allowed: bool,
    pub now: i64,
}

impl Counted {
    /// From the answer of the script: whether it may pass, how many were taken, the time, and the milliseconds to the end.
    pub fn of((allowed, taken, now, left_ms): (i64, i64, i64, i64)) -> Self {
        Self {
            begun: Begun {
                ends: now + left_ms.max(0) * 1_000,
                taken: u32::try_from(taken).unwrap_or(u32::MAX),
            },
            allowed: allowed == 1,
            now,
        }
    }
}

#[cfg(test)]
mod tests {
    use habeo_core::time::{SetClock, Timestamp};
    use poem::http::HeaderMap;

    use super::*;

    const START: i64 = 1_767_225_600;

    fn clock() -> Arc<SetClock> {
        Arc::new(SetClock::at(Timestamp::from_seconds(START)))
    }

    #[tokio::test]
    async fn a_hundred_and_twenty_from_the_first_on() {
        let clock = clock();
        let windows = Windows::new(clock.clone());
        let key = Key::new("org", "client/install");
        for taken in 1..=120 {
            let report = windows.take(key, Window::PUBLIC).await;
            assert_eq!(
                (report.retry_after(), report.remaining()),
                (None, 120 - taken)
            );
            clock.advance_micros(SECOND_MICROS / 4);
        }
        // Thirty seconds have passed: a bucket would have refilled by sixty.
        let refused = windows.take(key, Window::PUBLIC).await;
        assert_eq!(refused.retry_after(), Some(30));
        let mut headers = HeaderMap::new();
        refused.write(&mut headers);
        assert_eq!(headers["x-ratelimit-limit"], "120");
        assert_eq!(headers["x-ratelimit-remaining"], "0");
        assert_eq!(headers["x-ratelimit-reset"], (START + 60).to_string());
        assert_eq!(headers["ratelimit-policy"], "\"window\";q=120;w=60");
        assert_eq!(headers["ratelimit"], "\"window\";r=0;t=30");
        clock.advance_micros(30 * SECOND_MICROS - 1);
        assert_eq!(
            windows.take(key, Window::PUBLIC).await.retry_after(),
            Some(1)
        );
        clock.advance_micros(1);
        assert_eq!(windows.take(key, Window::PUBLIC).await.remaining(), 119);
    }

    #[tokio::test]
    async fn every_key_has_its_own_window_and_size() {
        let windows = Windows::new(clock());
        let (one, other) = (Key::new("org", "one"), Key::new("org", "other"));
        let small = Window {
            rate: 1,
            ..Window::PUBLIC
        };
        assert_eq!(windows.take(one, small).await.retry_after(), None);
        assert_eq!(windows.take(one, small).await.retry_after(), Some(60));
        assert_eq!(windows.take(other, small).await.retry_after(), None);
        assert_eq!(windows.take(one, Window::PUBLIC).await.remaining(), 118);
    }

    #[tokio::test]
    async fn what_ends_first_is_forgotten_first() {
        let mut windows = Windows::new(clock());
        windows.entries_max = 10;
        for i in 0..1_000 {
            windows
                .take(Key::new("org", &i.to_string()), Window::PUBLIC)
                .await;
        }
        assert_eq!(windows.len(), 10);
    }
}
