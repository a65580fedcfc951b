//! Changes: shown exactly, done once, by whoever asked.

use habeo_bot::reply::Part;
use habeo_bot::{slack, teams};
use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::confirm::LIFE_MICROS;
use habeo_core::id::AssetId;
use habeo_tests::both_engines;
use habeo_tests::builders::College;

use super::{Room, pressed, says};

both_engines! {
    /// What will change is shown, nothing happens before the confirmation, and it happens once.
    async fn a_change_is_confirmed_once(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        let reply = room.ask(&rae, &format!("give {tag} to Ada Example")).await;
        says(&reply, &format!("{tag}: holder: none → Ada Example"));
        says(&reply, &format!("{tag}: state: in stock → in use"));
        assert!(reply.parts.iter().any(|part| matches!(part, Part::Changes(_))));
        assert_eq!(college.state(id).await, State::InStock);
        let confirm = pressed(&reply, "Confirm");
        let done = room.press(&rae, &confirm).await;
        says(&done, "Done.");
        assert_eq!(college.state(id).await, State::InUse);
        says(&room.press(&rae, &confirm).await, "settled already");
    }

    /// Somebody else, a cancelled, an outdated and an overtaken proposal are each refused in a sentence of their own.
    async fn what_must_not_be_confirmed_is_not(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let sam = room.member("Sam Example", college.units.physics, &[(Role::Custodian, college.units.physics)]).await;
        let (id, tag) = room.laptop().await;
        let asked = format!("give {tag} to Ada Example");
        let reply = room.ask(&rae, &asked).await;
        says(&room.press(&sam, &pressed(&reply, "Confirm")).await, "only whoever asked");
        says(&room.press(&rae, &pressed(&reply, "Cancel")).await, "Cancelled");
        says(&room.press(&rae, &pressed(&reply, "Confirm")).await, "settled already");
        let reply = room.ask(&rae, &asked).await;
        db.clock.advance_micros(LIFE_MICROS + 1);
        says(&room.press(&rae, &pressed(&reply, "Confirm")).await, "more than ten minutes ago");
        let reply = room.ask(&rae, &asked).await;
        room.hand(id, college.people.ben).await;
        says(&room.press(&rae, &pressed(&reply, "Confirm")).await, "changed since this was proposed");
        assert_eq!(college.state(id).await, State::InUse);
    }

    /// A hundred assets are changed with one confirmation: what is the same for all is said once, what is not for each, and both chats show
    /// all of it.
    async fn a_hundred_assets_are_shown_whole_before_they_are_changed(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let mut all = Vec::new();
        for n in 0..100 {
            let (id, tag) = room.laptop().await;
            room.hand(id, if n % 2 == 0 { college.people.ada } else { rae.person }).await;
            all.push((id, tag));
        }
        let ids: Vec<AssetId> = all.iter().map(|(id, _)| *id).collect();
        room.speaks_of(&rae, &ids).await;
        let reply = room.ask(&rae, "return them").await;
        says(&reply, "State, all 100: in use → in stock");
        let confirm = pressed(&reply, "Confirm");
        let slack = serde_json::to_value(slack::card::message(&reply)).expect("a message is JSON");
        let teams = teams::card::of_reply(&reply, teams::card::Medium::Chat, teams::card::CARD_BYTES_MAX);
        for card in [slack["blocks"].to_string(), teams["body"].to_string()] {
            for (_, tag) in &all {
                assert_eq!(card.matches(tag.as_str()).count(), 2, "{tag}: among all, and among those of its holder");
            }
            for once in ["State, all 100", "Ada Example", "Rae Example", "Confirm\""] {
                assert!(card.contains(once), "{once} in {card}");
            }
        }
        room.press(&rae, &confirm).await;
        for id in ids {
            assert_eq!(college.state(id).await, State::InStock);
        }
    }

    /// More changes than any list has rows, each of its own: all of them are shown, in both chats.
    async fn every_one_of_many_changes_is_shown(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let mut ids = Vec::new();
        let mut holders = Vec::new();
        for n in 0..40 {
            let name = format!("Holder N{n}x");
            let member = college.member(&name, college.units.physics, &[]).await;
            let (id, _) = room.laptop().await;
            room.hand(id, member.person).await;
            ids.push(id);
            holders.push(name);
        }
        room.speaks_of(&rae, &ids).await;
        let reply = room.ask(&rae, "return them").await;
        let slack = serde_json::to_value(slack::card::message(&reply)).expect("a message is JSON");
        let teams = teams::card::of_reply(&reply, teams::card::Medium::Chat, teams::card::CARD_BYTES_MAX);
        for card in [slack["blocks"].to_string(), teams["body"].to_string()] {
            assert!(card.contains("Confirm"), "{card}");
            for holder in &holders {
                assert!(card.contains(holder.as_str()), "{holder} in {card}");
            }
        }
    }

    /// Whoever may not do something is told so before anything is shown to confirm.
    async fn what_may_not_be_done_is_refused_at_once(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let reader = room.member("Lee Example", college.units.physics, &[(Role::Auditor, college.units.physics)]).await;
        let (id, tag) = room.laptop().await;
        let reply = room.ask(&reader, &format!("give {tag} to Ada Example")).await;
        assert!(reply.buttons.is_empty(), "{}", reply.text);
        says(&reply, "not done");
        assert_eq!(college.state(id).await, State::InStock);
    }
}
