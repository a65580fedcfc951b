//! One endpoint as it is seen from here: how many requests its receiver bears at once, and when none. Pure.

use std::time::Duration;

use habeo_core::endpoint::Limits;
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
    /// How many requests its receiver bears at once.
    allowed: usize,
    /// The most that its owner allows, this process's part of it.
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

/// Which part of what an endpoint's owner allows is a process's, where several deliver: they divide it, so that none has to ask another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// How many of them come before this one.
    pub rank: u32,
    /// How many there are.
    pub of: u32,
}

impl Default for Part {
    fn default() -> Self {
        Self { rank: 0, of: 1 }
    }
}

impl Part {
    /// This one's part of a number; all of them together have exactly that number, so that one may have none.
    fn of_whole(self, number: u32) -> usize {
        let upto = |rank: u32| u64::from(number) * u64::from(rank) / u64::from(self.of.max(1));
        usize::try_from(upto(self.rank + 1) - upto(self.rank)).unwrap_or(usize::MAX)
    }
}

/// At most so many a second: a bucket of one second's worth.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    /// What its owner chose, and how many processes divide it.
    chosen: (u32, u32),
    tokens: f64,
    at: Instant,
}

impl Rate {
    fn per_second(&self) -> f64 {
        let (per_second, of) = self.chosen;
        f64::from(per_second) / f64::from(of.max(1))
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let most = self.per_second();
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
    pub fn choose(&mut self, limits: Limits, part: Part, now: Instant) {
        self.ceiling = limits.at_once.map_or(AT_ONCE_MAX, |most| {
            part.of_whole(most.max(1)).min(AT_ONCE_MAX)
        });
        let chosen = limits.per_second.map(|per_second| (per_second, part.of));
        if self.rate.map(|rate| rate.chosen) != chosen {
            self.rate = chosen.map(|chosen| Rate {
                chosen,
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
                .then(|| Duration::from_secs_f64((1.0 - rate.tokens) / rate.per_second()))
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
                    self.allowed = more.min(AT_ONCE_MAX);
                } else if took > SLOW {
                    self.allowed = (self.allowed / 2).max(AT_ONCE_FIRST);
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
            (self.allowed / 2).max(AT_ONCE_FIRST)
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
        let limits = Limits {
            per_second: Some(2),
            at_once: Some(3),
        };
        outlet.choose(limits, Part::default(), now);
        assert_eq!(taken(&mut outlet, now), 1);
        let later = now + Duration::from_secs(10);
        assert_eq!(taken(&mut outlet, later), 2);
        outlet.in_flight = 0;
        assert_eq!(taken(&mut outlet, later), 0);
        assert_eq!(outlet.rests(later), Some(Duration::from_millis(500)));
        let limits = Limits {
            per_second: None,
            ..limits
        };
        outlet.choose(limits, Part::default(), later);
        assert_eq!(taken(&mut outlet, later), 3);
    }

    /// However many processes there are, all of them together have what the owner chose: not more, and not less.
    #[tokio::test]
    async fn processes_divide_what_its_owner_chose() {
        let now = Instant::now();
        let later = now + Duration::from_secs(100);
        for of in 1..8 {
            for at_once in [1, 2, 3, 7, 64, 256] {
                let mut all = 0;
                for rank in 0..of {
                    let mut outlet = Outlet::new(now);
                    let limits = Limits {
                        per_second: None,
                        at_once: Some(at_once),
                    };
                    for _ in 0..1_000 {
                        outlet.learn(Went::Well(Duration::ZERO), now);
                    }
                    outlet.choose(limits, Part { rank, of }, now);
                    all += taken(&mut outlet, later);
                }
                assert_eq!(all, usize::try_from(at_once).unwrap_or(0), "{of}");
            }
        }
        // A part that was none may become something again, whatever went wrong meanwhile.
        let mut outlet = Outlet::new(now);
        let limits = Limits {
            per_second: Some(4),
            at_once: Some(1),
        };
        outlet.choose(limits, Part { rank: 0, of: 2 }, now);
        outlet.learn(Went::Badly, now);
        assert_eq!(taken(&mut outlet, later), 0);
        outlet.choose(limits, Part::default(), later);
        assert_eq!(taken(&mut outlet, later), 1);
        // Four a second by two is two a second for each.
        outlet.in_flight = 0;
        outlet.choose(limits, Part { rank: 1, of: 2 }, later);
        assert_eq!(taken(&mut outlet, later), 1);
        assert_eq!(outlet.rests(later), Some(Duration::from_millis(500)));
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
