//! Questions about what is: who has something, where it is, how many there are, what happened.

use habeo_core::access::Role;
use habeo_core::asset::command::Act;
use habeo_core::asset::{AssignmentKind, Condition, Target};
use habeo_core::time::DAY_MICROS;
use habeo_tests::both_engines;
use habeo_tests::builders::College;

use super::{Room, rows, says};

both_engines! {
    /// Who has it, where it is, what it is: each a sentence, and only what was asked.
    async fn one_asset_is_told_of(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let id = college.asset("Field laptop").at(college.places.reading_room).register().await;
        let tag = room.tag(id).await;
        let reply = room.ask(&rae, &format!("who has {tag}?")).await;
        says(&reply, "Nobody has");
        room.hand(id, college.people.ada).await;
        let reply = room.ask(&rae, &format!("who has {tag}?")).await;
        says(&reply, &format!("Ada Example has {tag}"));
        assert!(reply.private);
        let reply = room.ask(&rae, &format!("where is {tag}?")).await;
        says(&reply, "Reading Room");
        let reply = room.ask(&rae, &tag).await;
        says(&reply, "With: Ada Example");
        says(&reply, "State: in use");
    }

    /// The number of a label is enough, and so is the end of a serial number; where several have it, all are offered.
    async fn short_codes_are_enough(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let one = college.asset("Oscilloscope").serial("ABC90001234").tag("WMK-004217-S").register().await;
        let reply = room.ask(&rae, "who has 4217?").await;
        says(&reply, &room.tag(one).await);
        let reply = room.ask(&rae, "who has 1234?").await;
        says(&reply, "WMK-004217-S");
        college.asset("Spectrometer").serial("XYZ70001234").register().await;
        let reply = room.ask(&rae, "who has 0001234?").await;
        assert_eq!(reply.buttons.len(), 2, "{}", reply.text);
    }

    /// Numbers say what was counted, and what lies outside the asker's units is not in them.
    async fn numbers_are_those_in_sight(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        for _ in 0..3 {
            room.laptop().await;
        }
        college.asset("Another").unit(college.units.music).register().await;
        let reply = room.ask(&rae, "how many laptops are in stock?").await;
        says(&reply, ": 3.");
        let all = room.member("Org Example", college.units.root, &[(Role::Auditor, college.units.root)]).await;
        let reply = room.ask(&all, "how many laptops are in stock?").await;
        says(&reply, ": 4.");
        let reply = room.ask(&all, "how many laptops by unit?").await;
        assert_eq!(rows(&reply).len(), 2, "{}", reply.text);
    }

    /// Whoever has changed hands is named with those who had it, as far as the asker may know them.
    async fn former_holders_are_told_within_the_asker_s_rights(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        for holder in [college.people.ben, college.people.ada] {
            db.clock.advance_micros(DAY_MICROS);
            room.hand(id, holder).await;
            db.clock.advance_micros(DAY_MICROS);
            if holder == college.people.ben {
                college.act(id, Act::Return { condition: Condition::Good, location: None }).await;
            }
        }
        let asked = format!("who had {tag} before?");
        let reply = room.ask(&rae, &asked).await;
        // Ben belongs to history, of whose people a custodian of physics knows nothing.
        says(&reply, "somebody in another unit had");
        assert!(!reply.text.contains("Ben"));
        let all = room.member("Org Example", college.units.root, &[(Role::Auditor, college.units.root)]).await;
        let reply = room.ask(&all, &asked).await;
        says(&reply, "Ben Sample had");
    }

    /// What is due comes in the order of its day, in the words of the college's own calendar.
    async fn what_is_due_is_told_in_order(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let now = db.ledger.clock().now();
        for days in [6, 2, 40] {
            let (id, _) = room.laptop().await;
            let due_at = now.plus_micros(days * DAY_MICROS);
            college.act(id, Act::Loan { target: Target::Person(college.people.ada), due_at }).await;
        }
        let reply = room.ask(&rae, "what is due back in the next 14 days?").await;
        assert_eq!(rows(&reply).len(), 2, "{}", reply.text);
        assert!(rows(&reply).iter().all(|row| row.detail.contains("due ")), "{}", reply.text);
        let mine = room.ask(&rae, "what do I have?").await;
        says(&mine, "found nothing");
        let (id, tag) = room.laptop().await;
        college.act(id, Act::Deploy { target: Target::Person(rae.person), kind: AssignmentKind::Permanent, location: None }).await;
        let mine = room.ask(&rae, "what do I have?").await;
        says(&mine, &tag);
    }

    /// A name with a mistake in it is mended; one that several people bear is asked back about, and the choice answers the question.
    async fn names_are_mended_and_asked_back_about(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let physics = college.units.physics;
        let one = college.member("Jonas Kellermann", physics, &[]).await;
        let (id, tag) = room.laptop().await;
        room.hand(id, one.person).await;
        let reply = room.ask(&rae, "what does Kelermann have?").await;
        says(&reply, &tag);
        college.member("Petra Kellermann", physics, &[]).await;
        let reply = room.ask(&rae, "what does Kellermann have?").await;
        assert_eq!(reply.buttons.len(), 2, "{}", reply.text);
        let press = super::pressed(&reply, "Jonas Kellermann (PHYS unit)");
        let reply = room.press(&rae, &press).await;
        says(&reply, &tag);
    }
}
