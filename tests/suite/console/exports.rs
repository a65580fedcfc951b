//! Lists as files, as answers in chats offer them.

use habeo_bot::engine::{Asker, Place};
use habeo_bot::reply::Act;
use habeo_core::access::Role;
use habeo_core::chat::Platform;
use habeo_core::time::DAY_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use url::Url;

/// What somebody is offered in a chat: the path of the file.
async fn offered(app: &TestApp, college: &College, member: &Member, question: &str) -> String {
    let install = college.workspace("T1").await;
    let user = college.link(install, "U0PRIYA", member.person).await;
    let asker = Asker {
        access: college.in_chat(member.person).await,
        conversation: format!("{install}/D1/U0PRIYA"),
        user,
        platform: Platform::Slack,
        place: Place::Private,
    };
    let engine = &app.app.bot.common().parts().engine;
    let reply = engine.ask(&asker, question).await;
    let link = reply.buttons.iter().find_map(|button| match &button.act {
        Act::Open(url) => Some(url.clone()),
        _ => None,
    });
    let link = must(link.ok_or(reply.text));
    must(Url::parse(&link)).path().to_owned()
}

async fn custodian(college: &College) -> Member {
    let physics = college.units.physics;
    let roles = [(Role::Custodian, physics)];
    college.member("Priya Custodian", physics, &roles).await
}

both_engines! {
    /// The file is there for whoever asked, once they are signed in, for a day; for everybody else there is none.
    async fn a_file_is_for_whoever_asked(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let app = TestApp::over(&db).await;
        let priya = custodian(&college).await;
        college.asset("Field camera").tag("WMK-900101").register().await;
        college.asset("=cmd|calc").tag("WMK-900102").register().await;
        college.asset("Grand piano").tag("WMK-900103").unit(college.units.music).register().await;
        let path = offered(&app, &college, &priya, "export all laptops in stock").await;
        let mut own = Tab::of(&app, &priya).await;
        let file = own.get(&path).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.text());
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(file.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
        let text = file.text();
        assert!(text.contains("WMK-900101") && text.contains("WMK-900102"), "{text}");
        assert!(!text.contains("WMK-900103") && !text.contains(",=cmd"), "{text}");
        let exports = "SELECT type FROM ledger_entry WHERE type LIKE 'export.%' ORDER BY log_index";
        assert_eq!(db.raw().await.texts(exports).await.len(), 2, "its beginning and its end are recorded");

        let colleague = college.member("Rae Example", college.units.physics, &[(Role::Custodian, college.units.physics)]).await;
        let stranger = custodian(&other).await;
        for somebody in [&colleague, &stranger] {
            let answer = Tab::of(&app, somebody).await.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
        }
        let nobody = Tab::new(&app).get(&path).await;
        assert_eq!(nobody.status, StatusCode::SEE_OTHER);
        assert!(nobody.header("location").is_some_and(|to| to.starts_with("/sign-in?next=%2Fexports%2F")));
        let (token, _) = must(path.rsplit_once('/').ok_or("a number"));
        for wrong in [format!("{token}/7"), format!("{token}/x"), "/exports/none/0".to_owned(), format!("/exports/{}/0", "x".repeat(1_000))] {
            assert_eq!(own.get(&wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
        db.clock.advance_micros(DAY_MICROS);
        let mut later = Tab::of(&app, &priya).await;
        assert_eq!(later.get(&path).await.status, StatusCode::NOT_FOUND);
    }

    /// A button of an answer that is no file opens none, and an empty list offers none.
    async fn what_was_not_offered_is_not_there(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let priya = custodian(&college).await;
        for n in 0..15 {
            college.asset("Field camera").tag(&format!("WMK-9001{n:02}")).register().await;
        }
        let path = offered(&app, &college, &priya, "export laptops").await;
        let install = college.workspace("T2").await;
        let user = college.link(install, "U0OTHER", priya.person).await;
        let asker = Asker {
            access: college.in_chat(priya.person).await,
            conversation: format!("{install}/D2/U0OTHER"),
            user,
            platform: Platform::Slack,
            place: Place::Private,
        };
        let engine = &app.app.bot.common().parts().engine;
        let list = engine.ask(&asker, "list laptops").await;
        let more = list.buttons.iter().find_map(|button| match &button.act {
            Act::Press(press) => press.strip_prefix("m:").map(|rest| rest.replace(':', "/")),
            _ => None,
        });
        let more = must(more.ok_or("a button for more"));
        let mut own = Tab::of(&app, &priya).await;
        assert_eq!(own.get(&path).await.status, StatusCode::OK);
        assert_eq!(own.get(&format!("/exports/{more}")).await.status, StatusCode::NOT_FOUND);
        let none = engine.ask(&asker, "export missing laptops").await;
        assert!(none.buttons.is_empty() && none.text.contains("nothing to put into a file"), "{}", none.text);
    }
}
