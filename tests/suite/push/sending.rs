//! How notices reach the push service: together, once, as slowly as it asks, and whatever it says.

use std::time::Duration;

use habeo_core::outbox::lease::{Outbox, Wanted};
use habeo_core::outbox::{Channel, Courier as _, Outcome, Status};
use habeo_core::push_device::{Platform, stop};
use habeo_core::time::SECOND_MICROS;
use habeo_tests::builders::College;
use habeo_tests::expo::Failure;
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::{Phones, phone, token};

const MANY: Wanted = Wanted {
    parcels: 1_000,
    again_max: 1_000,
};

/// Hands something to as many people as it takes for so many phones, of which each has twenty.
async fn many(phones: &Phones<'_>, college: &College, people: usize) {
    for n in 0..people {
        let name = format!("Person{n} Example");
        let member = college.member(&name, college.units.physics, &[]).await;
        for m in 0..20 {
            phones.phone(member.person, &format!("p{n}-{m}")).await;
        }
        phones.hand(member.person).await;
    }
}

both_engines! {
    /// A hundred and twenty phones are two requests, compressed, and each has its ticket. Two organisations share one.
    async fn phones_are_sent_to_together(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        many(&phones, &college, 5).await;
        let other = College::found_as(&db, "eastmark").await;
        let noa = other.member("Noa Example", other.units.physics, &[]).await;
        for n in 0..20 {
            phone(&other, noa.person, &format!("noa-{n}"), Platform::Android).await;
        }
        let asset = other.asset("Camera").register().await;
        other.act(asset, crate::core::deploy(noa.person)).await;
        assert_eq!(phones.deliver().await, 120);
        let mut sizes: Vec<(usize, bool)> = phones.expo.sends().iter().map(|call| (call.size, call.gzip)).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [(20, true), (100, true)]);
        let mut told = phones.expo.phones();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 120, "each once");
        assert_eq!(phones.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_ticket").await, 120);
        assert_eq!(phones.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_ticket_due").await, 120);
        let mut tx = db.read(&other.access).await;
        let delivered = habeo_core::outbox::store::with_status(&mut tx, &other.access, Status::Delivered, None, 1_000).await;
        assert_eq!(must(delivered).len(), 20);
        phones.expo.faultless();
    }

    /// Of a hundred phones one is gone and one gets a word that nobody knows: the others have their tickets. The one that is gone is not used
    /// again until it is registered again; the odd one is tried once more.
    async fn one_bad_phone_spoils_no_other(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        for name in ["first", "dead-one", "unknown-one", "last"] {
            phones.phone(ada, name).await;
        }
        let asset = phones.hand(ada).await;
        assert_eq!(phones.deliver().await, 4);
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 2);
        assert_eq!(phones.parcels(Status::Dead).await.len(), 1);
        assert_eq!(phones.parcels(Status::Waiting).await.len(), 1);
        assert_eq!((phones.live().await, phones.facts("push_device.disabled").await), (3, 1));
        let forgotten = "SELECT CAST(COUNT(*) AS BIGINT) FROM push_device_private";
        assert_eq!(phones.number(forgotten).await, 3, "its token is gone");
        for _ in 0..3 {
            phones.wait_minutes(60);
            phones.deliver().await;
        }
        let odd = phones.expo.phones().iter().filter(|phone| **phone == token("unknown-one")).count();
        assert_eq!((odd, phones.parcels(Status::Dead).await.len()), (2, 2), "once more, and no more");
        phones.phone(ada, "dead-one").await;
        assert_eq!(phones.live().await, 4, "registered again");
        phones.hand_again(asset, ada).await;
        phones.deliver().await;
        let again = phones.expo.phones().iter().filter(|phone| **phone == token("dead-one")).count();
        assert_eq!(again, 2);
        phones.expo.faultless();
    }

    /// The service is left alone as long as it asks, and what it fails at is sent later.
    async fn what_fails_is_sent_later(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        phones.phone(ada, "slow-one").await;
        phones.hand(ada).await;
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 0);
        phones.wait_minutes(1);
        phones.deliver().await;
        assert_eq!(phones.expo.sends().len(), 1, "it was asked to wait a second");
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for status in [500, 503] {
            phones.expo.fail(Failure::Status(status, None));
        }
        for _ in 0..4 {
            phones.wait_minutes(30);
            phones.deliver().await;
        }
        let statuses: Vec<u16> = phones.expo.sends().iter().map(|call| call.status).collect();
        assert_eq!(statuses, [429, 500, 503, 200]);
        assert_eq!(phones.expo.phones(), [token("slow-one")]);
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 1);
    }

    /// A service that hangs may have sent: it is asked once more, and not again.
    async fn what_may_have_arrived_is_sent_twice_at_most(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "ada").await;
        phones.hand(college.people.ada).await;
        for _ in 0..2 {
            phones.expo.fail(Failure::Hangs);
        }
        for _ in 0..4 {
            phones.deliver().await;
            phones.wait_minutes(30);
        }
        assert_eq!(phones.expo.messages().len(), 2);
        assert_eq!(phones.parcels(Status::Dead).await.len(), 1);
    }

    /// As many tickets as messages, or none is anybody's; nothing is sent a second time.
    async fn tickets_are_not_paired_by_guess(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        for name in ["one", "two"] {
            phones.phone(ada, name).await;
        }
        phones.expo.fail(Failure::Says(200, json!({"data": [{"status": "ok", "id": "a"}]})));
        phones.hand(ada).await;
        for _ in 0..3 {
            phones.deliver().await;
            phones.wait_minutes(60);
        }
        assert_eq!(phones.expo.messages().len(), 2);
        assert_eq!(phones.number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_ticket").await, 0);
        assert_eq!(phones.parcels(Status::Dead).await.len(), 2);
    }

    /// Phones of several projects go by themselves.
    async fn projects_are_sent_to_one_by_one(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        for name in ["ours", "theirs", "too"] {
            phones.phone(ada, name).await;
        }
        phones.expo.of_project(&token("theirs"), "@other/app");
        phones.hand(ada).await;
        phones.deliver().await;
        let calls: Vec<(usize, u16)> = phones.expo.sends().iter().map(|call| (call.size, call.status)).collect();
        assert_eq!(calls[0], (3, 400));
        assert_eq!(calls.len(), 3);
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 3);
        phones.expo.faultless();
    }

    /// Without the access token that the project wants nothing is sent and nothing is lost; an hour later it is tried again.
    async fn a_wrong_access_token_stops_everything(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::with(&college, &[("HABEO_EXPO_ACCESS_TOKEN", "planted-token")]).await;
        phones.expo.wants("another-token");
        let ada = college.people.ada;
        phones.phone(ada, "ada").await;
        phones.phone_of(ada, "robot", Platform::Android).await;
        for (person, name) in [(college.people.ben, "ben"), (college.people.cleo, "cleo")] {
            phones.phone(person, name).await;
            phones.hand(person).await;
        }
        phones.hand(ada).await;
        phones.deliver().await;
        for _ in 0..5 {
            phones.wait_minutes(10);
            phones.deliver().await;
        }
        assert_eq!(phones.expo.sends().len(), 1, "nobody insists");
        assert_eq!(phones.parcels(Status::Waiting).await.len(), 4);
        phones.expo.wants("planted-token");
        phones.wait_minutes(61);
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 4);
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 4);
    }

    /// A phone of another project that wants a token of its own stops nobody: its notice waits, the others' go.
    async fn a_strangers_access_token_stops_nobody(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        phones.phone(ada, "theirs").await;
        phones.phone(ben, "ours").await;
        phones.expo.fail(Failure::Says(401, json!({"errors": [{"code": "UNAUTHORIZED", "message": "m"}]})));
        phones.hand(ada).await;
        phones.deliver().await;
        assert_eq!(phones.parcels(Status::Waiting).await.len(), 1);
        phones.hand(ben).await;
        phones.deliver().await;
        assert!(phones.expo.phones().contains(&token("ours")));
        assert_eq!(must(stop::stopped(db.db(), db.clock_now()).await), []);
    }

    /// A node that dies between sending and settling has lost nothing: the load goes once more.
    async fn a_crash_after_sending_loses_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        for name in ["one", "two", "three"] {
            phones.phone(ada, name).await;
        }
        phones.hand(ada).await;
        let outbox = Outbox::new(db.ledger.clone());
        let leased = must(outbox.claim(college.org, Channel::Push, MANY).await);
        let outcomes = phones.app.app.push.deliver_many(&leased).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Delivered { .. })), "{outcomes:?}");
        // Here it dies. The lease holds for a minute.
        assert_eq!(phones.deliver().await, 0);
        db.clock.advance_micros(61 * SECOND_MICROS);
        assert_eq!(phones.deliver().await, 3);
        phones.wait_minutes(60);
        assert_eq!(phones.deliver().await, 0);
        for name in ["one", "two", "three"] {
            let times = phones.expo.phones().iter().filter(|phone| **phone == token(name)).count();
            assert_eq!(times, 2, "{name}");
        }
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 3);
    }

    /// Another master key opens no token: that notice is given up and nothing else.
    async fn a_token_that_does_not_open_is_given_up(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        phones.phone(ada, "one").await;
        phones.phone(ada, "two").await;
        let broken = "UPDATE push_device_private SET token_sealed = (SELECT token_sealed FROM push_device_private ORDER BY id LIMIT 1)";
        must(db.raw().await.execute(broken).await);
        phones.hand(ada).await;
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 1);
        assert_eq!(phones.parcels(Status::Dead).await.len(), 1);
    }
}
