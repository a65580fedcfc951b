//! Questions and answers: within the asker's rights, where only those see them who may.

use habeo_core::access::{Access, Role};
use habeo_core::install::Settings;
use habeo_core::install::command::Configure;
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, Event, TEAM};
use habeo_tests::{both_engines, must};
use serde_json::json;

use crate::core::deploy;

pub(super) async fn share(chat: &Chat<'_>) {
    let settings = Settings {
        share_in_channels: true,
        ..Settings::default()
    };
    let configure = Configure {
        install: chat.install_id().await,
        settings,
    };
    must(chat.college.db.ledger.record(&chat.admin, configure).await);
}

async fn custodian(chat: &Chat<'_>, college: &College, user: &str) -> Access {
    let member = college
        .member(
            "Priya Custodian",
            college.units.science,
            &[(Role::Custodian, college.units.science)],
        )
        .await;
    chat.linked(user, member.person).await;
    college.access_as(member.person).await
}

both_engines! {
    /// A question by command is answered to whoever asked it, and to nobody else.
    async fn a_command_is_answered_privately(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        let said = chat.says("U0PRIYA", &format!("/habeo who has {tag}")).await;
        assert!(said.contains("Ada Example") && said.contains(&tag), "{said}");
        let first = chat.command("U0PRIYA", "/habeo help").await;
        chat.settle().await;
        assert_eq!(first.json()["response_type"], "ephemeral");
        assert!(chat.slack.calls("chat.postMessage").is_empty());
        chat.faultless();
    }

    /// In a channel, others read along: the answer is for the asker alone, unless the college shares.
    async fn a_mention_is_answered_privately_unless_the_college_shares(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        let said = chat.mentions("U0PRIYA", &format!("where is {tag}?")).await;
        assert!(said.starts_with("(only you)"), "{said}");
        let private = chat.slack.calls("chat.postEphemeral");
        assert_eq!(private[0].body["user"], "U0PRIYA");
        assert!(private[0].body["thread_ts"].is_null(), "nobody sees a private message below one without a thread");
        share(&chat).await;
        chat.slack.forget();
        chat.mentions("U0PRIYA", &format!("where is {tag}?")).await;
        let posted = chat.slack.calls("chat.postMessage");
        assert_eq!(posted.len(), 1);
        assert!(posted[0].body["thread_ts"].is_string(), "it stands in a thread");
        let said = chat.mentions("U0PRIYA", &format!("who has {tag}?")).await;
        assert!(said.starts_with("(only you)"), "{said}");
        assert_eq!(chat.slack.calls("conversations.info").len(), 1, "what is known of a channel is asked once");
        chat.faultless();
    }

    /// Where a guest reads along, another organisation, or more people than can be looked at, an answer is its asker's alone.
    async fn a_channel_with_guests_is_answered_privately(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        share(&chat).await;
        custodian(&chat, &college, "U0PRIYA").await;
        chat.slack.user("U0GUEST", TEAM, &json!({"is_restricted": true}));
        chat.slack.user("B0APP", TEAM, &json!({"is_bot": true}));
        let crowd: Vec<String> = (0..101).map(|n| format!("U0N{n}")).collect();
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        let ours = ["U0PRIYA", "B0APP"];
        for (channel, info, members, public) in [
            ("C0OURS", json!({}), &ours[..], true),
            ("C0GUESTS", json!({}), &["U0PRIYA", "U0GUEST"][..], false),
            ("C0UNKNOWN", json!({}), &["U0PRIYA", "U0WHO"][..], false),
            ("C0CROWD", json!({}), &crowd[..], false),
            ("C0EXT", json!({"is_ext_shared": true}), &ours[..], false),
            ("C0SOON", json!({"is_pending_ext_shared": true}), &ours[..], false),
        ] {
            chat.slack.channel(channel, &info, members);
            chat.slack.forget();
            let event = json!({"type": "app_mention", "user": "U0PRIYA", "text": "list cameras", "ts": "1.000001", "channel": channel});
            chat.event(&Event::of(TEAM, &format!("Ev{channel}"), event)).await;
            let posted = (chat.slack.calls("chat.postMessage").len(), chat.slack.calls("chat.postEphemeral").len());
            assert_eq!(posted, if public { (1, 0) } else { (0, 1) }, "{channel}");
        }
        chat.faultless();
    }

    /// Somebody's haste takes nobody's places: whoever asks more than can be read is asked to wait, and answered again later.
    async fn whoever_asks_too_much_is_asked_to_wait(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        chat.linked("U0ADA", college.people.ada).await;
        let mut told = String::new();
        for _ in 0..61 {
            told = chat.says("U0PRIYA", "/habeo help").await;
        }
        assert!(told.contains("Please wait a moment"), "{told}");
        let other = chat.says("U0ADA", "/habeo help").await;
        assert!(other.contains("Ask me in your own words"), "{other}");
        chat.app.wait_seconds(30);
        let again = chat.says("U0PRIYA", "/habeo help").await;
        assert!(again.contains("Ask me in your own words"), "{again}");
        chat.faultless();
    }

    /// In a channel with people of another organisation, nothing is for all to see.
    async fn a_shared_channel_is_answered_privately(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        share(&chat).await;
        custodian(&chat, &college, "U0PRIYA").await;
        let event = json!({"type": "app_mention", "user": "U0PRIYA", "text": "help", "ts": "1.000001", "channel": "C0SHARED"});
        chat.event(&Event::of(TEAM, "Ev0SHARED", event).with("is_ext_shared_channel", json!(true))).await;
        assert_eq!(chat.slack.calls("chat.postMessage").len(), 0);
        assert_eq!(chat.slack.calls("chat.postEphemeral").len(), 1);
    }

    /// A direct message is answered in its thread, with a sign that we are at work before.
    async fn a_direct_message_is_answered_in_its_thread(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        let said = chat.writes("U0PRIYA", "help").await;
        assert!(!said.is_empty() && !said.starts_with("(only you)"), "{said}");
        let posted = chat.slack.calls("chat.postMessage");
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0].body["channel"], "D0PRIVATE");
        assert!(posted[0].body["thread_ts"].is_string());
        assert_eq!(posted[0].body["unfurl_links"], false);
        assert_eq!(chat.slack.calls("assistant.threads.setStatus").len(), 1);
        chat.faultless();
    }

    /// Another college's asset, another unit's, and one that never was: one answer.
    async fn what_is_out_of_sight_is_as_if_it_were_not(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        for _ in 0..40 {
            other.number();
        }
        let theirs = other.asset("Their camera").register().await;
        let theirs = must(other.detail(theirs).await.tag.ok_or("it has a tag"));
        let unseen = college.asset("Harp").unit(college.units.music).register().await;
        let unseen = must(college.detail(unseen).await.tag.ok_or("it has a tag"));
        let never = "WMK-009999-9".to_owned();
        let mut said = Vec::new();
        for tag in [&theirs, &unseen, &never] {
            let answer = chat.says("U0PRIYA", &format!("/habeo who has {tag}")).await;
            said.push(answer.replace(tag.as_str(), "TAG"));
        }
        assert_eq!(said[0], said[2]);
        assert_eq!(said[1], said[2]);
    }

    /// The person behind a chat user answers for nothing that they were not given.
    async fn rights_that_end_end_in_chat_at_once(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, &college, "U0PRIYA").await;
        let how = chat.writes("U0PRIYA", "disconnect my account").await;
        assert!(how.contains("/habeo disconnect"), "{how}");
        let linked = chat.says("U0PRIYA", "/habeo connect").await;
        assert!(linked.contains("linked"), "{linked}");
        let done = chat.says("U0PRIYA", "/habeo disconnect").await;
        assert_eq!(done, "Your Slack account is no longer linked to Habeo.");
        let page = chat.slack.calls("views.publish");
        assert!(page.last().is_some_and(|call| call.body.to_string().contains("Connect your Habeo account")), "the page forgets as well");
        let after = chat.says("U0PRIYA", "/habeo help").await;
        assert!(!after.contains("no longer") && chat.slack.calls("users.info").len() == 1, "{after}");
    }
}
