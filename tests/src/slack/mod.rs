//! A stand-in for Slack on a loopback port: it installs apps, answers the Web API, takes answers, and refuses whatever Slack would refuse.

mod api;
mod check;
mod oauth;
mod shown;
mod talk;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use habeo_server::listen::Bound;
use habeo_server::stop::Stop;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, EndpointExt as _, Request, Response};
use serde_json::{Value, json};

use crate::must;

pub use shown::{button, shown};
pub use talk::{COOKIE, Chat, Event, TEAM, signed};

/// The app's client id.
pub const CLIENT_ID: &str = "1234567890.0987654321";
/// The app's client secret.
pub const CLIENT_SECRET: &str = "client-secret";
/// The app's signing secret.
pub const SIGNING_SECRET: &str = "habeo-test-signing-secret";
/// The app.
pub const APP: &str = "A0HABEO01";
/// The app's own user.
pub const BOT: &str = "U0HABEOBOT";

/// A Slack of one test. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Slack {
    base: String,
    state: Arc<Mutex<State>>,
}

/// What it is and has been asked.
#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    hooks: Vec<Call>,
    failures: HashMap<String, VecDeque<Failure>>,
    faults: Vec<String>,
    codes: HashMap<String, Grant>,
    tokens: BTreeMap<String, String>,
    scopes: BTreeSet<String>,
    expired: BTreeSet<String>,
    refresh: BTreeMap<String, String>,
    users: BTreeMap<String, Value>,
    channels: BTreeMap<String, (Value, Vec<String>)>,
    triggers: BTreeSet<String>,
    rotates: bool,
    next_install: Option<Value>,
    counter: u32,
}

/// What a code is exchanged for.
#[derive(Debug, Clone)]
struct Grant {
    redirect_uri: String,
    scope: String,
    taken: bool,
}

/// What the app asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The method, or the path of an address to answer to.
    pub method: String,
    /// By what token.
    pub token: String,
    /// What it carried.
    pub body: Value,
}

/// How a call fails.
#[derive(Debug, Clone, Copy)]
pub enum Failure {
    /// By Slack's word.
    Code(&'static str),
    /// By a status.
    Status(u16),
    /// With a request to wait for so many seconds.
    Later(u32),
    /// Late.
    Slow(Duration),
}

impl Slack {
    /// Starts one.
    pub async fn start() -> Self {
        let bound = must(Bound::to(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await);
        let slack = Self {
            base: format!("http://{}", bound.address()),
            state: Arc::default(),
        };
        let endpoint = Front(slack.clone()).boxed();
        tokio::spawn(bound.serve(Arc::new(endpoint), Stop::default()));
        slack
    }

    /// The settings of a server whose Slack this is.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let host = self.base.trim_start_matches("http://").to_owned();
        vec![
            ("HABEO_SLACK_CLIENT_ID", CLIENT_ID.to_owned()),
            ("HABEO_SLACK_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("HABEO_SLACK_SIGNING_SECRET", SIGNING_SECRET.to_owned()),
            ("HABEO_SLACK_API_BASE", format!("{}/api", self.base)),
            (
                "HABEO_SLACK_AUTHORIZE_URL",
                format!("{}/oauth/v2/authorize", self.base),
            ),
            ("HABEO_SLACK_HOOKS_BASE", self.base.clone()),
            ("HABEO_ALLOW_PRIVATE_HOSTS", host),
        ]
    }

    /// Tokens expire after twelve hours from now on.
    pub fn rotate_tokens(&self) {
        self.state().rotates = true;
    }

    /// The next installation is answered with these members besides, or instead.
    pub fn next_install(&self, members: Value) {
        self.state().next_install = Some(members);
    }

    /// Slack knows of this user. What is not said is as of a full member of the workspace.
    pub fn user(&self, id: &str, team: &str, more: &Value) {
        let mut user = json!({"id": id, "team_id": team, "name": id.to_lowercase(), "deleted": false, "is_bot": false, "is_restricted": false,
            "is_ultra_restricted": false, "is_email_confirmed": true, "tz": "America/Chicago",
            "profile": {"real_name": format!("Real {id}"), "display_name": ""}});
        for (name, value) in more.as_object().into_iter().flatten() {
            user[name] = value.clone();
        }
        self.state().users.insert(id.to_owned(), user);
    }

    /// Slack knows of this channel: what it tells of it, and who is in it.
    pub fn channel(&self, id: &str, info: &Value, members: &[&str]) {
        let members = members.iter().map(ToString::to_string).collect();
        let told = (info.clone(), members);
        self.state().channels.insert(id.to_owned(), told);
    }

    /// The next call of a method fails so.
    pub fn fail(&self, method: &str, failure: Failure) {
        self.state()
            .failures
            .entry(method.to_owned())
            .or_default()
            .push_back(failure);
    }

    /// Slack calls this token expired from now on.
    pub fn expire_tokens(&self) {
        let mut state = self.state();
        let tokens: Vec<String> = state.tokens.keys().cloned().collect();
        state.expired.extend(tokens);
    }

    /// Slack forgets every token.
    pub fn revoke_tokens(&self) {
        let mut state = self.state();
        state.tokens.clear();
        state.refresh.clear();
    }

    /// What was asked so far, by method.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Call> {
        let state = self.state();
        state
            .calls
            .iter()
            .filter(|call| call.method == method)
            .cloned()
            .collect()
    }

    /// Everything that was asked so far, in order.
    #[must_use]
    pub fn every_call(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The methods that were called, in order.
    #[must_use]
    pub fn methods(&self) -> Vec<String> {
        let state = self.state();
        state.calls.iter().map(|call| call.method.clone()).collect()
    }

    /// What was answered to the addresses that came with commands and buttons.
    #[must_use]
    pub fn hooks(&self) -> Vec<Call> {
        self.state().hooks.clone()
    }

    /// Forgets what was asked so far.
    pub fn forget(&self) {
        let mut state = self.state();
        state.calls.clear();
        state.hooks.clear();
    }

    /// What Slack would have refused, so far. A test that provokes none ends with none.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state().faults.clone()
    }

    /// Notes what Slack would refuse of an answer.
    fn hold(&self, what: &str, checked: Result<(), String>) {
        if let Err(fault) = checked {
            self.fault(what, &fault);
        }
    }

    /// An address to answer to.
    #[must_use]
    pub fn hook(&self) -> String {
        format!("{}/hooks/{}", self.base, self.number())
    }

    /// Something by which a dialog can be opened once.
    #[must_use]
    pub fn trigger(&self) -> String {
        let trigger = format!("{}.trigger", self.number());
        self.state().triggers.insert(trigger.clone());
        trigger
    }

    fn number(&self) -> u32 {
        let mut state = self.state();
        state.counter += 1;
        state.counter
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failure(&self, method: &str) -> Option<Failure> {
        self.state()
            .failures
            .get_mut(method)
            .and_then(VecDeque::pop_front)
    }
}

/// What answers on its port.
struct Front(Slack);

impl Endpoint for Front {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let path = request.uri().path().to_owned();
        let body = request.take_body().into_vec().await?;
        if request.method() == Method::GET && path == "/oauth/v2/authorize" {
            let query = request.uri().query().unwrap_or_default();
            return Ok(self.0.authorize(query));
        }
        if let Some(method) = path.strip_prefix("/api/") {
            return Ok(self.api(method, &request, &body).await);
        }
        if path.starts_with("/hooks/") {
            return Ok(self.0.take_hook(&path, &body));
        }
        Ok(StatusCode::NOT_FOUND.into())
    }
}

impl Front {
    async fn api(&self, method: &str, request: &Request, body: &[u8]) -> Response {
        let head = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let authorization = head(header::AUTHORIZATION).unwrap_or_default();
        let is_json =
            head(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
        let given = if is_json {
            serde_json::from_slice(body).unwrap_or_default()
        } else {
            form(body)
        };
        match self.0.failure(method) {
            Some(Failure::Slow(time)) => tokio::time::sleep(time).await,
            Some(Failure::Code(code)) => return answer(&json!({"ok": false, "error": code})),
            Some(Failure::Status(status)) => {
                return StatusCode::from_u16(status)
                    .unwrap_or(StatusCode::BAD_GATEWAY)
                    .into();
            }
            Some(Failure::Later(seconds)) => {
                return Response::builder()
                    .status(StatusCode::TOO_MANY_REQUESTS)
                    .header("retry-after", seconds)
                    .content_type("application/json")
                    .body(json!({"ok": false, "error": "ratelimited"}).to_string());
            }
            None => {}
        }
        let whole = if method == "oauth.v2.access" {
            self.0.exchange(authorization, &given)
        } else {
            let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
            self.0.answer_call(method, token, is_json, &given)
        };
        answer(&whole)
    }
}

fn form(body: &[u8]) -> Value {
    let pairs = url::form_urlencoded::parse(body);
    pairs
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect()
}

fn answer(body: &Value) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(body.to_string())
}
