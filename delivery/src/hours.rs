//! What couriers have to do by the hour: each by itself, so that one whose receiver hangs keeps no other waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::courier::AnyCourier;

/// Calls on a courier until it is told to stop. What it is doing then is broken off: it is done again by whoever comes next.
pub(crate) async fn keep_up(
    courier: Arc<dyn AnyCourier>,
    mut stopping: watch::Receiver<bool>,
    every: Duration,
) {
    let mut out = false;
    while !*stopping.borrow() {
        let done = tokio::select! {
            _ = stopping.changed() => break,
            done = courier.keep_up() => done,
        };
        match done {
            Ok(()) => out = false,
            Err(error) if !out => {
                out = true;
                tracing::warn!(%error, channel = %courier.channel(), "what a courier does by the hour waits");
            }
            Err(_) => {}
        }
        tokio::select! {
            _ = stopping.changed() => {}
            () = sleep(every) => {}
        }
    }
}
