//! The console's pages of apps: registering one, its secrets, and those that are installed.

use habeo_core::access::Role;
use habeo_core::app::command::RemoveApp;
use habeo_core::app_client::{CLIENTS_MAX, Proof};
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::market::{ALL, Client, REDIRECT, Tokens, admin, registration};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

/// What a read-only field of a page holds.
fn held(page: &str, id: &str) -> String {
    let behind = page
        .split_once(&format!("id=\"{id}\" value=\""))
        .map(|(_, behind)| behind);
    let value = behind.and_then(|behind| behind.split_once('"'));
    value.map(|(value, _)| value.to_owned()).unwrap_or_default()
}

const FIELDS: [(&str, &str); 12] = [
    ("name", "Shelf"),
    ("publisher", "Example Press"),
    ("website", ""),
    ("color", "#1f6feb"),
    ("initials", "SH"),
    ("redirects", REDIRECT),
    ("kind", "marketplace"),
    ("form", "web"),
    ("proof", "confidential"),
    ("scope-assets-read", "yes"),
    ("scope-webhooks-read", "yes"),
    ("scope-webhooks-write", "yes"),
];

both_engines! {
    /// An administrator registers an app, gets its secret once, and the secret works; so does the next one beside it.
    async fn an_app_is_registered_on_a_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        tab.get("/apps/registered/new").await;
        let page = tab.post("/apps/registered/new", &FIELDS).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let (id, secret) = (held(&page.text(), "client_id"), held(&page.text(), "client_secret"));
        assert!(secret.starts_with("hbo_cs_"), "{}", page.text());
        let client = Client { id: id.parse().expect("an id"), secret: Some(secret.clone()) };
        let tokens = client.install_with(&app, &member, college.units.arts, "assets:read").await;
        let path = format!("/apps/registered/{id}");
        let shown = tab.get(&path).await.text();
        assert!(!shown.contains(&secret) && shown.contains("Fingerprint"));
        let page = tab.post(&format!("{path}/rotate"), &[("window", "day")]).await.text();
        let next = Client { secret: Some(held(&page, "client_secret")), ..client.clone() };
        let renewed = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
        let renewed = Tokens::of(&next.refresh(&app, &renewed.refresh).await);
        tab.get(&path).await;
        assert_eq!(tab.post(&format!("{path}/rotate"), &[("window", "day")]).await.status, StatusCode::CONFLICT);
        tab.get(&path).await;
        tab.post(&format!("{path}/end-rotation"), &[]).await;
        assert_eq!(client.refresh(&app, &renewed.refresh).await.error(), "invalid_client");
        tab.get(&path).await;
        tab.post(&format!("{path}/status"), &[("status", "disabled")]).await;
        assert_eq!(next.refresh(&app, &renewed.refresh).await.error(), "invalid_client");
    }

    /// Apps that were removed take nobody's place.
    async fn removed_apps_are_not_counted(db: TestDb) {
        let college = College::found(&db).await;
        let register = async || {
            let new = registration("Shelf", Proof::Public, ALL);
            db.ledger.record(&college.access, new).await
        };
        let first = must(register().await);
        for _ in 1..CLIENTS_MAX {
            must(register().await);
        }
        assert!(register().await.is_err());
        must(db.ledger.record(&college.access, RemoveApp { app: first.app }).await);
        must(register().await);
        assert!(register().await.is_err());
    }

    /// What cannot be registered is said on the page, with what was entered.
    async fn faults_are_said(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        for (name, value) in [("name", ""), ("publisher", ""), ("redirects", "http://app.example/"), ("redirects", ""), ("color", "red"), ("initials", "<b>"), ("website", "javascript:alert(1)"), ("form", "junk")] {
            tab.get("/apps/registered/new").await;
            let fields = FIELDS.map(|(known, usual)| (known, if known == name { value } else { usual }));
            let page = tab.post("/apps/registered/new", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(page.text().contains("role=\"alert\""), "{name}");
        }
    }

    /// Whoever administers a unit sees the apps of it and ends them; others see none.
    async fn installed_apps_are_shown_and_ended(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let units = college.units;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install_with(&app, &member, units.music, ALL).await;
        app.get(&tokens.path("assets")).bearer(&tokens.access).send().await.ok();
        let id = tokens.answer["install_id"].as_str().unwrap_or_default().to_owned();
        let dean = college.member("Dean", units.arts, &[(Role::UnitAdmin, units.arts)]).await;
        let mut tab = Tab::of(&app, &dean).await;
        let list = tab.get("/apps").await.text();
        for said in ["Shelf", "Example Press", "assets:read", "UTC", &id] {
            assert!(list.contains(said), "{said}");
        }
        assert!(!list.contains("never"), "it was used");
        let elsewhere = college.member("Other", units.science, &[(Role::UnitAdmin, units.science)]).await;
        let mut other = Tab::of(&app, &elsewhere).await;
        assert!(!other.get("/apps").await.text().contains(&id));
        assert_eq!(other.get(&format!("/apps/{id}")).await.status, StatusCode::NOT_FOUND);
        other.get("/apps").await;
        other.get("/").await;
        assert_eq!(other.post(&format!("/apps/{id}/uninstall"), &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.get("/apps/registered").await.status, StatusCode::FORBIDDEN);
        let technician = college.member("Tech", units.root, &[(Role::Technician, units.root)]).await;
        let mut nobody = Tab::of(&app, &technician).await;
        assert_eq!(nobody.get("/apps").await.status, StatusCode::FORBIDDEN);
        let shown = tab.get(&format!("/apps/{id}")).await.text();
        assert!(shown.contains("All of its tokens end at once"), "{shown}");
        tab.post(&format!("/apps/{id}/suspend"), &[]).await;
        assert_eq!(app.get("/public/v1/me").bearer(&tokens.access).send().await.error(), "install_suspended");
        tab.get(&format!("/apps/{id}")).await;
        tab.post(&format!("/apps/{id}/resume"), &[]).await;
        app.get("/public/v1/me").bearer(&tokens.access).send().await.ok();
        tab.get(&format!("/apps/{id}")).await;
        let ended = tab.post(&format!("/apps/{id}/uninstall"), &[]).await;
        assert_eq!(ended.header("location"), Some("/apps?said=app_uninstalled"));
        assert_eq!(app.get("/public/v1/me").bearer(&tokens.access).send().await.error(), "invalid_token");
        assert!(!tab.get("/apps").await.text().contains(&id));
    }
}
