//! Who has how many of a process's places.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use habeo_core::endpoint::Limits;
use habeo_core::id::{EndpointId, OrgId};
use tokio::time::Instant;

use super::outlet::{Outlet, Part, Went};

/// This part of all places is for organisations that have none, and as large a part for what sets out for the first time.
const RESERVED: usize = 8;
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
    part: Part,
    all: usize,
    of_org: HashMap<OrgId, usize>,
    /// Whether anybody found all places taken that were for them.
    waits: bool,
    /// Organisations that had as many as one may have, and wanted more.
    waiting: HashSet<OrgId>,
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
    pub fn take(&self, (org, endpoint): (OrgId, EndpointId), limits: Limits, now: Instant) -> bool {
        let mut taken = self.taken();
        if taken.closed {
            return false;
        }
        let part = taken.part;
        let free = self.is_free_for(&mut taken, org);
        let outlet = taken
            .outlets
            .entry(endpoint)
            .or_insert_with(|| Outlet::new(now));
        outlet.choose(limits, part, now);
        if !free || !outlet.take(now) {
            outlet.more = true;
            return false;
        }
        taken.all += 1;
        *taken.of_org.entry(org).or_default() += 1;
        true
    }

    /// Whether a place is free that an organisation may have. Where none is, somebody waits.
    fn is_free_for(&self, taken: &mut Taken, org: OrgId) -> bool {
        let of_org = taken.of_org.get(&org).copied().unwrap_or(0);
        if of_org >= self.of_org_max {
            taken.waiting.insert(org);
            return false;
        }
        let reserved = if of_org == 0 {
            0
        } else {
            self.all_max / RESERVED
        };
        let free = taken.all < self.all_max - reserved;
        taken.waits |= !free;
        free
    }

    /// Whether what waits in the database may have a place. Retries to receivers that are slow or away take long, and must not take all that
    /// there are from what sets out for the first time.
    pub fn may_claim(&self, org: OrgId) -> bool {
        let mut taken = self.taken();
        let reserved = self.all_max / RESERVED * 2;
        let may = !taken.of_org.contains_key(&org) || taken.all < self.all_max - reserved;
        taken.waits |= !may;
        may
    }

    /// Gives a place back. Whether something waits for it, of this endpoint or of anybody.
    pub fn give_back(&self, org: OrgId, endpoint: EndpointId) -> bool {
        let mut taken = self.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(of_org) = taken.of_org.get_mut(&org) {
            *of_org = of_org.saturating_sub(1);
            if *of_org == 0 {
                taken.of_org.remove(&org);
            }
        }
        let somebody = std::mem::take(&mut taken.waits) | taken.waiting.remove(&org);
        let Some(outlet) = taken.outlets.get_mut(&endpoint) else {
            return somebody;
        };
        outlet.in_flight = outlet.in_flight.saturating_sub(1);
        outlet.more || somebody
    }

    /// Says whether more waits for an endpoint than there were places for.
    pub fn set_more(&self, endpoint: EndpointId, more: bool) {
        if let Some(outlet) = self.taken().outlets.get_mut(&endpoint) {
            outlet.more = more;
        }
    }

    /// Which part of what owners allow is this process's.
    pub fn share(&self, part: Part) {
        self.taken().part = part;
    }

    /// What an endpoint's owner chose.
    pub fn choose(&self, endpoint: EndpointId, limits: Limits) {
        let now = Instant::now();
        let mut taken = self.taken();
        let part = taken.part;
        let outlet = taken
            .outlets
            .entry(endpoint)
            .or_insert_with(|| Outlet::new(now));
        outlet.choose(limits, part, now);
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
            .filter(|_| places.take((greedy, endpoint()), Limits::default(), now))
            .count();
        assert_eq!(taken, 8);
        let one = endpoint();
        assert!(places.take((modest, one), Limits::default(), now));
        assert_eq!(places.in_flight(), 9);
        assert!(!places.give_back(modest, one));
        places.close();
        assert!(!places.take((modest, one), Limits::default(), now));
    }

    #[tokio::test]
    async fn some_places_are_for_those_who_have_none() {
        let (now, random) = (Instant::now(), SeededRandom::new(2));
        let org = || OrgId::generate(Timestamp::from_seconds(1), &random);
        let endpoint = || EndpointId::generate(Timestamp::from_seconds(1), &random);
        let places = Places::new(16, 16);
        let (greedy, modest) = (org(), org());
        let taken = (0..20)
            .filter(|_| {
                places.may_claim(greedy)
                    && places.take((greedy, endpoint()), Limits::default(), now)
            })
            .count();
        // Of two eighths that are kept, one is for what sets out for the first time.
        assert_eq!(taken, 12);
        let taken = (0..20)
            .filter(|_| places.take((greedy, endpoint()), Limits::default(), now))
            .count();
        assert_eq!(taken, 2);
        // The other is for whoever has none, also where it was waiting.
        assert!(
            places.may_claim(modest) && places.take((modest, endpoint()), Limits::default(), now)
        );
        assert!(
            !places.may_claim(modest) && !places.take((modest, endpoint()), Limits::default(), now)
        );
    }

    #[tokio::test]
    async fn any_place_wakes_who_found_all_taken() {
        let (now, random) = (Instant::now(), SeededRandom::new(3));
        let org = || OrgId::generate(Timestamp::from_seconds(1), &random);
        let endpoint = || EndpointId::generate(Timestamp::from_seconds(1), &random);
        let places = Places::new(2, 2);
        let (first, second, third) = (org(), org(), org());
        let (one, other) = (endpoint(), endpoint());
        assert!(places.take((first, one), Limits::default(), now));
        assert!(places.take((second, other), Limits::default(), now));
        assert!(!places.take((third, endpoint()), Limits::default(), now));
        assert!(places.give_back(first, one));
        // It was said once, and is said again only if somebody finds none again.
        assert!(!places.give_back(second, other));
    }

    #[tokio::test]
    async fn who_found_no_place_is_looked_for_when_there_is_one() {
        let (now, random) = (Instant::now(), SeededRandom::new(1));
        let org = OrgId::generate(Timestamp::from_seconds(1), &random);
        let endpoint = EndpointId::generate(Timestamp::from_seconds(1), &random);
        let places = Places::new(100, 100);
        while places.take((org, endpoint), Limits::default(), now) {}
        assert!(places.give_back(org, endpoint));
        places.set_more(endpoint, false);
        assert!(!places.give_back(org, endpoint));
    }
}
