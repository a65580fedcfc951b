//! What the ledger says of apps.

use habeo_core::app_client::Proof;
use habeo_core::app_client::command::{EndSecretRotation, RotateClientSecret};
use habeo_core::ledger::audit;
use habeo_core::page::Limit;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::market::{ALL, Client, admin};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

/// The entries of a type, in order.
pub(super) async fn entries(college: &College, kind: &str) -> Vec<Value> {
    let mut tx = college.db.read(&college.access).await;
    let page = must(audit::page(&mut tx, &college.access, -1, Limit::WALK).await);
    let entries = page
        .rows
        .iter()
        .map(|stored| must(serde_json::from_str::<Value>(&stored.bytes)));
    entries.filter(|entry| entry["type"] == kind).collect()
}

/// How many there are.
pub(super) async fn facts(college: &College, kind: &str) -> usize {
    entries(college, kind).await.len()
}

both_engines! {
    /// Registering, another secret, and consenting are facts; no secret is in one.
    async fn what_happens_to_apps_is_recorded(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let registered = entries(&college, "app_client.registered").await;
        assert_eq!(registered[0]["payload"]["settings"]["publisher"], "Example Press");
        client.install(&app, &member, college.units.arts).await;
        let consented = entries(&college, "app_install.consented").await;
        let said = &consented[0]["payload"];
        assert_eq!(said["client"], client.id.to_string());
        assert_eq!(said["unit"], college.units.arts.to_string());
        assert_eq!(said["scopes"], json!(ALL.split(' ').collect::<Vec<_>>()));
        assert_eq!(consented[0]["units"], json!([college.units.arts]));
        assert!(consented[0]["actor"]["principal"].as_str().is_some_and(|who| who.starts_with("person:")));
        let rotate = RotateClientSecret { client: client.id, window_micros: 60_000_000 };
        must(db.ledger.record(&college.access, rotate).await);
        assert!(db.ledger.record(&college.access, rotate).await.is_err(), "two are accepted already");
        must(db.ledger.record(&college.access, EndSecretRotation { client: client.id }).await);
        assert_eq!(facts(&college, "app_client.secret_rotated").await, 1);
        assert_eq!(facts(&college, "app_client.rotation_ended").await, 1);
    }

    /// What was recorded makes the tables again.
    async fn apps_are_rebuilt(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        client.install(&app, &member, college.units.arts).await;
        client.install_with(&app, &member, college.units.arts, "sites:read").await;
        let spare = db.spare().await;
        let differences = must(habeo_core::ledger::rebuild::check(&spare, &college.access).await);
        assert_eq!(differences, []);
    }
}
