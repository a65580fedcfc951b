//! A receiver on loopback that notes what comes and answers in the way it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How a receiver answers.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// With these bytes; the connection stays open.
    Answers(Vec<u8>),
    /// With these bytes, after a while.
    AnswersLate(Vec<u8>),
    /// Not at all; the connection stays open.
    Silent,
    /// With the head of an answer, byte by byte, for ever.
    SlowHead,
    /// With a whole head and a body that comes byte by byte.
    SlowBody,
    /// With a body that does not end, as fast as it is taken.
    Endless,
    /// By closing the connection.
    HangsUp,
}

impl Way {
    /// An answer with this status line, these header lines and this body.
    pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        Self::Answers([head.as_bytes(), body].concat())
    }

    pub(super) fn ok() -> Self {
        Self::answer("200 OK", "", b"ok")
    }
}

/// One request: the number of its connection, and its text.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) connection: usize,
    pub(super) text: String,
}

#[derive(Clone, Default)]
struct Noted {
    requests: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    noted: Noted,
}

impl Receiver {
    pub(super) async fn start(way: Way) -> Self {
        Self::start_at("127.0.0.1:0", way).await
    }

    pub(super) async fn start_at(address: &str, way: Way) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let noted = Noted::default();
        let served = noted.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = {
                    let mut connections = served.connections.lock().expect("a lock");
                    *connections += 1;
                    *connections
                };
                tokio::spawn(serve(stream, connection, way.clone(), served.clone()));
            }
        });
        Self { address, noted }
    }

    pub(super) fn requests(&self) -> Vec<Received> {
        self.noted.requests.lock().expect("a lock").clone()
    }

    /// The only request that came.
    pub(super) fn request(&self) -> String {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].text.clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.noted.connections.lock().expect("a lock")
    }
}

async fn serve(mut stream: TcpStream, connection: usize, way: Way, noted: Noted) {
    while let Some(text) = read_request(&mut stream).await {
        let received = Received { connection, text };
        noted.requests.lock().expect("a lock").push(received);
        if answer(&mut stream, &way).await.is_none() {
            return;
        }
    }
}

/// Head and body of one request; none at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines();
            let length = lines
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().expect("a length"));
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut chunk = [0; 8_192];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

/// Answers one request; none when the connection is over.
async fn answer(stream: &mut TcpStream, way: &Way) -> Option<()> {
    const SLOW: Duration = Duration::from_millis(20);
    match way {
        Way::Answers(bytes) => stream.write_all(bytes).await.ok(),
        Way::AnswersLate(bytes) => {
            sleep(10 * SLOW).await;
            stream.write_all(bytes).await.ok()
        }
        Way::HangsUp => None,
        Way::Silent => {
            sleep(Duration::from_mins(1)).await;
            None
        }
        Way::SlowHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await.ok()?;
            loop {
                stream.write_all(b"y").await.ok()?;
                sleep(SLOW).await;
            }
        }
        Way::SlowBody => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n";
            stream.write_all(head).await.ok()?;
            loop {
                stream.write_all(b"y").await.ok()?;
                sleep(SLOW).await;
            }
        }
        Way::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(&[b'y'; 16_384]).await.ok()?;
            }
        }
    }
}
