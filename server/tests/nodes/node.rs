//! One node: a process of the binary, asked over loopback, ended by its handle.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use habeo_core::time::{Clock, SystemClock};
use habeo_tests::builders::{ISSUER, Member};
use habeo_tests::database::TestDb;
use habeo_tests::issuer::{PARTY, changed, claims, header, issuer};
use habeo_tests::must;
use habeo_tests::reports::{CLERK_SECRET, svix};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A Redis server for the tests; each uses sessions that nobody else has.
const REDIS: &str = "HABEO_TEST_REDIS_URL";
const BINARY: &str = env!("CARGO_BIN_EXE_habeo");
/// 32 bytes in base64.
const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// What the tests configure differently.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Requests per minute, and at once.
    pub rate: u32,
    /// Where rates are shared.
    pub redis: Option<String>,
    /// Hosts of this machine that may be reached.
    pub allowed: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 1_000_000,
            redis: None,
            allowed: String::new(),
        }
    }
}

/// The address of Redis, or the reason why rates are not tried.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment, like the server"
)]
pub fn redis() -> Option<String> {
    let url = std::env::var(REDIS).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        drop(writeln!(
            std::io::stderr(),
            "shared rates are not tried ({REDIS} is not set)"
        ));
    }
    url
}

/// A fresh token of one of a member's sessions.
pub fn session_token(member: &Member, session_id: &str) -> String {
    let claims = claims(&member.credential, SystemClock.now());
    issuer().sign(&header(), &changed(claims, json!({"sid": session_id})))
}

fn command(db: &TestDb, settings: &Settings) -> Command {
    let mut command = Command::new(BINARY);
    let rate = settings.rate.to_string();
    command
        .env_clear()
        .envs(db.settings())
        .envs(settings.redis.as_ref().map(|url| ("HABEO_REDIS_URL", url)))
        .env("HABEO_LISTEN", "127.0.0.1:0")
        .env("HABEO_MASTER_KEY", MASTER_KEY)
        .env("HABEO_DATABASE_CONNECTIONS", "4")
        .env("HABEO_CLERK_ISSUER", ISSUER)
        .env("HABEO_CLERK_JWT_KEY", issuer().pem())
        .env("HABEO_CLERK_AUTHORIZED_PARTIES", PARTY)
        .env("HABEO_CLERK_WEBHOOK_SECRETS", CLERK_SECRET)
        .env("HABEO_ALLOW_PRIVATE_HOSTS", &settings.allowed)
        .env("HABEO_RATE_LIMIT_WEBHOOKS", &rate)
        .env("HABEO_RATE_LIMIT_WEBHOOKS_BURST", &rate)
        .env("HABEO_RATE_LIMIT_API", &rate)
        .env("HABEO_RATE_LIMIT_API_BURST", &rate)
        .env("HABEO_LOG", "warn")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs another command of the binary on the same database, to its success.
pub async fn habeo<'a>(db: &TestDb, words: impl IntoIterator<Item = &'a str>) {
    let output = command(db, &Settings::default()).args(words).output().await;
    let output = must(output);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// A process that serves.
#[derive(Debug)]
pub struct Node {
    process: Child,
    client: reqwest::Client,
    origin: String,
}

impl Node {
    /// Starts one and waits until it says where it listens.
    pub async fn serve(db: &TestDb, settings: &Settings) -> Self {
        let mut process = must(
            command(db, settings)
                .arg("serve")
                .stdout(Stdio::piped())
                .spawn(),
        );
        let output = process.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines();
        let origin = loop {
            let line = must(lines.next_line().await).expect("it says where it listens");
            let mut words = line.split_whitespace();
            if let Some(origin) = words.find(|word| word.starts_with("http://")) {
                break origin.to_owned();
            }
        };
        // What nobody reads must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let client = reqwest::Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .no_proxy();
        Self {
            process,
            client: must(client.build()),
            origin,
        }
    }

    /// Asks, and gives status and body.
    pub async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let request = self.client.get(format!("{}{path}", self.origin));
        self.send(request.bearer_auth(token)).await
    }

    /// Posts, and gives status and body.
    pub async fn post(&self, path: &str, token: String, body: Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.origin));
        self.send(request.bearer_auth(token).json(&body)).await
    }

    /// Posts, and gives status and body; nothing where the node has gone.
    pub async fn try_post(&self, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
        let request = self.client.post(format!("{}{path}", self.origin));
        let answer = request.bearer_auth(token).json(body).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Reports something as Clerk does, and gives status and body.
    pub async fn report(&self, id: &str, report: &Value) -> (u16, Value) {
        let body = report.to_string();
        let request = self
            .client
            .post(format!("{}/api/webhooks/clerk", self.origin));
        let now = SystemClock.now().seconds();
        let headers = svix(CLERK_SECRET, id, now, body.as_bytes());
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(*name, value)
            })
            .header("content-type", "application/json");
        self.send(request.body(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = must(request.send().await);
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Ends the process without a word, while others still ask it.
    pub async fn kill(&self) {
        let process = self.process().to_string();
        let killed = must(Command::new("kill").args(["-9", &process]).status().await);
        assert!(killed.success());
    }

    /// Ends the process; the database is free when this returns.
    pub async fn stop(mut self) {
        must(self.process.kill().await);
    }
}
