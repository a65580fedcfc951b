//! What the push service says later of what it took.

use habeo_core::outbox::Status;
use habeo_core::push_device::Platform;
use habeo_core::push_device::stop;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::expo::Failure;
use habeo_tests::must;

use super::{Phones, phone, token};

const EVIDENCE: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM push_evidence";

async fn statuses(phones: &Phones<'_>) -> Vec<String> {
    let mut raw = phones.college.db.raw().await;
    raw.texts("SELECT status FROM push_ticket ORDER BY sent_at, ticket")
        .await
}

async fn due(phones: &Phones<'_>) -> i64 {
    phones
        .number("SELECT CAST(COUNT(*) AS BIGINT) FROM push_ticket_due")
        .await
}

both_engines! {
    /// Asked after a quarter of an hour, and again while nothing is known; then what became of it is kept.
    async fn the_service_is_asked_what_became_of_it(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "ada").await;
        phones.hand(college.people.ada).await;
        phones.deliver().await;
        phones.wait_minutes(14);
        phones.ask().await;
        assert_eq!(phones.expo.questions().len(), 0);
        phones.wait_minutes(1);
        phones.ask().await;
        phones.ask().await;
        assert_eq!(phones.expo.questions().len(), 1, "missing");
        phones.expo.deliver();
        phones.wait_minutes(44);
        phones.ask().await;
        assert_eq!((phones.expo.questions().len(), statuses(&phones).await), (1, vec!["sent".to_owned()]));
        phones.wait_minutes(1);
        phones.ask().await;
        assert_eq!((phones.expo.questions().len(), statuses(&phones).await), (2, vec!["delivered".to_owned()]));
        assert_eq!(due(&phones).await, 0);
        phones.expo.faultless();
    }

    /// Four times within a day, and then nobody will ever know.
    async fn what_is_never_said_stays_unknown(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "ada").await;
        phones.hand(college.people.ada).await;
        phones.deliver().await;
        let mut asked_at = Vec::new();
        for half_hour in 1..=60 {
            phones.wait_minutes(30);
            let before = phones.expo.questions().len();
            phones.ask().await;
            if phones.expo.questions().len() > before {
                asked_at.push(half_hour);
            }
        }
        assert_eq!(asked_at, [1, 2, 12, 46]);
        assert_eq!((statuses(&phones).await, due(&phones).await), (vec!["unknown".to_owned()], 0));
    }

    /// An outage of the service costs no answer.
    async fn an_outage_postpones_the_question(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "ada").await;
        phones.hand(college.people.ada).await;
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(15);
        phones.expo.fail(Failure::Status(503, None));
        phones.ask().await;
        assert_eq!(due(&phones).await, 1);
        phones.ask().await;
        assert_eq!(phones.expo.questions().len(), 1, "not at once");
        phones.wait_minutes(2);
        phones.ask().await;
        assert_eq!(statuses(&phones).await, ["delivered"]);
    }

    /// A phone that is gone by what is said later is not used again, unless it was registered again since the notice was sent.
    async fn a_phone_that_is_gone_is_not_used_unless_it_came_back(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        phones.phone(ada, "gone-ada").await;
        phones.phone(ben, "gone-ben").await;
        for person in [ada, ben] {
            phones.hand(person).await;
        }
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(5);
        // Ben's app says once more that it is there.
        let same = phones.phone(ben, "gone-ben").await;
        phones.wait_minutes(10);
        phones.ask().await;
        assert_eq!(statuses(&phones).await, ["failed", "failed"]);
        assert_eq!((phones.live().await, phones.facts("push_device.disabled").await), (1, 1));
        assert_eq!(phones.phone(ben, "gone-ben").await, same);
        assert_eq!(phones.parcels(Status::Delivered).await.len(), 2, "nothing is sent again");
    }

    /// What a maker took too much of is sent again, with longer pauses each time, for a day.
    async fn what_was_too_much_is_sent_again(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "later-ada").await;
        phones.hand(college.people.ada).await;
        phones.expo.deliver();
        phones.deliver().await;
        phones.wait_minutes(15);
        phones.ask().await;
        assert_eq!(phones.parcels(Status::Waiting).await.len(), 1);
        assert_eq!(phones.deliver().await, 0, "there is a pause");
        for _ in 0..300 {
            phones.wait_minutes(5);
            phones.deliver().await;
            phones.ask().await;
        }
        let times = phones.expo.messages().len();
        assert!((6..=16).contains(&times), "{times}");
        assert_eq!(phones.parcels(Status::Waiting).await.len(), 0);
        phones.expo.faultless();
    }

    /// What comes after it in its lane waits for it, and is not forgotten.
    async fn what_is_sent_again_keeps_its_lane(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let ada = college.people.ada;
        phones.phone(ada, "later-ada").await;
        phones.hand(ada).await;
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(15);
        phones.ask().await;
        phones.hand(ada).await;
        phones.hand(ada).await;
        assert_eq!(phones.deliver().await, 0, "the first one is first");
        phones.wait_minutes(2);
        phones.deliver().await;
        assert_eq!(phones.expo.messages().len(), 4);
    }

    /// A word that nobody knows is worth one more attempt.
    async fn an_unknown_word_is_worth_one_attempt(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "odd-ada").await;
        phones.hand(college.people.ada).await;
        phones.expo.deliver();
        for _ in 0..40 {
            phones.deliver().await;
            phones.wait_minutes(10);
            phones.ask().await;
        }
        assert_eq!((phones.expo.messages().len(), statuses(&phones).await), (2, vec!["failed".to_owned(); 2]));
    }

    /// Somebody whose phone has another app, with credentials that are wrong, stops nobody's but theirs: neither by one phone nor by all they have,
    /// nor with others after whom something got through.
    async fn one_persons_phones_stop_nobody(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben, cleo) = (college.people.ada, college.people.ben, college.people.cleo);
        for n in 0..20 {
            phones.phone_of(ada, &format!("sender-{n}"), Platform::Android).await;
        }
        phones.phone_of(ben, "ben", Platform::Android).await;
        phones.hand(ada).await;
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(15);
        phones.ask().await;
        assert_eq!(must(stop::stopped(db.db(), db.clock_now()).await), []);
        assert_eq!(phones.number(EVIDENCE).await, 1, "of one person");
        phones.hand(ben).await;
        phones.deliver().await;
        assert!(phones.expo.phones().contains(&token("ben")));
        phones.wait_minutes(15);
        phones.ask().await;
        assert_eq!(phones.number(EVIDENCE).await, 0, "Ben's got through");
        // With Ada's, which are tried again, that is two.
        phones.phone_of(cleo, "sender-cleo", Platform::Android).await;
        phones.hand(cleo).await;
        phones.deliver().await;
        phones.wait_minutes(16);
        phones.ask().await;
        assert_eq!(phones.number(EVIDENCE).await, 2);
        assert_eq!(must(stop::stopped(db.db(), db.clock_now()).await), []);
    }

    /// Where several organisations have phones, those of one are no evidence.
    async fn one_organization_stops_no_other(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let phones = Phones::of(&college).await;
        phone(&other, other.people.ada, "sender-theirs", Platform::Android).await;
        let people = [college.people.ada, college.people.ben, college.people.cleo];
        for (n, person) in people.into_iter().enumerate() {
            phones.phone_of(person, &format!("sender-{n}"), Platform::Android).await;
            phones.hand(person).await;
        }
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(15);
        phones.ask().await;
        assert_eq!(must(stop::stopped(db.db(), db.clock_now()).await), []);
        let asset = other.asset("Camera").register().await;
        other.act(asset, crate::core::deploy(other.people.ada)).await;
        phones.deliver().await;
        phones.wait_minutes(15);
        phones.ask().await;
        assert_eq!(must(stop::stopped(db.db(), db.clock_now()).await).len(), 1, "two organisations are");
    }

    /// Where Google refuses our credentials, Android phones are left alone for an hour and iPhones are not; it is said where people look.
    async fn a_platform_that_refuses_us_is_left_alone(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        let (ada, ben) = (college.people.ada, college.people.ben);
        phones.phone_of(ada, "sender-ada", Platform::Android).await;
        phones.phone_of(ben, "ben", Platform::Ios).await;
        for name in ["Kim", "Noa"] {
            let other = college.member(&format!("{name} Example"), college.units.physics, &[]).await;
            phones.phone_of(other.person, &format!("sender-{name}"), Platform::Android).await;
            phones.hand(other.person).await;
        }
        let asset = phones.hand(ada).await;
        phones.deliver().await;
        phones.expo.deliver();
        phones.wait_minutes(15);
        phones.ask().await;
        let stops = must(stop::stopped(db.db(), db.clock_now()).await);
        assert_eq!((stops.len(), stops[0].platform, stops[0].code.as_str()), (1, Platform::Android, "MismatchSenderId"));
        phones.wait_minutes(5);
        phones.hand_again(asset, ada).await;
        phones.hand(ben).await;
        phones.deliver().await;
        let count = |name: &str| phones.expo.phones().iter().filter(|phone| **phone == token(name)).count();
        assert_eq!((count("sender-ada"), count("ben")), (1, 1));
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        let mut tab = habeo_tests::tab::Tab::of(&phones.app, &member).await;
        let page = tab.get("/settings/notices").await.text();
        assert!(page.contains("Android phones cannot be reached") && !page.contains("iPhones cannot"), "{page}");
        // An hour later it is tried again: what moved on is not told, what is so is.
        phones.wait_minutes(61);
        phones.deliver().await;
        assert_eq!(count("sender-ada"), 2);
        let page = tab.get("/settings/notices").await.text();
        assert!(!page.contains("cannot be reached"), "{page}");
    }

    /// What became of notices is forgotten with the notices.
    async fn tickets_are_forgotten_after_a_month(db: TestDb) {
        let college = College::found(&db).await;
        let phones = Phones::of(&college).await;
        phones.phone(college.people.ada, "ada").await;
        phones.hand(college.people.ada).await;
        phones.deliver().await;
        let upkeep = phones.app.app.worker().upkeep();
        must(upkeep.round().await);
        phones.wait_minutes(31 * 24 * 60);
        must(upkeep.round().await);
        assert_eq!((statuses(&phones).await, due(&phones).await), (Vec::new(), 0));
    }
}
