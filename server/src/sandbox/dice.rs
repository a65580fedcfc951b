//! Chance for the plan: whole numbers drawn from one seeded stream.

use habeo_core::random::{Random, SeededRandom};

/// A stream of draws that its seed and number determine.
#[derive(Debug)]
pub struct Dice(SeededRandom);

impl Dice {
    /// One of many independent streams of a seed, so that a longer table of names does not reshuffle the purchases.
    pub fn stream(seed: u64, number: u64) -> Self {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        Self(SeededRandom::new(
            seed ^ number.wrapping_add(1).wrapping_mul(SPREAD),
        ))
    }

    /// The bytes underneath, for making identifiers.
    pub fn random(&self) -> &SeededRandom {
        &self.0
    }

    /// Below `end`; zero where `end` is zero.
    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0_u8; 8];
        self.0.fill(&mut bytes);
        // The bias of the remainder is below 2^-40 for every range used here.
        u64::from_le_bytes(bytes).checked_rem(end).unwrap_or(0)
    }

    /// From `low` to `high`, both included; `low` where the range is empty.
    pub fn range(&self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        low.saturating_add_unsigned(self.below(high.abs_diff(low) + 1))
    }

    /// A valid index of something with `len` members.
    pub fn index(&self, len: usize) -> usize {
        let end = u64::try_from(len).unwrap_or(u64::MAX);
        usize::try_from(self.below(end)).unwrap_or(0)
    }

    /// True in `percent` of a hundred draws.
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// True in `mille` of a thousand draws.
    pub fn mille(&self, mille: u64) -> bool {
        self.below(1_000) < mille
    }

    /// A member of a list that is not empty.
    pub fn pick<T: Copy>(&self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// A member of a list by its weight; the last where all weights are zero.
    pub fn weighted<T: Copy>(&self, list: &[(u64, T)]) -> T {
        let total = list.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, value) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        list[list.len() - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_range_and_repeat() {
        let (one, two) = (Dice::stream(7, 1), Dice::stream(7, 1));
        for _ in 0..1_000 {
            let drawn = one.range(-3, 9);
            assert!((-3..=9).contains(&drawn));
            assert_eq!(drawn, two.range(-3, 9));
        }
        assert_eq!(one.range(5, 5), 5);
        assert!(!one.percent(0));
        assert!(one.percent(100));
        assert_eq!(one.weighted(&[(0, 'a'), (1, 'b')]), 'b');
    }
}
