//! Being asked to stop, from outside of the process.

use tokio::sync::mpsc;

/// Hears the signals that ask a process to end.
#[derive(Debug)]
pub struct Signals(mpsc::Receiver<()>);

impl Signals {
    /// Begins to listen. From here on the process does not end by itself when it is asked.
    pub fn listen() -> Self {
        // Two are all that matter: the one that asks, and the one that insists.
        let (asked, heard) = mpsc::channel(2);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
                let Ok(mut signal) = signal(kind) else {
                    continue;
                };
                let asked = asked.clone();
                tokio::spawn(async move {
                    while signal.recv().await.is_some() {
                        // One that waits already says the same.
                        let _ = asked.try_send(());
                    }
                });
            }
        }
        #[cfg(not(unix))]
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                let _ = asked.try_send(());
            }
        });
        Self(heard)
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            // Nothing can be heard on this system; then only a harder end is left.
            std::future::pending::<()>().await;
        }
    }
}
