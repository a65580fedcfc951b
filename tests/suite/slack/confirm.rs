//! Changes in chat: shown exactly, done once, by whoever asked.

use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::id::AssetId;
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, shown};
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

/// The button with this label in the answer to a command.
fn button(message: &Value, label: &str) -> Value {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    let elements = blocks.flat_map(|block| {
        let beside = std::iter::once(&block["accessory"]);
        block["elements"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(beside)
    });
    let mut found = elements.filter(|element| element["text"]["text"] == label);
    must(
        found
            .next()
            .cloned()
            .ok_or_else(|| format!("no {label} in {}", shown(message))),
    )
}

/// A proposal to report an asset missing.
async fn proposal(chat: &Chat<'_>, user: &str, asset: AssetId) -> Value {
    let tag = tag(chat.college, asset).await;
    let answer = chat
        .command(user, &format!("/habeo report {tag} missing"))
        .await;
    chat.settle().await;
    answer.json()
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
        chat.presses("U0OTHER", &confirm).await;
        assert_ne!(college.state(asset).await, State::Missing);
        chat.app.wait_seconds(11 * 60);
        chat.presses("U0PRIYA", &confirm).await;
        assert_ne!(college.state(asset).await, State::Missing);
        let cancel = button(&proposal(&chat, "U0PRIYA", asset).await, "Cancel");
        chat.presses("U0PRIYA", &cancel).await;
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
