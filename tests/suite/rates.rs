//! Rates that nodes share, against a real Redis: exact together, apart when it is gone, together again when it is back.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use habeo_core::time::{Clock, SystemClock};
use habeo_surface::limit::{Key, Limiter, Quota, Shared, Window, Windows};
use habeo_tests::must;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

const URL: &str = "HABEO_TEST_REDIS_URL";
/// So slow that nothing is refilled while a test runs.
const SLOW: Quota = Quota {
    rate: 200,
    period_seconds: 86_400,
    burst: 200,
};
/// How long a store that is back may stay unnoticed before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment, like the server"
)]
fn configured() -> Option<String> {
    let url = std::env::var(URL).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        drop(writeln!(
            std::io::stderr(),
            "shared rates are not tried ({URL} is not set)"
        ));
    }
    url
}

fn unique() -> String {
    format!("test-{}", uuid::Uuid::new_v4().simple())
}

/// One node's limiter over a store.
fn node(shared: &Arc<Shared>) -> Limiter {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Limiter::new(SLOW, clock).shared("session", Arc::clone(shared))
}

async fn store(url: &str, prefix: &str) -> Arc<Shared> {
    let shared = Arc::new(must(Shared::prefixed(url, prefix)));
    shared.connect().await;
    shared
}

/// Asks Redis in its inline spelling and gives the answer as it comes.
async fn ask(address: &str, command: &str) -> String {
    let mut stream = must(TcpStream::connect(address).await);
    must(
        stream
            .write_all(format!("{command}\r\nQUIT\r\n").as_bytes())
            .await,
    );
    let mut answer = String::new();
    must(stream.read_to_string(&mut answer).await);
    answer
}

fn address_of(url: &str) -> String {
    let rest = url.trim_start_matches("redis://");
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// Two nodes, eight callers at once: two hundred are let in, not one more. Every key begins with its organisation and ends by itself.
#[tokio::test]
async fn nodes_that_share_a_store_let_in_exactly_the_burst() {
    let Some(url) = configured() else { return };
    let prefix = unique();
    let key = Key::new("org_1", "sess_1");
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let limiter = Arc::new(node(&store(&url, &prefix).await));
        for _ in 0..4 {
            let limiter = Arc::clone(&limiter);
            tasks.push(tokio::spawn(async move {
                let mut allowed = 0;
                for _ in 0..50 {
                    allowed += u32::from(limiter.take(key).await.retry_after().is_none());
                }
                allowed
            }));
        }
    }
    let mut allowed = 0;
    for task in tasks {
        allowed += must(task.await);
    }
    assert_eq!(allowed, 200);
    let limiter = node(&store(&url, &prefix).await);
    let refused = limiter.take(key).await;
    assert_eq!(refused.remaining(), 0);
    let wait = refused.retry_after().expect("a refusal");
    assert!((400..=432).contains(&wait), "{wait}");
    // Somebody else, and the same session in another organisation, have their own.
    for other in [Key::new("org_1", "sess_2"), Key::new("org_2", "sess_1")] {
        assert_eq!(limiter.take(other).await.remaining(), 199);
    }
    // What is free is given back.
    assert_eq!(limiter.refund(key).await.remaining(), 1);
    assert_eq!(limiter.take(key).await.retry_after(), None);
    let redis = address_of(&url);
    let names = ask(&redis, &format!("KEYS *{prefix}*")).await;
    let names: Vec<&str> = names
        .lines()
        .filter(|line| line.contains(&prefix))
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        let org = name.split(':').next().unwrap_or_default();
        assert!(org.starts_with('{') && org.len() == 34, "{name}");
        let ends = ask(&redis, &format!("PTTL {name}")).await;
        let ends: i64 = must(
            ends.lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches(':')
                .parse(),
        );
        assert!((1..=86_400_000).contains(&ends), "{name} {ends}");
        ask(&redis, &format!("DEL {name}")).await;
    }
}

/// A Redis of this test's own, which may be ended.
struct Own {
    process: Child,
    address: SocketAddr,
}

impl Own {
    async fn start(address: SocketAddr) -> Option<Self> {
        let port = address.port().to_string();
        let process = Command::new("redis-server")
            .args([
                "--port",
                &port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(process) = process else {
            drop(writeln!(
                std::io::stderr(),
                "an outage of Redis is not tried (there is no redis-server)"
            ));
            return None;
        };
        for _ in 0..200 {
            if TcpStream::connect(address).await.is_ok() {
                return Some(Self { process, address });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("redis-server does not listen on {address}");
    }

    async fn stop(mut self) {
        must(self.process.kill().await);
    }
}

async fn free_port() -> SocketAddr {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    must(listener.local_addr())
}

/// While Redis is gone a node goes on from where they were together, says so, and comes back by itself.
#[tokio::test]
async fn an_outage_is_outlived_and_ended_by_itself() {
    if configured().is_none() {
        return;
    }
    let address = free_port().await;
    let Some(redis) = Own::start(address).await else {
        return;
    };
    let url = format!("redis://{}/0", redis.address);
    let (one, two) = (store(&url, "t").await, store(&url, "t").await);
    let (here, there) = (node(&one), node(&two));
    let key = Key::new("org", "sess");
    for _ in 0..30 {
        here.take(key).await;
        there.take(key).await;
    }
    assert_eq!(here.take(key).await.remaining(), 139);
    assert_eq!((one.is_present(), one.fallbacks()), (true, 0));
    redis.stop().await;
    // Neither starts anew, and neither knows any more what the other does.
    assert_eq!(here.take(key).await.remaining(), 138);
    assert_eq!(here.take(key).await.remaining(), 137);
    assert_eq!(there.take(key).await.remaining(), 139);
    assert_eq!((one.is_present(), one.fallbacks()), (false, 2));
    let redis = Own::start(address).await.expect("it started before");
    let begun = std::time::Instant::now();
    while !(one.is_present() && two.is_present()) {
        assert!(begun.elapsed() < PATIENCE, "it is not found again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The new one has forgotten; from here on they count together again.
    assert_eq!(here.take(key).await.remaining(), 199);
    assert_eq!(there.take(key).await.remaining(), 198);
    assert_eq!((one.fallbacks(), two.fallbacks()), (2, 1));
    redis.stop().await;
}

/// A store that takes connections and never answers is as good as none, from the start and later.
#[tokio::test]
async fn a_store_that_never_answers_is_as_good_as_none() {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let url = format!("redis://{}/0", must(listener.local_addr()));
    let silent = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let shared = Arc::new(must(Shared::prefixed(&url, "t")));
    let limiter = node(&shared);
    let key = Key::new("org", "sess");
    for n in 1..=200 {
        assert_eq!(limiter.take(key).await.remaining(), 200 - n);
    }
    assert!(limiter.take(key).await.retry_after().is_some());
    assert_eq!((shared.is_present(), shared.fallbacks()), (false, 201));
    silent.abort();
}

/// What is not an address of Redis is refused at start.
#[test]
fn addresses_are_checked() {
    for bad in ["", "127.0.0.1:6379", "http://127.0.0.1:6379"] {
        assert!(Shared::new(bad).is_err(), "{bad}");
    }
    let debug = format!(
        "{:?}",
        must(Shared::new("redis://:s3cret@127.0.0.1:6379/0"))
    );
    assert!(!debug.contains("s3cret"), "{debug}");
}

/// A window that nodes share takes exactly what it may, on whichever of them, and each says the same of what is left.
#[tokio::test]
async fn nodes_share_a_window() {
    let Some(url) = configured() else { return };
    let prefix = unique();
    let key = Key::new("org_1", "client/install");
    let window = Window {
        rate: 120,
        period_seconds: 3_600,
    };
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let shared = store(&url, &prefix).await;
        nodes.push(Arc::new(Windows::new(clock).shared("public", shared)));
    }
    let mut asking = tokio::task::JoinSet::new();
    for n in 0..8 {
        let node = Arc::clone(&nodes[n % 2]);
        asking.spawn(async move {
            let mut let_in = 0;
            for _ in 0..30 {
                let report = node.take(key, window).await;
                let_in += u32::from(report.retry_after().is_none());
            }
            let_in
        });
    }
    let let_in: u32 = asking.join_all().await.into_iter().sum();
    assert_eq!(let_in, 120);
    for node in &nodes {
        let report = node.take(key, window).await;
        assert_eq!(report.remaining(), 0);
        assert!(report.retry_after().is_some_and(|seconds| seconds > 3_500));
    }
}
