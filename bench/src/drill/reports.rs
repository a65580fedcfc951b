//! What a device management reports against the release binary: how many letters a second are verified, stored durably and answered, against
//! how many rows a second the database keeps by itself; and how soon a storm of enrolments is worked off while others read.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};
use habeo_core::access::{Access, Surface};
use habeo_core::connection::command::{CreateConnection, Remove};
use habeo_core::connection::{Provider, Settings, Status, store};
use habeo_core::inbox::Inbox;
use habeo_core::org;
use habeo_server::node::{Node, Purpose};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::runtime::Runtime;

use super::times::quantile;
use crate::client::Client;
use crate::place::Place;
use crate::plan;
use crate::server::Server;

/// How many send at once: as many as the sockets that a device management opens at the busiest hour.
const SENDERS: u32 = 32;
/// How many rows the bare database keeps with one commit: as many letters as are ever in flight here.
const ROWS_PER_COMMIT: usize = SENDERS as usize;
/// At least this share of the bare database's rate.
const SHARE_MIN: f64 = 0.5;
/// How soon 99 of 100 letters are to be answered at half the load.
const ANSWERED_MAX: Duration = Duration::from_millis(50);
/// How many enrolments a second are to be worked off.
const STORM_RATE_MIN: f64 = 1_000.0;
/// How much slower others may read meanwhile.
const SLOWER_MAX: f64 = 2.0;
/// How long a storm may take before it is given up.
const STORM_MAX: Duration = Duration::from_mins(5);

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How long each part takes.
    pub seconds: u64,
    /// Enrolments in a row.
    pub storm: u32,
}

/// A connection to send letters of.
#[derive(Debug, Clone)]
pub struct Sender {
    pub path: String,
    pub authorization: String,
}

pub fn run(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    assets: u32,
    load: Load,
) -> anyhow::Result<String> {
    let time = Duration::from_secs(load.seconds);
    let sender = runtime.block_on(connect(place))?;
    let bare = runtime.block_on(bare_rate(place, time))?;
    let server = Server::start(habeo, place)?;
    let run = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    let number = AtomicU32::new(0);
    let next = || format!("{run:X}{:06X}", number.fetch_add(1, Ordering::Relaxed));
    // Of no interest: verified, stored and answered like any, and nothing is worked off beside them.
    let idle = |serial: &str| letter("ComputerPatchPolicyCompleted", serial);
    let full = send(server.address, &sender, (SENDERS, time, None), &|| {
        idle(&next())
    })?;
    let rate = f64::from(u32::try_from(full.len())?) / time.as_secs_f64();
    runtime.block_on(worked_off(place, STORM_MAX))?;
    let half = send(
        server.address,
        &sender,
        (SENDERS, time, Some(rate / 2.0)),
        &|| idle(&next()),
    )?;
    runtime.block_on(worked_off(place, STORM_MAX))?;
    let answered = quantile(half, 0.99);
    let before = reads(&server, assets, None, time)?;
    let stop = AtomicBool::new(false);
    let (storm, during) = thread::scope(|scope| -> anyhow::Result<(f64, Vec<Duration>)> {
        let reading = scope.spawn(|| reads(&server, assets, Some(&stop), STORM_MAX));
        let begun = Instant::now();
        let sent = enrol(server.address, &sender, load.storm, &next);
        let outcome = sent.and_then(|()| runtime.block_on(worked_off(place, STORM_MAX)));
        let took = begun.elapsed();
        stop.store(true, Ordering::Relaxed);
        let during = reading
            .join()
            .map_err(|_| anyhow::anyhow!("the reader ended early"))??;
        outcome?;
        Ok((f64::from(load.storm) / took.as_secs_f64(), during))
    })?;
    let (quiet, busy) = (quantile(before, 0.99), quantile(during, 0.99));
    let slower = busy.as_secs_f64() / quiet.as_secs_f64();
    let share = rate / bare;
    let report = format!(
        "{assets} assets; rows of the same size kept by the bare database, {ROWS_PER_COMMIT} with a commit: {bare:.0}/s; letters verified, stored and answered: {rate:.0}/s, \
         {share:.2} x that (expected: {SHARE_MIN}); at half that load answered in p99 {answered:.1?} ({ANSWERED_MAX:?}); {} enrolments in a row worked off at {storm:.0}/s ({STORM_RATE_MIN}), \
         scans p99 {quiet:.2?} before and {busy:.2?} during them, {slower:.1} x ({SLOWER_MAX})",
        load.storm
    );
    if share < SHARE_MIN || answered > ANSWERED_MAX || storm < STORM_RATE_MIN || slower > SLOWER_MAX
    {
        bail!("{report}");
    }
    Ok(report)
}

/// A new connection of Jamf; those of earlier runs go.
pub async fn connect(place: &Place) -> anyhow::Result<Sender> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let ledger = &node.ledger;
    let org = org::store::by_slug(ledger.db(), plan::SLUG).await?;
    let access = Access::system(org.context("the organization is missing")?, Surface::System);
    let mut tx = ledger.db().read(&access).await?;
    let before = store::list(&mut tx, &access).await?;
    drop(tx);
    for old in before.iter().filter(|old| old.status != Status::Removed) {
        ledger
            .record(&access, Remove { connection: old.id })
            .await?;
    }
    let create = CreateConnection {
        provider: Provider::Jamf,
        name: "Bench".to_owned(),
        settings: Settings::proven_by(Provider::Jamf.usual_proof()),
        master_key: Arc::clone(&node.master_key),
    };
    let (id, secret): (_, SecretString) = ledger.record(&access, create).await?;
    ledger.db().close().await;
    Ok(Sender {
        path: format!("/api/webhooks/mdm-login?provider=jamf&connection={id}"),
        authorization: format!("Bearer {}", secret.expose_secret()),
    })
}

/// How many rows of a letter's size the database keeps a second by itself, many with a commit.
async fn bare_rate(place: &Place, time: Duration) -> anyhow::Result<f64> {
    let mut scratch = place.scratch().await?;
    let text = letter("ComputerPatchPolicyCompleted", "C02TEST0001");
    let begun = Instant::now();
    let mut rows = 0_u32;
    while begun.elapsed() < time {
        scratch.commit_rows(&text, ROWS_PER_COMMIT).await?;
        rows += SENDERS;
    }
    let rate = f64::from(rows) / begun.elapsed().as_secs_f64();
    scratch.remove().await?;
    Ok(rate)
}

/// What Jamf sends of a computer. Each serial number is a computer of its own.
pub fn letter(event: &str, serial: &str) -> String {
    let id = u32::from_str_radix(&serial[serial.len().saturating_sub(7)..], 16).unwrap_or(1);
    let millis = SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |at| at.as_millis());
    json!({"webhook": {"id": 9, "name": "Habeo", "webhookEvent": event, "eventTimestamp": u64::try_from(millis).unwrap_or(0)},
        "event": {"udid": format!("55555555-0000-4000-8000-{:0>12}", serial.to_lowercase()), "deviceName": format!("LAB-{serial}"), "model": "MacBook Air",
            "macAddress": "", "alternateMacAddress": "", "serialNumber": serial, "osVersion": "15.2", "osBuild": "24C101", "userDirectoryID": "-1", "username": "",
            "realName": "", "emailAddress": "", "phone": "", "position": "", "department": "", "building": "", "room": "", "jssID": id, "managementId": "m",
            "ipAddress": "192.0.2.7", "reportedIpAddress": "192.0.2.7"}})
    .to_string()
}

/// Sends letters over so many connections for a time, at a pace if there is one. Times count from when a letter was due.
fn send(
    address: SocketAddr,
    sender: &Sender,
    (senders, time, rate): (u32, Duration, Option<f64>),
    next: &(impl Fn() -> String + Sync),
) -> anyhow::Result<Vec<Duration>> {
    let begun = Instant::now();
    let sent: anyhow::Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..senders)
            .map(|number| {
                scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut client = Client::connect(address)?;
                    let mut times = Vec::new();
                    let pace = rate.map(|rate| Duration::from_secs_f64(f64::from(senders) / rate));
                    let mut due = begun + pace.unwrap_or_default() * number / senders;
                    while begun.elapsed() < time {
                        let from = if pace.is_some() {
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                            due
                        } else {
                            Instant::now()
                        };
                        post(&mut client, sender, &next())?;
                        times.push(from.elapsed());
                        due += pace.unwrap_or_default();
                    }
                    Ok(times)
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.map_err(|_| anyhow::anyhow!("a sender ended early"))?
        });
        joined.collect()
    });
    Ok(sent?.into_iter().flatten().collect())
}

fn post(client: &mut Client, sender: &Sender, body: &str) -> anyhow::Result<()> {
    let headers = [
        ("authorization", sender.authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let status = client.post(&sender.path, &headers, body)?.status;
    if status != 202 && status != 200 {
        bail!("a letter was answered with {status}");
    }
    Ok(())
}

/// Sends so many enrolments, each of another computer, as fast as they are answered.
fn enrol(
    address: SocketAddr,
    sender: &Sender,
    count: u32,
    next: &(impl Fn() -> String + Sync),
) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..SENDERS)
            .map(|number| {
                scope.spawn(move || -> anyhow::Result<()> {
                    let mut client = Client::connect(address)?;
                    for _ in (number..count).step_by(SENDERS as usize) {
                        post(&mut client, sender, &letter("ComputerAdded", &next()))?;
                    }
                    Ok(())
                })
            })
            .collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a sender ended early"))??;
        }
        Ok(())
    })
}

/// Waits until nothing of a device management waits any more.
pub async fn worked_off(place: &Place, time_max: Duration) -> anyhow::Result<()> {
    let node = Node::open(&place.config()?, Purpose::Inspecting).await?;
    let inbox = Inbox::new(node.ledger.clone(), Arc::clone(&node.master_key));
    let begun = Instant::now();
    loop {
        let waiting = inbox.backlog("mdm").await?;
        if waiting == 0 {
            break;
        }
        if begun.elapsed() > time_max {
            bail!("{waiting} letters are not worked off after {time_max:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    node.ledger.db().close().await;
    Ok(())
}

/// Scans tags, one after another with a pause as a technician has, until told to stop.
fn reads(
    server: &Server,
    assets: u32,
    stop: Option<&AtomicBool>,
    time: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut client = Client::connect(server.address)?;
    let (begun, mut times, mut number) = (Instant::now(), Vec::new(), 0_u32);
    while begun.elapsed() < time && !stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
        let tag = plan::tag(number.wrapping_mul(2_654_435_761) % assets);
        let path = format!("/api/v1/scan/{}", tag.as_str());
        let from = Instant::now();
        let status = client.get(&path, Some(&server.technician))?.status;
        times.push(from.elapsed());
        if status != 200 && status != 404 {
            bail!("a scan was answered with {status}");
        }
        number = number.wrapping_add(1);
        thread::sleep(Duration::from_millis(2));
    }
    Ok(times)
}
