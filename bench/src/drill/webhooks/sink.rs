//! Receivers on loopback: one that accepts everything, and one that never comes to an end.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What arrived: when the event of an id did first, and how often.
pub type Arrived = Arc<Mutex<HashMap<String, (Instant, u32)>>>;

/// How long one that drips waits before the next byte.
const DRIP: Duration = Duration::from_millis(500);

/// A receiver that accepts everything and notes its id: a thread for each connection, next to no work.
pub fn sink(arrived: &Arrived) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let arrived = Arc::clone(arrived);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let arrived = Arc::clone(&arrived);
            thread::spawn(move || receive(stream, &arrived));
        }
    });
    Ok(address)
}

fn receive(mut stream: TcpStream, arrived: &Arrived) {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    drop(stream.set_nodelay(true));
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1_024];
    loop {
        let whole = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .and_then(|end| {
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let field = |name: &str| {
                    let line = head.lines().find_map(|line| line.strip_prefix(name))?;
                    Some(line.trim_start_matches(':').trim().to_owned())
                };
                let length: usize = field("content-length")?.parse().ok()?;
                let id = field("x-habeo-event-id")?;
                (bytes.len() >= end + 4 + length).then_some((end + 4 + length, id))
            });
        if let Some((length, id)) = whole {
            let now = Instant::now();
            let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
            arrived.entry(id).or_insert((now, 0)).1 += 1;
            drop(arrived);
            bytes.drain(..length);
            if stream.write_all(OK).is_err() {
                return;
            }
            continue;
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

/// A receiver of which every second connection says nothing and every other one a byte of its answer now and then. Counts its connections.
pub fn endless(held: &Arc<AtomicU32>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let held = Arc::clone(held);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let number = held.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || hold(stream, number.is_multiple_of(2)));
        }
    });
    Ok(address)
}

fn hold(mut stream: TcpStream, drips: bool) {
    let mut chunk = [0; 16 * 1_024];
    if drips && stream.read(&mut chunk).is_ok() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
        for byte in head.iter().copied().chain(std::iter::repeat(b'x')) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(DRIP);
        }
    }
    // Until the other side has enough of it.
    while stream.read(&mut chunk).is_ok_and(|read| read > 0) {}
}
