//! Installing the app: by an administrator, in one browser, once; its tokens, and its end.

use habeo_bot::connect::{Connected, Refusal};
use habeo_bot::slack::install::InstallError;
use habeo_core::access::Role;
use habeo_core::install::{self, Status};
use habeo_tests::builders::College;
use habeo_tests::slack::{COOKIE, Chat, Event, Failure, Slack, TEAM};
use habeo_tests::{both_engines, must};
use serde_json::json;

fn refused(outcome: &Result<Connected, Refusal>, by: install::Refusal) -> bool {
    matches!(outcome, Err(Refusal::Slack(InstallError::Refused(refusal))) if *refusal == by)
}

async fn status(chat: &Chat<'_>) -> Status {
    must(chat.installed(TEAM).await.ok_or("it is known")).status
}

both_engines! {
    /// The way to Slack and back, by whoever began it, where they began it, once and in time.
    async fn an_installation_is_bound_to_person_and_browser(db: TestDb) {
        use install::Refusal::{NotPermitted, StateUnknown};
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        let back = must(chat.come_back(&chat.admin).await);
        let other = college.access_of(&[(Role::OrgAdmin, college.units.root)]).await;
        let clerk = college.access_of(&[(Role::UnitAdmin, college.units.science)]).await;
        assert!(refused(&chat.finish(&other, COOKIE, &back).await, StateUnknown), "another administrator");
        assert!(refused(&chat.finish(&chat.admin, "another browser", &back).await, StateUnknown));
        assert!(refused(&chat.finish(&clerk, COOKIE, &back).await, NotPermitted));
        let stateless = [("code".to_owned(), "x".to_owned())];
        assert!(matches!(chat.finish(&chat.admin, COOKIE, &stateless).await, Err(Refusal::Incomplete)));
        assert!(chat.slack.calls("oauth.v2.access").is_empty(), "nothing is exchanged before the state is proved");
        assert!(matches!(chat.finish(&chat.admin, COOKIE, &back).await, Ok(Connected::Ready)));
        assert!(refused(&chat.finish(&chat.admin, COOKIE, &back).await, StateUnknown), "it works once");
        let late = must(chat.come_back(&chat.admin).await);
        chat.app.wait_seconds(601);
        assert!(refused(&chat.finish(&chat.admin, COOKIE, &late).await, StateUnknown));
        assert_eq!(status(&chat).await, Status::Live);
        let install = must(chat.installed(TEAM).await.ok_or("it is known"));
        assert_eq!(install.name, "Westmark University");
        assert!(install.scopes.contains(&"chat:write".to_owned()));
        chat.faultless();
    }

    /// Slack's own no, and codes that it does not take.
    async fn a_refusal_of_slack_ends_the_installation(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        let mut denied = must(chat.come_back(&chat.admin).await);
        denied.retain(|(name, _)| name == "state");
        denied.push(("error".to_owned(), "access_denied".to_owned()));
        assert!(matches!(chat.finish(&chat.admin, COOKIE, &denied).await, Err(Refusal::Slack(InstallError::Denied))));
        let mut forged = must(chat.come_back(&chat.admin).await);
        forged.retain(|(name, _)| name == "state");
        forged.push(("code".to_owned(), "forged".to_owned()));
        let outcome = chat.finish(&chat.admin, COOKIE, &forged).await;
        let Err(refusal) = outcome else { panic!("a forged code installs nothing") };
        assert_eq!(refusal.to_string(), "Slack did not complete the installation; begin it again");
        assert!(chat.installed(TEAM).await.is_none());
    }

    /// A workspace is one organisation's.
    async fn a_workspace_of_another_organisation_stays_theirs(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let chat = Chat::connected(&college).await;
        let theirs = Chat::before(&other).await;
        assert!(refused(&theirs.install().await, install::Refusal::BoundElsewhere));
        assert!(theirs.slack.calls("auth.revoke").is_empty(), "the token that was issued is the other organisation's as well");
        assert_eq!(status(&chat).await, Status::Live);
    }

    /// Installing again takes over new tokens and permissions, and keeps the links.
    async fn installing_again_keeps_the_links(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let before = chat.install_id().await;
        chat.slack.next_install(json!({"scope": "chat:write,commands,files:read"}));
        must(chat.install().await);
        let after = must(chat.installed(TEAM).await.ok_or("it is known"));
        assert_eq!(after.id, before);
        assert!(after.scopes.contains(&"files:read".to_owned()));
        assert_eq!(chat.says("U0ADA", "/habeo connect").await, "Your Slack account is linked to Habeo.");
    }

    /// Of all that need a new token at once, one fetches it.
    async fn a_token_that_ends_soon_is_fetched_once(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        chat.slack.rotate_tokens();
        must(chat.install().await);
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.forget();
        chat.app.wait_seconds(9 * 3_600);
        chat.mentions("U0ADA", "help").await;
        assert!(chat.slack.calls("oauth.v2.access").is_empty(), "three hours are left");
        chat.app.wait_seconds(3_600 + 1);
        let ask = |n: u32| chat.mentions(if n == 0 { "U0ADA" } else { "U0NEW" }, "help");
        tokio::join!(ask(0), ask(1), ask(2), ask(3));
        let fetched = chat.slack.calls("oauth.v2.access");
        assert_eq!(fetched.len(), 1);
        assert_eq!(fetched[0].body["grant_type"], "refresh_token");
        chat.slack.expire_tokens();
        chat.slack.forget();
        chat.mentions("U0ADA", "help").await;
        assert_eq!(chat.slack.calls("oauth.v2.access").len(), 1, "what Slack calls expired is fetched anew");
        assert!(chat.slack.calls("chat.postEphemeral").len() == 2, "and the call is made again");
    }

    /// A token that Slack takes back for good ends in a word to the administrator.
    async fn a_dead_token_asks_for_another_installation(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        chat.slack.revoke_tokens();
        chat.mentions("U0ADA", "help").await;
        assert_eq!(status(&chat).await, Status::NeedsReinstall);
        chat.slack.forget();
        let said = chat.says("U0ADA", "/habeo help").await;
        assert!(said.contains("has to connect it again"), "{said}");
        assert!(chat.slack.every_call().is_empty());
        must(chat.install().await);
        assert_eq!(status(&chat).await, Status::Live);
        assert_eq!(chat.says("U0ADA", "/habeo connect").await, "Your Slack account is linked to Habeo.");
    }

    /// Removed at Slack's side: in whichever order Slack says so, and not when it speaks of an earlier installation.
    async fn the_end_at_slack_is_the_end_here(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        chat.linked("U0ADA", college.people.ada).await;
        let now = db.clock_now().seconds();
        let removed = |id: &str, at: i64| Event::of(TEAM, id, json!({"type": "app_uninstalled"})).with("event_time", json!(at));
        let revoked = |id: &str, bot: &[&str]| {
            Event::of(TEAM, id, json!({"type": "tokens_revoked", "tokens": {"oauth": ["U0ADA"], "bot": bot}})).with("event_time", json!(now))
        };
        chat.event(&removed("Ev1", now - 3_600)).await;
        chat.event(&revoked("Ev2", &[])).await;
        assert_eq!(status(&chat).await, Status::Live);
        chat.event(&revoked("Ev3", &["U0HABEOBOT"])).await;
        chat.event(&removed("Ev4", now)).await;
        assert!(chat.installed(TEAM).await.is_none_or(|install| install.status == Status::Ended));
        let said = chat.says("U0ADA", "/habeo help").await;
        assert_eq!(said, "This workspace is not connected to Habeo.");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM chat_identity").await, 0);
    }

    /// What ends in one workspace ends there: not in the enterprise that it belongs to and that has the app as a whole.
    async fn the_end_in_a_workspace_is_not_the_end_of_the_enterprise(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::before(&college).await;
        chat.slack.next_install(json!({"team": null, "enterprise": {"id": "E0WESTSYS", "name": "Westmark System"}, "is_enterprise_install": true}));
        must(chat.install().await);
        chat.slack.next_install(json!({}));
        must(chat.install().await);
        let now = db.clock_now().seconds();
        let ends = |id: &str, event: serde_json::Value| {
            Event::of(TEAM, id, event).with("event_time", json!(now)).with("enterprise_id", json!("E0WESTSYS")).with("authorizations", json!([]))
        };
        let revoked = || json!({"type": "tokens_revoked", "tokens": {"bot": ["U0HABEOBOT"]}});
        assert_eq!(status(&chat).await, Status::Live);
        chat.event(&ends("Ev1", revoked())).await;
        assert!(chat.installed(TEAM).await.is_none(), "the workspace's own is over");
        chat.event(&ends("Ev2", json!({"type": "app_uninstalled"}))).await;
        chat.event(&ends("Ev3", revoked())).await;
        let enterprise = must(chat.installed("E0WESTSYS").await.ok_or("it is known"));
        assert_eq!(enterprise.status, Status::Live);
        let whole = json!([{"enterprise_id": "E0WESTSYS", "team_id": TEAM, "is_enterprise_install": true}]);
        chat.event(&ends("Ev4", json!({"type": "app_uninstalled"})).with("authorizations", whole)).await;
        assert!(chat.installed("E0WESTSYS").await.is_none());
    }

    /// Removed at our side: Slack is told as far as it listens, and the tokens are gone.
    async fn the_end_here_is_told_to_slack(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let install = chat.install_id().await;
        let clerk = college.access_of(&[(Role::UnitAdmin, college.units.science)]).await;
        assert!(chat.app.app.bot.disconnect(&clerk, install).await.is_err());
        assert!(chat.slack.calls("auth.revoke").is_empty());
        chat.slack.fail("auth.revoke", Failure::Status(500));
        must(chat.app.app.bot.disconnect(&chat.admin, install).await);
        assert_eq!(chat.says("U0ADA", "/habeo help").await, "This workspace is not connected to Habeo.");
    }

    /// Without an app there is nothing to install, and no door.
    async fn without_an_app_there_is_no_door(db: TestDb) {
        let college = College::found(&db).await;
        let app = habeo_tests::app::TestApp::over(&db).await;
        let admin = college.access_of(&[(Role::OrgAdmin, college.units.root)]).await;
        let begun = app.app.bot.begin(&admin, install::Platform::Slack, COOKIE).await;
        assert!(matches!(begun, Err(Refusal::NotSetUp)));
        let slack = Slack::start().await;
        assert!(slack.every_call().is_empty());
        assert_eq!(app.post("/slack/events").send().await.status, 404);
    }
}
