//! Every change that can be asked for, by a question and by a form: shown, confirmed, and in the ledger with who did it, where and by which
//! confirmation.

use habeo_core::access::Surface;
use habeo_core::asset::State;
use habeo_core::chat_link::ChatUser;
use habeo_core::id::AssetId;
use habeo_core::ledger::audit::{self, Entry};
use habeo_core::page::Limit;
use habeo_tests::teams::{Sent, Talk, User, button, lines};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};
use uuid::Uuid;

use super::World;

const TAG: &str = "WMK-900010";

async fn history(world: &World, stream: Uuid) -> Vec<Entry> {
    let college = &world.college;
    let mut tx = college.db.read(&college.access).await;
    must(audit::history(&mut tx, &college.access, stream, None, Limit::DEFAULT).await).rows
}

/// The id of the confirmation that a button carries.
fn proposed(button: &Value) -> Uuid {
    let press = button["data"]["press"].as_str().unwrap_or_default();
    must(press.trim_start_matches("c:").parse())
}

async fn asked(world: &World, text: &str) -> Sent {
    let changes = json!({"text": text, "textFormat": "plain"});
    let activity = world.talk.activity(&User::PRIYA, changes);
    let mut sent = world.talk.happens(&activity).await;
    assert_eq!(sent.len(), 1, "{text}");
    sent.remove(0)
}

/// The asset's latest entry is this one, follows from this confirmation, and that is Priya's, in Teams.
async fn is_written(world: &World, asset: AssetId, kind: &str, confirmation: Uuid) {
    let entries = history(world, asset.uuid()).await;
    let entry = &entries[0];
    assert_eq!(entry.kind, kind);
    assert_eq!(entry.surface, Surface::Teams, "{kind}");
    let ada = format!("person:{}", world.college.people.ada);
    assert_eq!(entry.actor.principal, ada, "{kind}");
    let confirmed = &history(world, confirmation).await[0];
    assert_eq!(confirmed.kind, "bot.intent_confirmed", "{kind}");
    assert_eq!(entry.causation_id, Some(confirmed.event_id), "{kind}");
    let user = ChatUser {
        install: world.install,
        user: User::PRIYA.object_id.to_owned(),
    };
    assert_eq!(confirmed.payload["user"], user.digest(), "{kind}");
    assert_eq!(
        confirmed.payload["install"],
        world.install.to_string(),
        "{kind}"
    );
    assert_eq!(confirmed.surface, Surface::Teams, "{kind}");
}

async fn instrument(world: &World) -> AssetId {
    let asset = world.college.asset("Lumina Notebook 14").tag(TAG);
    asset.register().await
}

both_engines! {
    /// One after the other, by a question each.
    async fn every_change_can_be_asked_for(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = instrument(&world).await;
        for (question, kind, state) in [
            ("give {} to Ada Example", "asset.deployed", State::InUse),
            ("acknowledge {}", "custody.ack_accepted", State::InUse),
            ("note on {}: the hinge is loose", "asset.noted", State::InUse),
            ("give {} to Ben Sample", "asset.reassigned", State::InUse),
            ("move {} to Workshop", "asset.moved", State::InUse),
            ("report {} missing", "asset.missing", State::Missing),
            ("{} was found", "asset.found", State::InStock),
            ("put {} in repair", "asset.repair_started", State::InRepair),
            ("{} is back from repair", "asset.repair_ended", State::InStock),
            ("give {} to Ada Example", "asset.deployed", State::InUse),
            ("return {}", "asset.returned", State::InStock),
        ] {
            let before = history(&world, asset.uuid()).await.len();
            let card = asked(&world, &question.replace("{}", TAG)).await;
            assert!(card.shown().starts_with("# Make this change?"), "{question}: {}", card.shown());
            assert_eq!(history(&world, asset.uuid()).await.len(), before, "{question}: nothing has happened yet");
            let confirmation = proposed(&button(&card.body, "Confirm"));
            let done = world.talk.presses(&User::PRIYA, &card, "Confirm").await;
            assert!(done.starts_with("# Done."), "{question}: {done}");
            assert_eq!(history(&world, asset.uuid()).await.len(), before + 1, "{question}");
            is_written(&world, asset, kind, confirmation).await;
            assert_eq!(world.college.state(asset).await, state, "{question}");
        }
    }

    /// The same by a form each, filled in and confirmed in its dialog.
    async fn every_change_can_be_filled_in(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = instrument(&world).await;
        let people = &world.college.people;
        let workshop = world.college.places.workshop.to_string();
        let (ada, ben) = (people.ada.to_string(), people.ben.to_string());
        for (form, values, kind) in [
            ("deploy", json!({"person": ada}), "asset.deployed"),
            ("reassign", json!({"person": ben}), "asset.reassigned"),
            ("note", json!({"text": "The hinge is loose"}), "asset.noted"),
            ("move", json!({"place": workshop}), "asset.moved"),
            ("return", json!({"condition": "good"}), "asset.returned"),
            ("loan", json!({"person": ada, "until": "2030-01-15"}), "asset.loaned"),
            ("renew", json!({"until": "2030-02-15"}), "asset.renewed"),
            ("return", json!({"condition": "good", "place": workshop}), "asset.returned"),
            ("deploy", json!({"person": ada}), "asset.deployed"),
            ("report_missing", json!({"kind": "stolen", "day": "2026-01-02", "number": "P-7"}), "asset.missing"),
            ("found", json!({"place": workshop}), "asset.found"),
            ("repair_out", json!({"by": "vendor", "number": "R-1"}), "asset.repair_started"),
            ("repair_in", json!({"condition": "fair"}), "asset.repair_ended"),
        ] {
            let mut data = values.clone();
            data["form"] = json!(form);
            data["given"] = json!({"asset": asset.to_string()});
            let card = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": data})).await;
            assert!(lines(&card).contains("# Make this change?"), "{form}: {}", lines(&card));
            let confirm = button(&card, "Confirm");
            let done = world.talk.invokes(&User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
            assert!(lines(&done).contains("# Done."), "{form}: {}", lines(&done));
            is_written(&world, asset, kind, proposed(&confirm)).await;
        }
    }

    /// What was shown is what is done: an asset that has changed meanwhile is left as it is.
    async fn a_change_of_something_that_changed_is_not_made(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = instrument(&world).await;
        let card = asked(&world, &format!("give {TAG} to Ada Example")).await;
        world.college.act(asset, crate::core::deploy(world.college.people.ben)).await;
        let before = history(&world, asset.uuid()).await.len();
        let said = world.talk.presses(&User::PRIYA, &card, "Confirm").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @"That was not done: WMK-900010 changed since this was proposed; ask again.");
        }
        assert_eq!(history(&world, asset.uuid()).await.len(), before);
    }

    /// In a chat of some, a change is prepared, opened and confirmed by its asker, where the others do not see it.
    async fn a_change_in_a_group_is_its_askers(db: TestDb) {
        let world = World::begin(&db).await;
        let asset = instrument(&world).await;
        let question = Talk::in_group(&format!("give {TAG} to Ada Example"));
        let sent = world.talk.happens(&world.talk.activity(&User::PRIYA, question)).await;
        assert_eq!(sent[0].conversation, "19:some-of-us@thread.v2");
        assert!(!sent[0].body.to_string().contains(TAG), "{}", sent[0].shown());
        let show = button(&sent[0].body, "Show my answer");
        let opened = world.talk.invokes_in(Talk::in_group(""), &User::PRIYA, "task/fetch", json!({"data": show["data"]})).await;
        let confirm = button(&opened, "Confirm");
        let done = world.talk.invokes_in(Talk::in_group(""), &User::PRIYA, "task/submit", json!({"data": confirm["data"]})).await;
        assert!(lines(&done).contains("# Done."), "{}", lines(&done));
        is_written(&world, asset, "asset.deployed", proposed(&confirm)).await;
        assert!(world.talk.sim.take_sent().is_empty(), "nobody else is told");
    }
}
