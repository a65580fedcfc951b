//! Sessions of the console: how they begin, what they are worth, and everything that ends them.

use habeo_core::access::Role;
use habeo_core::grant::command::EndGrant;
use habeo_core::id::PersonId;
use habeo_core::ledger::audit;
use habeo_core::page::Limit;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_core::session::ended::{self, Ended};
use habeo_core::time::SECOND_MICROS;
use habeo_core::web_session::{IDLE_MICROS, LIFE_MICROS, WebSessions};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member};
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await
}

fn left(person: PersonId) -> ChangeStatus {
    ChangeStatus {
        person,
        status: PersonStatus::Separated,
        separated_on: None,
    }
}

fn led_to(answer: &habeo_tests::app::Answer) -> (u16, String) {
    let location = answer.header("location").unwrap_or_default().to_owned();
    (answer.status.as_u16(), location)
}

both_engines! {
    /// Whoever is not signed in is led to the sign-in page, and from there to where they wanted to be.
    async fn signing_in_leads_back_to_the_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::new(&app);
        let sent = tab.get("/admin/integrations?after=3").await;
        assert_eq!(led_to(&sent), (303, "/sign-in?next=%2Fadmin%2Fintegrations%3Fafter%3D3".to_owned()));
        let page = tab.get("/sign-in?next=%2Fadmin%2Fintegrations%3Fafter%3D3").await;
        assert_eq!(page.status, StatusCode::OK);
        let token = app.token(&member);
        let next = "/admin/integrations?after=3";
        let done = tab.post("/sign-in/session", &[("token", &token), ("next", next)]).await;
        assert_eq!(led_to(&done), (303, next.to_owned()));
        let page = tab.get("/").await;
        assert!(page.text().contains("Robin Example"), "{}", page.text());
        assert_eq!(led_to(&tab.get("/sign-in").await), (303, "/".to_owned()));
    }

    /// A sign-in never leads away from this server.
    async fn signing_in_leads_nowhere_else(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\r\nset-cookie: a=b"] {
            let mut tab = Tab::new(&app);
            tab.get("/sign-in").await;
            let token = app.token(&member);
            let done = tab.post("/sign-in/session", &[("token", &token), ("next", next)]).await;
            assert_eq!(led_to(&done), (303, "/".to_owned()), "{next}");
        }
    }

    /// A token that is not good signs nobody in, and the page does not say why.
    async fn a_bad_token_signs_nobody_in(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::new(&app);
        tab.get("/sign-in").await;
        let good = app.token(&member);
        let cut = &good[..good.len() - 2];
        for bad in ["", "junk", cut, &"a".repeat(20_000)] {
            let answer = tab.post("/sign-in/session", &[("token", bad)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
        }
        let stranger = College::found_as(&db, "elsewhere").await;
        let mut credential = member.credential.clone();
        "org_nobody".clone_into(&mut credential.organization);
        let token = app.token_of(&credential);
        let answer = tab.post("/sign-in/session", &[("token", &token)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(led_to(&tab.get("/").await).0, 303);
        drop(stranger);
    }

    /// A session ends by signing out, by the hour without use, and by the day's half whatever is done.
    async fn sessions_end(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;

        let mut tab = Tab::of(&app, &member).await;
        let kept = tab.clone();
        tab.get("/").await;
        let out = tab.post("/sign-out", &[]).await;
        assert_eq!(led_to(&out), (303, "/sign-in".to_owned()));
        assert!(out.header("clear-site-data").is_some());
        assert_eq!(kept.clone().get("/").await.status, StatusCode::SEE_OTHER, "the cookie is worth nothing any more");

        let mut tab = Tab::of(&app, &member).await;
        app.wait_seconds(IDLE_MICROS / SECOND_MICROS - 1);
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
        app.wait_seconds(IDLE_MICROS / SECOND_MICROS);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER, "idle for an hour");

        let mut tab = Tab::of(&app, &member).await;
        for _ in 0..LIFE_MICROS / IDLE_MICROS * 2 - 1 {
            app.wait_seconds(IDLE_MICROS / SECOND_MICROS / 2);
            assert_eq!(tab.get("/").await.status, StatusCode::OK);
        }
        app.wait_seconds(IDLE_MICROS / SECOND_MICROS / 2);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER, "twelve hours have passed");
    }

    /// Signing in once more ends the session that the browser had; nobody else's.
    async fn a_sign_in_takes_the_place_of_the_one_before(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (member, other) = (admin(&college).await, admin(&college).await);
        let mut elsewhere = Tab::of(&app, &member).await;
        let mut tab = Tab::of(&app, &member).await;
        tab.get("/").await;
        let mut before = tab.clone();
        let token = app.token(&other);
        let done = tab.post("/sign-in/session", &[("token", &token)]).await;
        assert_eq!(led_to(&done), (303, "/".to_owned()));
        assert_ne!(before.cookies, tab.cookies);
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
        assert_eq!(before.get("/").await.status, StatusCode::SEE_OTHER, "the cookie before is worth nothing any more");
        assert_eq!(elsewhere.get("/").await.status, StatusCode::OK, "another browser's is what it was");
        // What is refused ends nothing.
        assert_eq!(tab.post("/sign-in/session", &[("token", "junk")]).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
    }

    /// What the issuer ends is ended here too, and stays so when the note of it is forgotten.
    async fn what_the_issuer_ends_is_ended(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
        app.wait_seconds(60);
        let now = db.ledger.clock().now();
        let credential = &member.credential;
        let subject = Ended::Subject { issuer: &credential.issuer, subject: &credential.subject };
        must(ended::note(&db.ledger, &[subject], now).await);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
        for _ in 0..8 {
            app.wait_seconds(600);
            assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
        }
        must(ended::forget(db.ledger.db(), db.ledger.clock().now()).await);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
    }

    /// A person who leaves, and a right that ends, are gone with the next request.
    async fn rights_are_those_of_the_moment(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let root = college.units.root;
        let member = college.member("Robin Example", root, &[]).await;
        let grant = college.grant(member.person, Role::OrgAdmin, root).await;
        let mut tab = Tab::of(&app, &member).await;
        assert_eq!(tab.get("/admin/integrations").await.status, StatusCode::OK);
        must(db.ledger.record(&college.access, EndGrant { grant, remark: None }).await);
        assert_eq!(tab.get("/admin/integrations").await.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
        must(db.ledger.record(&college.access, left(member.person)).await);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
    }

    /// Sessions in which somebody acts in another's name are not begun: the console changes things.
    async fn nobody_acts_in_another_s_name(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut credential = member.credential.clone();
        credential.impersonated = true;
        let sessions = WebSessions::new(db.ledger.clone());
        assert!(sessions.begin(&credential, "sess_1").await.is_err());
        drop(app);
    }

    /// Another organization's visitor has a session of their own organization and of no other.
    async fn a_session_is_of_one_organization(db: TestDb) {
        let app = TestApp::over(&db).await;
        let here = College::found(&db).await;
        let there = College::found_as(&db, "eastmark").await;
        let (one, other) = (admin(&here).await, admin(&there).await);
        let page = Tab::of(&app, &one).await.get("/").await.text();
        assert!(page.contains("westmark College") && !page.contains("eastmark"), "{page}");
        let page = Tab::of(&app, &other).await.get("/").await.text();
        assert!(page.contains("eastmark College") && !page.contains("westmark"), "{page}");
    }

    /// Signing in and out are facts.
    async fn signing_in_and_out_are_recorded(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        tab.get("/").await;
        tab.post("/sign-out", &[]).await;
        let mut tx = must(db.ledger.db().read(&college.access).await);
        let size = must(i64::try_from(must(audit::size(&mut tx, &college.access).await)));
        let last = must(audit::page(&mut tx, &college.access, size - 3, Limit::default()).await);
        let kinds: Vec<bool> = ["auth.login", "auth.logout"]
            .iter()
            .zip(&last.rows)
            .map(|(kind, entry)| entry.bytes.contains(&format!("\"type\":\"{kind}\"")))
            .collect();
        assert_eq!(kinds, [true, true], "{:?}", last.rows);
    }
}
