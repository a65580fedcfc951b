//! What people want to be told: their own affair, by the API and on a page; and phones that go with their sessions.

use anyhow::Result;
use habeo_core::access::{Access, Surface};
use habeo_core::identity::{EndMembership, NoteSessionEnd};
use habeo_core::ledger::rebuild;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::both_engines;
use habeo_tests::browser::{Scheme, in_browser};
use habeo_tests::builders::{College, Member};
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};
use thirtyfour::Key;

use crate::console::browser::{fits, found, frontend};

const PATH: &str = "/api/v1/push/preferences";

async fn put(app: &TestApp, member: &Member, body: &Value) -> Answer {
    app.request(Method::PUT, PATH)
        .by(member)
        .json(body)
        .send()
        .await
}

async fn get(app: &TestApp, member: &Member) -> Value {
    app.get(PATH).by(member).send().await.ok()["data"]["notices"].clone()
}

fn wanted(sort: &str, chat: bool, push: bool) -> Value {
    json!({"sort": sort, "chat": chat, "push": push})
}

async fn member(college: &College, name: &str) -> Member {
    college.member(name, college.units.physics, &[]).await
}

async fn register(app: &TestApp, member: &Member, name: &str) -> Answer {
    let body = json!({"token": format!("ExpoPushToken[{name}]"), "platform": "android"});
    app.post("/api/v1/push/register")
        .by(member)
        .json(&body)
        .send()
        .await
}

async fn live(college: &College) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM push_device WHERE removed_at IS NULL";
    college.db.raw().await.number(sql).await
}

async fn facts(college: &College) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type = 'notice.preferred'";
    college.db.raw().await.number(sql).await
}

both_engines! {
    /// Everything unless something else is said; what is not named stays; the same said again is no fact.
    async fn preferences_are_read_and_changed(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (robin, kim) = (member(&college, "Robin Example").await, member(&college, "Kim Example").await);
        let sorts = ["handed_to_you", "due_soon", "ticket_on_yours", "seen_elsewhere", "bought"];
        let all: Vec<Value> = sorts.iter().map(|sort| wanted(sort, true, true)).collect();
        assert_eq!(get(&app, &robin).await, json!(all));
        let quiet = json!({"notices": [wanted("due_soon", false, true), wanted("ticket_on_yours", false, false)]});
        let answered = put(&app, &robin, &quiet).await.ok();
        let expected = json!([wanted("handed_to_you", true, true), wanted("due_soon", false, true), wanted("ticket_on_yours", false, false), wanted("seen_elsewhere", true, true), wanted("bought", true, true)]);
        assert_eq!(answered["data"]["notices"], expected);
        assert_eq!((get(&app, &robin).await, facts(&college).await), (expected, 2));
        put(&app, &robin, &quiet).await.ok();
        put(&app, &robin, &json!({"notices": []})).await.ok();
        assert_eq!(facts(&college).await, 2);
        assert_eq!(get(&app, &kim).await, json!(all), "Kim has said nothing");
        let spare = db.spare().await;
        assert_eq!(must(rebuild::check(&spare, &college.access).await), []);
        spare.close().await;
    }

    /// What is no preference is refused, and nothing of it is taken.
    async fn what_is_no_preference_is_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = member(&college, "Robin Example").await;
        let twice = json!({"notices": [wanted("due_soon", true, false), wanted("due_soon", false, false)]});
        put(&app, &robin, &twice).await.problem(422, "notice_named_twice");
        for body in [
            json!({"notices": [wanted("invented", true, true)]}),
            json!({"notices": [{"sort": "due_soon", "chat": true}]}),
            json!({"notices": [{"sort": "due_soon", "chat": "true", "push": true}]}),
            json!({"notices": [{"sort": "due_soon", "chat": true, "push": true, "mail": true}]}),
            json!({"notices": {}}), json!({}), json!([]), json!({"notices": [], "more": 1}),
            json!({"notices": vec![wanted("due_soon", true, true); 17]}),
        ] {
            let refused = put(&app, &robin, &body).await;
            assert!(matches!(refused.status.as_u16(), 400 | 422), "{body}: {}", refused.text());
        }
        let large = json!({"notices": [], "x": "x".repeat(5_000)});
        assert_eq!(put(&app, &robin, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        for method in [Method::GET, Method::PUT] {
            let stranger = app.request(method, PATH).json(&json!({"notices": []})).send().await;
            assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(facts(&college).await, 0);
    }

    /// The page shows what is so and takes what is ticked; another organisation's person is another person.
    async fn the_page_shows_and_takes_what_is_wanted(db: TestDb) {
        let app = TestApp::over(&db).await;
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (robin, noa) = (member(&college, "Robin Example").await, member(&other, "Noa Example").await);
        register(&app, &robin, "robin").await.ok();
        let mut tab = Tab::of(&app, &robin).await;
        let page = tab.get("/settings/notices").await.text();
        assert!(page.contains("One phone of yours is registered.") && page.matches(" checked").count() == 9, "{page}");
        let fields = [("shown.due_soon", "on"), ("push.due_soon", "on"), ("shown.seen_elsewhere", "on"), ("chat.handed_to_you", "on")];
        let done = tab.post("/settings/notices", &fields).await;
        assert_eq!(done.header("location"), Some("/settings/notices?said=notices"), "{}", done.text());
        let page = tab.get("/settings/notices?said=notices").await.text();
        assert!(page.contains("From now on you are told as you have chosen.") && page.matches(" checked").count() == 6, "{page}");
        assert_eq!(get(&app, &robin).await[1], wanted("due_soon", false, true));
        assert_eq!(get(&app, &robin).await[3], wanted("seen_elsewhere", false, false));
        assert!(get(&app, &noa).await.as_array().is_some_and(|all| all.iter().all(|one| one["chat"] == true && one["push"] == true)));
        // A form of nobody's page, and nobody at all.
        let mut stranger = Tab::of(&app, &noa).await;
        let forged = stranger.send("/settings/notices", &[("shown.due_soon", "on")], Some("forged"), Some("same-origin")).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let mut nobody = Tab::new(&app);
        let sent = nobody.get("/settings/notices").await;
        assert!(sent.header("location").is_some_and(|path| path.starts_with("/sign-in")));
    }

    /// A phone goes with the session in which it was registered, and all of them with the membership.
    async fn phones_go_with_their_sessions(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (robin, kim) = (member(&college, "Robin Example").await, member(&college, "Kim Example").await);
        register(&app, &robin, "robin").await.ok();
        register(&app, &kim, "kim").await.ok();
        // One that was registered before sessions were noted, or elsewhere.
        super::phone(&college, robin.person, "older", habeo_core::push_device::Platform::Ios).await;
        let system = Access::system(college.org, Surface::Webhook);
        let credential = &robin.credential;
        let ended = |session_id: String| NoteSessionEnd {
            issuer: credential.issuer.clone(),
            subject: credential.subject.clone(),
            session_id,
            how: "removed",
        };
        must(db.ledger.record(&system, ended("sess_another".to_owned())).await);
        assert_eq!(live(&college).await, 3);
        must(db.ledger.record(&system, ended(format!("sess_{}", credential.subject))).await);
        assert_eq!(live(&college).await, 2);
        let gone = EndMembership {
            issuer: credential.issuer.clone(),
            subject: credential.subject.clone(),
            key: "orgmem_1".to_owned(),
            updated_at: db.clock_now(),
        };
        must(db.ledger.record(&system, gone).await);
        assert_eq!(live(&college).await, 1, "Kim's");
        let kinds = db.raw().await.texts("SELECT type FROM ledger_entry").await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "push_device.signed_out").count(), 2);
    }
}

/// The page in a browser: light, dark, on a phone's width, by keyboard, without a complaint or a request elsewhere.
async fn chosen(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let robin = member(&college, "Robin Example").await;
    let token = habeo_tests::issuer::token(&robin.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let origin = app.listen().await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{origin}/settings/notices")).await?;
        found(browser, "input[name='push.due_soon']").await?;
        for (scheme, width, name) in [
            (Scheme::Dark, 1280, "notices-dark"),
            (Scheme::Light, 1280, "notices-light"),
            (Scheme::Light, 360, "notices-narrow"),
        ] {
            browser.scheme(scheme).await?;
            browser.size(width, 900).await?;
            fits(browser, name).await?;
        }
        // By keyboard alone: to the box, untick it, and on to the button.
        let box_of = found(browser, "input[name='push.due_soon']").await?;
        box_of.send_keys(" ").await?;
        assert!(!box_of.is_selected().await?);
        let button = found(browser, "form[action='/settings/notices'] button").await?;
        button.send_keys(Key::Enter + "").await?;
        let said = found(browser, ".said").await?.text().await?;
        assert_eq!(said, "From now on you are told as you have chosen.");
        let box_of = found(browser, "input[name='push.due_soon']").await?;
        assert!(!box_of.is_selected().await?);
        let other = found(browser, "input[name='chat.due_soon']").await?;
        assert!(other.is_selected().await?);
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        let foreign: Vec<String> = browser
            .requests()
            .await?
            .into_iter()
            .filter(|url| !url.starts_with(&origin) && !url.starts_with(&issuer))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        Ok(())
    })
    .await
}

#[test]
fn notices_are_chosen_in_a_browser() {
    on_sqlite(async |db| must(chosen(db).await));
}
