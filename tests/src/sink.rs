//! Somebody who is told of what happens: a receiver of webhooks on a loopback port, which keeps what it was sent and answers as a test wants it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use habeo_server::listen::Bound;
use habeo_server::stop::Stop;
use hmac::{Hmac, KeyInit as _, Mac as _};
use poem::http::{HeaderMap, StatusCode};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::watch;

use crate::must;

/// A receiver of one test. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Sink {
    host: String,
    state: Arc<Mutex<State>>,
    /// Whether answers are held back.
    held: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    answers: VecDeque<Reply>,
    /// What it holds signatures against; nothing at all where it takes everything.
    secrets: Vec<String>,
    at_once: usize,
    most_at_once: usize,
}

/// How it answers.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// With this status.
    pub status: u16,
    /// With these headers.
    pub headers: Vec<(&'static str, String)>,
    /// With this body.
    pub body: String,
}

impl Reply {
    /// A status and nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }
}

/// A delivery as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// To which path.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its exact bytes.
    pub body: Vec<u8>,
    /// What was answered.
    pub status: u16,
}

impl Received {
    /// A header that is there once.
    ///
    /// # Panics
    ///
    /// When it is there twice.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        assert!(values.next().is_none(), "{name} is there twice");
        value.unwrap_or_default()
    }

    /// The body.
    #[must_use]
    pub fn json(&self) -> Value {
        must(serde_json::from_slice(&self.body))
    }

    /// The event's name.
    #[must_use]
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }
}

/// The documented signature: the secret's text is the key, and the digest is in lower-case hexadecimal.
#[must_use]
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = must(Hmac::<Sha256>::new_from_slice(secret.as_bytes()));
    mac.update(body);
    habeo_core::ledger::tree::hex(&mac.finalize().into_bytes())
}

impl Sink {
    /// Starts one that accepts everything.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }

    /// Starts one at this address, as `start` does.
    ///
    /// # Panics
    ///
    /// When it is no address and port of this machine, or somebody has it.
    pub async fn start_at(address: &str) -> Self {
        let address: std::net::SocketAddr = must(address.parse());
        let bound = must(Bound::to(address).await);
        let sink = Self {
            host: bound.address().to_string(),
            state: Arc::default(),
            held: watch::Sender::new(false),
        };
        let endpoint = Front(sink.clone()).boxed();
        tokio::spawn(bound.serve(Arc::new(endpoint), Stop::default()));
        sink
    }

    /// Host and port, as the operator permits it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of a path of its.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// Answers the next deliveries like this, one each.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state().answers.extend(replies);
    }

    /// Refuses with 401 from now on what none of these secrets signed, as the documented verifier does.
    pub fn know(&self, secrets: &[&str]) {
        self.state().secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
    }

    /// Takes what comes and answers nothing, until it is told to go on.
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Answers what it held back, and everything from now on.
    pub fn go_on(&self) {
        self.held.send_replace(false);
    }

    /// What arrived so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// How many requests were answered at the same time at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    /// What arrived and was accepted.
    #[must_use]
    pub fn accepted(&self) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|one| (200..300).contains(&one.status));
        received
    }

    /// Forgets what arrived.
    pub fn clear(&self) {
        self.state().received.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Front(Sink);

impl Endpoint for Front {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body = request.take_body().into_vec().await?;
        let _present = self.0.present();
        let reply = self.0.take(&request, body);
        let mut held = self.0.held.subscribe();
        // The sender is this sink's own, so it is there.
        drop(held.wait_for(|held| !held).await);
        let mut response = Response::builder().status(must(StatusCode::from_u16(reply.status)));
        for (name, value) in reply.headers {
            response = response.header(name, value);
        }
        Ok(response.body(reply.body))
    }
}

/// A request that is being answered, for as long as this is there.
struct Present(Arc<Mutex<State>>);

impl Drop for Present {
    fn drop(&mut self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.at_once -= 1;
    }
}

impl Sink {
    fn present(&self) -> Present {
        let mut state = self.state();
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        Present(Arc::clone(&self.state))
    }

    /// Keeps what arrived, and decides what is answered.
    fn take(&self, request: &Request, body: Vec<u8>) -> Reply {
        let mut state = self.state();
        let signed = request.headers().get("x-habeo-signature");
        let signed = signed
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let known = state.secrets.is_empty()
            || state
                .secrets
                .iter()
                .any(|secret| signature(secret, &body) == signed);
        let reply = if known {
            let next = state.answers.pop_front();
            next.unwrap_or_else(|| Reply::status(200))
        } else {
            Reply::status(401)
        };
        state.received.push(Received {
            path: request.uri().path().to_owned(),
            headers: request.headers().clone(),
            body,
            status: reply.status,
        });
        reply
    }
}
