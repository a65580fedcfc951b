//! What changes something comes from our own pages, and what comes is bounded and readable.

use habeo_core::access::Role;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member};
use habeo_tests::tab::Tab;
use poem::http::{Method, StatusCode};

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await
}

/// Every form of the console.
const FORMS: [&str; 27] = [
    "/oauth/consent",
    "/apps/registered/new",
    "/apps/registered/01932c5e-7b1a-7c3d-8e4f-000000000001/settings",
    "/apps/registered/01932c5e-7b1a-7c3d-8e4f-000000000001/rotate",
    "/apps/registered/01932c5e-7b1a-7c3d-8e4f-000000000001/end-rotation",
    "/apps/registered/01932c5e-7b1a-7c3d-8e4f-000000000001/status",
    "/apps/01932c5e-7b1a-7c3d-8e4f-000000000001/suspend",
    "/apps/01932c5e-7b1a-7c3d-8e4f-000000000001/resume",
    "/apps/01932c5e-7b1a-7c3d-8e4f-000000000001/uninstall",
    "/sign-in",
    "/sign-in/session",
    "/sign-out",
    "/link/slack",
    "/links/01932c5e-7b1a-7c3d-8e4f-000000000001/end",
    "/admin/integrations/01932c5e-7b1a-7c3d-8e4f-000000000001/settings",
    "/admin/integrations/01932c5e-7b1a-7c3d-8e4f-000000000001/disconnect",
    "/admin/integrations/01932c5e-7b1a-7c3d-8e4f-000000000001/digests",
    "/admin/integrations/01932c5e-7b1a-7c3d-8e4f-000000000001/digests/01932c5e-7b1a-7c3d-8e4f-000000000001/end",
    "/admin/connections/new",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/name",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/settings",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/pause",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/resume",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/rotate",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/end-rotation",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/remove",
    "/admin/connections/01932c5e-7b1a-7c3d-8e4f-000000000001/deliveries/01932c5e-7b1a-7c3d-8e4f-000000000001/replay",
];

both_engines! {
    /// A form of somebody else's page does nothing, with a session or without, and with whatever token it has guessed.
    async fn foreign_forms_are_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        tab.get("/").await;
        let token = tab.form_token().to_owned();
        for form in FORMS {
            for site in [Some("cross-site"), Some("same-site"), Some("none"), None] {
                let answer = tab.clone().send(form, &[], Some(&token), site).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form} from {site:?}");
            }
            for wrong in [None, Some(""), Some("junk"), Some(&*"A".repeat(43))] {
                let answer = tab.clone().send(form, &[], wrong, Some("same-origin")).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form} with {wrong:?}");
            }
        }
        assert_eq!(tab.get("/").await.status, StatusCode::OK, "nobody was signed out");
    }

    /// Another session's token is none of this one's.
    async fn a_form_token_is_of_one_session(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut one = Tab::of(&app, &member).await;
        let mut other = Tab::of(&app, &member).await;
        one.get("/").await;
        other.get("/").await;
        let foreign = other.form_token().to_owned();
        let answer = one.send("/sign-out", &[], Some(&foreign), Some("same-origin")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }

    /// Bodies that are too large, of another kind or unreadable are refused with a page, and nothing fails on our side.
    async fn unreadable_forms_are_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let tab = Tab::of(&app, &member).await;
        let cookies: Vec<String> = tab.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        for form in FORMS {
            for body in ["%", "csrf=%ff%fe", "a".repeat(70_000).as_str(), "{\"csrf\": 1}", "csrf=1&csrf=2", "\0\0\0"] {
                let answer = app
                    .request(Method::POST, form)
                    .header("cookie", &cookies)
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body.to_owned())
                    .send()
                    .await;
                assert!(answer.status.is_client_error(), "{form}: {} {}", answer.status, answer.text());
            }
            let put = app.request(Method::PUT, form).header("cookie", &cookies).header("sec-fetch-site", "same-origin").send().await;
            assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED, "{form}");
        }
    }

    /// Every page has the policy that lets nothing run but our own files, and no page is kept.
    async fn pages_carry_their_policy(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        for path in ["/", "/admin/integrations", "/privacy", "/terms", "/link/slack?t=x", "/admin/integrations/nothing"] {
            let page = tab.get(path).await;
            let policy = page.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("default-src 'none'") && policy.contains("require-trusted-types-for 'script'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
            let text = page.text();
            assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains(" onclick"), "{path}");
        }
    }
}
