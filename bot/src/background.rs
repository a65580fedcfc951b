//! Work that goes on after a request was answered: counted, bounded, and waited for at the end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::timeout;

/// As many pieces of work go on at once.
const AT_ONCE_MAX: usize = 512;

/// Too much goes on already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is going on at once")]
pub struct Busy;

/// Work that goes on by itself. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Background {
    places: Arc<Semaphore>,
    running: Arc<watch::Sender<usize>>,
}

impl Default for Background {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            running: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Background {
    /// Lets something go on by itself, or says that there is no room for it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Busy)?;
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
        background.spawn(waits).expect("there is room");
        background
            .spawn(async { panic!("on purpose") })
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
        for _ in 0..AT_ONCE_MAX {
            background
                .spawn(std::future::pending())
                .expect("there is room");
        }
        assert_eq!(background.spawn(async {}), Err(Busy));
    }
}
