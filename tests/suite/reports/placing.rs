//! What concerns nobody yet: kept sealed, placed when it is known whom it concerns, and forgotten in time.

use std::sync::Arc;

use habeo_core::inbox::Arrival;
use habeo_core::org::command::link_issuer;
use habeo_core::secret::MasterKey;
use habeo_core::time::{DAY_MICROS, SECOND_MICROS, Timestamp};
use habeo_core::unplaced::{self, Others, Report, Unplaced};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, ISSUER};
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::reports::{Clerk, SETTINGS, membership, organization};

fn report(key: &str, second: i64) -> Report<'_> {
    Report {
        source: "test",
        key,
        kind: "some.kind",
        happened_at: Timestamp::from_seconds(second),
    }
}

both_engines! {
    /// What waits is found in the order in which it happened, once; nothing of it can be read past the program.
    async fn what_waits_is_found_in_its_order(db: TestDb) {
        let unplaced = Unplaced::new(db.ledger.clone(), Arc::new(MasterKey::new(MASTER_KEY)));
        for (key, second, arrival) in [("b", 20, Arrival::First), ("a", 30, Arrival::First), ("c", 10, Arrival::First), ("a", 30, Arrival::Seen)] {
            let kept = unplaced.keep(report(key, second), "cus_1", b"planted words", Others::Stay).await;
            assert_eq!(must(kept), arrival, "{key}");
        }
        must(unplaced.keep(report("d", 5), "cus_2", b"other", Others::Stay).await);
        must(unplaced.note(report("e", 5)).await);
        let keys = async |waits_for: &str| {
            let waiting = must(unplaced.waiting("test", waits_for, None).await);
            waiting.into_iter().map(|one| one.key).collect::<Vec<_>>()
        };
        assert_eq!(keys("cus_1").await, ["c", "b", "a"]);
        assert_eq!(keys("cus_2").await, ["d"]);
        assert_eq!(must(unplaced.waiting("other", "cus_1", None).await), []);
        must(unplaced.placed("test", &["b"]).await);
        assert_eq!(keys("cus_1").await, ["c", "a"]);
        assert_eq!(must(unplaced.keep(report("b", 20), "cus_1", b"again", Others::Stay).await), Arrival::Seen);
        let mut raw = db.raw().await;
        for text in ["cus_1", "planted"] {
            let found = raw.number(&format!("SELECT COUNT(*) FROM unplaced WHERE waits_for LIKE '%{text}%' OR CAST(body_sealed AS TEXT) LIKE '%{text}%'")).await;
            assert_eq!(found, 0, "{text}");
        }
        // After thirty days even that it came is forgotten.
        db.clock.advance_micros(30 * DAY_MICROS + SECOND_MICROS);
        assert_eq!(must(unplaced::forget(db.db(), db.clock_now()).await), 5);
        assert_eq!(keys("cus_1").await, Vec::<String>::new());
    }

    /// Two hundred and fifty that wait are handed out in pages, each once, and what was placed is gone.
    async fn what_waits_comes_in_pages(db: TestDb) {
        let unplaced = Unplaced::new(db.ledger.clone(), Arc::new(MasterKey::new(MASTER_KEY)));
        let names: Vec<String> = (0..250).map(|n| format!("k{n:03}")).collect();
        for (n, name) in names.iter().enumerate() {
            // Many of one second.
            let second = i64::try_from(n / 40).unwrap_or(0);
            must(unplaced.keep(report(name, second), "org_1", b"said", Others::Stay).await);
        }
        let (mut after, mut seen, mut pages) = (None, Vec::new(), 0);
        loop {
            let page = must(unplaced.waiting("test", "org_1", after.as_ref()).await);
            let keys: Vec<&str> = page.iter().map(|one| one.key.as_str()).collect();
            if pages == 1 {
                must(unplaced.placed("test", &keys).await);
            }
            seen.extend(keys.iter().map(|key| (*key).to_owned()));
            let Some(last) = page.into_iter().next_back() else {
                break;
            };
            after = Some(last);
            pages += 1;
        }
        assert_eq!((seen, pages), (names, 3));
        let left = "SELECT COUNT(*) FROM unplaced WHERE body_sealed IS NOT NULL";
        assert_eq!(db.raw().await.number(left).await, 150);
    }

    /// Where only the latest counts, the earlier ones are known and say nothing any more, in whatever order they come.
    async fn of_an_account_only_the_latest_is_kept(db: TestDb) {
        let unplaced = Unplaced::new(db.ledger.clone(), Arc::new(MasterKey::new(MASTER_KEY)));
        for (key, second) in [("a", 10), ("c", 30), ("b", 20)] {
            must(unplaced.keep(report(key, second), "user_1", key.as_bytes(), Others::Go).await);
        }
        let waiting = must(unplaced.waiting("test", "user_1", None).await);
        assert_eq!(waiting.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!(must(unplaced.note(report("b", 20)).await), Arrival::Seen);
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM unplaced WHERE body_sealed IS NOT NULL").await, 1);
    }

    /// Where organisations are not made by reports, what is said of one waits until it is linked.
    async fn what_is_said_of_an_organization_waits_until_it_is_linked(db: TestDb) {
        let mut settings = SETTINGS.to_vec();
        settings.push(("HABEO_CLERK_CREATE_ORGANIZATIONS", "false"));
        let app = TestApp::configured(&db, &settings).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        assert_eq!(clerk.reports("msg_1", "organizationMembership.created", membership("orgmem_1", "org_later", "user_1", "org:member", now)).await, "unlinked");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM org_directory").await, 1);
        must(link_issuer(&db.ledger, college.org, ISSUER, "org_later").await);
        assert_eq!(clerk.reports("msg_2", "organization.updated", organization("org_later", now + 1)).await, "accepted");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM person_identity WHERE subject = 'user_1'").await, 1);
    }
}
