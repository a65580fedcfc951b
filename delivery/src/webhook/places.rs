//! Who has how many of a process's places.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use habeo_core::id::{EndpointId, OrgId};
use tokio::time::Instant;

use super::outlet::{Outlet, Went};

/// How many endpoints are remembered without need.
const OUTLETS_MAX: usize = 10_000;
/// How long one is remembered without need.
const IDLE: Duration = Duration::from_mins(10);

/// The places of a process.
#[derive(Debug)]
pub(crate) struct Places {
    all_max: usize,
    of_org_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    closed: bool,
    all: usize,
    of_org: HashMap<OrgId, usize>,
    outlets: HashMap<EndpointId, Outlet>,
}

impl Places {
    pub fn new(all_max: usize, of_org_max: usize) -> Self {
        Self {
            all_max: all_max.max(1),
            of_org_max: of_org_max.max(1),
            taken: Mutex::default(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing more begin.
    pub fn close(&self) {
        self.taken().closed = true;
    }

    /// Takes a place, if one is free at this moment. Where none is, whatever waits is remembered to be waiting.
    pub fn take(&self, org: OrgId, endpoint: EndpointId, now: Instant) -> bool {
        let mut taken = self.taken();
        if taken.closed {
            return false;
        }
        let free = taken.all < self.all_max
            && taken.of_org.get(&org).copied().unwrap_or(0) < self.of_org_max;
        let outlet = taken
            .outlets
            .entry(endpoint)
            .or_insert_with(|| Outlet::new(now));
        if !free || !outlet.take(now) {
            outlet.more = true;
            return false;
        }
        taken.all += 1;
        *taken.of_org.entry(org).or_default() += 1;
        true
    }

    /// Gives a place back. Whether something waits for it.
    pub fn give_back(&self, org: OrgId, endpoint: EndpointId) -> bool {
        let mut taken = self.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(of_org) = taken.of_org.get_mut(&org) {
            *of_org = of_org.saturating_sub(1);
            if *of_org == 0 {
                taken.of_org.remove(&org);
            }
        }
        let Some(outlet) = taken.outlets.get_mut(&endpoint) else {
            return false;
        };
        outlet.in_flight = outlet.in_flight.saturating_sub(1);
        outlet.more
    }

    /// Says whether more waits for an endpoint than there were places for.
    pub fn set_more(&self, endpoint: EndpointId, more: bool) {
        if let Some(outlet) = self.taken().outlets.get_mut(&endpoint) {
            outlet.more = more;
        }
    }

    /// What an endpoint's owner chose.
    pub fn choose(&self, endpoint: EndpointId, per_second: Option<u32>, at_once: Option<u32>) {
        let now = Instant::now();
        let mut taken = self.taken();
        let outlet = taken
            .outlets
            .entry(endpoint)
            .or_insert_with(|| Outlet::new(now));
        outlet.choose(per_second, at_once, now);
    }

    /// Learns from how a request went.
    pub fn learn(&self, endpoint: EndpointId, went: Went) {
        let now = Instant::now();
        let mut taken = self.taken();
        if let Some(outlet) = taken.outlets.get_mut(&endpoint) {
            outlet.learn(went, now);
        }
        if taken.outlets.len() > OUTLETS_MAX {
            let old = |outlet: &Outlet| now.saturating_duration_since(outlet.used_at) > IDLE;
            taken
                .outlets
                .retain(|_, outlet| !(outlet.is_plain() && old(outlet)));
        }
    }

    /// How long until an endpoint that is resting may be asked again.
    pub fn rests(&self, endpoint: EndpointId, now: Instant) -> Option<Duration> {
        self.taken().outlets.get(&endpoint)?.rests(now)
    }

    /// How many are taken.
    pub fn in_flight(&self) -> usize {
        self.taken().all
    }
}

#[cfg(test)]
mod tests {
    use habeo_core::random::SeededRandom;
    use habeo_core::time::Timestamp;

    use super::*;

    #[tokio::test]
    async fn no_organization_ever_has_all_places() {
        let (now, random) = (Instant::now(), SeededRandom::new(1));
        let org = || OrgId::generate(Timestamp::from_seconds(1), &random);
        let endpoint = || EndpointId::generate(Timestamp::from_seconds(1), &random);
        let places = Places::new(12, 8);
        let (greedy, modest) = (org(), org());
        let taken = (0..20)
            .filter(|_| places.take(greedy, endpoint(), now))
            .count();
        assert_eq!(taken, 8);
        let one = endpoint();
        assert!(places.take(modest, one, now));
        assert_eq!(places.in_flight(), 9);
        assert!(!places.give_back(modest, one));
        places.close();
        assert!(!places.take(modest, one, now));
    }

    #[tokio::test]
    async fn who_found_no_place_is_looked_for_when_there_is_one() {
        let (now, random) = (Instant::now(), SeededRandom::new(1));
        let org = OrgId::generate(Timestamp::from_seconds(1), &random);
        let endpoint = EndpointId::generate(Timestamp::from_seconds(1), &random);
        let places = Places::new(100, 100);
        while places.take(org, endpoint, now) {}
        assert!(places.give_back(org, endpoint));
        places.set_more(endpoint, false);
        assert!(!places.give_back(org, endpoint));
    }
}
