//! `/public/v1`: what is answered, in which order things are checked, and how often one may ask.

use habeo_core::app_client::Proof;
use habeo_core::app_client::command::SetRate;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::market::{ALL, Client, Tokens, admin};
use habeo_tests::{both_engines, must};
use poem::http::{Method, StatusCode};
use serde_json::json;

/// The reads below a tenant, with the scope that each takes.
pub(super) const READS: [(&str, &str); 5] = [
    ("assets", "assets:read"),
    ("people", "people:read"),
    ("sites", "sites:read"),
    ("tickets", "tickets:read"),
    ("webhooks", "webhooks:read"),
];

async fn installed(app: &TestApp, college: &College) -> (Client, Tokens) {
    let member = admin(college).await;
    let client = Client::of(college, Proof::Confidential).await;
    let tokens = client.install(app, &member, college.units.root).await;
    (client, tokens)
}

both_engines! {
    /// Health and me.
    async fn a_token_tells_what_it_is(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (client, tokens) = installed(&app, &college).await;
        let health = app.get("/public/v1/health").bearer(&tokens.access).send().await.ok();
        assert_eq!(health["status"], "ok");
        assert!(health["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')));
        let me = app.get("/public/v1/me").bearer(&tokens.access).send().await.ok();
        assert_eq!(me["install_id"], tokens.answer["install_id"]);
        assert_eq!(me["client_id"], client.id.to_string());
        assert_eq!(me["org_id"], college.org.to_string());
        assert_eq!(me["entity_id"], college.units.root.to_string());
        assert_eq!(me["scopes"], json!(ALL.split(' ').collect::<Vec<_>>()));
        assert_eq!((&me["app_name"], &me["publisher"]), (&"Shelf".into(), &"Example Press".into()));
    }

    /// One answer for every bad token, another for none; both say where it is written how to get one.
    async fn bad_tokens_are_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (client, tokens) = installed(&app, &college).await;
        let member = admin(&college).await;
        let paths = READS.map(|(path, _)| tokens.path(path));
        let others = ["/public/v1/health".to_owned(), "/public/v1/me".to_owned(), tokens.path("manufacturing/bom")];
        for path in paths.iter().chain(&others) {
            let app = TestApp::over(&db).await;
            let answer = app.get(path).send().await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "missing_token".to_owned()), "{path}");
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer resource_metadata=\"http") && !challenge.contains("error"), "{challenge}");
            assert_eq!(answer.header("x-ratelimit-limit"), None);
            let session = app.token(&member);
            for bad in ["junk", &tokens.access[..55], &tokens.refresh, &session, client.secret.as_deref().unwrap_or_default(), &tokens.access.to_lowercase()] {
                let answer = app.get(path).bearer(bad).send().await;
                assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "invalid_token".to_owned()), "{path} {bad}");
                let challenge = answer.header("www-authenticate").unwrap_or_default();
                assert!(challenge.contains("resource_metadata=") && challenge.contains("error=\"invalid_token\""), "{challenge}");
            }
        }
        let twice = app.get("/public/v1/health").bearer(&tokens.access).bearer(&tokens.access).send().await;
        assert_eq!(twice.error(), "invalid_token");
        let basic = app.get("/public/v1/health").header("authorization", &client.basic()).send().await;
        assert_eq!(basic.error(), "invalid_token");
        let in_query = app.get(&format!("/public/v1/health?access_token={}", tokens.access)).send().await;
        assert_eq!(in_query.error(), "missing_token");
    }

    /// Each route takes its scope, and says which.
    async fn each_route_takes_its_scope(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        for (path, scope) in READS {
            let others: Vec<&str> = ALL.split(' ').filter(|other| *other != scope).collect();
            let without = client.install_with(&app, &member, college.units.arts, &others.join(" ")).await;
            let answer = app.get(&without.path(path)).bearer(&without.access).send().await;
            assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "insufficient_scope".to_owned()), "{path}");
            assert_eq!(answer.json()["required"], json!([scope]));
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.contains("error=\"insufficient_scope\"") && challenge.contains(&format!("scope=\"{scope}\"")), "{challenge}");
            let with = client.install_with(&app, &member, college.units.science, scope).await;
            app.get(&with.path(path)).bearer(&with.access).send().await.ok();
        }
        let reader = client.install_with(&app, &member, college.units.music, "webhooks:read").await;
        let body = json!({"url": "https://hooks.example/x", "events": ["asset.*"]});
        let answer = app.post(&reader.path("webhooks")).bearer(&reader.access).json(&body).send().await;
        assert_eq!(answer.json()["required"], json!(["webhooks:write"]));
        let path = reader.path("webhooks/01932c5e-7b1a-7c3d-8e4f-000000000001");
        let answer = app.delete(&path).bearer(&reader.access).send().await;
        assert_eq!(answer.json()["required"], json!(["webhooks:write"]));
    }

    /// Token, then tenant, then scope, then what was asked for; after the token every answer says what is left of the rate.
    async fn checks_come_in_order(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let tokens = client.install_with(&app, &member, college.units.arts, "people:read").await;
        let foreign = format!("/public/v1/orgs/{}/entities/{}", college.org, college.units.music);
        let unknown = tokens.path("assets").replace("assets", "nothing");
        for (method, path, bearer, error) in [
            (Method::GET, format!("{foreign}/assets?nonsense=1"), None, "missing_token"),
            (Method::GET, format!("{foreign}/assets?nonsense=1"), Some("x"), "invalid_token"),
            (Method::GET, format!("{foreign}/assets?nonsense=1"), Some(tokens.access.as_str()), "tenant_scope_violation"),
            (Method::GET, tokens.path("assets?nonsense=1"), Some(&tokens.access), "insufficient_scope"),
            (Method::GET, tokens.path("people?nonsense=1"), Some(&tokens.access), "invalid_request"),
            (Method::GET, tokens.path("people?limit=0"), Some(&tokens.access), "invalid_request"),
            (Method::GET, tokens.path("people?limit=1&limit=2"), Some(&tokens.access), "invalid_request"),
            (Method::GET, tokens.path("people?cursor=junk"), Some(&tokens.access), "invalid_request"),
            (Method::POST, format!("{foreign}/webhooks"), Some(&tokens.access), "tenant_scope_violation"),
            (Method::POST, tokens.path("webhooks"), Some(&tokens.access), "insufficient_scope"),
            (Method::GET, unknown, Some(&tokens.access), "not_found"),
            (Method::POST, tokens.path("people"), Some(&tokens.access), "method_not_allowed"),
        ] {
            let mut call = app.request(method.clone(), &path);
            if let Some(bearer) = bearer {
                call = call.bearer(bearer);
            }
            let answer = call.send().await;
            assert_eq!(answer.error(), error, "{method} {path}: {}", answer.text());
            let body = answer.json();
            assert!(body["message"].is_string() && body["code"].is_null(), "{body}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
            assert!(answer.header("x-request-id").is_some());
            let counted = bearer == Some(tokens.access.as_str()) && !matches!(error, "not_found" | "method_not_allowed");
            assert_eq!(answer.header("x-ratelimit-remaining").is_some(), counted, "{path}");
        }
    }

    /// Whatever does not name the token's own tenant is refused by comparing alone.
    async fn any_other_tenant_is_a_violation(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let tokens = client.install(&app, &member, college.units.arts).await;
        let second = client.install(&app, &member, college.units.science).await;
        let (org, unit) = (college.org.to_string(), college.units.arts.to_string());
        let foreign = [
            (org.clone(), college.units.science.to_string()),
            (org.clone(), college.units.music.to_string()),
            (org.clone(), college.units.root.to_string()),
            (org.clone(), "01932c5e-7b1a-7c3d-8e4f-000000000001".to_owned()),
            (org.clone(), "junk".to_owned()),
            (org.clone(), unit.to_uppercase()),
            (other.org.to_string(), unit.clone()),
            (other.org.to_string(), other.units.arts.to_string()),
            ("junk".to_owned(), unit.clone()),
            (unit.clone(), org.clone()),
        ];
        let mut bodies = std::collections::BTreeSet::new();
        for (org, unit) in &foreign {
            for rest in ["assets", "people", "sites", "tickets", "webhooks", "manufacturing/bom", "manufacturing"] {
                let path = format!("/public/v1/orgs/{org}/entities/{unit}/{rest}");
                let answer = app.get(&path).bearer(&tokens.access).send().await;
                assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "tenant_scope_violation".to_owned()), "{path}");
                bodies.insert(answer.text());
            }
            for (method, rest) in [(Method::POST, "webhooks"), (Method::DELETE, "webhooks/01932c5e-7b1a-7c3d-8e4f-000000000001")] {
                let path = format!("/public/v1/orgs/{org}/entities/{unit}/{rest}");
                let answer = app.request(method, &path).bearer(&tokens.access).json(&json!({})).send().await;
                assert_eq!(answer.error(), "tenant_scope_violation", "{path}");
                bodies.insert(answer.text());
            }
        }
        assert_eq!(bodies.len(), 1, "one answer for all of them");
        app.get(&second.path("assets")).bearer(&second.access).send().await.ok();
    }

    /// A hundred and twenty in a minute from the first on, for each installation; the operator can say otherwise for an app.
    async fn the_rate_is_a_window(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let one = client.install(&app, &member, college.units.arts).await;
        let other = client.install(&app, &member, college.units.science).await;
        let ask = async |token: &str| app.get("/public/v1/health").bearer(token).send().await;
        for asked in 1..=120 {
            let answer = ask(&one.access).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("x-ratelimit-limit"), Some("120"));
            assert_eq!(answer.header("x-ratelimit-remaining"), Some((120 - asked).to_string().as_str()));
        }
        app.wait_seconds(20);
        let refused = ask(&one.access).await;
        assert_eq!((refused.status, refused.error()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
        assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), (Some("40"), Some("0")));
        assert_eq!(ask(&other.access).await.status, StatusCode::OK);
        let foreign = format!("/public/v1/orgs/{}/entities/{}/assets", college.org, college.org);
        assert_eq!(app.get(&foreign).bearer(&one.access).send().await.error(), "rate_limited", "the rate comes before the tenant");
        app.wait_seconds(40);
        assert_eq!(ask(&one.access).await.header("x-ratelimit-remaining"), Some("119"));
        let rate = SetRate { client: client.id, rate_per_minute: Some(3) };
        must(db.ledger.record(&college.access, rate).await);
        app.wait_seconds(60);
        for _ in 0..3 {
            assert_eq!(ask(&one.access).await.header("x-ratelimit-limit"), Some("3"));
        }
        assert_eq!(ask(&one.access).await.error(), "rate_limited");
    }

    /// Manufacturing is on the roadmap, for whoever may ask and by any method.
    async fn manufacturing_is_a_plan(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (_, tokens) = installed(&app, &college).await;
        for (rest, ticket) in [
            ("manufacturing", "MFG-0"),
            ("manufacturing/bom", "MFG-1"),
            ("manufacturing/work-orders/7/complete", "MFG-2"),
            ("manufacturing/recipes", "MFG-3"),
            ("manufacturing/quality-inspections", "MFG-4"),
            ("manufacturing/subcontract-orders", "MFG-5"),
            ("manufacturing/reports/job-costing", "MFG-6"),
            ("manufacturing/else", "MFG-0"),
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let answer = app.request(method, &tokens.path(rest)).bearer(&tokens.access).send().await;
                assert_eq!((answer.status.as_u16(), answer.error()), (501, "not_implemented".to_owned()), "{rest}");
                assert_eq!(answer.json()["ticket"], ticket, "{rest}");
            }
        }
    }

    /// Tokens that are not ours cost an address its attempts.
    async fn guessing_is_slowed_down(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (_, tokens) = installed(&app, &college).await;
        for _ in 0..30 {
            assert_eq!(app.get("/public/v1/me").bearer("junk").send().await.error(), "invalid_token");
        }
        let answer = app.get("/public/v1/me").bearer("junk").send().await;
        assert_eq!((answer.status, answer.error()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
        app.get("/public/v1/me").bearer(&tokens.access).send().await.ok();
    }
}
