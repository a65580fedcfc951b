//! Connections that are held and say next to nothing, from several addresses, while others ask as ever.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::bail;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::load::{Bounds, Samples, load};
use crate::place::Place;
use crate::plan;
use crate::server::Server;
use crate::terminal::complain;

/// The most that waiting may grow.
const RATIO_MAX: f64 = 1.5;
/// Held sockets per address, below what one address may have.
const PER_ADDRESS: usize = 100;
/// Those who ask as ever.
const CONNECTIONS: usize = 4;
/// Turns, each with and without; whatever else the machine does meets both.
const TURNS: usize = 5;
const TURN_TIME_MAX: Duration = Duration::from_secs(20);
/// How often a held socket says one more byte.
const TRICKLE_EVERY: Duration = Duration::from_secs(1);
/// What each kind of socket says at first; the rest comes byte by byte.
const BEGINNINGS: [&str; 4] = [
    "",
    "GET /api/v1/me HTTP/1.1\r\nHost: bench\r\nX-Slow: ",
    "G",
    "POST /api/v1/push/register HTTP/1.1\r\nHost: bench\r\nContent-Length: 1000\r\n\r\n{",
];

pub fn run(
    runtime: &Runtime,
    habeo: &Path,
    place: &Place,
    assets: u32,
    sockets: usize,
    requests: usize,
) -> anyhow::Result<String> {
    let server = Server::start(habeo, place)?;
    let ask =
        |dice: &mut plan::Dice| format!("/api/v1/scan/{}", plan::tag(dice.below(assets)).as_str());
    let measure = |requests: usize, seed: usize| {
        let bounds = Bounds {
            connections: CONNECTIONS,
            requests,
            time_max: TURN_TIME_MAX,
        };
        load(
            server.address,
            Some(&server.admin),
            &ask,
            bounds,
            u64::try_from(seed)?,
        )
    };
    measure(requests / TURNS / 4, usize::MAX >> 1)?;
    let (mut without, mut with) = (Samples::default(), Samples::default());
    let opened = Arc::new(AtomicUsize::new(0));
    let mut held = usize::MAX;
    for turn in 0..TURNS {
        complain(&format!("turn {} of {TURNS}", turn + 1));
        without.add(measure(requests / TURNS, turn)?);
        let open = Arc::new(AtomicUsize::new(0));
        let mut holders = runtime.block_on(hold(server.address, sockets, &opened, &open));
        with.add(measure(requests / TURNS, turn)?);
        held = held.min(open.load(Ordering::Relaxed));
        runtime.block_on(holders.shutdown());
    }
    let ratio = with.percentile(99) / without.percentile(99);
    let line = |what: &str, samples: &Samples| {
        format!(
            "| {what} | {:.0} | {:.0} | {:.0} |",
            samples.percentile(50),
            samples.percentile(99),
            samples.throughput()
        )
    };
    let report = format!(
        "{sockets} slow sockets, at least {held} open at the end of each turn, {} opened in all (the server ends each after its time)\n\
         | scan | p50 µs | p99 µs | /s |\n|---|---|---|---|\n{}\n{}\n\
         p99 with them is {ratio:.2} × that without (at most {RATIO_MAX})",
        opened.load(Ordering::Relaxed),
        line("without", &without),
        line("with", &with),
    );
    if ratio > RATIO_MAX {
        bail!("{report}\nothers had to wait for them");
    }
    Ok(report)
}

/// Opens them, and has each opened again when the server ends it.
async fn hold(
    address: SocketAddr,
    sockets: usize,
    opened: &Arc<AtomicUsize>,
    open: &Arc<AtomicUsize>,
) -> JoinSet<()> {
    let mut holders = JoinSet::new();
    for number in 0..sockets {
        let (opened, open) = (Arc::clone(opened), Arc::clone(open));
        let last = u8::try_from(2 + number / PER_ADDRESS).unwrap_or(u8::MAX);
        let from = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 0);
        holders.spawn(async move {
            loop {
                if let Ok(stream) = connect(from, address).await {
                    opened.fetch_add(1, Ordering::Relaxed);
                    open.fetch_add(1, Ordering::Relaxed);
                    dawdle(stream, BEGINNINGS[number % BEGINNINGS.len()]).await;
                    open.fetch_sub(1, Ordering::Relaxed);
                } else {
                    sleep(TRICKLE_EVERY).await;
                }
            }
        });
    }
    while open.load(Ordering::Relaxed) < sockets * 9 / 10 {
        sleep(Duration::from_millis(10)).await;
    }
    holders
}

async fn connect(from: SocketAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(from)?;
    socket.connect(to).await
}

/// Says a byte now and then until the server has had enough.
async fn dawdle(mut stream: TcpStream, beginning: &str) {
    if stream.write_all(beginning.as_bytes()).await.is_err() {
        return;
    }
    let mut answer = [0; 4096];
    loop {
        match timeout(TRICKLE_EVERY, stream.read(&mut answer)).await {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(_)) => {}
            Err(_) if beginning.is_empty() => {}
            Err(_) => {
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    }
}
