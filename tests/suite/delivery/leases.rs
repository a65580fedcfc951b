//! Parcels are there exactly if their fact is, and each is one worker's at a time.

use std::collections::HashSet;

use habeo_core::ledger::rebuild;
use habeo_core::outbox::lease::{LEASE_MICROS, Verdict};
use habeo_core::outbox::{Channel, Outcome, Status, store};
use habeo_core::time::{DAY_MICROS, SECOND_MICROS};
use habeo_tests::builders::{College, command};
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

use super::{
    Fake, Post, Refused, again, attempts, claim, count, delivered, foreign, outbox, parcel, post,
    settle, status,
};

/// How many rows each table has, but the parts of SQLite's full-text index.
async fn counts(db: &TestDb) -> Vec<(String, i64)> {
    let mut counts = db.raw().await.row_counts().await;
    // The parts of SQLite's full-text index, and a table in which a number that came back to nought may have left its row.
    counts.retain(|(table, _)| !table.starts_with("asset_search_") && table != "asset_group");
    counts
}

both_engines! {
    /// A unit of work that is refused leaves neither its fact nor its parcels, beside others that leave both.
    async fn a_parcel_is_there_if_its_fact_is(db: TestDb) {
        let college = College::found(&db).await;
        let mut asked = Vec::new();
        for n in 0..12 {
            let asset = college.asset(&format!("Camera {n}")).register().await;
            let post = Post {
                act: Some(command(asset, crate::core::deploy(college.people.ada))),
                parcels: vec![parcel(Channel::Webhook, "a"), parcel(Channel::Slack, "b")],
                refuse: n % 3 == 0,
            };
            let (ledger, access) = (db.ledger.clone(), college.access.clone());
            asked.push((n, asset, tokio::spawn(async move { ledger.record(&access, post).await })));
        }
        for (n, asset, answer) in asked {
            let kept = must(answer.await).is_ok();
            assert_eq!(kept, n % 3 != 0);
            let state = if kept { habeo_core::asset::State::InUse } else { habeo_core::asset::State::InStock };
            assert_eq!(college.state(asset).await, state);
        }
        assert_eq!(count(&college).await, (16, 16));
        let refused = Post { refuse: true, parcels: vec![parcel(Channel::Webhook, "a")], ..Post::default() };
        let refused = crate::core::refusal(db.ledger.record(&college.access, refused).await);
        assert_eq!(refused, Refused);
        assert_eq!(count(&college).await, (16, 16));
    }

    /// Eight workers at once deliver every parcel, and none of them twice.
    async fn eight_workers_deliver_each_parcel_once(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let lanes: Vec<String> = (0..150).map(|n| format!("lane {n}")).collect();
        let lanes: Vec<&str> = lanes.iter().map(String::as_str).collect();
        let mut posted = post(&college, Channel::Slack, &lanes).await;
        posted.extend(post(&other, Channel::Slack, &lanes).await);
        let fake = Fake::new(Channel::Slack, |_| delivered());
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let worker = fake.worker(&db.ledger);
                tokio::spawn(async move { must(worker.deliver_due().await) })
            })
            .collect();
        let mut made = 0;
        for worker in workers {
            made += must(worker.await);
        }
        let given: HashSet<_> = fake.given().iter().map(|leased| leased.id).collect();
        assert_eq!((made, fake.given().len()), (300, 300));
        assert_eq!(given, posted.into_iter().collect());
        assert_eq!(count(&college).await, (300, 0));
    }

    /// Whoever dies gives a parcel back when the lease ends, and settles nothing after that.
    async fn a_lease_ends_and_the_late_are_refused(db: TestDb) {
        let college = College::found(&db).await;
        let id = post(&college, Channel::Webhook, &["a"]).await[0];
        let first = claim(&college, Channel::Webhook).await.remove(0);
        assert_eq!((first.id, first.attempt), (id, 1));
        db.clock.advance_micros(LEASE_MICROS - 1);
        assert_eq!(claim(&college, Channel::Webhook).await, []);
        db.clock.advance_micros(1);
        let second = claim(&college, Channel::Webhook).await.remove(0);
        assert_eq!((second.id, second.attempt), (id, 2));
        assert_eq!(second.first_attempt_at, first.first_attempt_at);
        assert_eq!(settle(&college, &first, delivered()).await, Verdict::Late);
        assert_eq!(settle(&college, &first, again(None)).await, Verdict::Late);
        must(outbox(&college).give_back(college.org, &[first]).await);
        assert_eq!(status(&college, id).await, Status::Waiting);
        assert_eq!(claim(&college, Channel::Webhook).await, [], "it is the second's still");
        assert_eq!(settle(&college, &second, delivered()).await, Verdict::Delivered);
        assert_eq!(settle(&college, &second, delivered()).await, Verdict::Late);
        assert_eq!(status(&college, id).await, Status::Delivered);
        assert_eq!(attempts(&college, id).await, [(2, "delivered".to_owned())]);
    }

    /// Between sending and settling a node may die: the receiver gets the parcel again, under the same id.
    async fn what_was_sent_and_not_settled_is_sent_again(db: TestDb) {
        let college = College::found(&db).await;
        let id = post(&college, Channel::Teams, &["a"]).await[0];
        let sent = claim(&college, Channel::Teams).await.remove(0);
        let fake = Fake::new(Channel::Teams, |_| delivered());
        assert_eq!(must(fake.worker(&db.ledger).deliver_due().await), 0);
        db.clock.advance_micros(LEASE_MICROS);
        assert_eq!(must(fake.worker(&db.ledger).deliver_due().await), 1);
        let given = fake.given().remove(0);
        assert_eq!((given.id, given.attempt, &given.body), (sent.id, 2, &sent.body));
        assert_eq!(status(&college, id).await, Status::Delivered);
    }

    /// A receiver that asks for a pause is left alone for as long, and gets everything afterwards.
    async fn retry_after_is_kept_and_nothing_lost(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Slack, &["busy", "free", "busy"]).await;
        let fake = Fake::new(Channel::Slack, |leased| {
            if leased.lane == "busy" && leased.attempt == 1 { again(Some(120)) } else { delivered() }
        });
        let worker = fake.worker(&db.ledger);
        assert_eq!(must(worker.deliver_due().await), 2);
        db.clock.advance_micros(120 * SECOND_MICROS - 1);
        assert_eq!(must(worker.deliver_due().await), 0);
        db.clock.advance_micros(1);
        assert_eq!(must(worker.deliver_due().await), 1);
        db.clock.advance_micros(SECOND_MICROS);
        // The next of the lane is asked to wait as well.
        assert_eq!(must(worker.deliver_due().await), 1);
        db.clock.advance_micros(120 * SECOND_MICROS);
        assert_eq!(must(worker.deliver_due().await), 1);
        for id in &ids {
            assert_eq!(status(&college, *id).await, Status::Delivered);
        }
        assert_eq!(attempts(&college, ids[0]).await, [(1, "again".to_owned()), (2, "delivered".to_owned())]);
        let order: Vec<_> = fake.given().iter().filter(|leased| leased.lane == "busy").map(|leased| leased.id).collect();
        assert_eq!(order, [ids[0], ids[0], ids[2], ids[2]]);
    }

    /// After a day of failures a parcel is given up, which can be seen, and its lane goes on.
    async fn a_parcel_is_given_up_after_a_day(db: TestDb) {
        let college = College::found(&db).await;
        let begun = db.ledger.clock().now();
        let ids = post(&college, Channel::Slack, &["a", "a"]).await;
        let fake = Fake::new(Channel::Slack, {
            let doomed = ids[0];
            move |leased| if leased.id == doomed { again(None) } else { delivered() }
        });
        let worker = fake.worker(&db.ledger);
        while status(&college, ids[0]).await == Status::Waiting {
            must(worker.deliver_due().await);
            db.clock.advance_micros(60 * SECOND_MICROS);
            assert!(db.ledger.clock().now() <= begun.plus_micros(DAY_MICROS + 61 * SECOND_MICROS), "it is tried for ever");
        }
        let last = db.ledger.clock().now().micros() - begun.micros();
        assert!(last >= DAY_MICROS, "the last attempt is a day after the first");
        let made = attempts(&college, ids[0]).await;
        assert!((13..=16).contains(&made.len()), "{made:?}");
        let mut tx = db.read(&college.access).await;
        let dead = must(store::with_status(&mut tx, &college.access, Status::Dead, None, 10).await);
        drop(tx);
        assert_eq!(dead.iter().map(|sent| sent.id).collect::<Vec<_>>(), [ids[0]]);
        must(worker.deliver_due().await);
        assert_eq!(status(&college, ids[1]).await, Status::Delivered);
    }

    /// What a courier calls dead or obsolete is not tried again.
    async fn couriers_may_end_it(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Push, &["dead", "old"]).await;
        let long = "x".repeat(5_000);
        let fake = Fake::new(Channel::Push, move |leased| {
            let why = long.clone();
            if leased.lane == "dead" { Outcome::Dead { why } } else { Outcome::Obsolete { why } }
        });
        assert_eq!(must(fake.worker(&db.ledger).deliver_due().await), 2);
        assert_eq!(status(&college, ids[0]).await, Status::Dead);
        assert_eq!(status(&college, ids[1]).await, Status::Obsolete);
        let longest = db.raw().await.number("SELECT CAST(MAX(LENGTH(detail)) AS BIGINT) FROM outbox_attempt").await;
        assert_eq!(longest, 1_024);
        assert_eq!(count(&college).await, (2, 0));
    }

    /// Another organisation's parcels are as absent as ones that never were.
    async fn parcels_are_their_organisations(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let id = post(&college, Channel::Webhook, &["a"]).await[0];
        let mut tx = db.read(foreign(&other)).await;
        assert_eq!(must(store::by_id(&mut tx, foreign(&other), id).await), None);
        assert_eq!(must(store::attempts(&mut tx, foreign(&other), id).await), []);
        drop(tx);
        assert_eq!(must(outbox(&other).claim(other.org, Channel::Webhook, super::MANY).await), []);
        let leased = claim(&college, Channel::Webhook).await;
        let done: Vec<_> = leased.into_iter().map(|leased| (leased, delivered())).collect();
        assert_eq!(must(outbox(&other).settle(other.org, &done).await), [Verdict::Late]);
        assert_eq!(status(&college, id).await, Status::Waiting);
    }

    /// Making the tables again announces nothing, and keeps what was announced.
    async fn a_rebuild_sends_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Camera").register().await;
        college.act(asset, crate::core::deploy(college.people.ada)).await;
        post(&college, Channel::Slack, &["a", "a"]).await;
        let before = counts(&db).await;
        let owner = db.owner().await;
        must(rebuild::replace(&owner, &college.access).await);
        owner.close().await;
        assert_eq!(counts(&db).await, before);
        assert_eq!(count(&college).await, (2, 2));
    }

    /// What was done with is kept for a month; what waits, for as long as it does.
    async fn old_parcels_are_forgotten(db: TestDb) {
        let college = College::found(&db).await;
        let ids = post(&college, Channel::Webhook, &["a", "b"]).await;
        for leased in claim(&college, Channel::Webhook).await {
            if leased.id == ids[0] {
                settle(&college, &leased, delivered()).await;
            }
        }
        let now = db.ledger.clock().now();
        let month = now.plus_micros(store::KEPT_MICROS);
        assert_eq!(must(store::forget(db.db(), college.org, month).await), 0);
        assert_eq!(must(store::forget(db.db(), college.org, month.plus_micros(1)).await), 1);
        assert_eq!(count(&college).await, (1, 1));
        assert_eq!(attempts(&college, ids[0]).await, []);
    }
}
