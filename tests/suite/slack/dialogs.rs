//! Dialogs: opened while their trigger lives, checked beside the fields, never wider than the asker's rights.

use habeo_bot::manifest::slack::{SHORTCUT_FROM_MESSAGE, SHORTCUT_SCAN};
use habeo_core::access::Role;
use habeo_tests::builders::College;
use habeo_tests::slack::Chat;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

async fn custodian(chat: &Chat<'_>, user: &str) {
    let college = chat.college;
    let roles = [(Role::Custodian, college.units.science)];
    let member = college
        .member("Priya Custodian", college.units.science, &roles)
        .await;
    chat.linked(user, member.person).await;
}

fn sent(chat: &Chat<'_>, user: &str, view: &Value) -> Value {
    let mut payload = chat.touch("view_submission", user);
    payload["view"] = view.clone();
    payload
}

both_engines! {
    /// A tag is typed, and found.
    async fn a_code_that_is_typed_is_found(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        let mut shortcut = chat.touch("shortcut", "U0PRIYA");
        shortcut["callback_id"] = json!(SHORTCUT_SCAN);
        chat.interact(&shortcut).await;
        let seen = chat.last_view();
        insta::allow_duplicates! {
            insta::assert_snapshot!(seen, @r"
            == Find an asset ==
            Tag or serial number: ________
            (Find)
            ");
        }
        let mut view = chat.slack.calls("views.open")[0].body["view"].clone();
        view["id"] = json!("V0SCAN");
        view["state"] = json!({"values": {"code": {"entered": {"type": "plain_text_input", "value": tag}}}});
        let answer = chat.interact(&sent(&chat, "U0PRIYA", &view)).await.json();
        assert_eq!(answer["response_action"], "update");
        assert!(answer.to_string().contains("Field camera"), "{answer}");
        view["state"] = json!({"values": {"code": {"entered": {"type": "plain_text_input", "value": "  "}}}});
        let answer = chat.interact(&sent(&chat, "U0PRIYA", &view)).await.json();
        assert_eq!(answer, json!({"response_action": "errors", "errors": {"code": "Type a tag or a serial number."}}));
        chat.faultless();
    }

    /// What a message names is found; what it does not can be entered.
    async fn a_message_leads_to_its_assets_or_to_a_new_one(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        let tag = must(college.detail(asset).await.tag.ok_or("it has a tag"));
        let mut shortcut = chat.touch("message_action", "U0PRIYA");
        shortcut["callback_id"] = json!(SHORTCUT_FROM_MESSAGE);
        shortcut["channel"] = json!({"id": "C0LEDGER1", "name": "it-ops"});
        shortcut["message"] = json!({"type": "message", "user": "U0ADA", "ts": "1.2", "text": format!("please look at {tag} &amp; the rest")});
        chat.interact(&shortcut).await;
        assert!(chat.last_view().contains(&tag), "{}", chat.last_view());
        assert!(chat.last_view().contains("[Enter a new asset]"), "it may be another one: {}", chat.last_view());
        shortcut["trigger_id"] = json!(chat.slack.trigger());
        shortcut["message"]["text"] = json!("A new microscope has arrived");
        chat.interact(&shortcut).await;
        let view = chat.last_view();
        assert!(view.contains("A new microscope has arrived") && view.contains('('), "{view}");
        assert_eq!(chat.slack.calls("views.open").len(), 2);
        chat.faultless();
    }

    /// A form asks for what is needed, beside the field, and ends in what has to be confirmed.
    async fn a_form_is_checked_beside_its_fields(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        let asset = college.asset("Field camera").register().await;
        let mut press = chat.pressed("U0PRIYA", &json!({"action_id": "form:0", "value": "{\"form\":\"move\",\"given\":{}}"}));
        press["actions"][0]["action_id"] = json!("form:0");
        chat.interact(&press).await;
        let mut view = must(chat.slack.calls("views.open").first().cloned().ok_or("a form opens")).body["view"].clone();
        view["id"] = json!("V0FORM");
        let fields: Vec<String> = view["blocks"].as_array().into_iter().flatten().filter_map(|block| block["block_id"].as_str().map(str::to_owned)).collect();
        assert!(!fields.is_empty(), "{view}");
        let empty: Value = fields.iter().map(|field| (field.clone(), json!({"entered": {"value": null}}))).collect();
        view["state"] = json!({"values": empty});
        let answer = chat.interact(&sent(&chat, "U0PRIYA", &view)).await.json();
        assert_eq!(answer["response_action"], "errors", "{answer}");
        let told = answer["errors"].as_object().expect("errors by field");
        assert!(told.keys().all(|field| fields.contains(field)), "{answer}");
        let mut stranger = sent(&chat, "U0NOBODY", &view);
        stranger["user"]["id"] = json!("U0NOBODY");
        let answer = chat.interact(&stranger).await.json();
        assert!(answer.to_string().contains("full members"), "{answer}");
        assert_eq!(college.detail(asset).await.location_id, None);
        chat.faultless();
    }

    /// Options are of what the asker may see; for whoever is unknown there are none.
    async fn options_are_of_what_the_asker_may_see(db: TestDb) {
        let college = College::found(&db).await;
        let chat = Chat::connected(&college).await;
        custodian(&chat, "U0PRIYA").await;
        college.asset("Oscilloscope of physics").register().await;
        college.asset("Oscilloscope of music").unit(college.units.music).register().await;
        let ask = |user: &str, action: &str, words: &str| {
            let mut payload = chat.touch("block_suggestion", user);
            payload["action_id"] = json!(action);
            payload["value"] = json!(words);
            payload
        };
        let seen = chat.payload("/slack/options", &ask("U0PRIYA", "lookup:asset", "oscilloscope")).await.json();
        assert!(seen["options"].as_array().is_some_and(|options| options.len() == 1), "{seen}");
        for (user, action, words) in [("U0NOBODY", "lookup:asset", "oscilloscope"), ("U0PRIYA", "lookup:secret", "o"), ("U0PRIYA", "press:0", "o")] {
            let none = chat.payload("/slack/options", &ask(user, action, words)).await.json();
            assert_eq!(none, json!({"options": []}), "{user} {action}");
        }
        let option = |label: &str, id: String| json!({"text": {"type": "plain_text", "text": label, "emoji": false}, "value": id});
        for (of, words, one) in [
            ("person", "ada", option("Ada Example (PHYS unit)", college.people.ada.to_string())),
            ("place", "reading", option("Main Campus / Library / Reading Room", college.places.reading_room.to_string())),
            ("unit", "phys", option("PHYS unit", college.units.physics.to_string())),
            ("model", "beam", option("Beam 900", college.catalogue.projector.to_string())),
            ("category", "lap", option("Laptops", college.catalogue.laptops.to_string())),
        ] {
            let answer = chat.payload("/slack/options", &ask("U0PRIYA", &format!("lookup:{of}"), words)).await;
            assert_eq!(answer.json(), json!({"options": [one]}), "{of}");
        }
        for (of, words) in [("person", "ben"), ("person", "cleo"), ("unit", "music")] {
            let answer = chat.payload("/slack/options", &ask("U0PRIYA", &format!("lookup:{of}"), words)).await;
            assert_eq!(answer.json(), json!({"options": []}), "{of} {words}");
        }
        chat.faultless();
    }
}
