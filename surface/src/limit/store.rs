//! Where the rate of every key is remembered: in memory, bounded, forgetting first what means nothing any more; and, where several nodes
//! are one service, in a store that they share, for which the memory stands in while it is gone.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use habeo_core::time::{Clock, Timestamp};
use sha2::{Digest, Sha256};

use super::shared::{Change, Shared};
use super::{Quota, RateReport, Verdict, decide};

/// The most keys that are remembered.
const ENTRIES_MAX: usize = 100_000;
const HALF_BYTES: usize = 16;

/// Whose rate it is. It starts with the organisation, so that one tenant's keys never meet another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; HALF_BYTES * 2]);

impl Key {
    /// The organisation's half and the principal's.
    pub(super) fn halves(&self) -> (&[u8], &[u8]) {
        self.0.split_at(HALF_BYTES)
    }

    /// The key of a principal within an organisation, both as texts of any length.
    #[must_use]
    pub fn new(org: &str, principal: &str) -> Self {
        let mut bytes = [0; HALF_BYTES * 2];
        let (first, second) = bytes.split_at_mut(HALF_BYTES);
        first.copy_from_slice(&Sha256::digest(org.as_bytes())[..HALF_BYTES]);
        second.copy_from_slice(&Sha256::digest(principal.as_bytes())[..HALF_BYTES]);
        Self(bytes)
    }
}

/// A limiter: one quota, many keys.
pub struct Limiter {
    quota: Quota,
    clock: Arc<dyn Clock>,
    entries_max: usize,
    buckets: Mutex<Buckets>,
    shared: Option<(&'static str, Arc<Shared>)>,
}

/// The states, and the same states in the order in which they become meaningless.
#[derive(Default)]
struct Buckets {
    tats: HashMap<Key, i64>,
    order: BTreeSet<(i64, Key)>,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    #[must_use]
    pub fn new(quota: Quota, clock: Arc<dyn Clock>) -> Self {
        Self {
            quota,
            clock,
            entries_max: ENTRIES_MAX,
            buckets: Mutex::default(),
            shared: None,
        }
    }

    /// The same limiter with its states in a store that other nodes share, under this name.
    #[must_use]
    pub fn shared(mut self, name: &'static str, shared: Arc<Shared>) -> Self {
        self.shared = Some((name, shared));
        self
    }

    /// Counts one request of this key.
    pub async fn take(&self, key: Key) -> RateReport {
        match self.ask(key, Change::Take).await {
            Some(report) => report,
            None => self.take_here(key),
        }
    }

    /// Whether one request of this key would pass, without counting it: for what is counted only once it has failed.
    pub async fn look(&self, key: Key) -> RateReport {
        match self.ask(key, Change::Look).await {
            Some(report) => report,
            None => self.look_here(key),
        }
    }

    /// Takes back what one allowed request of this key cost, for answers that are free.
    pub async fn refund(&self, key: Key) -> RateReport {
        match self.ask(key, Change::Refund).await {
            Some(report) => report,
            None => self.refund_here(key),
        }
    }

    /// Asks the shared store, if there is one and it answers. What it says is remembered here as well: should it be gone for the next
    /// request, that goes on from where this one left off.
    async fn ask(&self, key: Key, change: Change) -> Option<RateReport> {
        let (name, shared) = self.shared.as_ref()?;
        let state = shared.change(name, key, self.quota, change).await?;
        let verdict = Verdict::of(state.allowed, state.tat, state.now, self.quota);
        let here = self.clock.now().micros() + (state.tat - state.now);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = buckets.tats.get(&key).copied();
        buckets.put(key, before, here);
        buckets.shrink(self.entries_max);
        let now = Timestamp::from_micros(state.now);
        Some(RateReport::new(verdict, now, self.quota))
    }

    fn take_here(&self, key: Key) -> RateReport {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let tat = buckets.tats.get(&key).copied();
        let verdict = decide(tat.unwrap_or(now.micros()), now.micros(), self.quota);
        buckets.put(key, tat, verdict.tat);
        buckets.shrink(self.entries_max);
        RateReport::new(verdict, now, self.quota)
    }

    fn look_here(&self, key: Key) -> RateReport {
        let now = self.clock.now();
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let tat = buckets.tats.get(&key).copied().unwrap_or(now.micros());
        let would_be = decide(tat, now.micros(), self.quota);
        let verdict = Verdict::of(would_be.allowed, tat, now.micros(), self.quota);
        RateReport::new(verdict, now, self.quota)
    }

    fn refund_here(&self, key: Key) -> RateReport {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let before = buckets.tats.get(&key).copied();
        let tat = before.map_or(now.micros(), |tat| tat - self.quota.cost_micros());
        if before.is_some() {
            buckets.put(key, before, tat);
        }
        self.report(tat, now)
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.tats.len()
    }

    /// Whether no key is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn report(&self, tat: i64, now: Timestamp) -> RateReport {
        let verdict = Verdict::of(true, tat, now.micros(), self.quota);
        RateReport::new(verdict, now, self.quota)
    }
}

impl Buckets {
    fn put(&mut self, key: Key, before: Option<i64>, tat: i64) {
        if let Some(before) = before {
            self.order.remove(&(before, key));
        }
        self.order.insert((tat, key));
        self.tats.insert(key, tat);
    }

    /// The smallest time belongs to the bucket that has been full for longest, or to the one that is nearest to being full:
    /// forgetting it gives away the least.
    fn shrink(&mut self, entries_max: usize) {
        while self.tats.len() > entries_max {
            let Some((_, key)) = self.order.pop_first() else {
                return;
            };
            self.tats.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeo_core::time::{SECOND_MICROS, SetClock};

    fn limiter(clock: &Arc<SetClock>) -> Limiter {
        Limiter::new(Quota::API_SESSION, clock.clone())
    }

    fn clock() -> Arc<SetClock> {
        Arc::new(SetClock::at(Timestamp::from_seconds(1_767_225_600)))
    }

    #[tokio::test]
    async fn every_key_has_its_own_rate() {
        let clock = clock();
        let limiter = limiter(&clock);
        let (ours, theirs) = (Key::new("org_1", "sess_1"), Key::new("org_2", "sess_1"));
        for _ in 0..200 {
            assert_eq!(limiter.take(ours).await.retry_after(), None);
        }
        assert_eq!(limiter.take(ours).await.retry_after(), Some(1));
        assert_eq!(limiter.take(theirs).await.remaining(), 99);
        clock.advance_micros(60 * SECOND_MICROS);
        assert_eq!(limiter.take(ours).await.retry_after(), None);
    }

    #[tokio::test]
    async fn what_is_full_for_longest_is_forgotten_first() {
        let clock = clock();
        let mut limiter = limiter(&clock);
        limiter.entries_max = 10;
        let busy = Key::new("org", "busy");
        for _ in 0..200 {
            limiter.take(busy).await;
        }
        for i in 0..1_000 {
            limiter.take(Key::new("org", &format!("passing {i}"))).await;
        }
        assert_eq!(limiter.len(), 10);
        assert!(
            limiter.take(busy).await.retry_after().is_some(),
            "still known"
        );
    }

    #[tokio::test]
    async fn looking_counts_nothing() {
        let clock = clock();
        let limiter = limiter(&clock);
        let key = Key::new("org", "sess");
        for _ in 0..1_000 {
            assert_eq!(limiter.look(key).await.retry_after(), None);
        }
        assert!(limiter.is_empty());
        for _ in 0..200 {
            limiter.take(key).await;
        }
        assert_eq!(limiter.look(key).await.retry_after(), Some(1));
        clock.advance_micros(SECOND_MICROS);
        assert_eq!(limiter.look(key).await.retry_after(), None);
    }

    #[tokio::test]
    async fn a_refund_gives_back_one_request() {
        let clock = clock();
        let limiter = limiter(&clock);
        let key = Key::new("org", "sess");
        assert_eq!(limiter.take(key).await.remaining(), 99);
        assert_eq!(limiter.refund(key).await.remaining(), 100);
        assert_eq!(limiter.take(key).await.remaining(), 99);
    }
}
