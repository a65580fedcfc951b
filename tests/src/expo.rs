//! A stand-in for the Expo push service on a loopback port. It refuses whatever Expo would refuse.
//!
//! What it does with a phone is in the phone's token: `dead` is not registered any more, the receipt of `sender` says `MismatchSenderId`, of
//! `later` that it is sent too much, of `gone` that it is not registered any more, of `odd` a word that nobody knows; `unknown` gets such a
//! ticket, and `slow` is refused once.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flate2::read::GzDecoder;
use habeo_server::listen::Bound;
use habeo_server::stop::Stop;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use serde_json::{Value, json};

use crate::must;

/// The most phones of one request.
const PHONES_MAX: usize = 100;
/// The most tickets of one question.
const QUESTIONS_MAX: usize = 1_000;
/// The most bytes of a message beside its token.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// An Expo of one test. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct FakeExpo {
    base: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    messages: Vec<Value>,
    failures: VecDeque<Failure>,
    access_token: Option<String>,
    /// What is known of each ticket: the phone's token.
    tickets: BTreeMap<String, String>,
    /// Whether receipts are there yet.
    receipts: bool,
    slow: Vec<String>,
    /// Which tokens are of which project; none where all are of one.
    projects: BTreeMap<String, String>,
    /// What was wrong with what came.
    faults: Vec<String>,
}

/// What it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Below the service's address.
    pub path: String,
    /// How many messages, or tickets.
    pub size: usize,
    /// Whether the body was compressed.
    pub gzip: bool,
    /// The status of the answer.
    pub status: u16,
}

/// How a request fails.
#[derive(Debug, Clone)]
pub enum Failure {
    /// With a status, and a time to wait.
    Status(u16, Option<u32>),
    /// With an answer of these words after everything was done.
    Says(u16, Value),
    /// Not at all: nobody answers, although everything was done.
    Hangs,
}

impl FakeExpo {
    /// Starts one.
    pub async fn start() -> Self {
        let bound = must(Bound::to(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await);
        let expo = Self {
            base: format!("http://{}", bound.address()),
            state: Arc::default(),
        };
        let endpoint = Front(expo.clone()).boxed();
        tokio::spawn(bound.serve(Arc::new(endpoint), Stop::default()));
        expo
    }

    /// The settings of a server that sends by it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let host = self.base.trim_start_matches("http://").to_owned();
        vec![
            ("HABEO_EXPO_BASE_URL", self.base.clone()),
            ("HABEO_ALLOW_PRIVATE_HOSTS", host),
        ]
    }

    /// Lets the next request fail.
    pub fn fail(&self, failure: Failure) {
        self.state().failures.push_back(failure);
    }

    /// Wants this access token from now on.
    pub fn wants(&self, access_token: &str) {
        self.state().access_token = Some(access_token.to_owned());
    }

    /// Makes receipts known.
    pub fn deliver(&self) {
        self.state().receipts = true;
    }

    /// Lets a phone be of another project.
    pub fn of_project(&self, token: &str, project: &str) {
        let mut state = self.state();
        state.projects.insert(token.to_owned(), project.to_owned());
    }

    /// What it was asked so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// What it was asked to send.
    #[must_use]
    pub fn sends(&self) -> Vec<Call> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.path.ends_with("/send")).collect()
    }

    /// What it was asked after.
    #[must_use]
    pub fn questions(&self) -> Vec<Call> {
        let calls = self.calls().into_iter();
        calls
            .filter(|call| call.path.ends_with("/getReceipts"))
            .collect()
    }

    /// Every message that came through, the first one first.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        self.state().messages.clone()
    }

    /// The phones that were sent to, by their tokens.
    #[must_use]
    pub fn phones(&self) -> Vec<String> {
        let token = |message: &Value| message["to"][0].as_str().unwrap_or_default().to_owned();
        self.messages().iter().map(token).collect()
    }

    /// What was wrong with what came: nothing, of a program that keeps to the contract.
    ///
    /// # Panics
    ///
    /// When there was anything.
    pub fn faultless(&self) {
        let faults = self.state().faults.clone();
        assert!(faults.is_empty(), "{faults:?}");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, path: &str, authorization: &str, body: &Value) -> Given {
        let mut state = self.state();
        let wanted = state
            .access_token
            .as_ref()
            .map(|token| format!("Bearer {token}"));
        if wanted.is_some_and(|wanted| wanted != authorization) {
            return Given::fault(401, "UNAUTHORIZED");
        }
        let failure = state.failures.pop_front();
        if let Some(Failure::Status(status, after)) = failure {
            return Given {
                after,
                ..Given::fault(status, "TOO_MANY_REQUESTS")
            };
        }
        let given = if path.ends_with("/send") {
            state.send(body)
        } else {
            state.receipts(body)
        };
        match failure {
            Some(Failure::Says(status, body)) => Given {
                status,
                body,
                ..given
            },
            Some(Failure::Hangs) => Given {
                hangs: true,
                ..given
            },
            _ => given,
        }
    }
}

/// An answer.
#[derive(Debug)]
struct Given {
    status: u16,
    after: Option<u32>,
    body: Value,
    size: usize,
    hangs: bool,
}

impl Given {
    fn of(status: u16, body: Value, size: usize) -> Self {
        Self {
            status,
            after: None,
            body,
            size,
            hangs: false,
        }
    }

    fn fault(status: u16, code: &str) -> Self {
        let body = json!({"errors": [{"code": code, "message": "refused"}]});
        Self::of(status, body, 0)
    }
}

impl State {
    fn send(&mut self, body: &Value) -> Given {
        let single = body.is_object();
        let messages = match body {
            Value::Array(messages) => messages.clone(),
            Value::Object(_) => vec![body.clone()],
            _ => return Given::fault(400, "VALIDATION_ERROR"),
        };
        let recipients = |message: &Value| message["to"].as_array().map_or(1, Vec::len);
        let phones: usize = messages.iter().map(recipients).sum();
        if phones > PHONES_MAX {
            self.faults.push(format!("{phones} phones at once"));
            return Given::fault(400, "PUSH_TOO_MANY_NOTIFICATIONS");
        }
        for message in &messages {
            self.check(message);
        }
        let tokens: Vec<String> = messages.iter().flat_map(tokens_of).collect();
        let mut projects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for token in &tokens {
            let project = self.projects.get(token);
            let project = project.map_or("@habeo/app", String::as_str);
            projects
                .entry(project.to_owned())
                .or_default()
                .push(token.clone());
        }
        if projects.len() > 1 {
            let error = json!({"code": "PUSH_TOO_MANY_EXPERIENCE_IDS", "message": "mixed", "details": projects});
            return Given::of(400, json!({"errors": [error]}), phones);
        }
        let slow = tokens
            .iter()
            .find(|token| token.contains("slow") && !self.slow.contains(token));
        if let Some(slow) = slow.cloned() {
            self.slow.push(slow);
            let limited = Given::fault(429, "TOO_MANY_REQUESTS");
            return Given {
                after: Some(1),
                ..limited
            };
        }
        let tickets: Vec<Value> = tokens.iter().map(|token| self.ticket(token)).collect();
        self.messages.extend(messages);
        let data = match &tickets[..] {
            [only] if single => only.clone(),
            _ => Value::Array(tickets),
        };
        Given::of(200, json!({"data": data}), phones)
    }

    fn ticket(&mut self, token: &str) -> Value {
        let refused = |code: &str| json!({"status": "error", "message": format!("\"{token}\" is refused"), "details": {"error": code, "expoPushToken": token}});
        if token.contains("dead") {
            return refused("DeviceNotRegistered");
        }
        if token.contains("unknown") {
            return refused("InventedYesterday");
        }
        let id = format!("0190a3c1-0000-7000-8000-{:012}", self.tickets.len());
        self.tickets.insert(id.clone(), token.to_owned());
        json!({"status": "ok", "id": id})
    }

    fn receipts(&mut self, body: &Value) -> Given {
        let Some(ids) = body["ids"].as_array() else {
            return Given::fault(400, "VALIDATION_ERROR");
        };
        if ids.len() > QUESTIONS_MAX {
            self.faults.push(format!("{} tickets at once", ids.len()));
            return Given::fault(400, "PUSH_TOO_MANY_RECEIPTS");
        }
        let mut known = serde_json::Map::new();
        for id in ids.iter().filter_map(Value::as_str) {
            match self.tickets.get(id) {
                None => self
                    .faults
                    .push(format!("nobody was given the ticket {id}")),
                Some(token) if self.receipts => {
                    known.insert(id.to_owned(), receipt(token));
                }
                Some(_) => {}
            }
        }
        Given::of(200, json!({"data": known}), ids.len())
    }

    /// Notes what Expo, Apple or Google would not take, and what must not stand on a lock screen.
    fn check(&mut self, message: &Value) {
        let mut fault = |what: &str| self.faults.push(format!("{what}: {message}"));
        let one = matches!(message["to"].as_array().map(Vec::len), Some(1));
        if !one {
            fault("one phone to a message");
        }
        let mut rest = message.clone();
        rest["to"] = Value::Null;
        if rest.to_string().len() > MESSAGE_BYTES_MAX {
            fault("too large");
        }
        let data = message["data"].as_object();
        let members = |object: &serde_json::Map<String, Value>| {
            object.len() == 2
                && ["id", "type"].iter().all(|name| object.contains_key(*name))
                && object.values().all(Value::is_string)
        };
        if !data.is_some_and(members) {
            fault("data is a type and an id");
        }
        for member in ["title", "body", "channelId", "collapseId", "tag"] {
            if message[member].as_str().is_none_or(str::is_empty) {
                fault(member);
            }
        }
        let short = message["collapseId"].as_str().map_or(0, str::len) <= 64;
        if !short {
            fault("Apple takes 64 bytes of a collapse id");
        }
        let priority = message["priority"].as_str().unwrap_or_default();
        if !["default", "normal", "high"].contains(&priority) || !message["ttl"].is_u64() {
            fault("priority and ttl");
        }
    }
}

fn tokens_of(message: &Value) -> Vec<String> {
    match &message["to"] {
        Value::Array(tokens) => tokens
            .iter()
            .filter_map(|token| token.as_str().map(ToOwned::to_owned))
            .collect(),
        Value::String(token) => vec![token.clone()],
        _ => Vec::new(),
    }
}

fn receipt(token: &str) -> Value {
    let failed =
        |code: &str| json!({"status": "error", "message": "failed", "details": {"error": code}});
    for (word, code) in [
        ("sender", "MismatchSenderId"),
        ("later", "MessageRateExceeded"),
        ("gone", "DeviceNotRegistered"),
        ("odd", "InventedYesterday"),
    ] {
        if token.contains(word) {
            return failed(code);
        }
    }
    json!({"status": "ok"})
}

struct Front(FakeExpo);

impl Endpoint for Front {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let path = request.uri().path().to_owned();
        let known = path.strip_prefix("/--/api/v2/push/");
        if *request.method() != Method::POST || !matches!(known, Some("send" | "getReceipts")) {
            return Ok(StatusCode::NOT_FOUND.into());
        }
        let bytes = request.take_body().into_vec().await.unwrap_or_default();
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let gzip = header("content-encoding") == "gzip";
        let json_type = header("content-type") == "application/json";
        if gzip != (inflated(&bytes).is_some()) || !json_type {
            let mut state = self.0.state();
            state
                .faults
                .push("the body is not what its headers say".to_owned());
        }
        let plain = inflated(&bytes).unwrap_or(bytes);
        let body = serde_json::from_slice(&plain).unwrap_or_default();
        if gzip != (plain.len() > 1_024) {
            let mut state = self.0.state();
            state
                .faults
                .push(format!("{} bytes, gzip {gzip}", plain.len()));
        }
        let given = self.0.answer(&path, &header("authorization"), &body);
        let call = Call {
            path,
            size: given.size,
            gzip,
            status: given.status,
        };
        self.0.state().calls.push(call);
        if given.hangs {
            // Longer than anybody waits.
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        let mut response = Response::builder()
            .status(must(StatusCode::from_u16(given.status)))
            .content_type("application/json");
        if let Some(seconds) = given.after {
            response = response.header("retry-after", seconds.to_string());
        }
        Ok(response.body(given.body.to_string()))
    }
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).ok()?;
    Some(plain)
}
