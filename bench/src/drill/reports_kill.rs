//! Ending the process without a word between its answer to a report and what follows from it: nothing is lost, and nothing happens twice.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::bail;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::kill;
use super::reports::{Sender, connect, letter, worked_off};
use crate::client::Client;
use crate::place::Place;
use crate::plan::Dice;
use crate::server::Server;
use crate::terminal::complain;

const CLIENTS: u32 = 4;
const WORKED_OFF_MAX: Duration = Duration::from_mins(2);

pub fn run(runtime: &Runtime, habeo: &Path, place: &Place, cycles: u32) -> anyhow::Result<String> {
    let sender = runtime.block_on(connect(place))?;
    let run = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    let (mut answered, mut lost, mut twice) = (0, 0, 0);
    for cycle in 0..cycles {
        let mut server = Server::start(habeo, place)?;
        let serials = send_until_killed(&mut server, &sender, run, cycle)?;
        // It goes on by itself with what waits.
        let server = Server::start(habeo, place)?;
        runtime.block_on(worked_off(place, WORKED_OFF_MAX))?;
        answered += serials.len();
        let mut client = Client::connect(server.address)?;
        for serial in serials {
            match assets_with(&mut client, &server.admin, &serial)? {
                0 => {
                    lost += 1;
                    complain(&format!(
                        "cycle {}: the computer {serial} is lost",
                        cycle + 1
                    ));
                }
                1 => {}
                _ => twice += 1,
            }
        }
    }
    let differences = runtime.block_on(kill::differences(place))?;
    let report = format!(
        "{cycles} times killed while reports came in: {answered} reports answered for, {lost} of them lost, {twice} entered twice; \
         {differences} tables differ from their entries"
    );
    if lost > 0 || twice > 0 || differences > 0 || answered == 0 {
        bail!("{report}");
    }
    Ok(report)
}

/// Reports computers until the process is gone, each twice as impatient senders do. The serial numbers that were answered for.
fn send_until_killed(
    server: &mut Server,
    sender: &Sender,
    run: u64,
    cycle: u32,
) -> anyhow::Result<BTreeSet<String>> {
    let answered = Mutex::new(BTreeSet::new());
    let killed = AtomicBool::new(false);
    let address = server.address;
    let mut dice = Dice::new(u64::from(cycle));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (answered, killed) = (&answered, &killed);
                let name = format!("{run:X}{cycle:02X}{client:X}");
                scope.spawn(move || report_until(address, sender, &name, killed, answered))
            })
            .collect();
        thread::sleep(Duration::from_millis(u64::from(100 + dice.below(400))));
        killed.store(true, Ordering::Relaxed);
        server.kill()?;
        for client in clients {
            client
                .join()
                .map_err(|_| anyhow::anyhow!("a client of the drill ended early"))??;
        }
        anyhow::Ok(())
    })?;
    answered
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a client of the drill ended early"))
}

fn report_until(
    address: SocketAddr,
    sender: &Sender,
    name: &str,
    killed: &AtomicBool,
    answered: &Mutex<BTreeSet<String>>,
) -> anyhow::Result<()> {
    let mut client = Client::connect(address)?;
    let headers = [
        ("authorization", sender.authorization.as_str()),
        ("content-type", "application/json"),
    ];
    for number in 0_u32.. {
        let serial = format!("{name}{number:04X}");
        let body = letter("ComputerAdded", &serial);
        for _ in 0..2 {
            match client.post(&sender.path, &headers, &body) {
                Ok(answer) if matches!(answer.status, 200 | 202) => {
                    if let Ok(mut answered) = answered.lock() {
                        answered.insert(serial.clone());
                    }
                }
                Ok(answer) => bail!("a report was answered with {}", answer.status),
                Err(_) if killed.load(Ordering::Relaxed) => return Ok(()),
                Err(error) => {
                    return Err(anyhow::Error::from(error).context("broken off before the kill"));
                }
            }
        }
    }
    Ok(())
}

/// How many assets have this serial number.
fn assets_with(client: &mut Client, token: &str, serial: &str) -> anyhow::Result<usize> {
    let path = format!("/api/v1/assets?q={serial}");
    let answer = client.get(&path, Some(token))?;
    if answer.status != 200 {
        bail!("a search was answered with {}", answer.status);
    }
    let page: Value = serde_json::from_slice(answer.body)?;
    let rows = page["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(rows.iter().filter(|row| row["serial"] == *serial).count())
}
