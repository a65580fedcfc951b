//! Requests with a name of the caller's own: the same again is answered as the first time, another is refused, two at once are one.

use futures_util::future::join_all;
use habeo_core::api_key::Scope::{ControlWebhooks, EventsWrite};
use habeo_core::endpoint::command::{RemoveEndpoint, RotateSecret};
use habeo_core::id::EndpointId;
use habeo_core::time::DAY_MICROS;
use habeo_tests::app::Answer;
use habeo_tests::{both_engines, must};
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};
use ulid::Ulid;
use uuid::Uuid;

use super::{Stage, a_key, an_app, code, events, master_key};

fn ulid(id: Uuid) -> String {
    Ulid::from_bytes(*id.as_bytes()).to_string()
}

/// Posts under a name.
async fn post(
    stage: &Stage,
    key: &str,
    (path, body): (&str, Option<&Value>),
    name: &str,
) -> Answer {
    let call = stage.call(Method::POST, path, key);
    let call = call.header("idempotency-key", name);
    match body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

fn is_repetition(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

/// A stage with an endpoint, one delivery, and everything that can be posted about them: the path, a body, and another body.
async fn posts(stage: &Stage) -> (EndpointId, Vec<(String, Option<Value>, Option<Value>)>) {
    let (endpoint, _) = stage.endpoint(events(&["record.created"])).await;
    let path = format!("/v1/webhooks/{}", ulid(endpoint.uuid()));
    let key = stage.key(&[EventsWrite, ControlWebhooks]).await;
    let event = |n: i64| json!({"type": "record.created", "data": {"n": n}, "app_id": ulid(stage.of.uuid())});
    let emitted = stage.call(Method::POST, "/v1/events", &key).json(&event(0));
    assert_eq!(emitted.send().await.status, StatusCode::ACCEPTED);
    stage.deliver().await;
    let listed = stage.call(Method::GET, &format!("{path}/deliveries"), &key);
    let listed = listed.send().await.json();
    let delivery = listed["data"][0]["id"]
        .as_str()
        .expect("a delivery")
        .to_owned();
    let hook = |url: &str| json!({"app_id": ulid(stage.of.uuid()), "url": stage.sink.url(url), "events": ["record.created"]});
    let range = |to: &str| json!({"from": "2020-01-01T00:00:00Z", "to": to});
    let posts = vec![
        ("/v1/events".to_owned(), Some(event(1)), Some(event(2))),
        (
            "/v1/webhooks".to_owned(),
            Some(hook("/one")),
            Some(hook("/two")),
        ),
        (
            format!("{path}/rotate"),
            Some(json!({"grace_seconds": 60})),
            Some(json!({"grace_seconds": 61})),
        ),
        (
            format!("{path}/replay"),
            Some(range("2100-01-01T00:00:00Z")),
            Some(range("2101-01-01T00:00:00Z")),
        ),
        (format!("{path}/test"), None, None),
        (
            format!("{path}/deliveries/{delivery}/redeliver"),
            None,
            None,
        ),
    ];
    (endpoint, posts)
}

both_engines! {
    /// The same again: the same answer, said to be a repetition, and nothing more on record. With another body: refused.
    async fn the_same_again_is_done_once(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[ControlWebhooks, EventsWrite]).await;
        let (_, posts) = posts(&stage).await;
        for (path, body, other) in &posts {
            let first = post(&stage, &key, (path, body.as_ref()), "once-1").await;
            assert!(first.status.is_success(), "{path}: {}", first.text());
            assert!(!is_repetition(&first), "{path}");
            let entries = stage.entries_of_all().await;
            let again = post(&stage, &key, (path, body.as_ref()), "once-1").await;
            assert_eq!((again.status, again.text()), (first.status, first.text()), "{path}");
            assert!(is_repetition(&again), "{path}");
            assert_eq!(stage.entries_of_all().await, entries, "{path}");
            if let Some(other) = other {
                let refused = post(&stage, &key, (path, Some(other)), "once-1").await;
                assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::CONFLICT, "CONFLICT"), "{path}");
            }
            for bad in ["", "a b", &"x".repeat(129)] {
                let refused = post(&stage, &key, (path, body.as_ref()), bad).await;
                assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::BAD_REQUEST, "INVALID_REQUEST"), "{path} {bad}");
            }
        }
        stage.is_whole().await;
    }

    /// Eight at once are one, and all of them hear the same.
    async fn many_at_once_are_one(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[ControlWebhooks, EventsWrite]).await;
        let (_, posts) = posts(&stage).await;
        for (path, body, _) in &posts {
            let sent = (0..8).map(|_| post(&stage, &key, (path, body.as_ref()), "together"));
            let answers = join_all(sent).await;
            assert!(answers.iter().all(|one| one.status.is_success() && one.text() == answers[0].text()), "{path}");
            assert_eq!(answers.iter().filter(|one| !is_repetition(one)).count(), 1, "{path}");
        }
    }

    /// Names belong to a key and an operation, and to a day.
    async fn whose_a_name_is(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[EventsWrite]).await;
        let other_app = an_app(&stage.college, "Another").await;
        let other_key = a_key(&stage.college, other_app, &[EventsWrite, ControlWebhooks]).await;
        let event = |n: i64| json!({"type": "record.created", "data": {"n": n}});
        let first = post(&stage, &key, ("/v1/events", Some(&event(1))), "mine").await;
        let others = post(&stage, &other_key, ("/v1/events", Some(&event(1))), "mine").await;
        assert!(!is_repetition(&others) && others.text() != first.text());
        let hook = json!({"app_id": ulid(other_app.uuid()), "url": stage.sink.url("/x"), "events": ["record.created"]});
        let made = post(&stage, &other_key, ("/v1/webhooks", Some(&hook)), "mine").await;
        assert_eq!((made.status, is_repetition(&made)), (StatusCode::CREATED, false), "{}", made.text());
        stage.app.db.clock.advance_micros(DAY_MICROS + 1);
        let next_day = post(&stage, &key, ("/v1/events", Some(&event(2))), "mine").await;
        assert_eq!((next_day.status, is_repetition(&next_day)), (StatusCode::ACCEPTED, false), "{}", next_day.text());
    }

    /// A secret is told again for as long as it signs; it is nowhere in the open meanwhile, and gone when it does not.
    async fn a_secret_is_told_again_while_it_signs(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        let key = stage.key(&[ControlWebhooks]).await;
        let hook = json!({"app_id": ulid(stage.of.uuid()), "url": stage.sink.url("/x"), "events": ["record.created"]});
        let hook = ("/v1/webhooks", Some(&hook));
        let made = post(&stage, &key, hook, "new").await;
        let secret = made.json()["data"]["secret"].as_str().expect("a secret").to_owned();
        assert!(!db.raw().await.everything().await.contains(&secret));
        let id: Ulid = must(made.json()["data"]["id"].as_str().expect("an id").parse());
        let endpoint = EndpointId::from_uuid(Uuid::from_u128(id.0));
        let rotate = |window_micros| RotateSecret { endpoint, window_micros, master_key: master_key() };
        must(db.ledger.record(&stage.college.access, rotate(3_600_000_000)).await);
        assert_eq!(post(&stage, &key, hook, "new").await.json()["data"]["secret"], json!(secret));
        stage.app.wait_seconds(3_601);
        must(db.ledger.record(&stage.college.access, rotate(0)).await);
        let gone = post(&stage, &key, hook, "new").await;
        assert_eq!((gone.status, code(&gone).as_str()), (StatusCode::CONFLICT, "CONFLICT"), "{}", gone.text());
        // What was posted about an endpoint that is deleted is answered as the first time; anything new is not.
        let test = format!("/v1/webhooks/{id}/test");
        let tested = post(&stage, &key, (&test, None), "before").await;
        must(db.ledger.record(&stage.college.access, RemoveEndpoint { endpoint }).await);
        let again = post(&stage, &key, (&test, None), "before").await;
        assert_eq!((again.status, again.text()), (tested.status, tested.text()));
        let unknown = post(&stage, &key, (&test, None), "after").await;
        assert_eq!((unknown.status, code(&unknown).as_str()), (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));
    }
}
