//! Stopping under load: whoever was let in is answered.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::wire::Wire;
use crate::place::Place;
use crate::plan::{self, Dice};
use crate::server::Server;
use crate::terminal::complain;

const CLIENTS: u32 = 8;
/// One request in so many records something.
const WRITE_ONE_IN: u32 = 10;
/// How long a stopping server may take.
const EXIT_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
struct Tally {
    answered: AtomicUsize,
    /// Broken off, or answered with a failure, on a connection that the server had accepted.
    failed: AtomicUsize,
    /// Written into a kept connection that the server was just ending; nothing of them was read.
    unread: AtomicUsize,
}

pub fn run(habeo: &Path, place: &Place, assets: u32, rounds: u32) -> anyhow::Result<String> {
    let tally = Tally::default();
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let mut server = Server::start(habeo, place)?;
        let (address, token) = (server.address, server.admin.clone());
        let stopping = AtomicBool::new(false);
        let took = thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (tally, stopping, token) = (&tally, &stopping, token.as_str());
                let seed = u64::from(round * CLIENTS + client);
                scope.spawn(move || ask(address, token, assets, seed, stopping, tally));
            }
            let mut dice = Dice::new(u64::from(round));
            thread::sleep(Duration::from_millis(u64::from(200 + dice.below(400))));
            stopping.store(true, Ordering::Relaxed);
            terminate(&mut server)
        })?;
        slowest = slowest.max(took);
        complain(&format!("{} of {rounds}: ended in {took:.2?}", round + 1));
    }
    let [answered, failed, unread] =
        [&tally.answered, &tally.failed, &tally.unread].map(|count| count.load(Ordering::Relaxed));
    let report = format!(
        "{rounds} times asked to stop under load: {answered} requests answered, {failed} accepted requests failed, \
         {unread} found their kept connection ended; every exit code 0, the slowest end took {slowest:.2?}"
    );
    if failed > 0 {
        bail!("{report}");
    }
    Ok(report)
}

/// Asks it to stop, and waits until it has.
fn terminate(server: &mut Server) -> anyhow::Result<Duration> {
    let asked = Instant::now();
    let sent = Command::new("kill")
        .args(["-TERM", &server.process_id().to_string()])
        .status()?;
    if !sent.success() {
        bail!("the signal could not be sent");
    }
    let status = server
        .wait(EXIT_TIMEOUT)?
        .context("the server did not end in time")?;
    if !status.success() {
        bail!("the server ended with {status}");
    }
    Ok(asked.elapsed())
}

/// Asks until nobody answers any more.
fn ask(
    address: SocketAddr,
    token: &str,
    assets: u32,
    seed: u64,
    stopping: &AtomicBool,
    tally: &Tally,
) {
    let mut dice = Dice::new(seed);
    'connections: loop {
        let Ok(mut wire) = Wire::to(address) else {
            if stopping.load(Ordering::Relaxed) {
                return;
            }
            tally.failed.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let mut kept = false;
        loop {
            let request = request(&mut dice, token, assets);
            match wire.ask(request.as_bytes()) {
                Ok(reply) if reply.status < 300 => {
                    tally.answered.fetch_add(1, Ordering::Relaxed);
                    if reply.closes {
                        continue 'connections;
                    }
                }
                // A kept connection may be ended by either side between two requests (RFC 9112 section 9.6).
                Err(broken) if kept && !broken.begun => {
                    tally.unread.fetch_add(1, Ordering::Relaxed);
                    continue 'connections;
                }
                Ok(reply) => {
                    complain(&format!("answered with {}", reply.status));
                    tally.failed.fetch_add(1, Ordering::Relaxed);
                    continue 'connections;
                }
                Err(broken) => {
                    complain(&format!("broken off: {}", broken.error));
                    tally.failed.fetch_add(1, Ordering::Relaxed);
                    continue 'connections;
                }
            }
            kept = true;
        }
    }
}

fn request(dice: &mut Dice, token: &str, assets: u32) -> String {
    let bearer = format!("Host: bench\r\nAuthorization: Bearer {token}\r\n");
    if dice.below(WRITE_ONE_IN) > 0 {
        let tag = plan::tag(dice.below(assets));
        return format!("GET /api/v1/scan/{} HTTP/1.1\r\n{bearer}\r\n", tag.as_str());
    }
    let name = dice.below(10);
    let body = format!(
        "{{\"token\":\"ExponentPushToken[drill-{name}]\",\"platform\":\"android\",\"deviceName\":\"{}\"}}",
        dice.below(1_000_000)
    );
    format!(
        "POST /api/v1/push/register HTTP/1.1\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
