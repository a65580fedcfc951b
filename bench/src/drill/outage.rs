//! What is under the server goes away and comes back while it records: every answer is honest, and what was answered for is there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::runtime::Runtime;

use super::kill::{CLIENTS, Kept, Promise, differences, missing, registration, removal};
use crate::client::Client;
use crate::place::Place;
use crate::server::Server;
use crate::terminal::complain;

/// How long is recorded before the first outage, and after each.
const BETWEEN: Duration = Duration::from_secs(2);
/// How soon after the last outage everything has to be in order.
const RECOVERY_MAX: Duration = Duration::from_secs(20);

/// What the clients met.
#[derive(Debug, Default)]
struct Met {
    promises: Mutex<Vec<Promise>>,
    /// How many answers had which status.
    statuses: Mutex<BTreeMap<u16, usize>>,
    over: AtomicBool,
}

pub fn run(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    outage: &str,
    times: u32,
) -> anyhow::Result<String> {
    let server = Server::start(habeo, place)?;
    let (address, token) = (server.address, server.admin.clone());
    let met = Met::default();
    let recovered = thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (met, token) = (&met, token.as_str());
            scope.spawn(move || record(address, token, client, met));
        }
        let outcome = outages(address, outage, times);
        met.over.store(true, Ordering::Relaxed);
        outcome
    })?;
    let promises = take(met.promises)?;
    let statuses = take(met.statuses)?;
    let missing = runtime.block_on(missing(place, &mut Kept::default(), &promises))?;
    for (kind, about) in &missing {
        complain(&format!("{kind} of {about} is lost"));
    }
    drop(server);
    let differences = runtime.block_on(differences(place))?;
    let dishonest: usize = statuses
        .iter()
        .filter(|(status, _)| !matches!(status, 200 | 204 | 503))
        .map(|(_, count)| count)
        .sum();
    let report = format!(
        "{times} outages while recording: {} writes answered for, {} of them lost; answers by status {statuses:?}; ready again after \
         {recovered:.1?}; the ledger verified, {differences} tables differ from their entries",
        promises.len(),
        missing.len()
    );
    if !missing.is_empty() || differences > 0 || dishonest > 0 || promises.is_empty() {
        bail!("{report}");
    }
    Ok(report)
}

fn take<T>(of: Mutex<T>) -> anyhow::Result<T> {
    of.into_inner()
        .map_err(|_| anyhow::anyhow!("a client of the drill ended early"))
}

/// Causes the outages, and waits until the server is ready again. Returns how long after the last that was.
fn outages(address: SocketAddr, outage: &str, times: u32) -> anyhow::Result<Duration> {
    for time in 0..times {
        thread::sleep(BETWEEN);
        let status = Command::new("sh").args(["-c", outage]).status()?;
        if !status.success() {
            bail!("{outage} ended with {status}");
        }
        complain(&format!("{} of {times}", time + 1));
    }
    let begun = Instant::now();
    loop {
        let ready = Client::connect(address)
            .and_then(|mut client| client.get("/readyz", None).map(|answer| answer.status));
        if matches!(ready, Ok(200)) {
            let recovered = begun.elapsed();
            thread::sleep(BETWEEN);
            return Ok(recovered);
        }
        if begun.elapsed() > RECOVERY_MAX {
            bail!("the server is not ready {RECOVERY_MAX:?} after the last outage");
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Records until it is over, whatever it is answered.
fn record(address: SocketAddr, token: &str, client: u32, met: &Met) {
    while !met.over.load(Ordering::Relaxed) {
        let Ok(mut wire) = Client::connect(address) else {
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        while !met.over.load(Ordering::Relaxed) {
            if once(&mut wire, token, client, met).is_err() {
                // A broken connection or a refusal: wait a little, as a client does that was asked to.
                thread::sleep(Duration::from_millis(20));
                break;
            }
        }
    }
}

fn once(wire: &mut Client, token: &str, client: u32, met: &Met) -> anyhow::Result<()> {
    let keep = |status: u16, promise: Option<Promise>| -> anyhow::Result<()> {
        let mut statuses = met.statuses.lock().ok().context("poisoned")?;
        *statuses.entry(status).or_default() += 1;
        met.promises
            .lock()
            .ok()
            .context("poisoned")?
            .extend(promise);
        Ok(())
    };
    let (status, promise) = registration(wire, token, client)?;
    let id = promise.as_ref().map(|(_, about)| about.clone());
    keep(status, promise)?;
    let id = id.context("refused")?;
    let (status, promise) = removal(wire, token, &id)?;
    let done = promise.is_some();
    keep(status, promise)?;
    if done { Ok(()) } else { bail!("refused") }
}
