//! The page of consent: who sees it, what it says, and where it leads.

use habeo_core::access::Role;
use habeo_core::app::Kind;
use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::market::{ALL, Client, Tokens, admin, query, registration};
use habeo_tests::tab::{Tab, hidden};
use poem::http::StatusCode;

use super::facts::facts;

both_engines! {
    /// It names the app, its publisher, the organisation, the scopes in words, who installs and how to revoke; nobody frames it.
    async fn it_says_what_is_consented_to(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let led = tab.get(&client.authorize(&[])).await;
        let page = tab.get(led.header("location").unwrap_or_default()).await;
        let text = page.text();
        for said in ["Shelf", "Example Press", "Robin Example", "See assets, where they are", "Be told of what happens", "app.example", "/apps", "ledger"] {
            assert!(text.contains(said), "{said}");
        }
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self' https://app.example;"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(!text.contains("<img"), "no image of anybody's");
    }

    /// Whoever has not signed in does so and comes back.
    async fn strangers_sign_in_first(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let long = "s".repeat(512);
        let led = app.get(&client.authorize(&[("state", &long)])).send().await;
        let consent = led.header("location").unwrap_or_default().to_owned();
        assert!(consent.starts_with("/oauth/consent?request="), "{consent}");
        let answer = app.get(&consent).send().await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let sign_in = answer.header("location").unwrap_or_default();
        assert!(sign_in.starts_with("/sign-in?next=%2Foauth%2Fconsent"), "{sign_in}");
        assert_eq!(app.get(sign_in).send().await.status, StatusCode::OK, "its address is not too long");
    }

    /// Whoever does not want it is led back and told so; nothing is recorded.
    async fn declining_leaves_nothing(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let led = client.decide(&mut tab, "", "deny", &[]).await;
        assert_eq!(query(&led, "error").as_deref(), Some("access_denied"));
        assert_eq!(query(&led, "state").as_deref(), Some("a b&c"));
        assert!(query(&led, "iss").is_some() && query(&led, "code").is_none());
        assert_eq!(facts(&college, "app_install.consented").await, 0);
    }

    /// Administrators of a unit install for it and what is below, and for nothing else; others install nothing.
    async fn only_administrators_install(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let units = college.units;
        let dean = college.member("Dean", units.arts, &[(Role::UnitAdmin, units.arts)]).await;
        let mut tab = Tab::of(&app, &dean).await;
        let code = client.consent(&mut tab, units.music, &[]).await;
        let tokens = Tokens::of(&client.exchange(&app, &code).await);
        assert_eq!(tokens.answer["entity_id"], units.music.to_string());
        let led = tab.get(&client.authorize(&[])).await;
        let consent = led.header("location").unwrap_or_default().to_owned();
        let page = tab.get(&consent).await.text();
        let request = hidden(&page, "request").unwrap_or_default();
        for foreign in [units.science, units.root, units.unassigned] {
            assert!(!page.contains(&foreign.to_string()), "it is not offered");
            let fields = [("request", request.as_str()), ("unit", &foreign.to_string()), ("decision", "allow")];
            let answer = tab.post("/oauth/consent", &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        }
        for junk in ["", "junk", "01932c5e-7b1a-7c3d-8e4f-000000000001"] {
            let fields = [("request", request.as_str()), ("unit", junk), ("decision", "allow")];
            assert_eq!(tab.post("/oauth/consent", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        for role in [Role::Custodian, Role::Technician, Role::Auditor, Role::Procurement] {
            let member = college.member("Somebody", units.root, &[(role, units.root)]).await;
            let mut tab = Tab::of(&app, &member).await;
            let page = tab.get(&consent).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
            tab.get("/").await;
            let fields = [("request", request.as_str()), ("unit", &units.root.to_string()), ("decision", "allow")];
            let answer = tab.post("/oauth/consent", &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role}");
        }
        assert_eq!(facts(&college, "app_install.consented").await, 1);
    }

    /// The form is guarded as every form of the console is, and a request is good for ten minutes.
    async fn the_form_is_ours(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let led = tab.get(&client.authorize(&[])).await;
        let consent = led.header("location").unwrap_or_default().to_owned();
        let request = hidden(&tab.get(&consent).await.text(), "request").unwrap_or_default();
        let unit = college.units.root.to_string();
        let fields = [("request", request.as_str()), ("unit", unit.as_str()), ("decision", "allow")];
        let token = tab.form_token().to_owned();
        for (token, site) in [(Some(token.as_str()), Some("cross-site")), (Some("junk"), Some("same-origin")), (None, Some("same-origin"))] {
            let answer = tab.clone().send("/oauth/consent", &fields, token, site).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
        for junk in ["", "junk", &request[1..], &format!("{request}A")] {
            let fields = [("request", junk), ("unit", unit.as_str()), ("decision", "allow")];
            assert_eq!(tab.post("/oauth/consent", &fields).await.status, StatusCode::BAD_REQUEST, "{junk}");
        }
        app.wait_seconds(600);
        assert_eq!(tab.get(&consent).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(tab.post("/oauth/consent", &fields).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(facts(&college, "app_install.consented").await, 0);
    }

    /// An app of the marketplace is installed anywhere, an internal one at home only.
    async fn internal_apps_stay_at_home(db: TestDb) {
        let app = TestApp::over(&db).await;
        let maker = College::found(&db).await;
        let college = College::found_as(&db, "eastmark").await;
        let member = admin(&college).await;
        let at_home = admin(&maker).await;
        let sold = Client::of(&maker, Proof::Confidential).await;
        let tokens = sold.install(&app, &member, college.units.root).await;
        assert_eq!(tokens.answer["org_id"], college.org.to_string());
        let new = habeo_core::app_client::command::RegisterClient { kind: Kind::Internal, ..registration("Inside", Proof::Confidential, ALL) };
        let inside = Client::register(&maker, new).await;
        let mut tab = Tab::of(&app, &member).await;
        let led = tab.get(&inside.authorize(&[])).await;
        let page = tab.get(led.header("location").unwrap_or_default()).await.text();
        let request = hidden(&page, "request").unwrap_or_default();
        let fields = [("request", request.as_str()), ("unit", &college.units.root.to_string()), ("decision", "allow")];
        assert_eq!(tab.post("/oauth/consent", &fields).await.status, StatusCode::FORBIDDEN);
        inside.install(&app, &at_home, maker.units.root).await;
    }
}
