//! The server on a socket: what a client can do to a connection that no well-behaved library would.

mod crowd;
mod leaving;
mod malformed;
mod slow;

use std::net::SocketAddr;
use std::time::Duration;

use habeo_server::listen::limits::Limits;
use habeo_tests::app::TestApp;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long something is waited for that has to happen.
const PATIENCE: Duration = Duration::from_secs(20);
const ALIVE: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// Runs a test against a server with these limits. Connections know nothing of databases, so one engine is enough.
fn on_wire<F: Future<Output = ()>>(limits: Limits, test: impl FnOnce(TestApp, SocketAddr) -> F) {
    on_sqlite(async |db: TestDb| {
        let app = TestApp::over(&db).await;
        let address = app.listen_within(limits).await;
        test(app, address).await;
    });
}

/// One connection.
struct Wire {
    socket: TcpStream,
    read: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Wire {
    async fn to(address: SocketAddr) -> Self {
        Self {
            socket: must(TcpStream::connect(address).await),
            read: Vec::new(),
        }
    }

    /// Sends bytes. A server that has closed already is told so by what it answered.
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.socket.write_all(bytes.as_ref()).await);
    }

    /// Asks and reads the answer.
    async fn ask(&mut self, request: &str) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    /// Reads one answer.
    async fn answer(&mut self) -> Answer {
        must(self.next().await.ok_or("the connection ended"))
    }

    /// Whether the server ends the connection without another word.
    async fn is_ended(&mut self) -> bool {
        self.next().await.is_none()
    }

    async fn next(&mut self) -> Option<Answer> {
        let end = loop {
            let end = self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            if !self.more().await {
                assert!(self.read.is_empty(), "half an answer");
                return None;
            }
        };
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let mut answer = Answer {
            status: must(status.ok_or("no status")),
            head,
            body: Vec::new(),
        };
        let length = answer
            .header("content-length")
            .map_or(0, |length| must(length.parse()));
        while self.read.len() < end + length {
            assert!(self.more().await, "the body ended early");
        }
        answer.body = self.read[end..end + length].to_vec();
        self.read.drain(..end + length);
        Some(answer)
    }

    async fn more(&mut self) -> bool {
        let read = timeout(PATIENCE, self.socket.read_buf(&mut self.read)).await;
        // A reset is an end, too.
        must(read.map_err(|_| "nothing came")).is_ok_and(|count| count > 0)
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    /// A refusal in the one form that all have, with the headers that all answers carry.
    #[track_caller]
    fn assert_problem(&self, status: u16, code: &str) {
        let body: Value = must(serde_json::from_slice(&self.body));
        assert_eq!(
            (self.status, body["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
        assert_eq!(body["status"], status);
        for name in [
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "permissions-policy",
            "content-security-policy",
            "cache-control",
        ] {
            assert!(self.header(name).is_some(), "{name}: {}", self.head);
        }
        assert_eq!(
            self.header("content-type").as_deref(),
            Some("application/problem+json")
        );
        assert_eq!(self.header("server"), None);
    }

    fn ends_connection(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}
