//! What was noted within the last minute, so that not everything that comes in is a write or an answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use habeo_core::time::{MINUTE_MICROS, Timestamp};

/// The most that are remembered; of more nothing is news, so that a flood has no effect.
const REMEMBERED_MAX: usize = 10_000;

/// When things were noted last.
#[derive(Debug)]
pub(crate) struct Lately<K>(Mutex<HashMap<K, Timestamp>>);

impl<K> Default for Lately<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Lately<K> {
    /// Whether something was not noted within the last minute. It is now.
    pub fn is_news(&self, key: K, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: &Timestamp| now < at.plus_micros(MINUTE_MICROS);
        if noted.get(&key).is_some_and(fresh) {
            return false;
        }
        if noted.len() >= REMEMBERED_MAX {
            noted.retain(|_, at| fresh(at));
        }
        if noted.len() >= REMEMBERED_MAX {
            return false;
        }
        noted.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_minute_is_news_and_a_flood_is_none() {
        let lately = Lately::default();
        let begin = Timestamp::from_seconds(1_767_225_600);
        assert!(lately.is_news(0, begin));
        assert!(!lately.is_news(0, begin.plus_micros(MINUTE_MICROS - 1)));
        assert!(lately.is_news(0, begin.plus_micros(MINUTE_MICROS)));
        let now = begin.plus_micros(MINUTE_MICROS);
        for key in 1..REMEMBERED_MAX {
            assert!(lately.is_news(key, now));
        }
        assert!(!lately.is_news(REMEMBERED_MAX, now));
        assert!(lately.is_news(REMEMBERED_MAX, now.plus_micros(MINUTE_MICROS)));
    }
}
