//! Changes in chat: shown exactly, done once, by whoever asked.

use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::id::AssetId;
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, button, shown};
use habeo_tests::{both_engines, must};
use serde_json::Value;

use crate::core::{deploy, give_back};

async fn custodian(chat: &Chat<'_>, user: &str) {
    let college = chat.college;
    let roles = [(Role::Custodian, college.units.science)];
    let member = college
        .member("Priya Custodian", college.units.science, &roles)
        .await;
    chat.linked(user, member.person).await;
}

async fn tag(college: &College, asset: AssetId) -> String {
    must(college.detail(asset).await.tag.ok_or("it has a tag"))
}

/// A proposal to report an asset missing.
async fn proposal(chat: &Chat<'_>, user: &str, asset: AssetId) -> Value {
    let tag = tag(chat.college, asset).await;
    chat.asked(user, &format!("report {tag} missing")).await
}

both_engines! {
    /// Shown, confirmed, done; the second press changes nothing.
    async fn a_change_is_made_once_when_it_is_confirmed(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let proposed = proposal(&chat, "U0PRIYA", asset).await;
        assert_ne!(college.state(asset).await, State::Missing, "nothing is done yet: {}", shown(&proposed));
        let confirm = button(&proposed, "Confirm");
        let (first, second) = tokio::join!(chat.presses("U0PRIYA", &confirm), chat.presses("U0PRIYA", &confirm));
        assert_eq!(college.state(asset).await, State::Missing, "{first}\n{second}");
        for hook in chat.slack.hooks() {
            assert_eq!(hook.body["replace_original"], true, "the buttons go");
            assert!(!shown(&hook.body).contains("[Confirm]"));
        }
        let entries = db.raw().await.number("SELECT COUNT(*) FROM ledger_entry WHERE type = 'bot.intent_confirmed'").await;
        assert_eq!(entries, 1);
        chat.faultless();
    }

    /// Neither somebody else nor somebody too late.
    async fn only_whoever_asked_confirms_and_in_time(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        custodian(&chat, "U0OTHER").await;
        let asset = college.asset("Camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let confirm = button(&proposal(&chat, "U0PRIYA", asset).await, "Confirm");
        let told = chat.presses("U0OTHER", &confirm).await;
        assert!(told.contains("only whoever asked"), "{told}");
        assert_ne!(college.state(asset).await, State::Missing);
        chat.app.wait_seconds(11 * 60);
        let told = chat.presses("U0PRIYA", &confirm).await;
        assert!(told.contains("more than ten minutes ago"), "{told}");
        assert_ne!(college.state(asset).await, State::Missing);
        let proposed = proposal(&chat, "U0PRIYA", asset).await;
        let told = chat.presses("U0PRIYA", &button(&proposed, "Cancel")).await;
        assert_eq!(told, "Cancelled. Nothing was changed.");
        let told = chat.presses("U0PRIYA", &button(&proposed, "Confirm")).await;
        assert!(told.contains("settled already"), "{told}");
        assert_ne!(college.state(asset).await, State::Missing);
        chat.faultless();
    }

    /// What was shown is what is done: an asset that has changed meanwhile is left as it is.
    async fn a_change_of_something_that_changed_is_not_made(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let confirm = button(&proposal(&chat, "U0PRIYA", asset).await, "Confirm");
        college.act(asset, give_back()).await;
        let said = chat.presses("U0PRIYA", &confirm).await;
        assert_eq!(college.state(asset).await, State::InStock, "{said}");
        assert!(!said.contains("[Confirm]"), "{said}");
        chat.faultless();
    }
}
