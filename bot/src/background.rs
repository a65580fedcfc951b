//! Work that goes on after a request was answered: counted, bounded over all and for each organisation, and waited for at the end.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use habeo_core::id::OrgId;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::timeout;

/// As many pieces of work go on at once.
const AT_ONCE_MAX: usize = 512;
/// As many of them are one organisation's: the others have theirs, whatever it does.
const OF_ONE_MAX: usize = 96;

/// Too much goes on already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is going on at once")]
pub struct Busy;

/// Work that goes on by itself. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Background {
    places: Arc<Semaphore>,
    shares: Shares,
    running: Arc<watch::Sender<usize>>,
}

impl Default for Background {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            shares: Shares::default(),
            running: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Background {
    /// Lets something go on by itself that is of no organisation, or says that there is no room for it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Busy> {
        self.start(None, work)
    }

    /// Lets something of an organisation go on by itself, or says that there is no room for it.
    pub fn spawn_for(
        &self,
        org: OrgId,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Busy> {
        self.start(Some(org), work)
    }

    fn start(
        &self,
        org: Option<OrgId>,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Busy> {
        let share = Share::of(&self.shares, org)?;
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = (place.map_err(|_| Busy)?, share);
        let counted = Counted::one_more(&self.running);
        tokio::spawn(async move {
            let (_place, _counted) = (place, counted);
            work.await;
        });
        Ok(())
    }

    /// Waits until nothing goes on any more.
    pub async fn finished(&self) {
        let mut running = self.running.subscribe();
        // The sender lives as long as this handle.
        let _ = running.wait_for(|running| *running == 0).await;
    }
}

/// What somebody at work sends within a time. Later they keep it: they find the receiver closed.
pub async fn in_time<T>(time: Duration, mut receiver: oneshot::Receiver<T>) -> Option<T> {
    if let Ok(sent) = timeout(time, &mut receiver).await {
        return sent.ok();
    }
    receiver.close();
    // It may have been sent a moment ago.
    receiver.try_recv().ok()
}

/// How much goes on for each organisation, and of none; nothing for those that are not named.
type Shares = Arc<Mutex<HashMap<Option<OrgId>, usize>>>;

/// One piece of an organisation's work, until it ends.
struct Share {
    shares: Shares,
    org: Option<OrgId>,
}

impl Share {
    fn of(shares: &Shares, org: Option<OrgId>) -> Result<Self, Busy> {
        let mut running = shares.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = running.entry(org).or_default();
        if *of_one >= OF_ONE_MAX {
            return Err(Busy);
        }
        *of_one += 1;
        Ok(Self {
            shares: Arc::clone(shares),
            org,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut running = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_one) = running.get_mut(&self.org) {
            *of_one -= 1;
            if *of_one == 0 {
                running.remove(&self.org);
            }
        }
    }
}

/// One piece of work, counted until it ends, also in a panic.
struct Counted(Arc<watch::Sender<usize>>);

impl Counted {
    fn one_more(running: &Arc<watch::Sender<usize>>) -> Self {
        running.send_modify(|running| *running += 1);
        Self(Arc::clone(running))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_what_goes_on_and_not_for_what_panicked() {
        let background = Background::default();
        background.finished().await;
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let waits = async move {
            receiver.await.expect("it is told to go on");
        };
        background.spawn_for(org(1), waits).expect("there is room");
        background
            .spawn_for(org(1), async { panic!("on purpose") })
            .expect("there is room");
        let still = tokio::time::timeout(Duration::from_millis(30), background.finished());
        assert!(still.await.is_err());
        sender.send(()).expect("it still waits");
        background.finished().await;
    }

    #[tokio::test]
    async fn what_is_late_stays_with_the_sender() {
        let (sender, receiver) = oneshot::channel();
        sender.send(1).expect("somebody listens");
        assert_eq!(in_time(Duration::ZERO, receiver).await, Some(1));
        let (sender, receiver) = oneshot::channel();
        assert_eq!(in_time(Duration::ZERO, receiver).await, None);
        assert_eq!(sender.send(2), Err(2));
    }

    #[tokio::test]
    async fn there_is_room_for_so_much_only() {
        let background = Background::default();
        for n in 0..AT_ONCE_MAX {
            let of = org(n / OF_ONE_MAX);
            background
                .spawn_for(of, std::future::pending())
                .expect("there is room");
        }
        assert_eq!(background.spawn_for(org(1_000), async {}), Err(Busy));
    }

    #[tokio::test]
    async fn one_organisation_takes_its_share_only_and_gives_it_back() {
        let background = Background::default();
        let (sender, receiver) = watch::channel(false);
        let work = || {
            let mut receiver = receiver.clone();
            async move {
                receiver.wait_for(|ended| *ended).await.expect("it is told");
            }
        };
        for _ in 0..OF_ONE_MAX {
            background.spawn_for(org(1), work()).expect("there is room");
        }
        assert_eq!(background.spawn_for(org(1), work()), Err(Busy));
        background
            .spawn_for(org(2), work())
            .expect("others have theirs");
        sender.send(true).expect("somebody waits");
        background.finished().await;
        assert!(background.shares.lock().expect("whole").is_empty());
        background
            .spawn_for(org(1), async {})
            .expect("there is room");
    }

    fn org(n: usize) -> OrgId {
        OrgId::from_uuid(uuid::Uuid::from_u128(n as u128 + 1))
    }
}
