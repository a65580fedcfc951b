//! Events of a program against the release binary, and a receiver on loopback: how many deliveries a second, how soon, at what cost; and whether
//! each arrives although the server is ended without a word.

mod sink;
pub mod slow;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use habeo_core::access::{Access, Surface};
use habeo_core::api_key::Scope;
use habeo_core::api_key::command::CreateKey;
use habeo_core::app::Kind;
use habeo_core::app::command::CreateApp;
use habeo_core::endpoint::command::{CreateEndpoint, RemoveEndpoint};
use habeo_core::endpoint::{Owner, Settings, store, topic};
use habeo_core::org;
use habeo_server::node::{Node, Purpose};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Runtime;

use super::kill;
use super::times::quantile;
use crate::client::Client;
use crate::place::Place;
use crate::plan;
use crate::server::Server;
use sink::{Arrived, sink};

/// How many post at once.
const POSTERS: u32 = 32;
/// How long everything may take to arrive after the last post.
const ARRIVE_MAX: Duration = Duration::from_mins(2);

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Posts at full speed.
    pub posts: u32,
    /// Endpoints that hear each of them.
    pub endpoints: u32,
    /// Posts a second at a pace, for ten seconds.
    pub rate: u32,
}

pub fn run(runtime: &Runtime, habeo: &Path, place: &Place, load: Load) -> anyhow::Result<String> {
    let arrived = Arrived::default();
    let sink = sink(&arrived)?;
    let key = runtime.block_on(connect(place, plan::SLUG, sink, load.endpoints))?;
    let server = Server::start(habeo, &reaching(place, &[sink]))?;
    // Connections are made and places are learned; the first ones are not counted.
    post(server.address, &key, load.posts / 10, None)?;
    await_arrivals(&arrived, 0, load.posts / 10 * load.endpoints)?;
    let (before, cpu_before) = (total(&arrived), cpu(&server));
    let begun = Instant::now();
    let full = post(server.address, &key, load.posts, None)?;
    let posted = begun.elapsed();
    await_arrivals(&arrived, before, load.posts * load.endpoints)?;
    let took = begun.elapsed();
    let deliveries = f64::from(load.posts * load.endpoints);
    let cost = (cpu(&server) - cpu_before) * 1_000.0 / deliveries;
    let before = total(&arrived);
    let paced = post(
        server.address,
        &key,
        load.rate * 10,
        Some(f64::from(load.rate)),
    )?;
    await_arrivals(&arrived, before, load.rate * 10 * load.endpoints)?;
    let delays = delays(&arrived, &paced);
    let answered = |sent: &[Sent]| sent.iter().map(|sent| sent.answered_in).collect::<Vec<_>>();
    Ok(format!(
        "{} posts over {POSTERS} connections to {} endpoints: {:.0} deliveries/s ({:.0} posts/s), answered in p50 {:.1?}, p99 {:.1?}; \
         CPU of server and database {cost:.2} ms for a delivery; resident {:.0} MiB; at {}/s answered in p99 {:.1?}, delivered in p50 {:.2?}, p99 {:.2?}",
        load.posts,
        load.endpoints,
        deliveries / took.as_secs_f64(),
        f64::from(load.posts) / posted.as_secs_f64(),
        quantile(answered(&full), 0.5),
        quantile(answered(&full), 0.99),
        resident_mib(&server),
        load.rate,
        quantile(answered(&paced), 0.99),
        quantile(delays.clone(), 0.5),
        quantile(delays, 0.99),
    ))
}

/// Ends the server without a word so many times while events are posted: what was answered for arrives, under one id.
pub fn killed(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    cycles: u32,
) -> anyhow::Result<String> {
    let arrived = Arrived::default();
    let sink = sink(&arrived)?;
    let key = runtime.block_on(connect(place, plan::SLUG, sink, 1))?;
    let place = reaching(place, &[sink]);
    let mut answered: Vec<String> = Vec::new();
    let mut slowest = Duration::ZERO;
    for cycle in 0..cycles {
        let mut server = Server::start(habeo, &place)?;
        let address = server.address;
        let posts = thread::scope(|scope| -> anyhow::Result<Vec<String>> {
            let posters: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| until_refused(address, &key)))
                .collect();
            thread::sleep(Duration::from_millis(u64::from(60 + cycle % 7 * 45)));
            server.kill()?;
            let mut ids = Vec::new();
            for poster in posters {
                ids.extend(
                    poster
                        .join()
                        .map_err(|_| anyhow::anyhow!("a poster ended early"))?,
                );
            }
            Ok(ids)
        })?;
        answered.extend(posts);
        let begun = Instant::now();
        let again = Server::start(habeo, &place)?;
        while !all_there(&arrived, &answered) {
            if begun.elapsed() > ARRIVE_MAX {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        slowest = slowest.max(begun.elapsed());
        drop(again);
    }
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    let lost = answered
        .iter()
        .filter(|id| !arrived.contains_key(*id))
        .count();
    let twice: u32 = arrived.values().map(|(_, times)| times - 1).sum();
    let differences = runtime.block_on(kill::differences(&place))?;
    let report = format!(
        "{cycles} times killed while events were posted: {} answered for, {lost} never arrived, {twice} arrived once more; all there {slowest:.1?} after \
         the start at the latest; {differences} tables differ from their entries",
        answered.len()
    );
    if lost > 0 || differences > 0 || answered.is_empty() {
        bail!("{report}");
    }
    Ok(report)
}

/// Posts until nobody answers. The ids of what was answered for.
fn until_refused(address: SocketAddr, key: &SecretString) -> Vec<String> {
    let mut ids = Vec::new();
    let Ok(mut client) = Client::connect(address) else {
        return ids;
    };
    while let Ok(id) = emit(&mut client, key) {
        ids.push(id);
    }
    ids
}

fn all_there(arrived: &Arrived, ids: &[String]) -> bool {
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    ids.iter().all(|id| arrived.contains_key(id))
}

/// The place with these receivers allowed, which are on loopback.
fn reaching(place: &Place, sinks: &[SocketAddr]) -> Place {
    let mut place = place.clone();
    let sinks: Vec<String> = sinks.iter().map(ToString::to_string).collect();
    let allowed = ("HABEO_ALLOW_PRIVATE_HOSTS".to_owned(), sinks.join(","));
    place.variables.push(allowed);
    place
}

/// An app with a key and so many endpoints; those of earlier runs go.
async fn connect(
    place: &Place,
    slug: &str,
    sink: SocketAddr,
    endpoints: u32,
) -> anyhow::Result<SecretString> {
    let node = Node::open(&place.config()?, Purpose::Serving).await?;
    let ledger = &node.ledger;
    let org = org::store::by_slug(ledger.db(), slug).await?;
    let access = Access::system(org.context("the organization is missing")?, Surface::System);
    let mut tx = ledger.db().read(&access).await?;
    let before = store::list(&mut tx, &access).await?;
    drop(tx);
    for endpoint in before.iter().map(|endpoint| endpoint.id) {
        ledger.record(&access, RemoveEndpoint { endpoint }).await?;
    }
    let app = CreateApp {
        name: "Bench".to_owned(),
        kind: Kind::Internal,
    };
    let app = ledger.record(&access, app).await?;
    for number in 0..endpoints {
        let create = CreateEndpoint {
            owner: Owner::App(app),
            url: format!("http://{sink}/{number}"),
            description: None,
            settings: Settings::of_events(vec!["*".to_owned()]),
            master_key: Arc::clone(&node.master_key),
        };
        ledger.record(&access, create).await?;
    }
    let key = CreateKey {
        app,
        name: "Bench".to_owned(),
        scopes: vec![Scope::EventsWrite],
    };
    let (_, key) = ledger.record(&access, key).await?;
    ledger.db().close().await;
    Ok(key)
}

/// A post that was answered.
#[derive(Debug)]
struct Sent {
    id: String,
    at: Instant,
    answered_in: Duration,
}

fn emit(client: &mut Client, key: &SecretString) -> anyhow::Result<String> {
    let body = format!(
        r#"{{"type":"{}","data":{{"asset":"01932c5e-7b1a-7c3d-8e4f-000000000002","tag":"WMK-004217-S","state":"in_use","note":"an event of the usual length, neither short nor long"}}}}"#,
        topic::TEST
    );
    let answer = client.send("POST", "/v1/events", Some(key.expose_secret()), Some(&body))?;
    if answer.status != 202 {
        let body = String::from_utf8_lossy(answer.body);
        bail!("an event was answered with {}: {body}", answer.status);
    }
    let body: serde_json::Value = serde_json::from_slice(answer.body)?;
    Ok(body["data"]["id"].as_str().context("no id")?.to_owned())
}

/// Posts so many events, at a pace if there is one.
fn post(
    address: SocketAddr,
    key: &SecretString,
    posts: u32,
    rate: Option<f64>,
) -> anyhow::Result<Vec<Sent>> {
    let next = AtomicU32::new(0);
    let begun = Instant::now();
    let sent: anyhow::Result<Vec<Vec<Sent>>> = thread::scope(|scope| {
        let posters: Vec<_> = (0..POSTERS)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<Vec<Sent>> {
                    let mut client = Client::connect(address)?;
                    let mut sent = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= posts {
                            return Ok(sent);
                        }
                        if let Some(rate) = rate {
                            let due = begun + Duration::from_secs_f64(f64::from(number) / rate);
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                        }
                        let at = Instant::now();
                        let id = emit(&mut client, key)?;
                        let answered_in = at.elapsed();
                        sent.push(Sent {
                            id,
                            at,
                            answered_in,
                        });
                    }
                })
            })
            .collect();
        let joined = posters.into_iter().map(|poster| {
            let outcome = poster.join();
            outcome.map_err(|_| anyhow::anyhow!("a poster ended early"))?
        });
        joined.collect()
    });
    Ok(sent?.into_iter().flatten().collect())
}

/// From each post to its arrival.
fn delays(arrived: &Arrived, sent: &[Sent]) -> Vec<Duration> {
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    let delay = |sent: &Sent| {
        let (at, _) = arrived.get(&sent.id)?;
        Some(at.saturating_duration_since(sent.at))
    };
    sent.iter().filter_map(delay).collect()
}

fn total(arrived: &Arrived) -> u32 {
    let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
    arrived.values().map(|(_, times)| times).sum()
}

fn await_arrivals(arrived: &Arrived, before: u32, wanted: u32) -> anyhow::Result<()> {
    let begun = Instant::now();
    while total(arrived) - before < wanted {
        if begun.elapsed() > ARRIVE_MAX {
            bail!("{} of {wanted} deliveries arrived", total(arrived) - before);
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Seconds of processor time of the server and of every process of PostgreSQL. Linux only; elsewhere the report says 0.
fn cpu(server: &Server) -> f64 {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0.0;
    };
    let ids = processes.flatten().filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let name = std::fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
        (id == server.process_id() || name.trim() == "postgres").then_some(id)
    });
    ids.filter_map(ticks).sum::<f64>() / TICKS_A_SECOND
}

/// What Linux counts processor time in, on every machine that it runs on today.
const TICKS_A_SECOND: f64 = 100.0;

fn ticks(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    Some(field(11)? + field(12)?)
}

fn resident_mib(server: &Server) -> f64 {
    let path = format!("/proc/{}/status", server.process_id());
    let status = std::fs::read_to_string(path).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1_024.0
}
