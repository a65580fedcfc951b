//! Events: taken once however often they come, and dropped where they are not for us.

use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::slack::{BOT, Chat, Event, Failure, TEAM};
use poem::http::StatusCode;
use serde_json::{Value, json};

fn message(more: &Value) -> Value {
    let mut event = json!({"type": "message", "channel_type": "im", "user": "U0ADA", "text": "help", "ts": "1.000001", "channel": "D0PRIVATE"});
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

fn posts(chat: &Chat<'_>) -> usize {
    chat.slack.calls("chat.postMessage").len() + chat.slack.calls("chat.postEphemeral").len()
}

async fn stored(db: &habeo_tests::database::TestDb) -> i64 {
    db.raw().await.number("SELECT COUNT(*) FROM inbox").await
}

both_engines! {
    /// Slack sends again what it thinks was lost, also while the first is being worked off.
    async fn an_event_that_comes_three_times_is_answered_once(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let event = Event::of(TEAM, "Ev0TWICE", message(&json!({})));
        let (first, second) = tokio::join!(chat.deliver(&event), chat.deliver(&event));
        assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
        chat.settle().await;
        chat.event(&event).await;
        assert_eq!(posts(&chat), 1);
        assert_eq!(stored(&db).await, 1);
        chat.faultless();
    }

    /// Neither other workspaces' events nor other apps', nor our own messages, nor what tells of messages.
    async fn what_is_not_for_us_is_taken_and_dropped(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let ours = |more: Value| Event::of(TEAM, "Ev1", message(&more));
        for event in [
            Event::of("T0OTHER", "Ev1", message(&json!({}))),
            Event::of("T0HABEO1/..", "Ev1", message(&json!({}))),
            ours(json!({})).with("api_app_id", json!("A0OTHER")),
            ours(json!({})).with("event_id", Value::Null),
            ours(json!({"bot_id": "B1"})),
            ours(json!({"subtype": "message_changed"})),
            ours(json!({"subtype": "message_deleted"})),
            ours(json!({"user": BOT})),
            ours(json!({"user": Value::Null})),
            ours(json!({"channel_type": "channel"})),
            ours(json!({"type": "reaction_added"})),
            // In a direct conversation the message comes too.
            ours(json!({"type": "app_mention"})),
        ] {
            chat.event(&event).await;
        }
        assert_eq!(posts(&chat), 0);
        assert_eq!(stored(&db).await, 0);
    }

    /// Slack asks to wait: the answer comes later, and once.
    async fn an_answer_that_slack_holds_back_comes_later(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.fail("chat.postMessage", Failure::Later(600));
        chat.event(&Event::of(TEAM, "Ev0LATER", message(&json!({})))).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 0);
        let workspace = chat.installed(TEAM).await.map(|install| install.health.last_error);
        assert!(workspace.flatten().is_some_and(|error| error.contains("Slack asks to wait")), "an administrator can see it");
    }

    /// A short wait is kept to, and then the answer comes: once.
    async fn an_answer_that_slack_holds_back_for_a_moment_comes_then(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.fail("chat.postMessage", Failure::Later(1));
        let began = std::time::Instant::now();
        chat.event(&Event::of(TEAM, "Ev0SOON", message(&json!({})))).await;
        assert_eq!(posts(&chat), 1);
        assert!(began.elapsed() >= std::time::Duration::from_secs(1), "Slack was left alone for as long as it asked");
        chat.app.wait_seconds(600);
        chat.settle().await;
        assert_eq!(posts(&chat), 1);
        chat.faultless();
    }

    /// What Slack failed to do for a moment is tried again; what it may have done is not.
    async fn a_failure_of_slack_is_tried_again_unless_it_may_have_worked(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.fail("chat.postMessage", Failure::Code("internal_error"));
        chat.event(&Event::of(TEAM, "Ev0AGAIN", message(&json!({})))).await;
        assert_eq!(posts(&chat), 0);
        let error = async || chat.installed(TEAM).await.and_then(|install| install.health.last_error);
        assert!(error().await.is_some());
        chat.app.wait_seconds(5);
        chat.settle().await;
        assert_eq!(posts(&chat), 1);
        assert_eq!(error().await, None, "what went right again is no trouble any more");
        chat.slack.fail("chat.postMessage", Failure::Status(502));
        chat.event(&Event::of(TEAM, "Ev0LOST", message(&json!({"ts": "2.000001"})))).await;
        chat.app.wait_seconds(600);
        chat.settle().await;
        assert_eq!(posts(&chat), 1, "it may stand there already");
        chat.faultless();
    }

    /// An app that is installed in an organisation of workspaces answers in each of them.
    async fn an_organisation_of_workspaces_is_one_installation(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        chat.slack.next_install(json!({"team": null, "enterprise": {"id": "E0WESTSYS", "name": "Westmark System"}, "is_enterprise_install": true}));
        habeo_tests::must(chat.install().await);
        chat.slack.forget();
        let install = habeo_tests::must(chat.installed("E0WESTSYS").await.ok_or("it is connected")).id;
        college.link(install, "W0ADA", college.people.ada).await;
        let event = Event::of("T0SOMEWHERE", "Ev0ORG", message(&json!({"user": "W0ADA"})))
            .with("enterprise_id", json!("E0WESTSYS"))
            .with("authorizations", json!([{"enterprise_id": "E0WESTSYS", "team_id": null, "is_enterprise_install": true}]));
        chat.event(&event).await;
        assert_eq!(posts(&chat), 1);
        let mut home = chat.touch("block_actions", "W0ADA");
        home["team"] = Value::Null;
        home["user"]["team_id"] = Value::Null;
        home["enterprise"] = json!({"id": "E0WESTSYS", "name": "Westmark System"});
        home["is_enterprise_install"] = json!(true);
        home["view"] = json!({"id": "V0HOME", "type": "home"});
        home["actions"] = json!([{"type": "button", "action_id": "press:0", "value": "h"}]);
        assert_eq!(chat.interact(&home).await.status, StatusCode::OK);
        assert_eq!(chat.slack.calls("views.open").len(), 1, "nothing is known of the workspace, and it works");
        chat.faultless();
    }

    /// A workspace from which an enterprise has taken the app is not answered, until it is given back; the others are.
    async fn a_workspace_without_the_app_is_not_answered(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        chat.slack.next_install(json!({"team": null, "enterprise": {"id": "E0WESTSYS", "name": "Westmark System"}, "is_enterprise_install": true}));
        habeo_tests::must(chat.install().await);
        let install = habeo_tests::must(chat.installed("E0WESTSYS").await.ok_or("it is connected")).id;
        college.link(install, "W0ADA", college.people.ada).await;
        let within = |team: &str, id: &str, event: Value| {
            Event::of(team, id, event)
                .with("enterprise_id", json!("E0WESTSYS"))
                .with("authorizations", json!([{"enterprise_id": "E0WESTSYS", "team_id": null, "is_enterprise_install": true}]))
        };
        let asks = |team: &str, n: u32| within(team, &format!("Ev0ASK{n}"), message(&json!({"user": "W0ADA", "ts": format!("{n}.000001")})));
        let changes = |id: &str, kind: &str| within("T0ONE", id, json!({"type": kind, "team_ids": ["T0ONE"]}));
        chat.slack.forget();
        chat.event(&changes("Ev0TAKEN", "team_access_revoked")).await;
        chat.event(&asks("T0ONE", 1)).await;
        assert_eq!(posts(&chat), 0);
        chat.event(&asks("T0TWO", 2)).await;
        assert_eq!(posts(&chat), 1);
        chat.event(&changes("Ev0GIVEN", "team_access_granted")).await;
        chat.event(&asks("T0ONE", 3)).await;
        assert_eq!(posts(&chat), 2);
    }
}
