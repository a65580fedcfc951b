//! Whatever somebody writes: an answer, never an outage, and nothing that Slack would act upon.

use habeo_core::access::Role;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::slack::{BOT, Chat};
use poem::http::StatusCode;
use serde_json::json;

fn bad_texts() -> Vec<String> {
    vec![
        String::new(),
        " ".repeat(3_000),
        "x".repeat(10_000),
        "who has ".repeat(1_000),
        "<!channel> <!here> <@U0ADA> <#C1|x>".to_owned(),
        "&lt;!channel&gt; &amp;lt;".to_owned(),
        "who has \u{202e}1-KMW\u{2066}".to_owned(),
        "\u{0}\u{1}\u{7f}\u{feff}".to_owned(),
        "'; DROP TABLE asset; --".to_owned(),
        "*_~`>|<script>alert(1)</script>".to_owned(),
        format!("<@{BOT}> <@{BOT}|x> who has <https://evil.example|WMK-000001-1>"),
        "👩‍🔬🔬 Zoë — “ok” ǅ".to_owned(),
        "[".repeat(5_000),
        "{\"type\":\"view_submission\"}".to_owned(),
        "confirm 0190c9d2-0000-7000-8000-000000000000".to_owned(),
    ]
}

both_engines! {
    /// By command, by mention, directly, and typed into a dialog.
    async fn any_text_is_answered_and_none_is_acted_upon(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let member = college.member("Priya", college.units.science, &[(Role::Custodian, college.units.science)]).await;
        chat.linked("U0PRIYA", member.person).await;
        college.asset("<!channel> *R&D* \"<@U0ADA>\" camera").register().await;
        for text in bad_texts() {
            let answer = chat.command("U0PRIYA", &text).await;
            assert_eq!(answer.status, StatusCode::OK, "{text}");
            chat.settle().await;
            chat.mentions("U0PRIYA", &text).await;
            chat.writes("U0PRIYA", &text).await;
        }
        // In plain text it stands as it is, in markup it is escaped: the stand-in looks at each.
        for listed in [chat.says("U0PRIYA", "/habeo find camera").await, chat.mentions("U0PRIYA", "find camera").await] {
            assert!(listed.contains("channel") && listed.contains("camera"), "{listed}");
        }
        chat.faultless();
    }

    /// Payloads of every shape.
    async fn any_payload_is_taken_and_none_does_harm(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let mut payloads = Vec::new();
        for kind in ["block_actions", "view_submission", "view_closed", "shortcut", "message_action", "block_suggestion", "yet_to_come", ""] {
            payloads.push(json!({"type": kind}));
            payloads.push(chat.touch(kind, "U0ADA"));
            let mut odd = chat.touch(kind, "U0ADA");
            odd["actions"] = json!([{"action_id": "press:0", "value": "c:not-an-id"}]);
            odd["view"] = json!({"id": "V1", "type": "modal", "callback_id": "form:everything", "private_metadata": "{", "state": {"values": null}});
            payloads.push(odd.clone());
            odd["view"] = json!({"id": "V1", "type": "modal", "callback_id": "form:move", "private_metadata": "{\"form\":\"register\"}", "state": null});
            payloads.push(odd.clone());
            odd["view"] = serde_json::Value::Null;
            odd["response_url"] = json!("https://evil.example/hook");
            payloads.push(odd.clone());
            odd["actions"] = json!([{"action_id": "form:0", "value": "{\"form\":\"nothing\"}"}]);
            odd["user"]["id"] = json!("../../U0ADA");
            payloads.push(odd);
        }
        for payload in &payloads {
            for path in ["/slack/interactivity", "/slack/options"] {
                let answer = chat.payload(path, payload).await;
                assert!(answer.status.is_success(), "{path} {payload}: {}", answer.status);
            }
        }
        assert!(chat.slack.hooks().is_empty(), "nothing but Slack's own address is answered to");
    }
}
