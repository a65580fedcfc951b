//! Every change that can be made in a conversation, from what somebody says to the entry that it leaves.

use habeo_core::access::{Role, Surface};
use habeo_core::asset::State;
use habeo_core::asset::State::{InRepair, InStock, InUse, Missing};
use habeo_core::chat_link::ChatUser;
use habeo_core::id::AssetId;
use habeo_core::ledger::audit::{self, Entry};
use habeo_core::page::Limit;
use habeo_tests::builders::College;
use habeo_tests::slack::{Chat, Event, TEAM, button, shown};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use crate::core::deploy;

async fn custodian(chat: &Chat<'_>, user: &str) -> ChatUser {
    let college = chat.college;
    let science = college.units.science;
    let member = college
        .member("Priya Custodian", science, &[(Role::Custodian, science)])
        .await;
    chat.linked(user, member.person).await
}

async fn history(college: &College, stream: uuid::Uuid) -> Vec<Entry> {
    let mut tx = college.db.read(&college.access).await;
    must(audit::history(&mut tx, &college.access, stream, None, Limit::DEFAULT).await).rows
}

async fn tag(college: &College, asset: AssetId) -> String {
    must(college.detail(asset).await.tag.ok_or("it has a tag"))
}

/// The last entry of an asset is of this sort, made in Slack, because of this confirmation by this chat user.
async fn is_recorded(chat: &Chat<'_>, asset: AssetId, kind: &str, confirm: &Value, by: &ChatUser) {
    let entry = &history(chat.college, asset.uuid()).await[0];
    assert_eq!((entry.kind.as_str(), entry.surface), (kind, Surface::Slack));
    let value = confirm["value"].as_str().unwrap_or_default();
    let id: uuid::Uuid = must(value.trim_start_matches("c:").parse());
    let cause = &history(chat.college, id).await[0];
    assert_eq!(cause.kind, "bot.intent_confirmed");
    assert_eq!(entry.causation_id, Some(cause.event_id), "{kind}");
    assert_eq!(cause.payload["install"], json!(by.install), "{kind}");
    assert_eq!(cause.payload["user"], json!(by.digest()), "{kind}");
}

/// Asks for a change, sees what it is, confirms it.
async fn confirmed(chat: &Chat<'_>, user: &str, question: &str, words: &str) -> Value {
    let proposed = chat.asked(user, question).await;
    let seen = shown(&proposed);
    assert!(seen.contains(words), "{question}: {words} is not in {seen}");
    let confirm = button(&proposed, "Confirm");
    let done = chat.presses(user, &confirm).await;
    assert!(done.starts_with("# Done."), "{question}: {done}");
    confirm
}

/// A dialog as it is sent, with what was entered.
fn submission(chat: &Chat<'_>, user: &str, view: &Value, entered: &Value) -> Value {
    let mut payload = chat.touch("view_submission", user);
    payload["view"] = view.clone();
    payload["view"]["id"] = json!("V0FORM");
    payload["view"]["state"] = json!({ "values": entered });
    payload
}

both_engines! {
    /// Handed out, handed on, moved, repaired, lost, found, noted, taken back: asked for in words, confirmed, and recorded with who did it where.
    async fn every_change_that_is_asked_for_is_recorded_with_its_confirmation(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let by = custodian(&chat, "U0PRIYA").await;
        college.member("Dora Keller", college.units.physics, &[]).await;
        let asset = college.asset("Camera").register().await;
        let tag = tag(&college, asset).await;
        let steps: [(&str, &str, &str, State); 9] = [
            ("give TAG to Ada Example", "TAG: holder*\nnone → Ada Example", "asset.deployed", InUse),
            ("give TAG to Dora Keller", "Ada Example → Dora Keller", "asset.reassigned", InUse),
            ("move TAG to Reading Room", "Reading Room", "asset.moved", InUse),
            ("report TAG missing", "in use → missing", "asset.missing", Missing),
            ("found TAG", "missing → ", "asset.found", InStock),
            ("put TAG in repair", "in stock → in repair", "asset.repair_started", InRepair),
            ("TAG is back from repair", "in repair → in stock", "asset.repair_ended", InStock),
            ("note on TAG: runs hot", "runs hot", "asset.noted", InStock),
            ("give TAG to Ada Example", "in stock → in use", "asset.deployed", InUse),
        ];
        for (question, sees, kind, state) in steps {
            let (question, sees) = (question.replace("TAG", &tag), sees.replace("TAG", &tag));
            let confirm = confirmed(&chat, "U0PRIYA", &question, &sees).await;
            assert_eq!(college.state(asset).await, state, "{question}");
            is_recorded(&chat, asset, kind, &confirm, &by).await;
        }
        let ada = chat.linked("U0ADA", college.people.ada).await;
        let confirm = confirmed(&chat, "U0ADA", &format!("i received {tag}"), "receipt acknowledged").await;
        is_recorded(&chat, asset, "custody.ack_accepted", &confirm, &ada).await;
        let confirm = confirmed(&chat, "U0PRIYA", &format!("return {tag}"), "Ada Example → none").await;
        is_recorded(&chat, asset, "asset.returned", &confirm, &by).await;
        assert_eq!(college.state(asset).await, InStock);
        chat.faultless();
    }

    /// The same from a form: filled in, shown as a change in the dialog, confirmed there.
    async fn a_form_ends_in_an_entry(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let by = custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Camera").register().await;
        let carried = json!({"form": "note", "given": {"asset": asset.to_string()}}).to_string();
        chat.interact(&chat.pressed("U0PRIYA", &json!({"action_id": "form:0", "value": carried}))).await;
        let form = must(chat.slack.calls("views.open").first().cloned().ok_or("a form opens")).body["view"].clone();
        let long = "It runs hot & loud. ".repeat(100);
        let entered = json!({"asset": {"a": {"selected_option": {"value": asset.to_string()}}}, "text": {"a": {"value": long}}});
        let answer = chat.interact(&submission(&chat, "U0PRIYA", &form, &entered)).await.json();
        let view = &answer["view"];
        let whole = shown(view).replace('\n', "").replace("&amp;", "&");
        assert!(whole.contains(long.trim()), "a note of 2,000 characters is shown whole: {whole}");
        let confirm = button(view, "Confirm");
        let mut press = chat.pressed("U0PRIYA", &confirm);
        press["view"] = json!({"id": "V0FORM", "type": "modal"});
        press["container"] = json!({"type": "view", "view_id": "V0FORM"});
        press.as_object_mut().expect("an object").remove("response_url");
        chat.interact(&press).await;
        let shown = chat.slack.calls("views.update");
        assert!(shown.last().is_some_and(|call| call.body.to_string().contains("Done.")), "{}", chat.last_view());
        is_recorded(&chat, asset, "asset.noted", &confirm, &by).await;
        assert_eq!(history(&college, asset.uuid()).await[0].remark_text.as_deref(), Some(long.trim()));
        chat.faultless();
    }

    /// A list goes on in its own message; "only the ones in …" narrows it, and "them" are all that it shows: each of them is on the card.
    async fn a_list_is_narrowed_and_all_of_it_changed(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let by = custodian(&chat, "U0PRIYA").await;
        let mut there = Vec::new();
        for _ in 0..9 {
            let asset = college.asset("Field laptop").at(college.places.reading_room).register().await;
            college.act(asset, deploy(college.people.ada)).await;
            there.push(asset);
        }
        for _ in 0..5 {
            college.asset("Field laptop").at(college.places.workshop).register().await;
        }
        let list = chat.asked("U0PRIYA", "list laptops").await;
        let more = chat.presses("U0PRIYA", &button(&list, "Show more")).await;
        assert!(more.contains("These are 11 to 14."), "{more}");
        assert_eq!(chat.slack.hooks().last().map(|hook| hook.body["replace_original"].clone()), Some(json!(true)));
        let narrowed = chat.says("U0PRIYA", "/habeo only the ones in the Reading Room").await;
        assert!(narrowed.contains(": 9."), "{narrowed}");
        let proposed = chat.asked("U0PRIYA", "return them").await;
        let seen = shown(&proposed);
        for asset in &there {
            assert!(seen.contains(&tag(&college, *asset).await), "{seen}");
        }
        assert!(seen.contains("State, all 9") && seen.contains("Ada Example → none"), "{seen}");
        let confirm = button(&proposed, "Confirm");
        chat.presses("U0PRIYA", &confirm).await;
        for asset in there {
            assert_eq!(college.state(asset).await, InStock);
            is_recorded(&chat, asset, "asset.returned", &confirm, &by).await;
        }
        chat.faultless();
    }

    /// What was given to somebody stands on their page with a button, which shows the change first; the page is as it is afterwards.
    async fn what_was_given_is_acknowledged_from_the_page(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        let by = chat.linked("U0ADA", college.people.ada).await;
        let asset = college.asset("Camera").register().await;
        college.act(asset, deploy(college.people.ada)).await;
        let opened = json!({"type": "app_home_opened", "user": "U0ADA", "channel": "D0PRIVATE", "tab": "home", "event_ts": "1.2"});
        chat.event(&Event::of(TEAM, "Ev1", opened)).await;
        let page = must(chat.slack.calls("views.publish").last().cloned().ok_or("a page")).body["view"].clone();
        let on = |view: &str, kind: &str, button: &Value| {
            let mut press = chat.pressed("U0ADA", button);
            press["view"] = json!({"id": view, "type": kind});
            press["container"] = json!({"type": "view", "view_id": view});
            press.as_object_mut().expect("an object").remove("response_url");
            press.as_object_mut().expect("an object").remove("channel");
            press
        };
        chat.interact(&on("V0HOME", "home", &button(&page, "Acknowledge"))).await;
        let dialog = must(chat.slack.calls("views.update").last().cloned().ok_or("a dialog")).body["view"].clone();
        let confirm = button(&dialog, "Confirm");
        chat.interact(&on("V0DIALOG", "modal", &confirm)).await;
        is_recorded(&chat, asset, "custody.ack_accepted", &confirm, &by).await;
        let page = must(chat.slack.calls("views.publish").last().cloned().ok_or("a page")).body["view"].clone();
        assert!(!shown(&page).contains("[Acknowledge]"), "{}", shown(&page));
        let card = chat.asked("U0ADA", &tag(&college, asset).await).await;
        assert!(!shown(&card).contains("[Acknowledge]"), "{}", shown(&card));
        chat.faultless();
    }
}
