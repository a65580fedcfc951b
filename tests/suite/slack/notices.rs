//! What people are told without having asked.

use habeo_core::ticket::Status;
use habeo_core::ticket::report::{Field, Report};
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, Failure, TEAM};
use habeo_tests::{both_engines, must};
use serde_json::json;

use crate::core::deploy;
use crate::core::tickets::Desk;

async fn deliver(chat: &Chat<'_>) -> usize {
    must(chat.app.app.worker().deliver_due().await)
}

both_engines! {
    /// Whoever is handed something is told so directly, and can acknowledge it there.
    async fn whoever_is_handed_something_is_told(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let asset = college.asset("Field camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        assert_eq!(deliver(&chat).await, 1);
        let posted = chat.slack.calls("chat.postMessage");
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0].body["channel"], "DU0ADA");
        let text = chat.last_post().replace(&tag, "TAG");
        let seen = text;
        insta::allow_duplicates! {
            insta::assert_snapshot!(seen, @r"
            You now have *TAG*.
            ~ Field camera
            [Acknowledge] [Open in Habeo]
            ");
        }
        let acknowledge = &posted[0].body["blocks"][2]["elements"][0];
        let said = chat.presses("U0ADA", acknowledge).await;
        assert!(said.contains(&tag) && said.contains("[Confirm]"), "{said}");
        chat.faultless();
    }

    /// Whoever has something learns of a ticket about it, with the way there; not once it is solved or the thing is somebody else's.
    async fn whoever_has_something_learns_of_a_ticket_about_it(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let asset = college.asset("Field camera").tag("WMK-000417").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        deliver(&chat).await;
        chat.slack.forget();
        let desk = Desk::of(&college);
        let report = Report { title: Field::Set("Lens <!here> *stuck*".to_owned()), ..desk.ticket("231", "WMK-000417") };
        desk.one(&report).await;
        // What it says later is no news, and neither is what was written long ago.
        desk.one(&desk.later(&report, Status::InProgress)).await;
        let old = Report { opened_at: Field::Set(db.clock_now().plus_days(-3)), ..desk.ticket("7", "WMK-000417") };
        desk.one(&old).await;
        assert_eq!(deliver(&chat).await, 1);
        let posted = chat.slack.calls("chat.postMessage");
        assert_eq!((posted.len(), &posted[0].body["channel"]), (1, &json!("DU0ADA")));
        let seen = chat.last_post();
        insta::allow_duplicates! {
            insta::assert_snapshot!(seen, @r"
            There is a ticket about *WMK-000417*, which you have.
            <https://desk.example/browse/ITH-231|ITH-231 · Lens &lt;!here&gt; *stuck*>
            in progress, urgent
            [Open the ticket] [Open in Habeo]
            ");
        }
        assert!(!posted[0].body.to_string().contains("<!here>"), "nobody is called by a title");
        let solved = desk.ticket("8", "WMK-000417");
        desk.one(&solved).await;
        desk.one(&desk.later(&solved, Status::Closed)).await;
        deliver(&chat).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 1, "it was solved meanwhile");
        desk.open("9", "WMK-000417").await;
        college.act(asset, crate::core::give_back()).await;
        deliver(&chat).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 1, "it is not hers any more");
        let said = chat.says("U0ADA", "/habeo my tickets").await;
        assert!(said.contains("Your open tickets: none."), "{said}");
        chat.faultless();
    }

    /// Later when Slack asks for it; never when nobody is there any more.
    async fn a_notice_waits_for_slack_and_not_for_the_dead(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.user("U0ADA", TEAM, &json!({}));
        let asset = college.asset("Field camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        chat.slack.fail("chat.postMessage", Failure::Later(2));
        deliver(&chat).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 0);
        tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
        chat.app.wait_seconds(60);
        deliver(&chat).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 1);
        let other = college.asset("Tripod").register().await;
        college.act(other, deploy(college.people.ada)).await;
        chat.slack.fail("conversations.open", Failure::Code("user_not_found"));
        chat.app.wait_seconds(60);
        deliver(&chat).await;
        chat.app.wait_seconds(24 * 3_600);
        deliver(&chat).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 1, "it was given up");
        chat.faultless();
    }
}
