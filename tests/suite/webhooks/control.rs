//! `/v1`: the contract to the letter, and everything that is not it.

use habeo_core::api_key::Scope::{ControlWebhooks, EventsWrite};
use habeo_core::api_key::command::RevokeKey;
use habeo_core::api_key::store;
use habeo_tests::builders::College;
use habeo_tests::sink::signature;
use habeo_tests::{both_engines, must};
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Stage, a_key, an_app, code, events};

pub(super) fn ulid(id: uuid::Uuid) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut number = id.as_u128();
    let mut text = [b'0'; 26];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 32).unwrap_or(0)];
        number /= 32;
    }
    must(String::from_utf8(text.to_vec()))
}

fn body(answer: &habeo_tests::app::Answer) -> Value {
    must(serde_json::from_slice(&answer.bytes))
}

both_engines! {
    /// Made, listed, told, deleted: field by field as it was promised.
    async fn the_contract(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[ControlWebhooks, EventsWrite]).await;
        assert!(key.starts_with("wa_test_"), "{key}");
        let url = stage.sink.url("/hooks/hasp");
        let new = json!({"app_id": ulid(stage.of.uuid()), "url": url, "events": ["record.created", "record.updated"], "description": "Production record sync"});
        let made = stage.call(Method::POST, "/v1/webhooks", &key).json(&new).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let made = body(&made);
        assert_eq!(made["success"], true);
        let data = made["data"].as_object().expect("an object");
        let mut keys: Vec<&str> = data.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["app_id", "created_at", "description", "events", "id", "is_active", "secret", "url"]);
        let id = data["id"].as_str().expect("an id").to_owned();
        assert_eq!(id.len(), 26);
        assert_eq!(data["created_at"].as_str().map(|at| at.ends_with("+00:00") && at.len() == 25), Some(true));
        let secret = data["secret"].as_str().expect("a secret").to_owned();

        let listed = body(&stage.call(Method::GET, "/v1/webhooks", &key).send().await);
        let mut expected = made["data"].clone();
        expected.as_object_mut().expect("an object").remove("secret");
        assert_eq!(listed, json!({"success": true, "data": [expected]}));

        let event = json!({"type": "record.created", "data": {"name": "x", "n": 3}, "app_id": ulid(stage.of.uuid())});
        let emitted = stage.call(Method::POST, "/v1/events", &key).json(&event).send().await;
        assert_eq!(emitted.status, StatusCode::ACCEPTED, "{}", emitted.text());
        stage.deliver().await;
        let received = stage.sink.received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].header("x-habeo-signature"), signature(&secret, &received[0].body));
        assert_eq!(received[0].json()["data"], json!({"name": "x", "n": 3}));
        assert_eq!(received[0].json()["id"], body(&emitted)["data"]["id"]);

        let path = format!("/v1/webhooks/{id}");
        let gone = body(&stage.call(Method::DELETE, &path, &key).send().await);
        assert_eq!(gone, json!({"success": true, "data": {"id": id}}));
        let listed = body(&stage.call(Method::GET, "/v1/webhooks", &key).send().await);
        assert_eq!(listed, json!({"success": true, "data": []}));
        let again = stage.call(Method::DELETE, &path, &key).send().await;
        assert_eq!((again.status, code(&again).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));
        stage.is_whole().await;
    }

    /// Each of the additive operations, and what is read back.
    async fn the_rest_of_it(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[ControlWebhooks, EventsWrite]).await;
        let (endpoint, secret) = stage.endpoint(events(&["record.created"])).await;
        let path = format!("/v1/webhooks/{}", ulid(endpoint.uuid()));
        let change = json!({"events": ["record.deleted"], "description": "", "is_active": false, "rate_per_second": 5});
        let changed = body(&stage.call(Method::PATCH, &path, &key).json(&change).send().await);
        assert_eq!((&changed["data"]["events"], &changed["data"]["is_active"]), (&json!(["record.deleted"]), &json!(false)));
        let resumed = stage.call(Method::PATCH, &path, &key).json(&json!({"is_active": true, "rate_per_second": 0})).send().await;
        assert_eq!(resumed.status, StatusCode::OK, "{}", resumed.text());
        let tested = stage.call(Method::POST, &format!("{path}/test"), &key).send().await;
        assert_eq!(tested.status, StatusCode::ACCEPTED, "{}", tested.text());
        stage.deliver().await;
        let detail = body(&stage.call(Method::GET, &path, &key).send().await);
        assert_eq!(detail["data"]["status"], "active");
        assert_eq!(detail["data"]["health"]["success_per_mille_24h"], 1_000);
        assert_eq!(detail["data"]["rate_per_second"], Value::Null);
        let log = body(&stage.call(Method::GET, &format!("{path}/deliveries?status=delivered&limit=5"), &key).send().await);
        let delivery = log["data"][0]["id"].as_str().expect("one delivery").to_owned();
        assert_eq!((&log["data"][0]["type"], &log["data"][0]["response_status"]), (&json!("webhook.test"), &json!(200)));
        let again = stage.call(Method::POST, &format!("{path}/deliveries/{delivery}/redeliver"), &key).send().await;
        assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.text());
        assert_eq!(stage.deliver().await, 1);
        let rotated = body(&stage.call(Method::POST, &format!("{path}/rotate"), &key).json(&json!({"grace_seconds": 3600})).send().await);
        assert_ne!(rotated["data"]["secret"], json!(secret));
        let twice = stage.call(Method::POST, &format!("{path}/rotate"), &key).json(&json!({})).send().await;
        assert_eq!((twice.status, code(&twice).as_str()), (StatusCode::CONFLICT, "CONFLICT"));
        let range = json!({"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"});
        let replayed = body(&stage.call(Method::POST, &format!("{path}/replay"), &key).json(&range).send().await);
        assert_eq!(replayed["data"], json!({"deliveries": 1, "more": false, "last": null}));
    }

    /// A key that is none, or not one any more, or for something else; and another organisation's things.
    async fn keys_and_what_they_open(db: TestDb) {
        let stage = Stage::set(&db).await;
        let key = stage.key(&[ControlWebhooks]).await;
        assert!(key.starts_with("wa_live_"), "{key}");
        let mut broken = key.clone();
        broken.replace_range(20..21, if &key[20..21] == "a" { "b" } else { "a" });
        for wrong in ["", "x", "wa_live_", &broken, &key.replace("wa_live_", "wa_test_"), &key[..key.len() - 1]] {
            let answer = stage.call(Method::GET, "/v1/webhooks", wrong).send().await;
            assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::UNAUTHORIZED, "INVALID_API_KEY"), "{wrong}");
        }
        let none = stage.app.get("/v1/webhooks").send().await;
        assert_eq!((none.status, code(&none).as_str()), (StatusCode::UNAUTHORIZED, "INVALID_API_KEY"));
        let answer = stage.call(Method::GET, "/v1/webhooks", &key).send().await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("100"));
        let event = json!({"type": "webhook.test", "data": {}});
        let answer = stage.call(Method::POST, "/v1/events", &key).json(&event).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::FORBIDDEN, "MISSING_SCOPE"));

        let other = College::found_as(&db, "northfield").await;
        let theirs = an_app(&other, "Theirs").await;
        let their_key = a_key(&other, theirs, &[ControlWebhooks, EventsWrite]).await;
        let (endpoint, _) = stage.endpoint(events(&["record.created"])).await;
        let path = format!("/v1/webhooks/{}", ulid(endpoint.uuid()));
        for (method, path, sent) in [
            (Method::GET, path.clone(), None),
            (Method::DELETE, path.clone(), None),
            (Method::PATCH, path.clone(), Some(json!({"is_active": false}))),
            (Method::POST, format!("{path}/rotate"), Some(json!({}))),
            (Method::POST, format!("{path}/test"), None),
            (Method::GET, format!("{path}/deliveries"), None),
            (Method::POST, format!("{path}/deliveries/{}/redeliver", ulid(uuid::Uuid::nil())), None),
            (Method::GET, "/v1/webhooks/nothing".to_owned(), None),
        ] {
            let call = stage.call(method.clone(), &path, &their_key);
            let call = match &sent { Some(sent) => call.json(sent), None => call };
            let answer = call.send().await;
            assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"), "{method} {path}");
        }
        let new = json!({"app_id": ulid(stage.of.uuid()), "url": stage.sink.url("/x"), "events": ["record.created"]});
        let answer = stage.call(Method::POST, "/v1/webhooks", &their_key).json(&new).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));
        let event = json!({"type": "webhook.test", "data": {}, "app_id": ulid(stage.of.uuid())});
        let answer = stage.call(Method::POST, "/v1/events", &their_key).json(&event).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));

        let mut tx = must(db.ledger.db().read(&stage.college.access).await);
        let known = must(store::list(&mut tx, &stage.college.access).await);
        drop(tx);
        must(db.ledger.record(&stage.college.access, RevokeKey { key: known[0].id }).await);
        let answer = stage.call(Method::GET, "/v1/webhooks", &key).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::UNAUTHORIZED, "INVALID_API_KEY"));
        stage.is_whole().await;
    }

    /// Every body that is not what it has to be has its code, and leaves nothing.
    async fn what_is_refused(db: TestDb) {
        let stage = Stage::set(&db).await;
        let key = stage.key(&[ControlWebhooks, EventsWrite]).await;
        let app = ulid(stage.of.uuid());
        let good = json!({"app_id": app, "url": stage.sink.url("/x"), "events": ["record.created"]});
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        let long = format!("{}/{}", stage.sink.url(""), "a".repeat(2_048));
        let bad = [
            with("events", json!([])),
            with("events", json!(["record.made"])),
            with("events", json!(["asset.registered"])),
            with("events", json!("record.created")),
            with("url", json!(long)),
            with("url", json!("http://hooks.example.edu/")),
            with("url", json!("https://10.0.0.1/")),
            with("url", json!("https://localhost/")),
            with("url", json!("not an address")),
            with("description", json!("d".repeat(256))),
            with("rate_per_second", json!(0)),
            with("units", json!(["nothing"])),
            with("unheard_of", json!(1)),
        ];
        for body in bad {
            let answer = stage.call(Method::POST, "/v1/webhooks", &key).json(&body).send().await;
            assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"), "{body}");
        }
        for (kind, text, status, expected) in [
            ("application/json", "{", StatusCode::BAD_REQUEST, "INVALID_JSON"),
            ("application/json", "[]", StatusCode::BAD_REQUEST, "INVALID_JSON"),
            ("application/json", r#"{"a":1,"a":2}"#, StatusCode::BAD_REQUEST, "INVALID_JSON"),
            ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
        ] {
            for path in ["/v1/webhooks", "/v1/events"] {
                let call = stage.call(Method::POST, path, &key).header("content-type", kind).body(text);
                let answer = call.send().await;
                assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{path} {text}");
            }
        }
        for event in [
            json!({"type": "asset.registered", "data": {}}),
            json!({"type": "nothing.heard", "data": {}}),
            json!({"type": "webhook.test", "data": []}),
            json!({"type": "webhook.test", "data": {"x": 1.5}}),
            json!({"type": "webhook.test", "data": {"x": "y".repeat(50_000)}}),
            json!({"type": "webhook.test"}),
        ] {
            let answer = stage.call(Method::POST, "/v1/events", &key).json(&event).send().await;
            assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"), "{}", &event.to_string()[..60.min(event.to_string().len())]);
        }
        let large = json!({"type": "webhook.test", "data": {"x": "y".repeat(70_000)}});
        let answer = stage.call(Method::POST, "/v1/events", &key).json(&large).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"));
        let answer = stage.call(Method::PUT, "/v1/webhooks", &key).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"));
        let answer = stage.call(Method::GET, "/v1/nowhere", &key).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));
        let listed = stage.call(Method::GET, "/v1/webhooks", &key).send().await;
        assert_eq!(body(&listed)["data"], json!([]));
        assert_eq!(stage.entries("event.emitted").await, 0);
        // In a college of real things a program says nothing but that it is there.
        let answer = stage.call(Method::POST, "/v1/events", &key).json(&json!({"type": "webhook.test", "data": {}})).send().await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }

    /// 200 at once and 100 a minute, counted for each key.
    async fn a_key_has_a_rate(db: TestDb) {
        let stage = Stage::set(&db).await;
        let key = stage.key(&[ControlWebhooks]).await;
        let other = stage.key(&[ControlWebhooks]).await;
        for _ in 0..200 {
            let answer = stage.call(Method::GET, "/v1/webhooks", &key).send().await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        let answer = stage.call(Method::GET, "/v1/webhooks", &key).send().await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
        assert!(answer.header("retry-after").is_some());
        assert_eq!(stage.call(Method::GET, "/v1/webhooks", &other).send().await.status, StatusCode::OK);
    }

    /// The description is one of OpenAPI 3.1 and tells every event.
    async fn the_description(db: TestDb) {
        let stage = Stage::set(&db).await;
        let document = body(&stage.app.get("/v1/openapi.json").send().await);
        assert_eq!(document["openapi"], "3.1.0");
        assert!(document["webhooks"]["asset.registered"]["post"]["requestBody"].is_object());
        assert!(document["webhooks"].as_object().is_some_and(|all| all.len() > 50));
        for path in ["/v1/events", "/v1/webhooks", "/v1/webhooks/{id}"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
    }
}
