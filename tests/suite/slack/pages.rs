//! Somebody's own page, what they could ask, and what links show.

use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, Event, TEAM};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use crate::core::deploy;

fn opened(user: &str, tab: &str, id: &str) -> Event {
    Event::of(
        TEAM,
        id,
        json!({"type": "app_home_opened", "user": user, "channel": "D0PRIVATE", "tab": tab, "event_ts": "1.2"}),
    )
}

fn shared(user: &str, id: &str, url: &str) -> Event {
    Event::of(
        TEAM,
        id,
        json!({"type": "link_shared", "user": user, "channel": "COMPOSER", "message_ts": "placeholder", "unfurl_id": "C0.1.a",
        "source": "composer", "links": [{"domain": "habeo.example.edu", "url": url}]}),
    )
}

both_engines! {
    /// Whoever is unknown is invited; the way is made when they press, for it works for ten minutes only.
    async fn an_unknown_user_is_invited_on_their_page(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.slack.user("U0NEW", TEAM, &json!({}));
        chat.event(&opened("U0NEW", "home", "Ev1")).await;
        let seen = chat.last_view();
        insta::allow_duplicates! {
            insta::assert_snapshot!(seen, @r"
            # Habeo
            Link your Habeo account to see the equipment that is yours, and to ask about what you answer for.
            [Connect your Habeo account]
            ");
        }
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM chat_ticket").await, 0);
        let mut press = chat.touch("block_actions", "U0NEW");
        press["view"] = json!({"id": "V0HOME", "type": "home"});
        press["container"] = json!({"type": "view", "view_id": "V0HOME"});
        press["actions"] = json!([{"type": "button", "action_id": "connect:0", "value": "connect"}]);
        chat.interact(&press).await;
        let shown = chat.slack.calls("views.update");
        assert!(shown[0].body.to_string().contains("/link/slack?t="), "{}", chat.last_view());
        chat.faultless();
    }

    /// The page shows what is theirs, and is theirs alone.
    async fn a_page_shows_what_is_theirs(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let hers = college.asset("Her camera").register().await;
        college.act(hers, deploy(college.people.ada)).await;
        let his = college.asset("His tripod").register().await;
        college.act(his, deploy(college.people.ben)).await;
        chat.event(&opened("U0ADA", "home", "Ev1")).await;
        let tag = must(college.detail(hers).await.tag.ok_or("it has a tag"));
        let page = chat.last_view();
        assert!(page.contains(&tag) && !page.contains("tripod"), "{page}");
        assert_eq!(chat.slack.calls("views.publish")[0].body["user_id"], "U0ADA");
        chat.faultless();
    }

    /// With a thread, Slack would silently show none.
    async fn questions_are_offered_without_a_thread(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.event(&opened("U0ADA", "messages", "Ev1")).await;
        chat.event(&opened("U0NOBODY", "messages", "Ev2")).await;
        let offered = chat.slack.calls("assistant.threads.setSuggestedPrompts");
        assert_eq!(offered.len(), 1);
        assert_eq!(offered[0].body["thread_ts"], Value::Null);
        chat.faultless();
    }

    /// A link shows neutral facts, also while it is being written, and nothing that the sharer may not see.
    async fn a_link_shows_neutral_facts_of_what_the_sharer_sees(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let hers = college.asset("Her camera").register().await;
        college.act(hers, deploy(college.people.ada)).await;
        let other = college.asset("Harp").unit(college.units.music).register().await;
        let url = |id| format!("https://habeo.example.edu/assets/{id}");
        chat.event(&shared("U0ADA", "Ev0", &url(hers))).await;
        assert_eq!(chat.slack.calls("chat.unfurl").len(), 0, "answers are for their askers alone");
        super::answers::share(&chat).await;
        chat.event(&shared("U0ADA", "Ev1", &url(hers))).await;
        let unfurled = chat.slack.calls("chat.unfurl");
        assert_eq!(unfurled.len(), 1);
        let body = &unfurled[0].body;
        assert!(body["unfurls"].get(url(hers)).is_some(), "the key is the address exactly: {body}");
        assert!(!body.to_string().contains("Ada Example"), "{body}");
        assert!(!body.to_string().contains("in use"), "{body}");
        let tag = must(college.detail(hers).await.tag.ok_or("it has a tag"));
        assert_eq!(body["unfurls"][url(hers)]["fallback"], format!("{tag} · Her camera"));
        for (n, event) in [
            shared("U0ADA", "Ev2", &url(other)),
            shared("U0ADA", "Ev3", "https://elsewhere.example/assets/1"),
            shared("U0NOBODY", "Ev4", &url(hers)),
            shared("U0ADA", "Ev5", &url(hers)).with("is_ext_shared_channel", json!(true)),
        ].iter().enumerate() {
            chat.event(event).await;
            assert_eq!(chat.slack.calls("chat.unfurl").len(), 1, "{n}");
        }
        chat.faultless();
    }
}
