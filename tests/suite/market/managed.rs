//! Subscriptions of an installed app, and what those who installed it may do with them.

use std::sync::Arc;

use habeo_core::app_client::Proof;
use habeo_core::endpoint::command::{
    AmendEndpoint, ChangeEndpoint, PauseEndpoint, RemoveEndpoint, ResumeEndpoint, RotateSecret,
};
use habeo_core::endpoint::{Amendment, Endpoint, Refusal, Status, WINDOW_MICROS_MAX, store};
use habeo_core::ledger::RecordError;
use habeo_core::secret::MasterKey;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::market::{Client, admin};
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use serde_json::json;

async fn endpoints(college: &College) -> Vec<Endpoint> {
    let mut tx = college.db.read(&college.access).await;
    must(store::list(&mut tx, &college.access).await)
}

both_engines! {
    /// They may stop it, let it go on, and end it. What the app is told, where, and under which secret is the app's own.
    async fn an_installed_apps_subscription_is_its_own(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let body = json!({"url": "https://hooks.example.com/habeo", "events": ["asset.registered"]});
        let made = app.post(&tokens.path("webhooks")).bearer(&tokens.access).json(&body).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let before = endpoints(&college).await.remove(0);
        let (endpoint, ledger, access) = (before.id, &db.ledger, &college.access);
        let change = ChangeEndpoint { endpoint, url: Some("https://elsewhere.example.com/".to_owned()), description: None, settings: None };
        let refused = ledger.record(access, change).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::NotPermitted))));
        let amend = |settings, is_active| AmendEndpoint { endpoint, url: None, description: None, settings, is_active };
        let wider = Amendment { units: Some(Vec::new()), ..Amendment::default() };
        let refused = ledger.record(access, amend(wider, None)).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::NotPermitted))));
        let rotate = RotateSecret { endpoint, window_micros: WINDOW_MICROS_MAX, master_key: Arc::new(MasterKey::new(MASTER_KEY)) };
        let refused = ledger.record(access, rotate).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::NotPermitted))));
        assert_eq!(endpoints(&college).await, [before]);
        must(ledger.record(access, amend(Amendment::default(), Some(false))).await);
        assert_eq!(endpoints(&college).await[0].status, Status::Paused);
        must(ledger.record(access, ResumeEndpoint { endpoint }).await);
        must(ledger.record(access, PauseEndpoint { endpoint }).await);
        must(ledger.record(access, RemoveEndpoint { endpoint }).await);
        assert_eq!(endpoints(&college).await, []);
    }
}
