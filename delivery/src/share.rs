//! Who gets how many of a carrier's places. Pure.

use habeo_core::outbox::lease::Wanted;

/// The places of one carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    /// How many parcels may be on their way at once.
    pub all: usize,
    /// How many of one organisation: some are always left for another.
    pub org_max: usize,
    /// How many that were tried before: some are always left for first attempts.
    pub again_max: usize,
}

/// What is on its way of one organisation, and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UnderWay {
    pub all: usize,
    pub of_org: usize,
    pub again: usize,
}

impl Places {
    pub fn new(all: usize) -> Self {
        let all = all.max(1);
        let most = (all - all / 4).max(1);
        Self {
            all,
            org_max: most,
            again_max: most,
        }
    }

    /// The share of one organisation where this many, itself included, still want something.
    pub fn share(self, way: UnderWay, orgs: usize) -> Wanted {
        let free = self.all.saturating_sub(way.all);
        let parcels = free
            .div_ceil(orgs.max(1))
            .min(self.org_max.saturating_sub(way.of_org));
        Wanted {
            parcels,
            again_max: self.again_max.saturating_sub(way.again),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_ever_has_all_places() {
        let places = Places::new(64);
        for (all, of_org, again, orgs, parcels, again_max) in [
            (0, 0, 0, 1, 48, 48),
            (0, 0, 0, 2, 32, 48),
            (0, 0, 0, 64, 1, 48),
            (0, 0, 0, 1_000, 1, 48),
            (48, 48, 48, 1, 0, 0),
            (48, 0, 48, 1, 16, 0),
            (63, 0, 0, 3, 1, 48),
            (64, 0, 0, 3, 0, 48),
        ] {
            let way = UnderWay { all, of_org, again };
            let wanted = Wanted { parcels, again_max };
            assert_eq!(places.share(way, orgs), wanted, "{way:?} {orgs}");
        }
        let one = Places::new(0);
        assert_eq!(one.share(UnderWay::default(), 1).parcels, 1);
    }
}
