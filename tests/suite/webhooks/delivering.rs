//! What arrives, and that it does once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::endpoint::command::{PauseEndpoint, RemoveEndpoint, ResumeEndpoint, TestEndpoint};
use habeo_core::endpoint::delivery::{Status, log};
use habeo_core::endpoint::settings::Filter;
use habeo_core::endpoint::{Settings, store};
use habeo_core::id::DeliveryId;
use habeo_tests::sink::{Reply, signature};
use habeo_tests::{both_engines, must};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::{Stage, events};
use crate::core::{deploy, give_back, refusal};

both_engines! {
    /// Documented headers, the exact signature, the body in its form; and the delivery is a fact of the same ledger.
    async fn a_fact_arrives_signed(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, secret) = stage.endpoint(events(&["asset.registered"])).await;
        let asset = stage.college.asset("Camera").tag("WMK-000777-X").register().await;
        assert_eq!(stage.deliver().await, 1);
        let received = stage.sink.received();
        assert_eq!(received.len(), 1);
        let one = &received[0];
        assert_eq!(one.path, "/hook");
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.header("x-habeo-delivery-attempt"), "1");
        assert_eq!(one.header("x-habeo-signature"), signature(&secret, &one.body));
        assert!(!one.headers.contains_key("x-habeo-signature-alt"));
        let body = one.json();
        let keys: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
        for key in ["id", "type", "timestamp", "sequence", "version", "data"] {
            assert!(keys.contains(&key), "{key}");
        }
        assert_eq!(keys.len(), 6);
        assert_eq!(body["id"], one.header("x-habeo-event-id"));
        assert_eq!(body["type"], "asset.registered");
        assert_eq!((body["sequence"].as_i64(), body["version"].as_i64()), (Some(1), Some(1)));
        assert_eq!(body["data"]["object"]["id"], asset.to_string());
        assert_eq!(body["data"]["object"]["tag"], "WMK-000777-X");

        let (id, at) = (one.header("webhook-id"), one.header("webhook-timestamp"));
        assert_eq!(id, one.header("x-habeo-event-id"));
        let key = must(STANDARD.decode(secret.trim_start_matches("whsec_")));
        assert_eq!(key.len(), 32);
        let mut mac = must(Hmac::<Sha256>::new_from_slice(&key));
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(&one.body);
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(one.header("webhook-signature"), expected);

        assert_eq!(stage.entries("webhook.delivered").await, 1);
        assert_eq!(stage.deliver().await, 0);
        assert_eq!(stage.entries("webhook.delivered").await, 1);
        let mut tx = must(db.ledger.db().read(&stage.college.access).await);
        let page = must(log::page(&mut tx, &stage.college.access, endpoint, &log::Filter::default(), 10).await);
        assert_eq!(page.len(), 1);
        assert_eq!((page[0].status, page[0].attempts, page[0].answer), (Status::Delivered, 1, Some(200)));
        drop(tx);
        stage.is_whole().await;
    }

    /// The specific name wins; the generic names tell the same facts; nothing is told twice to one endpoint.
    async fn names_are_specific_or_generic(db: TestDb) {
        let stage = Stage::set(&db).await;
        stage.endpoint_at("/own", events(&["asset.*"])).await;
        stage.endpoint_at("/generic", events(&["record.created", "record.updated", "record.deleted"])).await;
        stage.endpoint_at("/both", events(&["asset.deployed", "record.updated", "record.created"])).await;
        stage.endpoint_at("/none", events(&["ticket.*"])).await;
        let asset = stage.college.asset("Camera").register().await;
        stage.college.act(asset, deploy(stage.college.people.ada)).await;
        stage.deliver().await;
        let kinds = |path: &str| {
            let mut kinds: Vec<(i64, String)> = stage.sink.received().iter().filter(|one| one.path == path)
                .map(|one| (one.json()["sequence"].as_i64().unwrap_or(0), one.kind())).collect();
            kinds.sort();
            kinds.into_iter().map(|(_, kind)| kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("/own"), ["asset.registered", "asset.deployed"]);
        assert_eq!(kinds("/generic"), ["record.created", "record.updated"]);
        assert_eq!(kinds("/both"), ["record.created", "asset.deployed"]);
        assert_eq!(kinds("/none"), Vec::<String>::new());
        let generic = stage.sink.received().into_iter().find(|one| one.path == "/generic").expect("one").json();
        assert!(generic["data"]["record"]["id"].is_string() && generic["data"]["change"].is_string(), "{generic}");
    }

    /// A refused command leaves nothing to deliver; a fact about an endpoint is not announced to it.
    async fn only_what_is_on_record_is_told(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["*"])).await;
        let asset = stage.college.asset("Camera").register().await;
        stage.deliver().await;
        stage.sink.clear();
        drop(refusal(stage.college.try_act(asset, give_back()).await));
        must(db.ledger.record(&stage.college.access, PauseEndpoint { endpoint }).await);
        must(db.ledger.record(&stage.college.access, ResumeEndpoint { endpoint }).await);
        assert_eq!(stage.deliver().await, 0);
        assert_eq!(stage.sink.received().len(), 0);
    }

    /// Paused means that nothing is made up for; removed, that what was on its way still arrives.
    async fn what_a_pause_and_an_end_mean(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        must(db.ledger.record(&stage.college.access, PauseEndpoint { endpoint }).await);
        stage.college.asset("While paused").register().await;
        must(db.ledger.record(&stage.college.access, ResumeEndpoint { endpoint }).await);
        stage.college.asset("Afterwards").register().await;
        must(db.ledger.record(&stage.college.access, RemoveEndpoint { endpoint }).await);
        stage.college.asset("Too late").register().await;
        stage.deliver().await;
        let received = stage.sink.received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].json()["data"]["details"]["what"]["description"], "Afterwards");
        let mut tx = must(db.ledger.db().read(&stage.college.access).await);
        assert_eq!(must(store::list(&mut tx, &stage.college.access).await), []);
    }

    /// A filter is one equality; thin payloads name the object and nothing else.
    async fn filtered_and_thin(db: TestDb) {
        let stage = Stage::set(&db).await;
        let filter = Filter { pointer: "/details/kind".to_owned(), equals: json!("permanent") };
        let settings = Settings { filter: Some(filter), thin: true, ..events(&["asset.deployed"]) };
        stage.endpoint_at("/permanent", settings.clone()).await;
        let filter = Filter { pointer: "/details/kind".to_owned(), equals: json!("no such kind") };
        stage.endpoint_at("/never", Settings { filter: Some(filter), ..settings }).await;
        let asset = stage.college.asset("Camera").register().await;
        stage.college.act(asset, deploy(stage.college.people.ada)).await;
        stage.deliver().await;
        let received = stage.sink.received();
        assert!(received.iter().all(|one| one.path == "/permanent"));
        for one in &received {
            assert_eq!(one.json()["data"], json!({"object": {"kind": "asset", "id": asset.to_string()}}));
        }
    }

    /// Objects in their order: while one is refused the next of the same object waits, and another's does not.
    async fn strict_order_of_one_object(db: TestDb) {
        let stage = Stage::set(&db).await;
        let settings = Settings { ordered: true, ..events(&["asset.*"]) };
        stage.endpoint(settings).await;
        let first = stage.college.asset("First").register().await;
        stage.college.act(first, deploy(stage.college.people.ada)).await;
        let second = stage.college.asset("Second").register().await;
        stage.sink.answer([Reply::status(503), Reply::status(503)]);
        stage.deliver().await;
        // Both firsts were refused; their seconds have not been tried.
        assert_eq!(stage.sink.received().len(), 2);
        stage.app.wait_seconds(10);
        stage.deliver().await;
        let accepted: Vec<(String, String)> = stage.sink.accepted().iter()
            .map(|one| (one.json()["data"]["object"]["id"].as_str().unwrap_or_default().to_owned(), one.kind())).collect();
        let of = |id: String| accepted.iter().filter(|(object, _)| *object == id).map(|(_, kind)| kind.as_str()).collect::<Vec<_>>();
        assert_eq!(of(first.to_string()), ["asset.registered", "asset.deployed"]);
        assert_eq!(of(second.to_string()), ["asset.registered"]);
    }

    /// A test goes the very way of everything else, to this endpoint only, whatever it wants to hear.
    async fn a_test_is_delivered(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint_at("/tested", events(&["ticket.*"])).await;
        stage.endpoint_at("/other", events(&["*"])).await;
        let event = must(db.ledger.record(&stage.college.access, TestEndpoint { endpoint }).await);
        stage.deliver().await;
        let received = stage.sink.received();
        assert_eq!(received.len(), 1);
        assert_eq!((received[0].path.as_str(), received[0].kind().as_str()), ("/tested", "webhook.test"));
        assert_eq!(received[0].header("x-habeo-event-id"), event.to_string());
    }

    /// What is looked at belongs to the organisation.
    async fn logs_belong_to_their_organization(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Camera").register().await;
        stage.deliver().await;
        let other = habeo_tests::builders::College::found_as(&db, "northfield").await;
        let mut tx = must(db.ledger.db().read(&other.access).await);
        let none = must(log::page(&mut tx, &other.access, endpoint, &log::Filter::default(), 10).await);
        assert_eq!(none, []);
        let id = DeliveryId::from_uuid(uuid::Uuid::nil());
        assert_eq!(must(log::body(&mut tx, &other.access, (endpoint, id)).await), None);
        assert_eq!(must(store::by_id(&mut tx, &other.access, endpoint).await), None);
    }
}
