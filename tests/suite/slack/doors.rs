//! What comes in: only what Slack signed, and nothing of it twice.

use std::time::Duration;

use habeo_tests::app::Answer;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, SIGNING_SECRET, TEAM, signed};
use poem::http::StatusCode;
use serde_json::json;

const DOORS: [&str; 4] = [
    "/slack/events",
    "/slack/commands",
    "/slack/interactivity",
    "/slack/options",
];

async fn send(chat: &Chat<'_>, path: &str, body: &[u8], headers: &[(&str, String)]) -> Answer {
    let mut call = chat.app.post(path).body(body.to_vec());
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send().await
}

both_engines! {
    /// Every door refuses in one way, whatever is wrong.
    async fn only_what_slack_signed_comes_in(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        let now = db.clock_now().seconds();
        let body = br#"{"type":"url_verification","challenge":"c"}"#;
        let mut refused = vec![
            Vec::new(),
            signed("another secret", now, body).to_vec(),
            signed(SIGNING_SECRET, now - 301, body).to_vec(),
            signed(SIGNING_SECRET, now + 301, body).to_vec(),
            signed(SIGNING_SECRET, now, b"another body").to_vec(),
        ];
        let [signature, timestamp] = signed(SIGNING_SECRET, now, body);
        refused.push(vec![signature.clone()]);
        refused.push(vec![timestamp.clone()]);
        refused.push(vec![signature.clone(), signature.clone(), timestamp.clone()]);
        refused.push(vec![(signature.0, signature.1.replace("v0=", "v1=")), timestamp.clone()]);
        for headers in &refused {
            for path in DOORS {
                let answer = send(&chat, path, body, headers).await;
                assert_eq!((answer.status, answer.text().as_str()), (StatusCode::UNAUTHORIZED, ""), "{path} {headers:?}");
            }
        }
        for (age, status) in [(0, StatusCode::OK), (299, StatusCode::OK), (-299, StatusCode::OK)] {
            let answer = send(&chat, "/slack/events", body, &signed(SIGNING_SECRET, now - age, body)).await;
            assert_eq!(answer.status, status, "{age}");
            assert_eq!(answer.text(), "c");
        }
        let upper = [("X-SLACK-SIGNATURE", signature.1), ("X-Slack-Request-Timestamp", timestamp.1)];
        assert_eq!(send(&chat, "/slack/events", body, &upper).await.status, StatusCode::OK);
    }

    /// While Slack changes the signing secret, both count.
    async fn two_secrets_count_during_a_rotation(db: TestDb) {
        let slack = habeo_tests::slack::Slack::start().await;
        let settings = slack.settings();
        let mut pairs: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.push(("HABEO_SLACK_SIGNING_SECRET_PREVIOUS", "the secret before"));
        let app = habeo_tests::app::TestApp::configured(&db, &pairs).await;
        let body = br#"{"type":"url_verification","challenge":"c"}"#;
        for (secret, status) in [(SIGNING_SECRET, 200), ("the secret before", 200), ("the one before that", 401)] {
            let mut call = app.post("/slack/events").body(body.to_vec());
            for (name, value) in signed(secret, db.clock_now().seconds(), body) {
                call = call.header(name, &value);
            }
            assert_eq!(call.send().await.status.as_u16(), status, "{secret}");
        }
    }

    /// What is signed and still not readable is refused for good; what is too large is not read.
    async fn what_cannot_be_read_is_not_sent_again(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        for (path, body) in [
            ("/slack/events", &b"not json"[..]),
            ("/slack/events", b"\xff\xfe"),
            ("/slack/events", br#"{"type":"url_verification"}"#),
            ("/slack/interactivity", b"payload=%7B"),
            ("/slack/interactivity", b"nothing=1"),
            ("/slack/options", b""),
        ] {
            let answer = chat.send(path, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(answer.header("x-slack-no-retry"), Some("1"), "{path}");
        }
        let most = vec![b'x'; 512 * 1_024];
        assert_eq!(chat.send("/slack/events", &most).await.status, StatusCode::BAD_REQUEST);
        let large = vec![b'x'; 512 * 1_024 + 1];
        assert_eq!(chat.send("/slack/events", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(chat.app.get("/slack/events").send().await.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    /// Slack's own checks of an address are answered.
    async fn checks_of_slack_are_answered(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        let check = chat.send("/slack/commands", b"ssl_check=1&token=legacy").await;
        assert_eq!((check.status, check.text().as_str()), (StatusCode::OK, ""));
        let limited = json!({"type": "app_rate_limited", "team_id": TEAM, "minute_rate_limited": 1_767_225_600, "api_app_id": "A0HABEO01"});
        assert_eq!(chat.send("/slack/events", limited.to_string().as_bytes()).await.status, StatusCode::OK);
        let to_come = json!({"type": "yet_to_come"});
        assert_eq!(chat.send("/slack/events", to_come.to_string().as_bytes()).await.status, StatusCode::OK);
    }

    /// A workspace that nobody has connected is told so, privately.
    async fn a_workspace_that_is_not_connected_is_told_so(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        let seen = chat.says("U0ADA", "/habeo who has WMK-1").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(seen, @"This workspace is not connected to Habeo.");
        }
    }

    /// An answer that takes longer than Slack waits goes where Slack said, once.
    async fn a_late_answer_goes_to_the_address_that_came_along(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.slack.user("U0ADA", TEAM, &json!({}));
        chat.slack.fail("users.info", habeo_tests::slack::Failure::Slow(Duration::from_millis(1_200)));
        let first = chat.command("U0ADA", "/habeo help").await;
        assert_eq!((first.status, first.text().as_str()), (StatusCode::OK, ""));
        chat.settle().await;
        let hooks = chat.slack.hooks();
        assert_eq!(hooks.len(), 1);
        assert_eq!(hooks[0].body["response_type"], "ephemeral");
        assert_eq!(hooks[0].body["replace_original"], false);
        chat.faultless();
    }
}
