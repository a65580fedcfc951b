//! What is out of sight, what is hostile, what others read, and what is recorded.

use habeo_bot::engine::{Asker, Place};
use habeo_core::access::Role;
use habeo_core::id::AssetId;
use habeo_core::ledger::audit;
use habeo_core::page::Limit;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Room, Somebody, says};

both_engines! {
    /// An asset of another college is answered about exactly as one that does not exist, however it is asked for.
    async fn out_of_sight_is_absent(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let hidden = college.asset("Harpsichord").unit(college.units.music).tag("ZZZ-111111").serial("HIDDEN-1").register().await;
        room.hand(hidden, college.people.cleo).await;
        let absent = AssetId::generate(db.ledger.clock().now(), db.ledger.random());
        let pressed = |id: AssetId| format!("a:{id}");
        assert_eq!(room.press(&rae, &pressed(hidden)).await, room.press(&rae, &pressed(absent)).await);
        for question in ["who has CODE?", "where is CODE?", "CODE", "history of CODE", "who had CODE before?", "move CODE to Reading Room", "report CODE stolen", "return CODE", "note on CODE: hello"] {
            let mut answers = Vec::new();
            for code in ["ZZZ-111111", "ZZZ-222222"] {
                let reply = room.ask(&rae, &question.replace("CODE", code)).await;
                answers.push(format!("{reply:?}").replace(code, "CODE"));
            }
            assert_eq!(answers[0], answers[1], "{question}");
        }
        let of_person = |name: &str| format!("what does {name} have?");
        let known = room.ask(&rae, &of_person("Cleo Muster")).await;
        let unknown = room.ask(&rae, &of_person("Cleo Nobody")).await;
        assert_eq!(known.text.replace("Cleo Muster", "X"), unknown.text.replace("Cleo Nobody", "X"));
        room.share().await;
        assert_eq!(must(room.engine.unfurl(&rae.asker, &format!("https://habeo.example.edu/assets/{hidden}")).await), None);
    }

    /// Nothing that can be typed is an error, and every answer keeps within its bounds.
    async fn nothing_typed_breaks_anything(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let long = "laptop ".repeat(1_500);
        let hostile = ["", " ", "?", "\u{202E}who has it", "a\u{0}b", "'; DROP TABLE asset; --", "💻💻", "who has who has who has", "*_~`<script>", &long, &"x".repeat(10_000)];
        for text in hostile {
            let reply = room.ask(&rae, text).await;
            assert!(!reply.text.is_empty(), "{text:?}");
            assert!(reply.text.chars().count() < 8_000, "{text:?}");
            assert!(!reply.text.contains(['\u{202E}', '\u{0}']), "{text:?}");
            assert!(!reply.text.contains("cannot look into the record"), "{text:?}");
        }
    }

    /// Every question leaves an entry of its sort and of how much was answered, and not a word of it.
    async fn questions_are_recorded_without_their_words(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (_, tag) = room.laptop().await;
        let before = size(&college).await;
        room.ask(&rae, &format!("who has {tag}?")).await;
        room.ask(&rae, "flurble the wozzit quux").await;
        let mut tx = db.read(&college.access).await;
        let entries = must(audit::page(&mut tx, &college.access, before - 1, Limit::DEFAULT).await).rows;
        let kinds: Vec<&str> = entries.iter().filter_map(|entry| entry.bytes.split("\"type\":\"").nth(1)?.split('"').next()).collect();
        assert_eq!(kinds, ["bot.answered", "bot.asked"]);
        assert!(entries.iter().all(|entry| !entry.bytes.contains("wozzit") && !entry.bytes.contains(&tag)));
    }

    /// In a channel the answer is the asker's alone, until the installation says otherwise; and then it names no person.
    async fn a_channel_reads_only_what_it_may(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let rae = room.custodian().await;
        let (id, tag) = room.laptop().await;
        room.hand(id, college.people.ada).await;
        let rae = Somebody { person: rae.person, asker: Asker { place: Place::Shared, ..rae.asker } };
        let reply = room.ask(&rae, "list laptops").await;
        assert!(reply.private);
        room.share().await;
        room.laptop().await;
        let reply = room.ask(&rae, "list laptops").await;
        assert!(!reply.private);
        assert!(!reply.text.contains("Ada"), "{}", reply.text);
        let reply = room.ask(&rae, &format!("who has {tag}?")).await;
        assert!(reply.private);
        says(&reply, "Ada Example has");
        let reply = room.ask(&rae, &format!("where is {tag}?")).await;
        assert!(!reply.private);
    }

    /// A requester sees what they hold, and nothing else.
    async fn a_requester_sees_their_own(db: TestDb) {
        let college = College::found(&db).await;
        let room = Room::of(&college).await;
        let noor = room.member("Noor Example", college.units.music, &[(Role::Requester, college.units.music)]).await;
        let (mine, tag) = room.laptop().await;
        room.laptop().await;
        room.hand(mine, noor.person).await;
        let reply = room.ask(&noor, "list laptops").await;
        says(&reply, &tag);
        let reply = room.ask(&noor, "how many laptops are there?").await;
        says(&reply, ": 1.");
    }
}

async fn size(college: &College) -> i64 {
    let mut tx = college.db.read(&college.access).await;
    let size = must(audit::size(&mut tx, &college.access).await);
    i64::try_from(size).unwrap_or(i64::MAX)
}
