//! What follows a question: more of a list, "it", and buttons that are one person's alone.

use habeo_bot::engine::Asker;
use habeo_core::conversation::LIFE_MICROS;
use habeo_tests::both_engines;
use habeo_tests::builders::College;

use super::{Room, pressed, rows, says};

both_engines! {
    /// Ten at a time, each once; an older button still shows what it showed.
    async fn a_list_goes_on(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        for _ in 0..23 {
            room.laptop().await;
        }
        let first = room.ask(&rae, "list laptops").await;
        says(&first, ": 23. These are 1 to 10.");
        let more = pressed(&first, "Show more");
        let second = room.press(&rae, &more).await;
        says(&second, "These are 11 to 20.");
        let third = room.press(&rae, &pressed(&second, "Show more")).await;
        assert_eq!(rows(&third).len(), 3);
        assert!(third.buttons.is_empty());
        let mut titles: Vec<String> = [&first, &second, &third].iter().flat_map(|reply| rows(reply)).map(|row| row.title.clone()).collect();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), 23);
        assert_eq!(room.press(&rae, &more).await.text, second.text);
        let spoken = room.ask(&rae, "show more").await;
        assert_eq!(rows(&spoken).len(), 3, "{}", spoken.text);
    }

    /// "It" is what the last answer was about, in this conversation and in no other.
    async fn it_is_what_was_spoken_of(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        room.hand(id, college.people.ada).await;
        room.ask(&rae, &format!("where is {tag}?")).await;
        let reply = room.ask(&rae, "who has it?").await;
        says(&reply, "Ada Example has");
        let elsewhere = super::Somebody {
            person: rae.person,
            asker: Asker { conversation: "another".to_owned(), ..rae.asker.clone() },
        };
        let reply = room.ask(&elsewhere, "who has it?").await;
        assert!(!reply.text.contains("Ada"), "{}", reply.text);
        // A day later nothing is remembered.
        db.clock.advance_micros(LIFE_MICROS + 1);
        let reply = room.ask(&rae, "who has it?").await;
        assert!(!reply.text.contains("Ada"), "{}", reply.text);
    }

    /// A button of somebody else's answer, an altered one and an invented one are all answered alike, and tell nothing.
    async fn buttons_are_one_person_s_alone(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let other = room.member("Sam Example", college.units.physics, &[(habeo_core::access::Role::Custodian, college.units.physics)]).await;
        for _ in 0..12 {
            room.laptop().await;
        }
        let list = room.ask(&rae, "list laptops").await;
        let more = pressed(&list, "Show more");
        let stale = room.press(&rae, "m:AAAAAAAAAAAAAAAAAAAAAAAA:0").await.text;
        says(&room.press(&rae, &more).await, "11 to 12");
        assert_eq!(room.press(&other, &more).await.text, stale);
        assert_eq!(room.press(&rae, &more.replace(":0", ":7")).await.text, stale);
        assert_eq!(room.press(&rae, &more.to_uppercase()).await.text, stale);
        for nonsense in ["", "m:", "x", "c:1", "a:1", "\u{0}", &"z".repeat(5_000)] {
            assert_eq!(room.press(&rae, nonsense).await.text, stale, "{nonsense:?}");
        }
    }
}
