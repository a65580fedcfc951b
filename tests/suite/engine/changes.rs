//! Changes: shown exactly, done once, by whoever asked.

use habeo_bot::reply::Part;
use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::confirm::LIFE_MICROS;
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
