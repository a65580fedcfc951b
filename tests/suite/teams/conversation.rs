//! Whole conversations: asked, shown, confirmed, and never done twice or by another.

use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::id::AssetId;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::teams::{Sent, Talk, User, button, lines};
use serde_json::{Value, json};

use super::World;

/// A notebook that Ada has.
async fn notebook(world: &World) -> AssetId {
    let college = &world.college;
    let asset = college
        .asset("Lumina Notebook 14")
        .tag("WMK-900001")
        .register()
        .await;
    college
        .act(asset, crate::core::deploy(college.people.ada))
        .await;
    asset
}

/// What is proposed, as a card.
async fn proposed(world: &World, text: &str) -> Sent {
    let changes = json!({"text": text, "textFormat": "plain"});
    let mut sent = world
        .talk
        .happens(&world.talk.activity(&User::PRIYA, changes))
        .await;
    assert_eq!(sent.len(), 1);
    sent.remove(0)
}

both_engines! {
    /// A question in one's own conversation is answered there.
    async fn a_question_is_answered(db: TestDb) {
        let world = World::begin(&db).await;
        notebook(&world).await;
        let told = world.talk.says(&User::PRIYA, "who has WMK-900001?").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r"
            Ada Example has WMK-900001 (Lumina Notebook 14) since Mon 2 Mar.
            [All about WMK-900001]
            ");
        }
        let told = world.talk.says(&User::PRIYA, "help").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r"
            Ask me in your own words about the assets you can see. For example:
              My equipment
              · “What do I have?”
              Due back soon
              · “What is due back this week?”
              Count
              · “How many laptops are in stock?”
              Break down
              · “Assets by category”
              Warranty
              · “Which warranties end this month?”
              Missing
              · “What is missing?”
              Tickets
              · “Show my tickets”
            I can also prepare changes: hand out, lend, take back, hand on, move, report missing or found, send to repair and take back from it, write a note, and acknowledge what you were given. I show you exactly what would change, and nothing happens before you confirm it.
            ");
        }
    }

    /// A change is shown, and made when whoever asked for it confirms: once, however often and by whatever way they press.
    async fn a_change_is_made_once_and_after_a_confirmation(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = notebook(&world).await;
        let card = proposed(&world, "return WMK-900001").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(card.shown(), @r"
            # Make this change?
            WMK-900001: state
            Now: in use
            Then: in stock
            WMK-900001: holder
            Now: Ada Example
            Then: none
            WMK-900001: terms
            Now: permanently
            Then: none
            · Nothing has happened yet. You can confirm until 03:10.
            [Confirm] [Cancel]
            ");
        }
        assert_eq!(world.college.state(asset).await, State::InUse);
        let first = world.talk.presses(&User::PRIYA, &card, "Confirm").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(first, @r"
            # Done.
            WMK-900001: state
            Now: in use
            Then: in stock
            WMK-900001: holder
            Now: Ada Example
            Then: none
            WMK-900001: terms
            Now: permanently
            Then: none
            ");
        }
        assert_eq!(world.college.state(asset).await, State::InStock);
        let second = world.talk.presses(&User::PRIYA, &card, "Confirm").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(second, @"That was not done: this was settled already; nothing was done again.");
        }
        // A client that cannot execute submits: the same end, in the card's place.
        let data = button(&card.body, "Confirm")["fallback"]["data"].clone();
        let submitted = world.talk.activity(&User::PRIYA, json!({"text": null, "value": data, "replyToId": card.id}));
        let sent = world.talk.happens(&submitted).await;
        assert_eq!((sent[0].how, sent[0].id.as_str()), ("update", card.id.as_str()));
        assert_eq!(sent[0].shown(), second);
    }

    /// Submitted instead of executed, it is done all the same; a card that is gone is answered beside.
    async fn a_submitted_confirmation_is_one(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = notebook(&world).await;
        let card = proposed(&world, "return WMK-900001").await;
        let data = button(&card.body, "Confirm")["fallback"]["data"].clone();
        let submitted = world.talk.activity(&User::PRIYA, json!({"text": null, "value": data, "replyToId": card.id}));
        world.talk.sim.fails([habeo_tests::teams::Failure::of(404, "ActivityNotFoundInConversation")]);
        let sent = world.talk.happens(&submitted).await;
        assert_eq!(sent[0].how, "reply");
        assert_eq!(world.college.state(asset).await, State::InStock);
    }

    /// Somebody else's confirmation, one that has expired, one that was cancelled, and one that was made up do nothing.
    async fn a_confirmation_is_its_askers_and_expires(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = notebook(&world).await;
        world.college.grant(world.college.people.ben, Role::OrgAdmin, world.college.units.root).await;
        world.link(&User::RAVI, world.college.people.ben).await;
        let card = proposed(&world, "return WMK-900001").await;
        let other = world.talk.presses(&User::RAVI, &card, "Confirm").await;
        let cancelled = world.talk.presses(&User::PRIYA, &card, "Cancel").await;
        assert_eq!(cancelled, "Cancelled. Nothing was changed.");
        let after = world.talk.presses(&User::PRIYA, &card, "Confirm").await;
        let late = proposed(&world, "return WMK-900001").await;
        db.clock.advance_micros(601 * SECOND_MICROS);
        let expired = world.talk.presses(&User::PRIYA, &late, "Confirm").await;
        let made_up = json!({"action": {"verb": "press", "data": {"press": "c:01890000-0000-7000-8000-000000000000"}}, "trigger": "manual"});
        let made_up = lines(&world.talk.invokes(&User::PRIYA, "adaptiveCard/action", made_up).await);
        insta::allow_duplicates! {
            insta::assert_snapshot!([other, after, expired, made_up].join("\n---\n"), @r"
            That was not done: there is nothing here for you to confirm; only whoever asked for a change can, for a while.
            ---
            That was not done: this was settled already; nothing was done again.
            ---
            That was not done: this was proposed more than ten minutes ago; ask again.
            ---
            That was not done: there is nothing here for you to confirm; only whoever asked for a change can, for a while.
            ");
        }
        assert_eq!(world.college.state(asset).await, State::InUse);
    }

    /// In a team the card that all see holds nothing; where it shows itself to its asker it can be confirmed, and the answer is theirs too.
    async fn a_change_in_a_team_is_its_askers(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = notebook(&world).await;
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, Talk::in_channel("return WMK-900001"))).await;
        assert!(!sent[0].body.to_string().contains("WMK-900001"), "{}", sent[0].shown());
        let refresh = sent[0].body.pointer("/attachments/0/content/refresh/action").cloned().unwrap_or_default();
        let invoke = async |action: &Value, trigger: &str| {
            let action = json!({"type": "Action.Execute", "verb": action["verb"], "data": action["data"]});
            let value = json!({"action": action, "trigger": trigger});
            world.talk.invokes_in(Talk::in_channel(""), &User::PRIYA, "adaptiveCard/action", value).await
        };
        let opened = invoke(&refresh, "automatic").await;
        let done = invoke(&button(&opened, "Confirm"), "manual").await;
        assert!(!done.to_string().contains("WMK-900001"), "what replaces the card may be seen by all: {done}");
        assert_eq!(world.college.state(asset).await, State::InStock);
    }

    /// A form is filled in within a dialog, its faults shown beside their fields, and confirmed there.
    async fn a_form_is_filled_in_and_confirmed_in_its_dialog(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = notebook(&world).await;
        let fetch = json!({"data": {"msteams": {"type": "task/fetch"}, "form": "note", "given": {"asset": asset.to_string()}}});
        let form = world.talk.invokes(&User::PRIYA, "task/fetch", fetch).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines(&form), @r"
            == Write a note on an asset
            Asset <ChoiceSet> WMK-900001 · Lumina Notebook 14
            Note <Text>
            [Continue]
            ");
        }
        let empty = json!({"data": {"form": "note", "given": {"asset": asset.to_string()}}});
        let faults = world.talk.invokes(&User::PRIYA, "task/submit", empty).await;
        assert!(lines(&faults).contains("! "), "{}", lines(&faults));
        let filled = json!({"data": {"form": "note", "given": {"asset": asset.to_string()}, "text": "Hinge is loose <b>"}});
        let card = world.talk.invokes(&User::PRIYA, "task/submit", filled).await;
        let confirm = button(&card, "Confirm");
        assert_eq!(confirm["type"], "Action.Submit");
        let done = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
        assert!(!lines(&done).is_empty());
        let again = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
        assert_ne!(lines(&again), lines(&done));
    }

    /// Another college's asset, another unit's, and one that never was: the same answer to each question about it.
    async fn what_is_out_of_sight_does_not_exist(db: TestDb) {
        let world = World::begin(&db).await;
        let (college, other) = (&world.college, College::found_as(&db, "eastmark").await);
        other.asset("Their notebook").tag("WMK-900007").register().await;
        college.asset("History's notebook").tag("WMK-900008").unit(college.units.history).register().await;
        college.grant(college.people.ben, Role::Technician, college.units.physics).await;
        world.link(&User::RAVI, college.people.ben).await;
        for question in ["who has {}?", "where is {}", "return {}", "find {}"] {
            let mut told = Vec::new();
            for tag in ["WMK-900007", "WMK-900008", "WMK-900009"] {
                let answer = world.talk.says(&User::RAVI, &question.replace("{}", tag)).await;
                told.push(answer.replace(tag, "TAG"));
            }
            assert_eq!(told[0], told[2], "{question}");
            assert_eq!(told[1], told[2], "{question}");
        }
        let mut found = Vec::new();
        for tag in ["WMK-900007", "WMK-900008", "WMK-900009"] {
            let query = json!({"commandId": "searchAssets", "parameters": [{"name": "q", "value": tag}]});
            found.push(world.talk.invokes(&User::RAVI, "composeExtension/query", query).await);
        }
        assert_eq!(found[0], found[2]);
        assert_eq!(found[1], found[2]);
    }

    /// Searching shows rows with previews, and a message's tags are found in it.
    async fn assets_are_found_by_typing_and_in_messages(db: TestDb) {
        let world = World::begin(&db).await;
        notebook(&world).await;
        let query = json!({"commandId": "searchAssets", "parameters": [{"name": "q", "value": "WMK-900001"}]});
        let answer = world.talk.invokes(&User::PRIYA, "composeExtension/query", query).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines(&answer), @r"
            WMK-900001 · Lumina Notebook 14
            [Open in Habeo]
            (WMK-900001 · Lumina Notebook 14: in use · with Ada Example · PHYS unit)
            ");
        }
        let message = json!({"commandId": "assetFromMessage", "messagePayload": {"body": {"contentType": "html", "content": "<p>Please fetch WMK-900001.</p>"}}});
        let answer = world.talk.invokes(&User::PRIYA, "composeExtension/fetchTask", message).await;
        assert!(lines(&answer).contains("WMK-900001"), "{}", lines(&answer));
        let enter = button(&answer, "Enter a new asset");
        let form = world.talk.invokes(&User::PRIYA, "composeExtension/submitAction", json!({"commandId": "assetFromMessage", "data": enter["data"]})).await;
        assert!(form.to_string().contains("Input."), "{form}");
        let people = world.talk.invokes(&User::PRIYA, "application/search", json!({"dataset": "person", "queryText": "Ada", "queryOptions": {"skip": 0, "top": 15}})).await;
        assert!(people["value"]["results"].as_array().is_some_and(|found| !found.is_empty()), "{people}");
    }
}
