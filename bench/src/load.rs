//! Asking a server many times over several kept connections, and what it took.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::Client;
use crate::plan::Dice;

/// What is asked: a path for every throw of the dice.
pub type Ask<'a> = &'a (dyn Fn(&mut Dice) -> String + Sync);

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub connections: usize,
    pub requests: usize,
    pub time_max: Duration,
}

/// How long answers took.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    micros: Vec<u32>,
    elapsed: Duration,
}

impl Samples {
    /// From single measurements made one after the other, or together within `elapsed`.
    pub fn new(mut micros: Vec<u32>, elapsed: Duration) -> Self {
        micros.sort_unstable();
        Self { micros, elapsed }
    }

    pub fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.micros.sort_unstable();
        self.elapsed += other.elapsed;
    }

    /// The value below which so many in a hundred lie, in microseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).copied().map_or(0.0, f64::from)
    }

    /// Microseconds on average.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.micros.iter().copied().map(f64::from).sum();
        sum / count(self.micros.len()).max(1.0)
    }

    /// Answers per second.
    pub fn throughput(&self) -> f64 {
        count(self.micros.len()) / self.elapsed.as_secs_f64().max(1e-9)
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

/// The duration in whole microseconds.
pub fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// Asks until the bounds are met. Every answer but 200 fails the run.
pub fn load(
    address: SocketAddr,
    token: Option<&str>,
    ask: Ask<'_>,
    bounds: Bounds,
    seed: u64,
) -> anyhow::Result<Samples> {
    let left = AtomicUsize::new(bounds.requests);
    let begun = Instant::now();
    let all: anyhow::Result<Vec<Vec<u32>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..bounds.connections)
            .map(|i| {
                let left = &left;
                scope.spawn(move || -> anyhow::Result<Vec<u32>> {
                    let mut dice = Dice::new(seed ^ (u64::try_from(i)? << 32));
                    let mut client = Client::connect(address)?;
                    let mut times = Vec::with_capacity(bounds.requests / bounds.connections + 1);
                    while begun.elapsed() < bounds.time_max
                        && left
                            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                                n.checked_sub(1)
                            })
                            .is_ok()
                    {
                        let path = ask(&mut dice);
                        let asked = Instant::now();
                        let answer = client.get(&path, token)?;
                        times.push(micros(asked.elapsed()));
                        if answer.status != 200 {
                            let body = String::from_utf8_lossy(answer.body);
                            bail!("{path} was answered with {}: {body}", answer.status);
                        }
                    }
                    Ok(times)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok().context("a thread of the load failed")?)
            .collect()
    });
    Ok(Samples::new(all?.concat(), begun.elapsed()))
}
