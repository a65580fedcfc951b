//! How much memory a node takes for receivers that answer with very much.

use futures_util::StreamExt as _;
use futures_util::stream;
use habeo_core::id::AppId;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_postgres};
use habeo_tests::sink::Sink;
use habeo_tests::unkind::{Unkind, Way};

use crate::deliveries::{becomes, event, on_record, telling};
use crate::node::{Node, Settings};

/// How many deliveries there are of each sort.
const EVENTS: usize = 200;
const MIB: usize = 1_024 * 1_024;
/// What one long answer is.
const ANSWER_BYTES: usize = 64 * MIB;
/// By how much the most that the process ever took may grow.
const GROWTH_KIB_MAX: u64 = 8 * 1_024;

/// The most memory that a process has taken so far, in KiB.
#[cfg(target_os = "linux")]
fn most_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words
        .and_then(|kib| kib.parse().ok())
        .expect("a number of KiB")
}

async fn say(node: &Node, (app, key): (AppId, &str)) {
    let said = stream::iter(0..EVENTS).map(|n| async move {
        let answer = node.try_post("/v1/events", key, &event(app, n)).await;
        assert_eq!(answer.map(|(status, _)| status), Some(202));
    });
    said.buffer_unordered(16).collect::<Vec<()>>().await;
}

/// Two hundred answers of 64 MiB, as many at once as there are places for, cost no more than a few buffers.
#[cfg(target_os = "linux")]
#[test]
fn long_answers_take_no_memory() {
    on_postgres(async |db: TestDb| {
        let college = College::sandbox(&db, "westmark").await;
        let sink = Sink::start().await;
        let long = Unkind::start(Way::Long(ANSWER_BYTES)).await;
        let (kind, kind_key) = telling(&college, "Kind", sink.url("/hook")).await;
        let (unkind, unkind_key) = telling(&college, "Unkind", long.url()).await;
        let settings = Settings {
            allowed: format!("{},{}", sink.host(), long.host),
            ..Settings::default()
        };
        let node = Node::serve(&db, &settings).await;
        let events = i64::try_from(EVENTS).expect("few");
        say(&node, (kind, &kind_key)).await;
        becomes("every delivery", async || {
            on_record(&db).await == (events, events)
        })
        .await;
        let before = most_kib(node.process());
        say(&node, (unkind, &unkind_key)).await;
        becomes("every delivery", async || {
            on_record(&db).await == (2 * events, 2 * events)
        })
        .await;
        let grown = most_kib(node.process()) - before;
        assert!(grown <= GROWTH_KIB_MAX, "{grown} KiB more than {before}");
        assert_eq!(long.requests(), EVENTS);
        node.stop().await;
    });
}
