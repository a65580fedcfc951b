//! What those are told who do not come in. Written once, because it is needed when there is no time for anything.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use habeo_surface::catalogue;
use habeo_surface::edge::{REQUEST_ID, Refused};
use habeo_surface::problem::Problem;
use poem::http::header;
use poem::{Endpoint, Request, Response};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, Semaphore};

use super::connection::{Shared, linger};
use super::door::Full;

/// How many are told at once. Who comes when so many listen finds the door closed without a word.
const TOLD_AT_ONCE_MAX: usize = 64;
/// How long telling may take.
const TELLING_TIMEOUT: Duration = Duration::from_secs(1);

/// The words, and how many hear them now.
#[derive(Debug, Clone)]
pub struct Refusal {
    words: Arc<OnceCell<Bytes>>,
    listeners: Arc<Semaphore>,
}

impl Refusal {
    pub fn new() -> Self {
        Self {
            words: Arc::default(),
            listeners: Arc::new(Semaphore::new(TOLD_AT_ONCE_MAX)),
        }
    }

    /// Turns a connection away.
    pub fn tell<E>(&self, mut socket: TcpStream, full: Full, shared: &Arc<Shared<E>>)
    where
        E: Endpoint<Output = Response> + 'static,
    {
        metrics::counter!("habeo_connections_refused_total", "reason" => full.name()).increment(1);
        let Ok(place) = Arc::clone(&self.listeners).try_acquire_owned() else {
            return;
        };
        let words = Arc::clone(&self.words);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let telling = async {
                let words = words.get_or_init(|| words_of(&shared.endpoint)).await;
                if socket.write_all(words).await.is_ok() {
                    linger(socket).await;
                }
            };
            drop(tokio::time::timeout(TELLING_TIMEOUT, telling).await);
            drop(place);
        });
    }
}

/// The answer of a busy server, as it goes on the wire.
async fn words_of(endpoint: &impl Endpoint<Output = Response>) -> Bytes {
    let mut request = Request::default();
    request.set_data(Refused(Problem::new(&catalogue::BUSY)));
    let response = endpoint.get_response(request).await;
    let status = response.status();
    let mut head = format!(
        "HTTP/1.1 {} {}\r\nconnection: close\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    for (name, value) in response.headers() {
        // One text for all: it is nobody's request.
        let whole = *name != REQUEST_ID && *name != header::CONTENT_LENGTH;
        if let (true, Ok(value)) = (whole, value.to_str()) {
            head.push_str(name.as_str());
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
    }
    let body = response.into_body().into_bytes().await.unwrap_or_default();
    let mut words = head.into_bytes();
    words.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    words.extend_from_slice(&body);
    words.into()
}
