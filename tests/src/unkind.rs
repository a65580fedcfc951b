//! Receivers that are unkind, below HTTP: each takes a request whole, and does with the connection what it is made for.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::must;

/// How much of a request is read before something is done.
const REQUEST_BYTES_MAX: usize = 64 * 1_024;
/// What a bomb is when it is inflated.
const BOMB_BYTES: usize = 8 * 1_024 * 1_024;
static PIECE: [u8; 64 * 1_024] = [b'x'; 64 * 1_024];

/// What it does when it has the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Resets the connection.
    Reset,
    /// Says that it will say nothing, and goes on listening.
    HalfClosed,
    /// Says that it has said everything in the middle of its answer, and goes on listening.
    HalfAnswered,
    /// Accepts with a body that inflates to 8 MiB.
    Bomb,
    /// Accepts with a body of so many bytes.
    Long(usize),
    /// Accepts with a header that has no end.
    EndlessHeader,
}

/// A receiver. It goes when its runtime does.
#[derive(Debug)]
pub struct Unkind {
    /// Host and port, as the operator permits it.
    pub host: String,
    requests: Arc<AtomicUsize>,
}

impl Unkind {
    /// Starts one on a free loopback port.
    pub async fn start(way: Way) -> Self {
        let listener = must(TcpListener::bind("127.0.0.1:0").await);
        let host = must(listener.local_addr()).to_string();
        let requests = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&requests);
        let bomb: Arc<[u8]> = if way == Way::Bomb { bomb() } else { Vec::new() }.into();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (counted, bomb) = (Arc::clone(&counted), Arc::clone(&bomb));
                tokio::spawn(async move {
                    // Whoever asks may be gone at any time; that is what is tried.
                    drop(serve(socket, way, &counted, &bomb).await);
                });
            }
        });
        Self { host, requests }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.host)
    }

    /// How many requests it took.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// 8 MiB of nothing, packed.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..BOMB_BYTES / PIECE.len() {
        must(packed.write_all(&PIECE));
    }
    must(packed.finish())
}

async fn serve(
    mut socket: TcpStream,
    way: Way,
    requests: &AtomicUsize,
    bomb: &[u8],
) -> std::io::Result<()> {
    while request(&mut socket).await? {
        requests.fetch_add(1, Ordering::SeqCst);
        match way {
            Way::Reset => return socket.set_zero_linger(),
            Way::HalfClosed => {
                socket.shutdown().await?;
            }
            Way::HalfAnswered => {
                let part = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
                socket.write_all(part).await?;
                socket.shutdown().await?;
            }
            Way::Bomb => {
                let length = bomb.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"
                );
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(bomb).await?;
            }
            Way::Long(bytes) => long(&mut socket, bytes).await?,
            Way::EndlessHeader => {
                socket.write_all(b"HTTP/1.1 200 OK\r\nx: ").await?;
                loop {
                    socket.write_all(&PIECE).await?;
                }
            }
        }
    }
    Ok(())
}

async fn long(socket: &mut TcpStream, bytes: usize) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(PIECE.len());
        socket.write_all(&PIECE[..piece]).await?;
        left -= piece;
    }
    Ok(())
}

/// Reads one request to its end. Whether there was one.
async fn request(socket: &mut TcpStream) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = socket.read(&mut buffer).await?;
        if read == 0 || bytes.len() > REQUEST_BYTES_MAX {
            return Ok(false);
        }
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split("content-length: ").nth(1).unwrap_or("0");
        let length: usize = must(length.split("\r\n").next().unwrap_or("0").parse());
        if body.len() >= length {
            return Ok(true);
        }
    }
}
