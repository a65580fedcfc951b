//! What phones are told: of what is theirs, with what their owners may see, and quietly.

use std::sync::Arc;

use habeo_core::asset::command::Act;
use habeo_core::asset::{State, Target};
use habeo_core::id::ObservationId;
use habeo_core::notice::Sort;
use habeo_core::notice::preference::Preference;
use habeo_core::notice::preference::command::Prefer;
use habeo_core::outbox::Status;
use habeo_core::person::PersonStatus;
use habeo_core::person::command::ChangeStatus;
use habeo_core::person::erase::ErasePerson;
use habeo_core::push_device::Platform;
use habeo_core::push_device::command::Register;
use habeo_core::secret::MasterKey;
use habeo_core::time::{DAY_MICROS, SECOND_MICROS};
use habeo_tests::builders::College;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::expo::FakeExpo;
use habeo_tests::slack::Chat;
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::{Phones, phone, token};
use crate::core::tickets::Desk;
use crate::core::{deploy, give_back};

both_engines! {
    /// Each phone of whoever is handed something says so: by label and model, without a name, a serial number or what somebody wrote.
    async fn every_phone_of_its_owner_is_told_quietly(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        for name in ["ada-one", "ada-two"] {
            phones.phone(ada, name).await;
        }
        phones.phone(ben, "ben").await;
        let catalogue = college.catalogue;
        let new = college.asset("Laptop of Ada Example").tag("WMK-000417").model(catalogue.notebook).serial("SN-SECRET-1");
        let asset = new.register().await;
        college.act(asset, deploy(ada)).await;
        assert_eq!(phones.deliver().await, 2);
        let mut told = phones.expo.phones();
        told.sort();
        assert_eq!(told, [token("ada-one"), token("ada-two")]);
        let message = &phones.expo.messages()[0];
        let state = format!("asset:{asset}");
        assert_eq!(*message, json!({
            "to": [phones.expo.phones()[0]], "title": "Handed to you", "body": "WMK-000417 · Slate 14",
            "data": {"type": "asset.assigned", "id": asset.to_string()},
            "priority": "high", "ttl": 86_400, "channelId": "custody", "collapseId": state, "tag": state,
        }));
        let said = phones.expo.messages().iter().map(ToString::to_string).collect::<String>();
        for secret in ["Ada", "SECRET", "Laptop"] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
        let [send] = &phones.expo.sends()[..] else { panic!("one request") };
        assert_eq!((send.size, send.status), (2, 200));
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 2);
        phones.expo.faultless();
    }

    /// Loans that end soon, tickets, and things that were scanned elsewhere.
    async fn every_sort_of_notice_reaches_phones(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let cleo = college.people.cleo;
        phones.phone(cleo, "cleo").await;
        let asset = college.asset("Camera").tag("WMK-000417").at(college.places.reading_room).register().await;
        let due_at = db.clock_now().plus_micros(2 * DAY_MICROS);
        college.act(asset, Act::Loan { target: Target::Person(cleo), due_at }).await;
        phones.deliver().await;
        // Nine o'clock in Chicago.
        db.clock.advance_micros(6 * 3_600 * SECOND_MICROS);
        must(phones.app.app.worker().upkeep().round().await);
        phones.deliver().await;
        Desk::of(&college).open("231", "WMK-000417").await;
        phones.deliver().await;
        let observation = Some(ObservationId::generate(db.clock_now(), db.ledger.random()));
        college.act(asset, Act::Move { location: college.places.workshop, observation }).await;
        phones.deliver().await;
        let said: Vec<(String, String, String)> = phones.expo.messages().iter().map(|message| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (text(&message["title"]), text(&message["data"]["type"]), text(&message["channelId"]))
        }).collect();
        let expected = [
            ("Handed to you", "asset.assigned", "custody"), ("Due back soon", "asset.due_soon", "custody"),
            ("Ticket opened", "ticket.opened", "tickets"), ("Scanned elsewhere", "asset.seen_elsewhere", "scans"),
        ].map(|(title, kind, channel)| (title.to_owned(), kind.to_owned(), channel.to_owned()));
        assert_eq!(said, expected);
        let life = phones.expo.messages()[1]["ttl"].as_u64();
        assert_eq!(life, Some(42 * 3_600), "as long as the loan");
        phones.expo.faultless();
    }

    /// Who states where something is corrects the record, who scans what they have knows it, and what has moved on is no news.
    async fn only_scans_by_others_contradict(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        phones.phone(ada, "ada").await;
        let places = college.places;
        let asset = college.asset("Camera").at(places.reading_room).register().await;
        college.act(asset, deploy(ada)).await;
        phones.deliver().await;
        let seen = |location| Act::Move { location, observation: Some(ObservationId::generate(db.clock_now(), db.ledger.random())) };
        college.act(asset, Act::Move { location: places.workshop, observation: None }).await;
        college.act(asset, seen(places.workshop)).await;
        assert_eq!(phones.deliver().await, 0);
        college.act(asset, seen(places.library)).await;
        college.act(asset, Act::Move { location: places.workshop, observation: None }).await;
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 1, "it is somewhere else again");
        college.act(asset, seen(places.library)).await;
        college.act(asset, give_back()).await;
        assert_eq!(college.state(asset).await, State::InStock);
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 1, "it is not hers any more");
        phones.expo.faultless();
    }

    /// What has moved on, who is gone, and what phone is not registered any more: nothing is sent.
    async fn what_is_no_longer_so_is_not_sent(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        phones.phone(ada, "shared").await;
        let asset = phones.hand(ada).await;
        college.act(asset, give_back()).await;
        phones.deliver().await;
        college.act(asset, deploy(ada)).await;
        // The phone is Ben's now, and Ada's notice is not for him.
        phone(&college, ben, "shared", Platform::Ios).await;
        phones.deliver().await;
        assert_eq!(phones.expo.calls(), []);
        assert_eq!(phones.parcels(Status::Obsolete).await.len(), 2);
        let other = phones.hand(college.people.cleo).await;
        assert_eq!(phones.deliver().await, 0, "Cleo has no phone");
        college.act(other, give_back()).await;
        college.act(other, deploy(ben)).await;
        phones.deliver().await;
        assert_eq!(phones.expo.phones(), [token("shared")]);
    }

    /// Whoever registers a phone in another organization and is cut off at that moment has it all the same: nothing of its former owner is sent
    /// there, and the former record ends by itself.
    async fn a_phone_that_moved_hears_of_its_new_owner_only(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let phones = Phones::of(&college).await;
        let (ada, noa) = (college.people.ada, other.people.ada);
        phones.phone(ada, "shared").await;
        let asset = phones.hand(ada).await;
        let register = Register {
            token: token("shared"),
            platform: Platform::Ios,
            device_name: None,
            session: None,
            master_key: Arc::new(MasterKey::new(MASTER_KEY)),
        };
        // Only the registration itself, as where the process ends right after it.
        must(db.ledger.record(&other.access_as(noa).await, register).await);
        phones.deliver().await;
        phones.hand_again(asset, ada).await;
        phones.deliver().await;
        assert_eq!(phones.expo.calls(), []);
        phones.ask().await;
        assert_eq!((phones.live().await, phones.facts("push_device.removed").await), (1, 1));
        assert_eq!(phones.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_displaced").await, 0);
        let theirs = other.asset("Camera").register().await;
        other.act(theirs, deploy(noa)).await;
        phones.deliver().await;
        assert_eq!(phones.expo.phones(), [token("shared")]);
    }

    /// Who has left is told nothing, and who was erased leaves no phone.
    async fn who_has_left_has_no_phone_here(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let robin = college.member("Robin Example", college.units.physics, &[]).await;
        phones.phone(robin.person, "robin").await;
        let gone = ChangeStatus { person: robin.person, status: PersonStatus::Separated, separated_on: None };
        must(db.ledger.record(&college.access, gone).await);
        assert_eq!((phones.live().await, phones.facts("push_device.signed_out").await), (0, 1));
        let back = ChangeStatus { person: robin.person, status: PersonStatus::Active, separated_on: None };
        must(db.ledger.record(&college.access, back).await);
        phones.phone(robin.person, "robin").await;
        // Somebody who left in a time when that left their phones.
        let left = "UPDATE person SET status = 'separated' WHERE id IN (SELECT person_id FROM push_device WHERE removed_at IS NULL)";
        // No fact says that somebody has left here.
        db.leave_unequal();
        must(db.raw().await.execute(left).await);
        assert!(must(db.ledger.record(&college.access, ErasePerson { person: robin.person }).await));
        assert_eq!(phones.live().await, 0);
        for kept in ["push_device_private", "push_token_directory"] {
            let rows = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {kept}");
            assert_eq!(db.raw().await.number(&rows).await, 0, "{kept}");
        }
    }

    /// By chat, by phone, by both, by neither: as everybody wants, and as they want when it is delivered.
    async fn everybody_is_told_as_they_want(db: TestDb) {
        let college = College::found(&db).await;
        let expo = FakeExpo::start().await;
        let chat = Chat::configured(&college, &expo.settings()).await;
        must(chat.install().await);
        chat.slack.forget();
        let ada = college.people.ada;
        chat.linked("U0ADA", ada).await;
        phone(&college, ada, "ada", Platform::Android).await;
        let access = college.access_as(ada).await;
        let asset = college.asset("Camera").register().await;
        let mut told = Vec::new();
        for (chat_wanted, push) in [(true, true), (true, false), (false, true), (false, false)] {
            let wanted = vec![Preference { sort: Sort::HandedToYou, chat: chat_wanted, push }];
            must(db.ledger.record(&access, Prefer { wanted }).await);
            let before = (chat.slack.calls("chat.postMessage").len(), expo.messages().len());
            college.act(asset, deploy(ada)).await;
            must(chat.app.app.worker().deliver_due().await);
            college.act(asset, give_back()).await;
            db.clock.advance_micros(60 * SECOND_MICROS);
            let after = (chat.slack.calls("chat.postMessage").len(), expo.messages().len());
            told.push((after.0 - before.0, after.1 - before.1));
        }
        assert_eq!(told, [(1, 1), (1, 0), (0, 1), (0, 0)]);
        // Of another sort nothing was said.
        let both = Preference { sort: Sort::HandedToYou, chat: true, push: true };
        must(db.ledger.record(&access, Prefer { wanted: vec![both] }).await);
        college.act(asset, deploy(ada)).await;
        let none = Preference { chat: false, push: false, ..both };
        must(db.ledger.record(&access, Prefer { wanted: vec![none] }).await);
        let (posts, messages) = (chat.slack.calls("chat.postMessage").len(), expo.messages().len());
        must(chat.app.app.worker().deliver_due().await);
        assert_eq!((chat.slack.calls("chat.postMessage").len(), expo.messages().len()), (posts, messages), "it was too late");
        expo.faultless();
    }
}
