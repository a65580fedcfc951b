//! Waiting where Slack asked to: per method and workspace, as Slack counts.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::WebError;

/// The most pauses that are remembered; those that are over go first.
const PAUSES_MAX: usize = 4_096;

/// Until when nobody calls a method in the name of a workspace.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<(&'static str, String), Instant>>);

impl Pace {
    /// Waits for the turn of a call, or says that it is not worth waiting.
    pub(super) async fn turn(
        &self,
        method: &'static str,
        workspace: &str,
        gives_up_at: Instant,
    ) -> Result<(), WebError> {
        while let Some(until) = self.until(method, workspace) {
            if until > gives_up_at {
                let after = until.saturating_duration_since(Instant::now());
                return Err(WebError::Limited { method, after });
            }
            tokio::time::sleep_until(until.into()).await;
        }
        Ok(())
    }

    /// Notes that Slack asked to be left alone for so long, if there is room to: else the next turn would come at once.
    #[must_use]
    pub(super) fn hold(&self, method: &'static str, workspace: &str, after: Duration) -> bool {
        let now = Instant::now();
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pauses.len() >= PAUSES_MAX {
            pauses.retain(|_, until| *until > now);
        }
        let key = (method, workspace.to_owned());
        let has_room = pauses.len() < PAUSES_MAX || pauses.contains_key(&key);
        if has_room {
            pauses.insert(key, now + after);
        }
        has_room
    }

    fn until(&self, method: &'static str, workspace: &str) -> Option<Instant> {
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pauses.is_empty() {
            return None;
        }
        let key = (method, workspace.to_owned());
        let until = *pauses.get(&key)?;
        if until > Instant::now() {
            return Some(until);
        }
        pauses.remove(&key);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pause_is_of_one_method_and_workspace() {
        let pace = Pace::default();
        assert!(pace.hold("chat.update", "T1", Duration::from_secs(30)));
        let soon = Instant::now() + Duration::from_secs(1);
        assert!(pace.turn("chat.update", "T2", soon).await.is_ok());
        assert!(pace.turn("chat.postMessage", "T1", soon).await.is_ok());
        let refused = pace.turn("chat.update", "T1", soon).await;
        assert!(
            matches!(refused, Err(WebError::Limited { after, .. }) if after > Duration::from_secs(28))
        );
    }

    #[test]
    fn a_pause_that_cannot_be_held_is_told() {
        let pace = Pace::default();
        let long = Duration::from_secs(30);
        for n in 0..PAUSES_MAX {
            assert!(pace.hold("chat.update", &format!("T{n}"), long));
        }
        assert!(!pace.hold("chat.update", "T-more", long));
        assert!(
            pace.hold("chat.update", "T0", long),
            "a known one is held on"
        );
    }

    #[tokio::test]
    async fn a_short_pause_is_waited_for() {
        let pace = Pace::default();
        assert!(pace.hold("chat.update", "T1", Duration::from_millis(40)));
        let began = Instant::now();
        let later = began + Duration::from_secs(5);
        assert!(pace.turn("chat.update", "T1", later).await.is_ok());
        assert!(began.elapsed() >= Duration::from_millis(39));
    }
}
