//! From a chat user to a person: by a page, by a trusted address, and not at all.

use habeo_core::access::Role;
use habeo_core::install::Settings;
use habeo_core::install::command::Configure;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_tests::builders::College;
use habeo_tests::builders::person;
use habeo_tests::slack::{Chat, Event, Failure, TEAM};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

const LINK: &str = "https://habeo.example.edu/link/slack?t=";

/// The addresses that a person was shown, wherever.
fn tickets(chat: &Chat<'_>) -> Vec<String> {
    let calls = chat
        .slack
        .every_call()
        .into_iter()
        .chain(chat.slack.hooks());
    let texts = calls.map(|call| call.body.to_string());
    texts.filter(|text| text.contains(LINK)).collect()
}

async fn trust(chat: &Chat<'_>, domains: &[&str]) {
    let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    let settings = Settings {
        trusted_email_domains: domains,
        share_in_channels: false,
    };
    let configure = Configure {
        install: chat.install_id().await,
        settings,
    };
    must(chat.college.db.ledger.record(&chat.admin, configure).await);
}

async fn colleague(chat: &Chat<'_>, name: &str, address: &str, status: PersonStatus) {
    let new = RegisterPerson {
        email: Some(address.to_owned()),
        ..person(name, chat.college.units.physics, Affiliation::Staff, status)
    };
    must(
        chat.college
            .db
            .ledger
            .record(&chat.college.access, new)
            .await,
    );
}

async fn linked(chat: &Chat<'_>, user: &str) -> bool {
    let said = chat.says(user, "/habeo connect").await;
    said == "Your Slack account is linked to Habeo."
}

both_engines! {
    /// Somebody unknown gets a way to be known, and no data; only they see it.
    async fn somebody_unknown_is_shown_the_way_and_nothing_else(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let asset = college.asset("Secret telescope").register().await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        chat.slack.user("U0NEW", TEAM, &json!({}));
        let answer = chat.command("U0NEW", &format!("/habeo who has {tag}")).await;
        assert!(answer.text().contains(LINK) && !answer.text().contains("telescope"), "{}", answer.text());
        assert_eq!(answer.json()["response_type"], "ephemeral");
        let said = chat.mentions("U0NEW", &format!("who has {tag}")).await;
        assert!(said.starts_with("(only you)") && !said.contains("telescope"), "{said}");
        assert_eq!(tickets(&chat).len(), 1, "in the channel it is private");
        assert!(chat.slack.calls("chat.postMessage").is_empty());
        chat.faultless();
    }

    /// Guests, bots, strangers, those who left, and those of whom Slack does not say: no ticket.
    async fn guests_and_strangers_get_no_ticket(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        for (n, more) in [
            json!({"is_restricted": true}),
            json!({"is_ultra_restricted": true}),
            json!({"is_bot": true}),
            json!({"deleted": true}),
            json!({"is_stranger": true}),
            json!({"team_id": "T0ELSE"}),
        ].into_iter().enumerate() {
            let user = format!("U0GUEST{n}");
            chat.slack.user(&user, TEAM, &more);
            let said = chat.says(&user, "/habeo help").await;
            assert_eq!(said, "Habeo answers full members of this workspace only.", "{more}");
        }
        assert_eq!(chat.says("U0NOBODY", "/habeo help").await, "Habeo answers full members of this workspace only.");
        chat.slack.user("U0NEW", TEAM, &json!({}));
        chat.slack.fail("users.info", Failure::Status(500));
        assert!(chat.says("U0NEW", "/habeo help").await.contains("did not say who you are"));
        assert_eq!(tickets(&chat).len(), 0);
    }

    /// The request itself shows that somebody is of another organisation.
    async fn a_user_of_another_organisation_is_refused_at_sight(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.forget();
        let event = json!({"type": "app_mention", "user": "U0ADA", "text": "help", "ts": "1.000001", "channel": "C0SHARED", "user_team": "T0ELSE"});
        chat.event(&Event::of(TEAM, "Ev0ELSE", event)).await;
        assert!(chat.last_post().contains("full members"), "{}", chat.last_post());
        assert!(chat.slack.calls("users.info").is_empty());
    }

    /// A confirmed address of a trusted domain, of exactly one active person.
    async fn a_trusted_address_links_and_no_other(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        colleague(&chat, "Lin Example", "lin@westmark.example", PersonStatus::Active).await;
        colleague(&chat, "Old Example", "old@westmark.example", PersonStatus::Separated).await;
        colleague(&chat, "Out Example", "out@elsewhere.example", PersonStatus::Active).await;
        let user = |id: &str, address: &str, more: Value| {
            let mut user = json!({"profile": {"real_name": "Name", "email": address}});
            for (name, value) in more.as_object().into_iter().flatten() {
                user[name] = value.clone();
            }
            chat.slack.user(id, TEAM, &user);
        };
        user("U0LIN", "Lin@Westmark.example", json!({}));
        assert!(!linked(&chat, "U0LIN").await, "it is off until somebody switches it on");
        trust(&chat, &["westmark.example"]).await;
        user("U0FAKE", "lin@westmark.example", json!({"is_email_confirmed": false}));
        user("U0GUEST", "lin@westmark.example", json!({"is_restricted": true}));
        user("U0OLD", "old@westmark.example", json!({}));
        user("U0OUT", "out@elsewhere.example", json!({}));
        user("U0NONE", "none@westmark.example", json!({}));
        for id in ["U0FAKE", "U0GUEST", "U0OLD", "U0OUT", "U0NONE"] {
            assert!(!linked(&chat, id).await, "{id}");
        }
        assert!(linked(&chat, "U0LIN").await);
        user("U0TWIN", "lin@westmark.example", json!({}));
        assert!(!linked(&chat, "U0TWIN").await, "a person is one user of a workspace");
    }

    /// Whoever ended their link, or whose link an administrator ended, is not linked again by their address with the next message.
    async fn an_ended_link_stays_ended(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        colleague(&chat, "Lin Example", "lin@westmark.example", PersonStatus::Active).await;
        trust(&chat, &["westmark.example"]).await;
        chat.slack.user("U0LIN", TEAM, &json!({"profile": {"real_name": "Lin", "email": "lin@westmark.example"}}));
        assert!(linked(&chat, "U0LIN").await);
        let said = chat.says("U0LIN", "/habeo disconnect").await;
        assert!(said.contains("no longer linked"), "{said}");
        chat.slack.forget();
        for _ in 0..2 {
            let answer = chat.command("U0LIN", "/habeo what do I have").await;
            assert!(answer.text().contains(LINK), "{}", answer.text());
        }
        assert!(!linked(&chat, "U0LIN").await);
    }

    /// The ticket of a Slack user carries what Slack says of them, to the page that asks.
    async fn the_page_says_who_asks(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let member = college.member("Ada Example", college.units.physics, &[]).await;
        let user = |confirmed: bool| json!({"is_email_confirmed": confirmed,
            "profile": {"display_name": "Ada Example", "real_name": "Eve Mallory", "email": "eve@westmark.example"}});
        for confirmed in [true, false] {
            chat.slack.user("U0EVE", TEAM, &user(confirmed));
            let answer = chat.command("U0EVE", "/habeo help").await.text();
            let (_, behind) = must(answer.split_once(LINK).ok_or("a link"));
            let text: String = behind.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
            let page = Tab::of(&chat.app, &member).await.get(&format!("/link/slack?t={text}")).await.text();
            assert!(page.contains("Ada Example") && page.contains("Eve Mallory") && page.contains("U0EVE"), "{page}");
            assert_eq!(page.contains("eve@westmark.example"), confirmed, "{page}");
        }
    }

    /// Ended in the console, a link is gone from the Slack page too; so is everybody's when the workspace is disconnected.
    async fn what_is_ended_in_the_console_is_gone_from_slack(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let root = college.units.root;
        let admin = college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        let user = chat.linked("U0ADA", ada).await;
        chat.linked("U0BEN", ben).await;
        let (link, _) = must(college.person_of(&user).await.ok_or("a link"));
        let install = chat.install_id().await;
        chat.slack.forget();
        let mut tab = Tab::of(&chat.app, &admin).await;
        tab.get(&format!("/admin/integrations/{install}")).await;
        let done = tab.post(&format!("/links/{link}/end"), &[("from", "integration")]).await;
        assert_eq!(done.header("location"), Some(&*format!("/admin/integrations/{install}?said=unlinked")));
        chat.settle().await;
        let views = chat.slack.calls("views.publish");
        assert_eq!(views.len(), 1);
        assert_eq!(views[0].body["user_id"], "U0ADA");
        assert!(views[0].body.to_string().contains("Connect your Habeo account"), "{}", views[0].body);
        chat.slack.forget();
        let done = tab.post(&format!("/admin/integrations/{install}/disconnect"), &[]).await;
        assert_eq!(done.header("location"), Some("/admin/integrations?said=disconnected"));
        assert_eq!(chat.slack.methods(), ["views.publish", "auth.revoke"], "while it still may speak");
        let views = chat.slack.calls("views.publish");
        assert_eq!(views[0].body["user_id"], "U0BEN");
        assert!(views[0].body.to_string().contains("not connected to Habeo"), "{}", views[0].body);
        chat.faultless();
    }

    /// Whoever has left is nobody in chat from that moment on.
    async fn whoever_left_is_nobody(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0GONE", college.people.ben).await;
        assert!(linked(&chat, "U0GONE").await);
        let change = habeo_core::person::command::ChangeStatus { person: college.people.ben, status: PersonStatus::Separated, separated_on: None };
        must(db.ledger.record(&college.access, change).await);
        assert!(!linked(&chat, "U0GONE").await);
    }
}
