//! Phones: one owner at a time, twenty to a person, nobody's business but their owner's.

use std::sync::Arc;

use habeo_core::explain::Explain as _;
use habeo_core::ledger::RecordError;
use habeo_core::push_device::Platform;
use habeo_core::push_device::command::Register;
use habeo_core::secret::MasterKey;
use habeo_core::session::ended::{self, Ended};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member};
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

const REGISTER: &str = "/api/v1/push/register";

async fn register(app: &TestApp, member: &Member, token: &str) -> Answer {
    let body = json!({"token": format!("ExponentPushToken[{token}]"), "platform": "ios"});
    app.post(REGISTER).by(member).json(&body).send().await
}

async fn remove(app: &TestApp, member: &Member, id: &Value) -> Answer {
    let id = id.as_str().expect("an id");
    app.delete(&format!("{REGISTER}/{id}"))
        .by(member)
        .send()
        .await
}

async fn member(college: &College, name: &str) -> Member {
    college.member(name, college.units.physics, &[]).await
}

both_engines! {
    /// Repeating a registration answers with the same id and records nothing.
    async fn registering_twice_is_registering_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let first = register(&app, &robin, "a").await.ok();
        let counts = db.raw().await.row_counts().await;
        app.wait_seconds(5);
        assert_eq!(register(&app, &robin, "a").await.ok(), first);
        let named = json!({"token": "ExponentPushToken[a]", "platform": "ios", "deviceName": "Robin's phone"});
        assert_eq!(app.post(REGISTER).by(&robin).json(&named).send().await.ok(), first);
        assert_eq!(db.raw().await.row_counts().await, counts);
        assert_eq!(first["data"]["registeredAt"], "2026-03-02T09:00:00.000000Z");
    }

    /// A phone that somebody else registers is theirs, in the same organisation and in another one.
    async fn a_phone_moves_to_whoever_registers_it(db: TestDb) {
        let app = TestApp::over(&db).await;
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (robin, kim, noa) = (member(&ours, "Robin Example").await, member(&ours, "Kim Example").await, member(&theirs, "Noa Example").await);
        let mut former: Option<(&Member, Value)> = None;
        for owner in [&robin, &kim, &noa, &robin] {
            let registered = register(&app, owner, "a").await.ok();
            let id = registered["data"]["id"].clone();
            if let Some((owner, id)) = former {
                remove(&app, owner, &id).await.problem(404, "push_device_unknown");
            }
            assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_device_private").await, 1);
            assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_token_directory").await, 1);
            former = Some((owner, id));
        }
    }

    /// Only its owner removes a phone, once.
    async fn phones_are_removed_by_their_owner_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (robin, kim, noa) = (member(&ours, "Robin Example").await, member(&ours, "Kim Example").await, member(&theirs, "Noa Example").await);
        let id = register(&app, &robin, "a").await.ok()["data"]["id"].clone();
        for other in [&kim, &noa] {
            remove(&app, other, &id).await.problem(404, "push_device_unknown");
        }
        let removed = remove(&app, &robin, &id).await;
        assert_eq!((removed.status.as_u16(), removed.text().as_str()), (204, ""));
        remove(&app, &robin, &id).await.problem(404, "push_device_unknown");
        // Registered again it is another registration.
        assert_ne!(register(&app, &robin, "a").await.ok()["data"]["id"], id);
    }

    /// The twenty-first phone is refused until one is removed.
    async fn a_person_has_twenty_phones_at_most(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let mut last = Value::Null;
        for n in 0..20 {
            last = register(&app, &robin, &n.to_string()).await.ok()["data"]["id"].clone();
        }
        register(&app, &robin, "20").await.problem(409, "push_device_limit_reached");
        register(&app, &robin, "19").await.ok();
        assert_eq!(remove(&app, &robin, &last).await.status, 204);
        register(&app, &robin, "20").await.ok();
    }

    /// A request that was on its way while its session ended brings no phone back; the next session does.
    async fn a_session_that_ended_registers_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let access = college.access_as(robin.person).await;
        let of = |session: &str| {
            let session = Ended::Session { issuer: "https://issuer.example", session_id: session };
            Register {
                token: "ExponentPushToken[a]".to_owned(),
                platform: Platform::Ios,
                device_name: None,
                session: Some(session.key()),
                master_key: Arc::new(MasterKey::new(MASTER_KEY)),
            }
        };
        must(db.ledger.record(&access, of("first")).await);
        let ended = Ended::Session { issuer: "https://issuer.example", session_id: "first" };
        must(ended::note(&db.ledger, &[ended], db.clock_now()).await);
        for _ in 0..2 {
            match db.ledger.record(&access, of("first")).await {
                Err(RecordError::Refused(refusal)) => assert_eq!(refusal.code(), "push_device_session_ended"),
                other => panic!("{other:?}"),
            }
        }
        must(db.ledger.record(&access, of("second")).await);
    }

    /// What the contract names besides is taken, and nothing else.
    async fn every_member_of_the_contract_is_taken(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let body = json!({"token": "ExponentPushToken[a]", "platform": "android", "deviceName": "Phone", "appVersion": "2.4.1",
            "projectId": "0190a3c1-0000-7000-8000-000000000000", "experienceId": "@habeo/app"});
        app.post(REGISTER).by(&robin).json(&body).send().await.ok();
        for (name, value) in [("appVersion", json!("x".repeat(101))), ("projectId", json!(7)), ("other", json!("x"))] {
            let mut body = body.clone();
            body[name] = value;
            let answer = app.post(REGISTER).by(&robin).json(&body).send().await;
            assert!(answer.status.is_client_error(), "{name}: {}", answer.text());
        }
    }

    /// The token itself is nowhere to be read.
    async fn tokens_are_stored_sealed(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let answer = register(&app, &robin, "plainly-visible").await;
        answer.ok();
        assert!(!answer.text().contains("plainly-visible"));
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry").await;
        assert!(entries.iter().all(|entry| !entry.contains("plainly-visible")));
    }
}
