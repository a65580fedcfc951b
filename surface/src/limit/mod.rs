//! Rate limits: the arithmetic as a pure function, and what the headers say about it.
//!
//! The state of a key is one number, the theoretical arrival time of its next request if requests came evenly (GCRA). The bucket
//! that a reader of the documentation knows holds `rate` tokens; `burst - rate` more are slack, so that a client which stops at
//! "0 remaining" never meets a refusal.

mod shared;
mod store;
mod window;

use habeo_core::time::{SECOND_MICROS, Timestamp};
use poem::http::{HeaderMap, HeaderName, HeaderValue};

pub use shared::{Shared, SharedError};
pub use store::{Key, Limiter};
pub use window::{Window, Windows};

/// How much is allowed: `rate` per period in the long run, `burst` in one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests per period; at least 1.
    pub rate: u32,
    /// The period in seconds; at least 1.
    pub period_seconds: u32,
    /// Requests in one instant; at least `rate`.
    pub burst: u32,
}

impl Quota {
    /// A session on `/api/v1`.
    pub const API_SESSION: Self = Self {
        rate: 100,
        period_seconds: 60,
        burst: 200,
    };
    /// Failed authentications of one client address.
    pub const FAILED_AUTHENTICATION: Self = Self {
        rate: 30,
        period_seconds: 60,
        burst: 30,
    };
    /// Letters of one connection that prove themselves, on each node: a term begins with tens of thousands of devices that report at once.
    pub const CONNECTION: Self = Self {
        rate: 1_500,
        period_seconds: 1,
        burst: 50_000,
    };

    /// What one request costs, in microseconds.
    #[must_use]
    pub fn cost_micros(self) -> i64 {
        i64::from(self.period_seconds.max(1)) * SECOND_MICROS / i64::from(self.rate.max(1))
    }

    fn capacity_micros(self) -> i64 {
        self.cost_micros() * i64::from(self.burst)
    }
}

/// The outcome of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may pass.
    pub allowed: bool,
    /// The state to keep; unchanged by a refusal.
    pub tat: i64,
    /// How many more requests would pass in this instant.
    pub tokens: u32,
    /// How long a refused caller has to wait, in microseconds.
    pub retry_after_micros: i64,
}

/// Decides on one request. All times are microseconds since the epoch; a key without a state has `tat` = `now`.
#[must_use]
pub fn decide(tat: i64, now: i64, quota: Quota) -> Verdict {
    let (cost, capacity) = (quota.cost_micros(), quota.capacity_micros());
    let base = tat.max(now);
    let allowed = base + cost - now <= capacity;
    let tat = if allowed { base + cost } else { base };
    Verdict::of(allowed, tat, now, quota)
}

impl Verdict {
    /// What a decision made elsewhere, in a store that several nodes share, comes to.
    fn of(allowed: bool, tat: i64, now: i64, quota: Quota) -> Self {
        let (cost, capacity) = (quota.cost_micros(), quota.capacity_micros());
        Self {
            allowed,
            tat,
            tokens: tokens(tat, now, quota),
            retry_after_micros: if allowed {
                0
            } else {
                tat.max(now) + cost - capacity - now
            },
        }
    }
}

fn tokens(tat: i64, now: i64, quota: Quota) -> u32 {
    let free = quota.capacity_micros() - (tat - now).max(0);
    u32::try_from(free / quota.cost_micros()).unwrap_or(0)
}

/// What is allowed, as the headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Bucket(Quota),
    Window(Window),
}

/// What the headers of one answer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateReport {
    policy: Policy,
    remaining: u32,
    reset_at: i64,
    reset_in: i64,
    retry_after: Option<u32>,
}

impl RateReport {
    /// Describes an outcome.
    #[must_use]
    pub fn new(verdict: Verdict, now: Timestamp, quota: Quota) -> Self {
        let slack = quota.burst.saturating_sub(quota.rate);
        let full_in = (verdict.tat - now.micros()).max(0);
        Self {
            policy: Policy::Bucket(quota),
            remaining: verdict.tokens.saturating_sub(slack),
            reset_at: ceil_seconds(now.micros() + full_in),
            reset_in: ceil_seconds(full_in),
            retry_after: (!verdict.allowed).then(|| {
                u32::try_from(ceil_seconds(verdict.retry_after_micros).max(1)).unwrap_or(u32::MAX)
            }),
        }
    }

    /// When a refused caller may come back, in seconds.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// How many requests the headers promise.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.remaining
    }

    /// Writes both families of headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        let (name, rate, policy) = match self.policy {
            Policy::Bucket(Quota {
                rate,
                period_seconds,
                burst,
            }) => (
                "sustained",
                rate,
                format!("\"sustained\";q={rate};w={period_seconds}, \"burst\";q={burst}"),
            ),
            Policy::Window(Window {
                rate,
                period_seconds,
            }) => (
                "window",
                rate,
                format!("\"window\";q={rate};w={period_seconds}"),
            ),
        };
        let mut put = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("x-ratelimit-limit", rate.to_string());
        put("x-ratelimit-remaining", self.remaining.to_string());
        put("x-ratelimit-reset", self.reset_at.to_string());
        put("ratelimit-policy", policy);
        put(
            "ratelimit",
            format!("\"{name}\";r={};t={}", self.remaining, self.reset_in),
        );
    }
}

fn ceil_seconds(micros: i64) -> i64 {
    -(-micros).div_euclid(SECOND_MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_767_225_600 * SECOND_MICROS;

    fn run(tat: &mut i64, now: i64) -> Verdict {
        let verdict = decide(*tat, now, Quota::API_SESSION);
        *tat = verdict.tat;
        verdict
    }

    #[test]
    fn two_hundred_in_an_instant_then_a_hundred_a_minute() {
        let mut tat = NOW;
        assert!((0..200).all(|_| run(&mut tat, NOW).allowed));
        let refused = run(&mut tat, NOW);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after_micros, 600_000);
        let next = NOW + 60 * SECOND_MICROS;
        assert_eq!(
            (0..300).filter(|_| run(&mut tat, next).allowed).count(),
            100
        );
    }

    #[test]
    fn headers_never_promise_more_than_the_limit() {
        let cases = [
            (1, 99, 1), // one used: 199 tokens, of which 99 are above the slack
            (50, 50, 30),
            (100, 0, 60),
            (150, 0, 90),
            (200, 0, 120),
        ];
        for (used, remaining, reset_in) in cases {
            let mut tat = NOW;
            let mut last = decide(tat, NOW, Quota::API_SESSION);
            for _ in 0..used {
                last = run(&mut tat, NOW);
            }
            let report = RateReport::new(last, Timestamp::from_micros(NOW), Quota::API_SESSION);
            let mut headers = HeaderMap::new();
            report.write(&mut headers);
            assert_eq!(headers["x-ratelimit-limit"], "100");
            assert_eq!(headers["x-ratelimit-remaining"], remaining.to_string());
            let reset_at = NOW / SECOND_MICROS + reset_in;
            assert_eq!(headers["x-ratelimit-reset"], reset_at.to_string());
            assert_eq!(
                headers["ratelimit-policy"],
                "\"sustained\";q=100;w=60, \"burst\";q=200"
            );
            assert_eq!(
                headers["ratelimit"],
                format!("\"sustained\";r={remaining};t={reset_in}")
            );
        }
    }

    #[test]
    fn waiting_is_rounded_up_to_seconds() {
        let mut tat = NOW;
        while run(&mut tat, NOW).allowed {}
        let refused = run(&mut tat, NOW);
        let report = RateReport::new(refused, Timestamp::from_micros(NOW), Quota::API_SESSION);
        assert_eq!(report.retry_after(), Some(1));
        assert_eq!(ceil_seconds(0), 0);
        assert_eq!(ceil_seconds(1), 1);
        assert_eq!(ceil_seconds(SECOND_MICROS), 1);
    }

    /// An independent spelling of the same promise: a bucket of whole tokens refilled one at a time, counted as a leaking queue of
    /// the requests that were let in.
    struct Naive {
        level_micros: i64,
        seen: i64,
    }

    impl Naive {
        fn take(&mut self, now: i64, quota: Quota) -> bool {
            self.level_micros = (self.level_micros - (now - self.seen)).max(0);
            self.seen = now;
            let cost = i64::from(quota.period_seconds) * SECOND_MICROS / i64::from(quota.rate);
            if self.level_micros + cost > cost * i64::from(quota.burst) {
                return false;
            }
            self.level_micros += cost;
            true
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_leaking_bucket(
            gaps in proptest::collection::vec(0_i64..2_000_000, 1..400),
            rate in 1_u32..200,
            extra in 0_u32..50,
        ) {
            let quota = Quota { rate, period_seconds: 60, burst: rate + extra };
            let (mut tat, mut now) = (NOW, NOW);
            let mut naive = Naive { level_micros: 0, seen: NOW };
            for gap in gaps {
                now += gap;
                let verdict = decide(tat, now, quota);
                prop_assert_eq!(verdict.allowed, naive.take(now, quota));
                prop_assert!(verdict.tokens <= quota.burst);
                // Coming back when told is always early enough, and a microsecond sooner never is.
                if !verdict.allowed {
                    let back = now + verdict.retry_after_micros;
                    prop_assert!(decide(verdict.tat, back, quota).allowed);
                    prop_assert!(!decide(verdict.tat, back - 1, quota).allowed);
                }
                tat = verdict.tat;
            }
        }
    }
}
