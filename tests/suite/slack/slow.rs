//! A slow Slack and a failing store: Slack is answered within its three seconds, and nobody is told that nothing is there, or that something
//! was done, where nobody knows.

use std::time::{Duration, Instant};

use habeo_bot::manifest::slack::{SHORTCUT_FROM_MESSAGE, SHORTCUT_SCAN};
use habeo_core::access::Role;
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::slack::{Chat, Event, Failure, TEAM};
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use serde_json::{Value, json};

/// Slack gives up after three.
const SLACK_WAITS: Duration = Duration::from_millis(2_900);
const CANNOT_LOOK: &str = "cannot look into the record right now";

async fn custodian(chat: &Chat<'_>, user: &str) {
    let science = chat.college.units.science;
    let roles = [(Role::Custodian, science)];
    let member = chat
        .college
        .member("Priya Custodian", science, &roles)
        .await;
    chat.linked(user, member.person).await;
}

/// Sends what somebody did, as Slack does: what is not answered in time has failed.
async fn in_time(chat: &Chat<'_>, path: &str, payload: &Value) -> StatusCode {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish();
    let began = Instant::now();
    let answer = chat.send(path, body.as_bytes()).await;
    let took = began.elapsed();
    assert!(took < SLACK_WAITS, "{took:?}");
    chat.settle().await;
    answer.status
}

fn form_button() -> Value {
    json!({"action_id": "form:0", "value": "{\"form\":\"move\",\"given\":{}}"})
}

/// Names of people cannot be read, until they can again.
async fn without_names(db: &TestDb, hidden: bool) {
    let (from, to) = if hidden {
        ("person_private", "person_hidden")
    } else {
        ("person_hidden", "person_private")
    };
    let rename = format!("ALTER TABLE {from} RENAME TO {to}");
    must(db.raw().await.execute(&rename).await);
}

both_engines! {
    /// A dialog that Slack does not open in time is given up in time, and whoever pressed is told.
    async fn a_dialog_that_slack_is_slow_to_open_is_given_up_in_time(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let slow = Failure::Slow(Duration::from_secs(4));
        chat.slack.fail("views.open", slow);
        let press = chat.pressed("U0PRIYA", &form_button());
        assert_eq!(in_time(&chat, "/slack/interactivity", &press).await, StatusCode::OK);
        assert!(chat.last_hook().contains("did not open the dialog"), "{}", chat.last_hook());
        let mut shortcut = chat.touch("shortcut", "U0PRIYA");
        shortcut["callback_id"] = json!(SHORTCUT_SCAN);
        chat.slack.fail("views.open", slow);
        assert_eq!(in_time(&chat, "/slack/interactivity", &shortcut).await, StatusCode::SERVICE_UNAVAILABLE, "Slack says that it failed");
    }

    /// Slack takes long to say who somebody is: the dialog opens while its trigger lives, and is filled later.
    async fn a_form_that_is_late_follows_its_dialog(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.slack.user("U0NEW", TEAM, &json!({}));
        chat.slack.fail("users.info", Failure::Slow(Duration::from_secs(2)));
        let press = chat.pressed("U0NEW", &form_button());
        assert_eq!(in_time(&chat, "/slack/interactivity", &press).await, StatusCode::OK);
        assert_eq!(chat.slack.calls("views.open").len(), 1);
        assert_eq!(chat.slack.calls("views.update").len(), 1);
        assert!(chat.last_view().contains("Link your account"), "{}", chat.last_view());
        chat.faultless();
    }

    /// Somebody's page stays as it was while the record cannot be read, and is shown as soon as it can.
    async fn a_page_is_not_overwritten_by_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        without_names(&db, true).await;
        let opened = json!({"type": "app_home_opened", "user": "U0ADA", "channel": "D0PRIVATE", "tab": "home", "event_ts": "1.2"});
        chat.event(&Event::of(TEAM, "Ev1", opened)).await;
        assert_eq!(chat.slack.calls("views.publish").len(), 0);
        without_names(&db, false).await;
        chat.app.wait_seconds(60);
        chat.settle().await;
        assert_eq!(chat.slack.calls("views.publish").len(), 1, "the event is worked off again");
        assert!(chat.last_view().contains("Hello, Ada Example"), "{}", chat.last_view());
        chat.faultless();
    }

    /// What cannot be read is not "nothing found": options fail, a message opens no form for something new, a sent form stays as it is.
    async fn what_cannot_be_read_is_said_so(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        without_names(&db, true).await;
        let mut options = chat.touch("block_suggestion", "U0PRIYA");
        options["action_id"] = json!("lookup:person");
        options["value"] = json!("ada");
        assert_eq!(in_time(&chat, "/slack/options", &options).await, StatusCode::SERVICE_UNAVAILABLE);
        let mut message = chat.touch("message_action", "U0PRIYA");
        message["callback_id"] = json!(SHORTCUT_FROM_MESSAGE);
        message["channel"] = json!({"id": "C0LEDGER1", "name": "it-ops"});
        message["message"] = json!({"type": "message", "user": "U0ADA", "ts": "1.2", "text": "camera WMK-000001 is here"});
        assert_eq!(in_time(&chat, "/slack/interactivity", &message).await, StatusCode::OK);
        assert!(chat.last_view().contains(CANNOT_LOOK), "{}", chat.last_view());
        let mut sent = chat.touch("view_submission", "U0PRIYA");
        sent["view"] = json!({"id": "V0FORM", "type": "modal", "callback_id": "form:move", "private_metadata": "",
            "state": {"values": {"asset": {"a": {"selected_option": {"value": asset.to_string()}}}, "place": {"a": {"selected_option": {"value": college.places.workshop.to_string()}}}}}});
        let answer = chat.interact(&sent).await.json();
        assert!(answer["errors"]["asset"].as_str().is_some_and(|told| told.contains(CANNOT_LOOK)), "{answer}");
        without_names(&db, false).await;
        let mut unknown = sent.clone();
        unknown["team"] = json!({"id": "T0OTHER", "domain": "other"});
        let answer = chat.interact(&unknown).await.json();
        assert!(answer["errors"]["asset"].as_str().is_some_and(|told| told.contains("not connected")), "{answer}");
        chat.faultless();
    }
}
