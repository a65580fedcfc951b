//! Deliveries to endpoints by several nodes: shared between them, and taken over from one that is ended without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use habeo_core::api_key::Scope;
use habeo_core::api_key::command::CreateKey;
use habeo_core::app::Kind;
use habeo_core::app::command::CreateApp;
use habeo_core::endpoint::command::CreateEndpoint;
use habeo_core::endpoint::{Owner, Settings as Chosen};
use habeo_core::id::AppId;
use habeo_core::secret::MasterKey;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_postgres};
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::sink::Sink;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::node::{Node, Settings};
use crate::two_nodes;

const EVENTS: &str = "/v1/events";
/// How often something is looked at that has to become so, and how many times: far longer than it takes.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 1_200;
/// Long enough for nodes to notice one another, and to look for what is due.
const MOMENT: Duration = Duration::from_millis(2_500);

/// An app of a college that may say what it likes, with an endpoint at this address; and its key.
pub(crate) async fn telling(college: &College, name: &str, url: String) -> (AppId, String) {
    telling_within(college, name, url, None).await
}

/// The same, to which only so many requests may be under way at once.
async fn telling_within(
    college: &College,
    name: &str,
    url: String,
    at_once: Option<u32>,
) -> (AppId, String) {
    let ledger = &college.db.ledger;
    let command = CreateApp {
        name: name.to_owned(),
        kind: Kind::Internal,
    };
    let app = must(ledger.record(&college.access, command).await);
    let command = CreateEndpoint {
        owner: Owner::App(app),
        url,
        description: None,
        settings: Chosen {
            at_once,
            ..Chosen::of_events(vec!["record.created".to_owned()])
        },
        master_key: Arc::new(MasterKey::new(MASTER_KEY)),
    };
    must(ledger.record(&college.access, command).await);
    let command = CreateKey {
        app,
        name: "Key".to_owned(),
        scopes: vec![Scope::EventsWrite],
    };
    let (_, key) = must(ledger.record(&college.access, command).await);
    (app, key.expose_secret().to_owned())
}

/// What is posted to have an app say something.
pub(crate) fn event(app: AppId, n: usize) -> Value {
    let app = ulid::Ulid::from_bytes(*app.uuid().as_bytes()).to_string();
    json!({"type": "record.created", "data": {"n": n}, "app_id": app})
}

/// Waits until it is so.
pub(crate) async fn becomes(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so().await {
            return;
        }
        sleep(LOOK_EVERY).await;
    }
    panic!("{what} does not come");
}

/// How many deliveries of the organisation are done with, and how many of them are on record.
pub(crate) async fn on_record(db: &TestDb) -> (i64, i64) {
    let mut raw = db.raw().await;
    let delivered = "SELECT COUNT(*) FROM delivery WHERE status = 'delivered'";
    let confirmed = "SELECT CAST(COALESCE(SUM(confirmed_seq), 0) AS BIGINT) FROM endpoint_health";
    (raw.number(delivered).await, raw.number(confirmed).await)
}

/// The ids of the events that arrived, with how often each did.
fn arrived(sink: &Sink) -> BTreeMap<String, usize> {
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for one in sink.received() {
        let id = one.header("x-habeo-event-id").to_owned();
        let body = bodies.entry(id.clone()).or_insert(one.body.clone());
        assert_eq!(*body, one.body, "the same event says the same every time");
        *arrived.entry(id).or_default() += 1;
    }
    arrived
}

/// Posts so many events to nodes in turn, some at once. The ids of those that were accepted.
async fn say(nodes: &[&Node], (app, key): (AppId, &str), numbers: Vec<usize>) -> BTreeSet<String> {
    let said = stream::iter(numbers).map(|n| async move {
        let node = nodes[n % nodes.len()];
        let (status, body) = node.try_post(EVENTS, key, &event(app, n)).await?;
        assert_eq!(status, 202, "{body}");
        Some(body["data"]["id"].as_str().expect("an id").to_owned())
    });
    let said: Vec<Option<String>> = said.buffer_unordered(8).collect().await;
    said.into_iter().flatten().collect()
}

/// What one node has under way when it is ended is made by the other, under the same ids; nothing else is made twice.
#[test]
fn what_a_node_had_is_taken_over() {
    on_postgres(async |db: TestDb| {
        let college = College::sandbox(&db, "westmark").await;
        let sink = Sink::start().await;
        let (app, key) = telling(&college, "Mirror", sink.url("/hook")).await;
        let settings = Settings {
            allowed: sink.host().to_owned(),
            ..Settings::default()
        };
        let (one, two) = two_nodes(&db, &settings).await;
        sink.hold();
        let said = say(&[&one, &two], (app, &key), (0..40).collect()).await;
        assert_eq!(said.len(), 40);
        // Each has as many under way as a receiver gets at first that is not known yet.
        becomes("the first deliveries of both", async || {
            arrived(&sink).len() >= 20
        })
        .await;
        assert!(arrived(&sink).values().all(|times| *times == 1));
        let had = arrived(&sink);
        one.stop().await;
        sink.go_on();
        becomes("every delivery", async || on_record(&db).await == (40, 40)).await;
        let arrived = arrived(&sink);
        assert_eq!(arrived.keys().cloned().collect::<BTreeSet<_>>(), said);
        let twice: Vec<&String> = arrived
            .iter()
            .filter(|(_, times)| **times > 1)
            .map(|(id, _)| id)
            .collect();
        assert!(!twice.is_empty() && twice.iter().all(|id| had.contains_key(*id)));
        assert!(arrived.values().all(|times| *times <= 2), "{arrived:?}");
        two.stop().await;
    });
}

/// Under load: whatever was accepted arrives, although the node that accepted it is ended without a word.
#[test]
fn a_node_dies_under_load() {
    on_postgres(async |db: TestDb| {
        let college = College::sandbox(&db, "westmark").await;
        let sink = Sink::start().await;
        let (app, key) = telling(&college, "Mirror", sink.url("/hook")).await;
        let settings = Settings {
            allowed: sink.host().to_owned(),
            ..Settings::default()
        };
        let (one, two) = two_nodes(&db, &settings).await;
        let both = [&one, &two];
        // In the midst of what is said meanwhile.
        let dying = async {
            becomes("something", async || arrived(&sink).len() >= 100).await;
            one.kill().await;
        };
        let saying = say(&both, (app, &key), (0..600).collect());
        let ((), mut said) = tokio::join!(dying, saying);
        assert!((100..600).contains(&said.len()), "{}", said.len());
        said.extend(say(&[&two], (app, &key), (600..650).collect()).await);
        let wanted = i64::try_from(said.len()).expect("few");
        becomes("every delivery", async || {
            let (delivered, confirmed) = on_record(&db).await;
            delivered >= wanted && delivered == confirmed
        })
        .await;
        let arrived = arrived(&sink);
        let lost: Vec<&String> = said
            .iter()
            .filter(|id| !arrived.contains_key(*id))
            .collect();
        assert_eq!(lost, Vec::<&String>::new());
        two.stop().await;
    });
}

/// What an endpoint's owner allows holds for all nodes together.
#[test]
fn nodes_divide_what_an_owner_allows() {
    on_postgres(async |db: TestDb| {
        let college = College::sandbox(&db, "westmark").await;
        let sink = Sink::start().await;
        let url = sink.url("/hook");
        let (app, key) = telling_within(&college, "Modest", url, Some(1)).await;
        let settings = Settings {
            allowed: sink.host().to_owned(),
            ..Settings::default()
        };
        let (one, two) = two_nodes(&db, &settings).await;
        // Until each has noticed the other; and then until each has looked for what is due.
        sleep(MOMENT).await;
        sink.hold();
        let said = say(&[&one, &two], (app, &key), (0..20).collect()).await;
        sleep(MOMENT).await;
        assert_eq!(arrived(&sink).len(), 1);
        sink.go_on();
        becomes("every delivery", async || on_record(&db).await == (20, 20)).await;
        assert_eq!((said.len(), arrived(&sink).len()), (20, 20));
        assert_eq!(sink.most_at_once(), 1);
        // Where one is left alone, all of it is its own.
        one.kill().await;
        sleep(MOMENT).await;
        say(&[&two], (app, &key), (20..25).collect()).await;
        becomes("every delivery", async || on_record(&db).await == (25, 25)).await;
        assert_eq!(sink.most_at_once(), 1);
        two.stop().await;
    });
}
