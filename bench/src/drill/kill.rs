//! Ending the process without a word while it records: what it answered for is there afterwards, and the ledger is whole.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use habeo_core::access::{Access, Surface};
use habeo_core::ledger::audit::{self, Entry};
use habeo_core::ledger::{rebuild, verify};
use habeo_core::org;
use habeo_core::page::Limit;
use habeo_core::store::Db;
use habeo_server::node::{Node, Purpose};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::client::Client;
use crate::place::Place;
use crate::plan::{self, Dice};
use crate::server::Server;
use crate::terminal::complain;

/// So many record at once; each has one phone, and a person may have so many.
pub const CLIENTS: u32 = 8;

/// Something that was answered for: what kind of entry there has to be, and about what.
pub type Promise = (&'static str, String);

const REGISTERED: &str = "push_device.registered";
const REMOVED: &str = "push_device.removed";
const STREAM: &str = "push_device:";

/// What is in the ledger, as far as it was read.
#[derive(Default)]
pub struct Kept {
    last: Option<i64>,
    facts: HashSet<(String, String)>,
}

pub fn run(runtime: &Runtime, habeo: &Path, place: &Place, cycles: u32) -> anyhow::Result<String> {
    let (mut kept, mut answered, mut lost) = (Kept::default(), 0, 0);
    let mut broken = 0;
    for cycle in 0..cycles {
        let mut server = Server::start(habeo, place)?;
        let (promises, unanswered) = record_until_killed(&mut server, cycle)?;
        broken += unanswered;
        // It recovers by itself; only then is anything read.
        let recovered = Server::start(habeo, place)?;
        let missing = runtime.block_on(missing(place, &mut kept, &promises))?;
        drop(recovered);
        answered += promises.len();
        lost += missing.len();
        for (kind, about) in missing {
            complain(&format!("cycle {}: {kind} of {about} is lost", cycle + 1));
        }
        if (cycle + 1).is_multiple_of(10) {
            complain(&format!(
                "{} of {cycles}: {answered} answered for",
                cycle + 1
            ));
        }
    }
    let differences = runtime.block_on(differences(place))?;
    let report = format!(
        "{cycles} times killed while recording: {answered} writes answered for, {lost} of them lost, {broken} never answered; \
         the ledger verified after each, {differences} tables differ from their entries"
    );
    if lost > 0 || differences > 0 || answered == 0 {
        bail!("{report}");
    }
    Ok(report)
}

/// Records as much as it can until the process is gone. Returns what was answered for, and how many requests were not answered.
fn record_until_killed(server: &mut Server, cycle: u32) -> anyhow::Result<(Vec<Promise>, usize)> {
    let promises = Mutex::new(Vec::new());
    let killed = AtomicBool::new(false);
    let (address, token) = (server.address, server.admin.clone());
    let mut dice = Dice::new(u64::from(cycle));
    let unanswered = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (promises, killed, token) = (&promises, &killed, token.as_str());
                scope.spawn(move || record(address, token, client, killed, promises))
            })
            .collect();
        thread::sleep(Duration::from_millis(u64::from(100 + dice.below(400))));
        killed.store(true, Ordering::Relaxed);
        server.kill()?;
        let mut unanswered = 0;
        for client in clients {
            match client.join() {
                Ok(outcome) => unanswered += usize::from(outcome?),
                Err(_) => bail!("a client of the drill ended early"),
            }
        }
        anyhow::Ok(unanswered)
    })?;
    let promises = promises
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a client of the drill ended early"))?;
    Ok((promises, unanswered))
}

/// Registers a phone and ends its registration, again and again. Returns whether the last request was never answered.
fn record(
    address: SocketAddr,
    token: &str,
    client: u32,
    killed: &AtomicBool,
    promises: &Mutex<Vec<Promise>>,
) -> anyhow::Result<bool> {
    let Ok(mut wire) = Client::connect(address) else {
        return Ok(false);
    };
    let keep = |promise| match promises.lock() {
        Ok(mut promises) => {
            promises.push(promise);
            Ok(())
        }
        Err(_) => bail!("another client of the drill ended early"),
    };
    let gone = |error: io::Error| {
        if killed.load(Ordering::Relaxed) {
            Ok(true)
        } else {
            Err(anyhow::Error::from(error).context("broken off before the kill"))
        }
    };
    loop {
        let about = match registration(&mut wire, token, client) {
            Ok((_, Some(promise))) => {
                let about = promise.1.clone();
                keep(promise)?;
                about
            }
            Ok((status, None)) => bail!("a registration was answered with {status}"),
            Err(error) => return gone(error),
        };
        match removal(&mut wire, token, &about) {
            Ok((_, Some(promise))) => keep(promise)?,
            Ok((status, None)) => bail!("a removal was answered with {status}"),
            Err(error) => return gone(error),
        }
    }
}

/// Registers the phone of a client. Returns what was answered, and what with it was promised.
pub fn registration(
    wire: &mut Client,
    token: &str,
    client: u32,
) -> io::Result<(u16, Option<Promise>)> {
    let body =
        format!("{{\"token\":\"ExponentPushToken[drill-kill-{client}]\",\"platform\":\"ios\"}}");
    let answer = wire.send("POST", "/api/v1/push/register", Some(token), Some(&body))?;
    if answer.status != 200 {
        return Ok((answer.status, None));
    }
    let registered: Value = serde_json::from_slice(answer.body)?;
    let id = registered["data"]["id"].as_str().unwrap_or_default();
    Ok((200, Some((REGISTERED, format!("{STREAM}{id}")))))
}

/// Ends its registration.
pub fn removal(wire: &mut Client, token: &str, about: &str) -> io::Result<(u16, Option<Promise>)> {
    let id = about.strip_prefix(STREAM).unwrap_or_default();
    let path = format!("/api/v1/push/register/{id}");
    let answer = wire.send("DELETE", &path, Some(token), None)?;
    let promise = (answer.status == 204).then(|| (REMOVED, about.to_owned()));
    Ok((answer.status, promise))
}

/// Verifies the whole ledger, and says which promises it does not keep.
pub async fn missing(
    place: &Place,
    kept: &mut Kept,
    promises: &[Promise],
) -> anyhow::Result<Vec<Promise>> {
    let node = Node::open(&place.config()?, Purpose::Inspecting).await?;
    let db = node.ledger.db();
    let access = operator(db).await?;
    verify::whole(db, &access, None).await??;
    loop {
        let mut tx = db.read(&access).await?;
        let page = audit::page(&mut tx, &access, kept.last.unwrap_or(-1), Limit::WALK).await?;
        for stored in &page.rows {
            let entry: Entry = serde_json::from_str(&stored.bytes)?;
            kept.facts.insert((entry.kind, entry.stream));
            kept.last = Some(stored.index);
        }
        if page.next.is_none() {
            break;
        }
    }
    db.close().await;
    let is_kept =
        |(kind, about): &&Promise| kept.facts.contains(&((*kind).to_owned(), about.clone()));
    Ok(promises
        .iter()
        .filter(|promise| !is_kept(promise))
        .cloned()
        .collect())
}

pub async fn differences(place: &Place) -> anyhow::Result<usize> {
    let node = Node::open(&place.config()?, Purpose::Bulk).await?;
    let access = operator(node.ledger.db()).await?;
    let differences = rebuild::check(node.ledger.db(), &access).await?;
    node.ledger.db().close().await;
    Ok(differences.len())
}

async fn operator(db: &Db) -> anyhow::Result<Access> {
    let org = org::store::by_slug(db, plan::SLUG).await?;
    let org = org.context("there is no organization")?;
    Ok(Access::system(org, Surface::System))
}
