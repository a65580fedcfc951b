//! Webhook subscriptions of an installation: made, listed, ended, and none of anybody else's.

use std::sync::Arc;

use habeo_core::app::command::RemoveApp;
use habeo_core::app_client::command::SetStatus;
use habeo_core::app_client::{self, Proof};
use habeo_core::app_install::command::{Resume, Suspend, Uninstall};
use habeo_core::endpoint::command::{CreateEndpoint, PauseEndpoint, ResumeEndpoint};
use habeo_core::endpoint::{Owner, Settings};
use habeo_core::explain::Explain as _;
use habeo_core::id::{EndpointId, UnitId};
use habeo_core::ledger::{RecordError, rebuild};
use habeo_core::oauth::bearer;
use habeo_core::oauth::token as opaque;
use habeo_core::secret::MasterKey;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::market::{Client, Tokens, admin};
use habeo_tests::sink::Sink;
use habeo_tests::tab::{Tab, hidden};
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use serde_json::{Value, json};

async fn subscribe(app: &TestApp, tokens: &Tokens, body: &Value) -> Answer {
    app.post(&tokens.path("webhooks"))
        .bearer(&tokens.access)
        .json(body)
        .send()
        .await
}

async fn listed(app: &TestApp, tokens: &Tokens) -> Vec<Value> {
    let answer = app
        .get(&tokens.path("webhooks"))
        .bearer(&tokens.access)
        .send()
        .await
        .ok();
    answer["data"].as_array().cloned().unwrap_or_default()
}

fn good() -> Value {
    json!({"url": "https://hooks.example.com/habeo", "events": ["asset.registered", "ticket.*"], "description": "Ours"})
}

both_engines! {
    /// The secret is told once; deleting is for good and shows the same as never.
    async fn a_subscription_lives_and_ends(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let created = subscribe(&app, &tokens, &good()).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
        let created = created.json();
        let secret = created["signing_secret"].as_str().unwrap_or_default();
        assert!(secret.starts_with("whsec_"), "{created}");
        assert_eq!(created["events"], good()["events"]);
        assert_eq!((&created["is_active"], &created["entity_id"]), (&true.into(), &tokens.answer["entity_id"]));
        let rows = listed(&app, &tokens).await;
        assert_eq!(rows.len(), 1);
        assert!(rows[0].get("signing_secret").is_none());
        assert_eq!(rows[0]["delivery_health"]["consecutive_failures"], 0);
        assert!(!db.raw().await.everything().await.contains(secret));
        let path = tokens.path(&format!("webhooks/{}", created["id"].as_str().unwrap_or_default()));
        let deleted = app.delete(&path).bearer(&tokens.access).send().await;
        assert_eq!((deleted.status, deleted.text()), (StatusCode::NO_CONTENT, String::new()));
        assert!(listed(&app, &tokens).await.is_empty());
        for gone in [path, tokens.path("webhooks/01932c5e-7b1a-7c3d-8e4f-000000000001"), tokens.path("webhooks/junk")] {
            let answer = app.delete(&gone).bearer(&tokens.access).send().await;
            assert_eq!((answer.status, answer.error()), (StatusCode::NOT_FOUND, "not_found".to_owned()), "{gone}");
        }
    }

    /// With a name of one's own it is done once, also where it was the last that there may be; and all of several at once hear the same.
    async fn a_subscription_is_made_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let post = async |name: &str, body: &Value| {
            let path = tokens.path("webhooks");
            app.post(&path).bearer(&tokens.access).header("idempotency-key", name).json(body).send().await
        };
        for n in 0..19 {
            assert_eq!(post(&format!("n-{n}"), &good()).await.status, StatusCode::CREATED);
        }
        let last = good();
        let together = futures_util::future::join_all((0..4).map(|_| post("last", &last))).await;
        assert!(together.iter().all(|one| one.status == StatusCode::CREATED && one.text() == together[0].text()));
        assert_eq!(together.iter().filter(|one| one.header("idempotency-replayed").is_none()).count(), 1);
        assert_eq!(listed(&app, &tokens).await.len(), 20);
        let again = post("last", &good()).await;
        assert_eq!((again.status, again.text(), again.header("idempotency-replayed")), (StatusCode::CREATED, together[0].text(), Some("true")));
        let mut other = good();
        other["description"] = json!("Another");
        let reused = post("last", &other).await;
        assert_eq!((reused.status, reused.error()), (StatusCode::CONFLICT, "idempotency_conflict".to_owned()));
        let full = post("one-more", &good()).await;
        assert_eq!((full.status, full.error()), (StatusCode::UNPROCESSABLE_ENTITY, "webhook_limit_reached".to_owned()));
        let bad = post("not a name", &good()).await;
        assert_eq!(bad.status, StatusCode::BAD_REQUEST, "{}", bad.text());
        let secret = again.json()["signing_secret"].as_str().unwrap_or_default().to_owned();
        assert!(!db.raw().await.everything().await.contains(&secret));
    }

    /// What cannot be accepted names its field; what is more than was permitted names the scope.
    async fn what_does_not_fit_is_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let with = |name: &str, value: Value| {
            let mut body = good();
            body[name] = value;
            body
        };
        for (body, field) in [
            (with("url", json!("http://hooks.example.com/")), "url"),
            (with("url", json!("https://127.0.0.1/")), "url"),
            (with("url", json!("https://localhost/")), "url"),
            (with("url", json!("https://169.254.169.254/latest")), "url"),
            (with("url", json!("https://user:secret@hooks.example.com/")), "url"),
            (with("url", json!("")), "url"),
            (with("url", json!(7)), "url"),
            (with("events", json!([])), "events"),
            (with("events", json!(["nothing.*"])), "events"),
            (with("events", json!(["record.created"])), "events"),
            (with("events", json!(["*"])), "events"),
            (with("events", json!(["billing.*"])), "events"),
            (with("events", json!(["asset.*", "billing.seats_changed"])), "events"),
            (with("events", json!(["asset.bulk_created"])), "events"),
            (with("events", json!("asset.*")), "events"),
            (with("description", json!("x".repeat(256))), "description"),
            (with("secret", json!("mine")), "secret"),
            (json!({"events": ["asset.*"]}), "url"),
        ] {
            let answer = subscribe(&app, &tokens, &body).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{body}");
            assert_eq!(answer.json()["fields"][0]["field"], field, "{body}");
        }
        for (kind, body, status, error) in [
            ("application/json", "{", 400, "invalid_request"),
            ("application/json", "[]", 400, "invalid_request"),
            ("application/json", "", 400, "invalid_request"),
            ("text/plain", "{}", 415, "unsupported_media_type"),
        ] {
            let call = app.post(&tokens.path("webhooks")).bearer(&tokens.access).header("content-type", kind).body(body);
            let answer = call.send().await;
            assert_eq!((answer.status.as_u16(), answer.error()), (status, error.to_owned()), "{body}");
        }
        let modest = client.install_with(&app, &member, college.units.music, "webhooks:write tickets:read").await;
        let answer = subscribe(&app, &modest, &good()).await;
        assert_eq!((answer.error(), &answer.json()["required"]), ("insufficient_scope".to_owned(), &json!(["assets:read"])));
        assert_eq!(subscribe(&app, &modest, &json!({"url": "https://hooks.example.com/", "events": ["ticket.*"]})).await.status, StatusCode::CREATED);
    }

    /// An installation has twenty, sees its own, and ends nobody else's.
    async fn subscriptions_are_of_one_installation(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (member, stranger) = (admin(&college).await, admin(&other).await);
        let client = Client::of(&college, Proof::Confidential).await;
        let mine = client.install(&app, &member, college.units.arts).await;
        let beside = client.install(&app, &member, college.units.science).await;
        let foreign = client.install(&app, &stranger, other.units.arts).await;
        let created = subscribe(&app, &mine, &good()).await.json();
        let id = created["id"].as_str().unwrap_or_default();
        for tokens in [&beside, &foreign] {
            assert!(listed(&app, tokens).await.is_empty());
            let answer = app.delete(&tokens.path(&format!("webhooks/{id}"))).bearer(&tokens.access).send().await;
            assert_eq!(answer.error(), "not_found");
        }
        for _ in 1..20 {
            assert_eq!(subscribe(&app, &mine, &good()).await.status, StatusCode::CREATED);
        }
        let answer = subscribe(&app, &mine, &good()).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::UNPROCESSABLE_ENTITY, "webhook_limit_reached".to_owned()));
        assert_eq!(answer.json()["limit"], 20);
        assert_eq!(listed(&app, &mine).await.len(), 20);
        assert_eq!(subscribe(&app, &beside, &good()).await.status, StatusCode::CREATED);
    }

    /// What an installation hears ends with it, rests with it, and is never more than it may see.
    async fn subscriptions_follow_their_installation(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let install = must(tokens.answer["install_id"].as_str().unwrap_or_default().parse());
        let active = async || {
            let mut tx = db.read(&college.access).await;
            let all = must(habeo_core::endpoint::store::list(&mut tx, &college.access).await);
            all.iter().map(|endpoint| endpoint.status.to_string()).collect::<Vec<_>>()
        };
        subscribe(&app, &tokens, &good()).await;
        must(db.ledger.record(&college.access, Suspend { install }).await);
        assert_eq!(active().await, ["paused"]);
        let mut tab = Tab::of(&app, &member).await;
        let led = tab.get(&client.authorize(&[])).await;
        let shown = tab.get(led.header("location").unwrap_or_default()).await;
        let request = must(hidden(&shown.text(), "request").ok_or("no request"));
        let unit = college.units.arts.to_string();
        let fields = [("request", request.as_str()), ("unit", unit.as_str()), ("decision", "allow")];
        let refused = tab.post("/oauth/consent", &fields).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text().contains("suspended"), "{}", refused.text());
        assert_eq!(active().await, ["paused"], "consenting again does not lift it");
        must(db.ledger.record(&college.access, Resume { install }).await);
        assert_eq!(active().await, ["active"]);
        client.install_with(&app, &member, college.units.arts, "webhooks:read").await;
        assert!(active().await.is_empty(), "with less to see its subscriptions end");
        let again = client.install(&app, &member, college.units.arts).await;
        subscribe(&app, &again, &good()).await;
        must(db.ledger.record(&college.access, Uninstall { install }).await);
        assert!(active().await.is_empty());
    }

    /// What an administrator paused stays paused when its app is resumed, and nobody resumes what rests with its app.
    async fn what_was_paused_by_hand_stays_so(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let install = must(tokens.answer["install_id"].as_str().unwrap_or_default().parse());
        let mut ids: Vec<EndpointId> = Vec::new();
        for _ in 0..3 {
            let made = subscribe(&app, &tokens, &good()).await.json();
            ids.push(must(made["id"].as_str().unwrap_or_default().parse()));
        }
        let statuses = async || {
            let mut tx = db.read(&college.access).await;
            let all = must(habeo_core::endpoint::store::list(&mut tx, &college.access).await);
            all.iter().map(|endpoint| endpoint.status.to_string()).collect::<Vec<_>>()
        };
        let (by_hand, meanwhile) = (PauseEndpoint { endpoint: ids[0] }, PauseEndpoint { endpoint: ids[1] });
        must(db.ledger.record(&college.access, by_hand).await);
        must(db.ledger.record(&college.access, Suspend { install }).await);
        assert_eq!(statuses().await, ["paused", "paused", "paused"]);
        must(db.ledger.record(&college.access, meanwhile).await);
        match db.ledger.record(&college.access, ResumeEndpoint { endpoint: ids[2] }).await {
            Err(RecordError::Refused(refusal)) => assert_eq!(refusal.code(), "endpoint_install_not_active"),
            other => panic!("{other:?}"),
        }
        must(db.ledger.record(&college.access, Resume { install }).await);
        assert_eq!(statuses().await, ["paused", "paused", "active"]);
        must(db.ledger.record(&college.access, ResumeEndpoint { endpoint: ids[0] }).await);
        assert_eq!(statuses().await, ["active", "paused", "active"]);
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
    }

    /// A subscription that was on its way while its installation ended, was suspended, or was permitted less, is none.
    async fn a_subscription_is_judged_where_it_is_made(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let install = must(tokens.answer["install_id"].as_str().unwrap_or_default().parse());
        // What the app may see, as the door found it before anything changed.
        let known = must(opaque::read(&tokens.access).ok_or("a token"));
        let bearer = must(must(bearer::find(db.db(), known, db.clock_now()).await).ok_or("a bearer"));
        let access = bearer.access("late".to_owned());
        let late = async |units: Vec<UnitId>, events: &[&str]| {
            let events = events.iter().map(ToString::to_string).collect();
            let command = CreateEndpoint {
                owner: Owner::Install(install),
                url: "https://hooks.example.com/habeo".to_owned(),
                description: None,
                settings: Settings { units, ..Settings::of_events(events) },
                master_key: Arc::new(MasterKey::new(MASTER_KEY)),
            };
            match db.ledger.record(&access, command).await {
                Ok(_) => "made",
                Err(RecordError::Refused(refusal)) => refusal.code(),
                Err(error) => panic!("{error}"),
            }
        };
        let (arts, music) = (college.units.arts, college.units.music);
        assert_eq!(late(vec![arts], &["asset.*"]).await, "made");
        assert_eq!(late(vec![music], &["asset.*"]).await, "endpoint_unit_unknown");
        assert_eq!(late(vec![arts], &["billing.*"]).await, "endpoint_events_not_permitted");
        must(db.ledger.record(&college.access, Suspend { install }).await);
        assert_eq!(late(vec![arts], &["asset.*"]).await, "endpoint_install_not_active");
        must(db.ledger.record(&college.access, Resume { install }).await);
        client.install_with(&app, &member, arts, "tickets:read webhooks:write").await;
        assert_eq!(late(vec![arts], &["asset.*"]).await, "endpoint_events_not_permitted");
        assert_eq!(late(vec![arts], &["ticket.*"]).await, "made");
        client.install_with(&app, &member, arts, "assets:read webhooks:read").await;
        assert_eq!(late(vec![arts], &["asset.*"]).await, "endpoint_events_not_permitted");
        must(db.ledger.record(&college.access, Uninstall { install }).await);
        assert_eq!(late(vec![arts], &["asset.*"]).await, "endpoint_install_not_active");
        let mut tx = db.read(&college.access).await;
        assert_eq!(must(habeo_core::endpoint::store::list(&mut tx, &college.access).await), []);
    }

    /// Twenty, however many ask at the same time; and not one of the places of the organization's own.
    async fn twenty_are_twenty_at_the_same_time(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let good = good();
        let asked = (0..30).map(|_| subscribe(&app, &tokens, &good));
        let answers = futures_util::future::join_all(asked).await;
        let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert_eq!((made, listed(&app, &tokens).await.len()), (20, 20));
        assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED || answer.error() == "webhook_limit_reached"));
    }

    /// An app that its publisher stops, or removes, is told nothing more wherever it is installed; one that works again is, of what is new and of
    /// what waited.
    async fn a_stopped_app_hears_nothing(db: TestDb) {
        let sink = Sink::start().await;
        let app = TestApp::configured(&db, &[("HABEO_ALLOW_PRIVATE_HOSTS", sink.host())]).await;
        let (publisher, college) = (College::found_as(&db, "eastmark").await, College::found(&db).await);
        let member = admin(&college).await;
        let client = Client::of(&publisher, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let body = json!({"url": sink.url("/hook"), "events": ["asset.*"]});
        assert_eq!(subscribe(&app, &tokens, &body).await.status, StatusCode::CREATED);
        let told = async || {
            must(app.app.webhooks.deliver_due().await);
            sink.received().len()
        };
        college.asset("Harp").unit(college.units.arts).register().await;
        assert_eq!(told().await, 1);
        // One waits while it is stopped.
        college.asset("Drum").unit(college.units.arts).register().await;
        app.wait_seconds(2);
        let turn = |status| SetStatus { client: client.id, status };
        must(db.ledger.record(&publisher.access, turn(app_client::Status::Disabled)).await);
        college.asset("Horn").unit(college.units.arts).register().await;
        assert_eq!(told().await, 1);
        must(db.ledger.record(&publisher.access, turn(app_client::Status::Active)).await);
        app.wait_seconds(3_600);
        assert_eq!(told().await, 2, "what waited; what happened meanwhile is not made up for");
        college.asset("Lyre").unit(college.units.arts).register().await;
        assert_eq!(told().await, 3);
        college.asset("Bell").unit(college.units.arts).register().await;
        app.wait_seconds(2);
        let mut tx = db.read(&publisher.access).await;
        let of = must(must(app_client::store::by_id(&mut tx, &publisher.access, client.id).await).ok_or("a client"));
        drop(tx);
        must(db.ledger.record(&publisher.access, RemoveApp { app: of.app }).await);
        college.asset("Gong").unit(college.units.arts).register().await;
        for _ in 0..40 {
            app.wait_seconds(3_600);
            assert_eq!(told().await, 3);
        }
    }
}
