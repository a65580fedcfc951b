//! One endpoint as it is seen from here: how many requests its receiver bears at once, and when none. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// How many requests are under way at most, before anything is known.
pub(crate) const AT_ONCE_FIRST: usize = 10;
/// How many ever are.
pub(crate) const AT_ONCE_MAX: usize = 256;
/// After how many failures in a row only one at a time is tried.
const FAILURES_MAX: u32 = 5;
/// What is quick enough to bear more.
const QUICK: Duration = Duration::from_secs(1);
/// What is too slow to bear as many.
const SLOW: Duration = Duration::from_secs(3);

/// How a request went, as far as the next ones are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    /// It was accepted, after so long.
    Well(Duration),
    /// It was not.
    Badly,
    /// The receiver asks for fewer, and for a while none.
    TooMany(Duration),
}

/// What is known of one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    /// How many requests may be under way at once.
    allowed: usize,
    /// The most that its owner allows.
    ceiling: usize,
    /// How many are.
    pub in_flight: usize,
    failures: u32,
    /// Before when none is begun.
    resting_until: Option<Instant>,
    rate: Option<Rate>,
    /// Whether something waits in the database for a place.
    pub more: bool,
    /// When it was last used.
    pub used_at: Instant,
}

/// At most so many a second: a bucket of one second's worth.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    per_second: u32,
    tokens: f64,
    at: Instant,
}

impl Rate {
    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let most = f64::from(self.per_second);
        self.tokens = most.mul_add(passed, self.tokens).min(most.max(1.0));
        self.at = now;
    }
}

impl Outlet {
    pub fn new(now: Instant) -> Self {
        Self {
            allowed: AT_ONCE_FIRST,
            ceiling: AT_ONCE_MAX,
            in_flight: 0,
            failures: 0,
            resting_until: None,
            rate: None,
            more: false,
            used_at: now,
        }
    }

    /// What its owner chose.
    pub fn choose(&mut self, per_second: Option<u32>, at_once: Option<u32>, now: Instant) {
        self.ceiling = at_once
            .and_then(|most| usize::try_from(most).ok())
            .map_or(AT_ONCE_MAX, |most| most.clamp(1, AT_ONCE_MAX));
        self.allowed = self.allowed.min(self.ceiling);
        if self.rate.map(|rate| rate.per_second) != per_second {
            self.rate = per_second.map(|per_second| Rate {
                per_second,
                tokens: 1.0,
                at: now,
            });
        }
    }

    /// Takes a place, if one is free at this moment.
    pub fn take(&mut self, now: Instant) -> bool {
        self.used_at = now;
        let resting = self.resting_until.is_some_and(|until| now < until);
        if resting || self.in_flight >= self.allowed.min(self.ceiling) {
            return false;
        }
        if let Some(rate) = &mut self.rate {
            rate.fill(now);
            if rate.tokens < 1.0 {
                return false;
            }
            rate.tokens -= 1.0;
        }
        self.in_flight += 1;
        true
    }

    /// How long until a place may be free that is not free because of time.
    pub fn rests(&self, now: Instant) -> Option<Duration> {
        let resting = self
            .resting_until
            .map(|until| until.saturating_duration_since(now))
            .filter(|rest| !rest.is_zero());
        let filling = self.rate.and_then(|mut rate| {
            rate.fill(now);
            (rate.tokens < 1.0)
                .then(|| Duration::from_secs_f64((1.0 - rate.tokens) / f64::from(rate.per_second)))
        });
        resting.max(filling)
    }

    /// Learns from how a request went.
    pub fn learn(&mut self, went: Went, now: Instant) {
        match went {
            Went::Well(took) => {
                self.failures = 0;
                self.resting_until = None;
                if took < QUICK {
                    let more = if self.allowed < AT_ONCE_FIRST {
                        self.allowed * 2
                    } else {
                        self.allowed + 1
                    };
                    self.allowed = more.min(self.ceiling);
                } else if took > SLOW {
                    self.allowed = (self.allowed / 2).max(AT_ONCE_FIRST.min(self.ceiling));
                }
            }
            Went::Badly => self.fail(),
            Went::TooMany(rest) => {
                self.fail();
                self.resting_until = Some(now + rest);
            }
        }
    }

    fn fail(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.allowed = if self.failures >= FAILURES_MAX {
            1
        } else {
            (self.allowed / 2)
                .max(AT_ONCE_FIRST.min(self.ceiling))
                .min(self.ceiling)
        };
    }

    /// Whether nothing would be lost by forgetting it.
    pub fn is_plain(&self) -> bool {
        self.in_flight == 0 && !self.more && self.failures == 0 && self.resting_until.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(outlet: &mut Outlet, now: Instant) -> usize {
        let before = outlet.in_flight;
        while outlet.take(now) {}
        outlet.in_flight - before
    }

    #[tokio::test]
    async fn a_quick_receiver_is_given_more_and_a_failing_one_a_probe() {
        let now = Instant::now();
        let mut outlet = Outlet::new(now);
        assert_eq!(taken(&mut outlet, now), AT_ONCE_FIRST);
        for _ in 0..1_000 {
            outlet.learn(Went::Well(Duration::from_millis(3)), now);
        }
        assert_eq!(taken(&mut outlet, now), AT_ONCE_MAX - AT_ONCE_FIRST);
        outlet.in_flight = 0;
        for _ in 0..FAILURES_MAX {
            outlet.learn(Went::Badly, now);
        }
        assert_eq!(taken(&mut outlet, now), 1);
        outlet.in_flight = 0;
        for expected in [2, 4, 8, 16, 17] {
            outlet.learn(Went::Well(Duration::ZERO), now);
            assert_eq!(taken(&mut outlet, now), expected);
            outlet.in_flight = 0;
        }
    }

    #[tokio::test]
    async fn what_its_owner_chose_is_kept() {
        let now = Instant::now();
        let mut outlet = Outlet::new(now);
        outlet.choose(Some(2), Some(3), now);
        assert_eq!(taken(&mut outlet, now), 1);
        let later = now + Duration::from_secs(10);
        assert_eq!(taken(&mut outlet, later), 2);
        outlet.in_flight = 0;
        assert_eq!(taken(&mut outlet, later), 0);
        assert_eq!(outlet.rests(later), Some(Duration::from_millis(500)));
        outlet.choose(None, Some(3), later);
        assert_eq!(taken(&mut outlet, later), 3);
    }

    #[tokio::test]
    async fn who_asks_for_a_rest_has_one() {
        let now = Instant::now();
        let mut outlet = Outlet::new(now);
        outlet.learn(Went::TooMany(Duration::from_secs(7)), now);
        assert_eq!(taken(&mut outlet, now), 0);
        assert_eq!(outlet.rests(now), Some(Duration::from_secs(7)));
        assert!(taken(&mut outlet, now + Duration::from_secs(7)) > 0);
    }
}
