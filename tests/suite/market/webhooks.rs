//! Webhook subscriptions of an installation: made, listed, ended, and none of anybody else's.

use habeo_core::app_client::Proof;
use habeo_core::app_install::command::{Suspend, Uninstall};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::College;
use habeo_tests::market::{Client, Tokens, admin};
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
        client.install(&app, &member, college.units.arts).await;
        assert_eq!(active().await, ["active"], "consenting again lets it work again");
        client.install_with(&app, &member, college.units.arts, "webhooks:read").await;
        assert!(active().await.is_empty(), "with less to see its subscriptions end");
        let again = client.install(&app, &member, college.units.arts).await;
        subscribe(&app, &again, &good()).await;
        must(db.ledger.record(&college.access, Uninstall { install }).await);
        assert!(active().await.is_empty());
    }
}
