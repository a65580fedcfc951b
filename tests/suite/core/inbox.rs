//! What comes in: once, durable, in order, and worked off in spite of everything.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use habeo_core::endpoint::delivery::lease;
use habeo_core::endpoint::handing::{Hand, Limits, Place, Ready};
use habeo_core::id::{ConnectionId, EndpointId, OrgId, RunId};
use habeo_core::inbox::worker::{Handler, Settings, Worker};
use habeo_core::inbox::{
    ATTEMPTS_MAX, About, Arrival, BODY_BYTES_MAX, Inbox, Incoming, KEPT_MICROS, LEASE_MICROS,
    Received, Refusal, Verdict,
};
use habeo_core::ledger::{Ledger, tree};
use habeo_core::store::Engine;
use habeo_core::time::{MINUTE_MICROS, SECOND_MICROS};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

fn inbox(db: &TestDb) -> Inbox {
    Inbox::new(db.ledger.clone(), master_key())
}

/// A process that takes work and hears of none.
#[derive(Debug)]
struct Deaf(RunId);

impl Hand for Deaf {
    fn run(&self) -> RunId {
        self.0
    }

    fn place(&self, _: OrgId, _: EndpointId, _: Limits) -> Option<Place> {
        None
    }

    fn take(&self, _: Vec<Ready>) {}

    fn look(&self) {}
}

fn run(db: &TestDb) -> RunId {
    RunId::generate(db.clock_now(), db.ledger.random())
}

/// Another node on the same database.
async fn another_node(db: &TestDb) -> (Inbox, Ledger) {
    let random = db.ledger.shared_random();
    let ledger = Ledger::new(db.spare().await, Arc::clone(&db.clock) as _, random);
    (Inbox::new(ledger.clone(), master_key()), ledger)
}

fn message<'a>(org: OrgId, key: &'a str, lane: Option<&'a str>) -> Incoming<'a> {
    Incoming {
        org,
        source: "slack",
        key,
        lane,
        body: key.as_bytes(),
        about: About::default(),
    }
}

async fn receive(inbox: &Inbox, org: OrgId, key: &str, lane: Option<&str>) -> Arrival {
    must(inbox.receive(message(org, key, lane)).await)
}

async fn claim(inbox: &Inbox, most: usize) -> Vec<Received> {
    must(inbox.claim("slack", most).await)
}

fn keys(received: &[Received]) -> Vec<&str> {
    received.iter().map(|one| one.key.as_str()).collect()
}

fn again() -> Verdict {
    Verdict::Again {
        at: None,
        why: "not yet".to_owned(),
    }
}

async fn waiting(db: &TestDb) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM inbox_directory";
    db.raw().await.number(sql).await
}

/// What a handler was given, and what it says to it.
#[derive(Debug, Default)]
struct Script {
    seen: Mutex<Vec<String>>,
    verdicts: Mutex<HashMap<String, Vec<Verdict>>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    pause: Duration,
}

#[derive(Debug, Clone)]
struct Scripted(Arc<Script>);

impl Handler for Scripted {
    async fn handle(&self, received: &Received) -> Verdict {
        let now = self.0.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most_at_once.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.0.pause).await;
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
        self.0
            .seen
            .lock()
            .expect("whole")
            .push(received.key.clone());
        assert!(
            received.key != "panics" || received.attempt > 1,
            "the first time"
        );
        let mut verdicts = self.0.verdicts.lock().expect("whole");
        let next = verdicts.get_mut(&received.key).and_then(Vec::pop);
        next.unwrap_or(Verdict::Done)
    }
}

/// A handler of several messages together.
#[derive(Debug, Clone)]
struct Together(Scripted);

impl Handler for Together {
    const TOGETHER_MAX: usize = 8;

    async fn handle(&self, received: &Received) -> Verdict {
        self.0.handle(received).await
    }
}

/// A message of a connection.
async fn letter(inbox: &Inbox, org: OrgId, connection: ConnectionId, key: &str) -> Arrival {
    let about = About {
        connection: Some(connection),
        ..About::default()
    };
    let message = Incoming {
        about,
        ..message(org, key, None)
    };
    must(inbox.receive(message).await)
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain");
}

both_engines! {
    /// What a process had claimed that died is worked off by another as soon as it is taken for dead, and not a minute later.
    async fn what_the_dead_had_is_taken_over(db: TestDb) {
        let college = College::found(&db).await;
        let (one, other) = (run(&db), run(&db));
        db.ledger.hand_over_to(Arc::new(Deaf(one)));
        let inbox = inbox(&db);
        receive(&inbox, college.org, "a", Some("lane")).await;
        receive(&inbox, college.org, "b", Some("lane")).await;
        let held = claim(&inbox, 8).await;
        assert_eq!(keys(&held), ["a"]);
        let truth = must(lease::time(db.db(), db.clock_now()).await);
        must(lease::live(db.db(), one, truth).await);
        let (next, _) = another_node(&db).await;
        // Not yet, and not by whoever has not lived steadily. One process serves a SQLite file: there whoever was before is dead.
        for (seconds, steady) in [(2, true), (10, true), (12, false)] {
            let judged = truth.plus_micros(seconds * SECOND_MICROS);
            if db.engine() == Engine::Postgres {
                must(lease::inherit(db.db(), other, (judged, db.clock_now()), steady).await);
                assert_eq!(claim(&next, 8).await.len(), 0, "{seconds} s");
            }
        }
        let judged = truth.plus_micros(12 * SECOND_MICROS);
        must(lease::inherit(db.db(), other, (judged, db.clock_now()), true).await);
        let taken = claim(&next, 8).await;
        assert_eq!((keys(&taken), taken[0].attempt), (vec!["a"], 2));
        assert!(!must(inbox.settle(&held[0], Verdict::Done).await));
        assert!(must(next.settle(&taken[0], Verdict::Done).await));
        assert_eq!(keys(&claim(&next, 8).await), ["b"]);
    }

    /// A flood of one organisation leaves the others their turn.
    async fn every_organization_has_its_turn(db: TestDb) {
        let loud = College::found(&db).await;
        let quiet = [College::found_as(&db, "eastmark").await, College::found_as(&db, "southmark").await];
        let inbox = inbox(&db);
        for n in 0..40 {
            receive(&inbox, loud.org, &format!("Ev{n}"), None).await;
        }
        for college in &quiet {
            receive(&inbox, college.org, "Ev0", None).await;
        }
        let first = claim(&inbox, 4).await;
        let of = |org| first.iter().filter(|one| one.org == org).count();
        assert_eq!((of(loud.org), of(quiet[0].org), of(quiet[1].org)), (2, 1, 1));
        for college in &quiet {
            receive(&inbox, college.org, "Ev1", None).await;
        }
        let mut next = Vec::new();
        for _ in 0..3 {
            next.extend(claim(&inbox, 1).await.into_iter().map(|one| one.org));
        }
        next.sort_unstable();
        let mut each = vec![loud.org, quiet[0].org, quiet[1].org];
        each.sort_unstable();
        assert_eq!(next, each);
        assert_eq!(claim(&inbox, 100).await.len(), 37, "what is left is all of the loud one");
    }

    /// A message that cannot be opened keeps nobody else waiting.
    async fn a_message_that_cannot_be_opened_stops_no_other(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        receive(&inbox, college.org, "Ev1", None).await;
        must(db.raw().await.execute("UPDATE inbox SET body_sealed = NULL").await);
        receive(&inbox, college.org, "Ev2", None).await;
        assert_eq!(keys(&claim(&inbox, 10).await), ["Ev2"]);
    }

    /// Two nodes are given each of twenty messages ten times at once: each is new once, in each organization.
    async fn a_message_comes_in_once(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (theirs, ledger) = another_node(&db).await;
        let ours = inbox(&db);
        let arriving = (0..400_usize).map(|n| {
            let inbox = if n % 2 == 0 { ours.clone() } else { theirs.clone() };
            let org = if n % 40 < 20 { college.org } else { other.org };
            tokio::spawn(async move { receive(&inbox, org, &format!("Ev{}", n % 20), Some("C1")).await })
        });
        let mut first = 0;
        for one in arriving.collect::<Vec<_>>() {
            first += usize::from(must(one.await) == Arrival::First);
        }
        assert_eq!(first, 40);
        assert_eq!(waiting(&db).await, 40);
        assert_eq!(must(ours.backlog("slack").await), 40);
        assert_eq!(receive(&ours, college.org, "Ev1", None).await, Arrival::Seen);
        let teams = Incoming { source: "teams", ..message(college.org, "Ev1", None) };
        assert_eq!(must(ours.receive(teams).await), Arrival::First);
        ledger.db().close().await;
    }

    /// Bounds are refused, a megabyte is not, and nothing that was said stands in the database as it was.
    async fn messages_are_bounded_and_sealed(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        let large = vec![b'x'; BODY_BYTES_MAX + 1];
        let said = |key, body| Incoming { body, ..message(college.org, key, None) };
        assert!(matches!(inbox.receive(said("Ev1", &large)).await, Err(Refusal::TooLarge)));
        let long = "E".repeat(256);
        for key in ["", "a b", "ä", &long] {
            assert!(matches!(inbox.receive(said(key, b"x")).await, Err(Refusal::BadKey)), "{key}");
        }
        must(inbox.receive(said("Ev1", &large[1..])).await);
        must(inbox.receive(said("Ev2", b"deploy it to Ada")).await);
        let hex = match db.engine() {
            Engine::Sqlite => "SELECT lower(hex(body_sealed)) FROM inbox WHERE key = 'Ev2'",
            Engine::Postgres => "SELECT encode(body_sealed, 'hex') FROM inbox WHERE key = 'Ev2'",
        };
        let sealed = db.raw().await.texts(hex).await.concat();
        let plain = tree::hex(b"Ada");
        assert!(sealed.len() > 100 && !sealed.contains(&plain));
        let received = claim(&inbox, 5).await;
        assert_eq!(received.iter().map(|one| one.body.len()).collect::<Vec<_>>(), [BODY_BYTES_MAX, 16]);
        for one in &received {
            assert!(must(inbox.settle(one, Verdict::Done).await));
        }
        let left = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM inbox WHERE body_sealed IS NOT NULL").await;
        assert_eq!((left, waiting(&db).await), (0, 0));
        assert_eq!(receive(&inbox, college.org, "Ev2", None).await, Arrival::Seen);
    }

    /// Of a lane one message is worked off at a time, the oldest first, also while it has to wait; lanes do not wait for each other.
    async fn a_lane_keeps_its_order(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let inbox = inbox(&db);
        for (key, lane) in [("a1", Some("a")), ("a2", Some("a")), ("b1", Some("b")), ("x", None), ("a3", Some("a")), ("y", None)] {
            receive(&inbox, college.org, key, lane).await;
        }
        receive(&inbox, other.org, "o1", Some("a")).await;
        let first = claim(&inbox, 10).await;
        assert_eq!(keys(&first), ["a1", "b1", "x", "y", "o1"]);
        assert_eq!(keys(&claim(&inbox, 10).await), [""; 0]);
        must(inbox.settle(&first[0], again()).await);
        must(inbox.settle(&first[1], Verdict::Done).await);
        assert_eq!(keys(&claim(&inbox, 10).await), [""; 0], "a1 rests, and a2 waits for it");
        db.clock.advance_micros(SECOND_MICROS);
        let second = claim(&inbox, 10).await;
        assert_eq!((keys(&second), second[0].attempt), (vec!["a1"], 2));
        must(inbox.settle(&second[0], Verdict::Dead { why: "never".to_owned() }).await);
        let third = claim(&inbox, 10).await;
        assert_eq!(keys(&third), ["a2"]);
        must(inbox.settle(&third[0], Verdict::Done).await);
        assert_eq!(keys(&claim(&inbox, 1).await), ["a3"]);
    }

    /// A node that claims and dies: when the claim has run out another goes on, and what the first one says then is not heard.
    async fn what_was_claimed_and_lost_is_claimed_again(db: TestDb) {
        let college = College::found(&db).await;
        let ours = inbox(&db);
        receive(&ours, college.org, "a1", Some("a")).await;
        receive(&ours, college.org, "a2", Some("a")).await;
        let lost = claim(&ours, 10).await;
        assert_eq!(keys(&lost), ["a1"]);
        let (theirs, ledger) = another_node(&db).await;
        assert_eq!(keys(&claim(&theirs, 10).await), [""; 0]);
        db.clock.advance_micros(LEASE_MICROS);
        let found = claim(&theirs, 10).await;
        assert_eq!((keys(&found), found[0].attempt), (vec!["a1"], 2));
        assert!(!must(ours.settle(&lost[0], Verdict::Done).await));
        assert!(must(theirs.settle(&found[0], Verdict::Done).await));
        assert!(!must(theirs.settle(&found[0], Verdict::Done).await), "settled once");
        assert_eq!(keys(&claim(&ours, 10).await), ["a2"]);
        ledger.db().close().await;
    }

    /// Two nodes that claim at once share what there is, and no message is had by both.
    async fn no_message_is_claimed_twice(db: TestDb) {
        let college = College::found(&db).await;
        let ours = inbox(&db);
        let (theirs, ledger) = another_node(&db).await;
        for n in 0..120 {
            let lane = format!("lane-{}", n % 60);
            receive(&ours, college.org, &format!("Ev{n}"), Some(&lane)).await;
        }
        let claims = (0..12).map(|n| {
            let inbox = if n % 2 == 0 { ours.clone() } else { theirs.clone() };
            tokio::spawn(async move { claim(&inbox, 9).await })
        });
        let mut had = Vec::new();
        for one in claims.collect::<Vec<_>>() {
            had.extend(must(one.await).into_iter().map(|one| one.key));
        }
        had.extend(claim(&ours, 60).await.into_iter().map(|one| one.key));
        let count = had.len();
        had.sort_unstable();
        had.dedup();
        assert_eq!((count, had.len()), (60, 60), "the first of each lane, once");
        ledger.db().close().await;
    }

    /// What fails rests longer each time and is given up after the fifth; what ends its worker is given up as well. Both can be seen.
    async fn what_never_succeeds_is_given_up(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        receive(&inbox, college.org, "fails", None).await;
        for attempt in 1..=ATTEMPTS_MAX {
            let received = claim(&inbox, 1).await;
            assert_eq!(received[0].attempt, attempt);
            must(inbox.settle(&received[0], again()).await);
            assert_eq!(keys(&claim(&inbox, 1).await), [""; 0]);
            db.clock.advance_micros(2 * MINUTE_MICROS);
        }
        receive(&inbox, college.org, "kills", None).await;
        for _ in 1..=ATTEMPTS_MAX {
            assert_eq!(keys(&claim(&inbox, 1).await), ["kills"]);
            db.clock.advance_micros(LEASE_MICROS);
        }
        assert_eq!(keys(&claim(&inbox, 1).await), [""; 0]);
        assert_eq!(waiting(&db).await, 0);
        let dead = must(inbox.dead(&college.access, 10).await);
        let seen: Vec<_> = dead.iter().map(|dead| (dead.key.as_str(), dead.error.as_deref().unwrap_or_default())).collect();
        assert_eq!(seen, [("kills", "begun again and again, and never finished"), ("fails", "not yet")]);
        let other = College::found_as(&db, "eastmark").await;
        assert_eq!(must(inbox.dead(&other.access, 10).await), []);
    }

    /// The worker takes what is there and what comes, so many at once, and is not ended by a handler that is.
    async fn the_worker_works_off_what_comes(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        let script = Arc::new(Script { pause: Duration::from_millis(5), ..Script::default() });
        for n in 0..20 {
            receive(&inbox, college.org, &format!("before-{n}"), None).await;
        }
        let settings = Settings { at_once: 3, look_every: Duration::from_mins(1) };
        let worker = Worker::new(inbox.clone(), "slack", Scripted(Arc::clone(&script)), settings);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        until(async || waiting(&db).await == 0).await;
        for n in 0..10 {
            receive(&inbox, college.org, &format!("after-{n}"), Some("lane")).await;
        }
        receive(&inbox, college.org, "panics", None).await;
        until(async || waiting(&db).await == 1).await;
        must(stop.send(()));
        must(running.await);
        assert_eq!(script.most_at_once.load(Ordering::SeqCst), 3);
        let seen = script.seen.lock().expect("whole").clone();
        assert_eq!(seen.len(), 31);
        let laned: Vec<&String> = seen.iter().filter(|key| key.starts_with("after-")).collect();
        assert!(laned.is_sorted(), "{laned:?}");
        db.clock.advance_micros(SECOND_MICROS);
        let later = Worker::new(inbox, "slack", Scripted(script), settings);
        assert_eq!(must(later.run_until_idle().await), 1);
        assert_eq!(waiting(&db).await, 0);
    }

    /// Messages of more connections than there are places wait for one, and what found none when it stops is as if it had never been claimed.
    async fn a_worker_begins_no_more_than_it_may(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        for n in 0..24_u128 {
            let connection = ConnectionId::from_uuid(uuid::Uuid::from_u128(n / 2 + 1));
            letter(&inbox, college.org, connection, &format!("Ev{n}")).await;
        }
        let settings = Settings { at_once: 2, look_every: Duration::from_mins(1) };
        let script = Arc::new(Script { pause: Duration::from_millis(100), ..Script::default() });
        let handler = Together(Scripted(Arc::clone(&script)));
        let worker = Worker::new(inbox.clone(), "slack", handler.clone(), settings);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        let seen = || script.seen.lock().expect("whole").len();
        until(async || seen() >= 3).await;
        must(stop.send(()));
        must(running.await);
        let begun = seen();
        assert!(begun < 16, "it stopped with most of what it had claimed not begun: {begun}");
        assert_eq!(waiting(&db).await, i64::try_from(24 - begun).unwrap_or(-1));
        let left = claim(&inbox, 24).await;
        assert_eq!(left.len(), 24 - begun);
        assert!(left.iter().all(|one| one.attempt == 1), "what was not begun does not count");
        for one in &left {
            assert!(must(inbox.settle(one, again()).await));
        }
        db.clock.advance_micros(MINUTE_MICROS);
        let worker = Worker::new(inbox.clone(), "slack", handler, settings);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        until(async || waiting(&db).await == 0).await;
        must(stop.send(()));
        must(running.await);
        assert_eq!(script.most_at_once.load(Ordering::SeqCst), 2);
        assert_eq!(seen(), 24);
    }

    /// After thirty days it is forgotten that something came in, whatever became of it.
    async fn what_is_old_is_removed(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let inbox = inbox(&db);
        for n in 0..7 {
            receive(&inbox, college.org, &format!("Ev{n}"), None).await;
        }
        receive(&inbox, other.org, "Ev0", None).await;
        let one = claim(&inbox, 1).await;
        must(inbox.settle(&one[0], Verdict::Done).await);
        db.clock.advance_micros(KEPT_MICROS);
        assert_eq!(must(inbox.sweep().await), 0);
        receive(&inbox, college.org, "new", None).await;
        db.clock.advance_micros(1);
        assert_eq!(must(inbox.sweep().await), 8);
        assert_eq!((waiting(&db).await, must(inbox.backlog("slack").await)), (1, 1));
        assert_eq!(receive(&inbox, college.org, "Ev0", None).await, Arrival::First);
    }

    /// A thousand that come in at once are all stored, and each is worked off once.
    async fn many_come_in_at_once(db: TestDb) {
        let college = College::found(&db).await;
        let inbox = inbox(&db);
        let arriving = (0..1_000).map(|n| {
            let (inbox, org) = (inbox.clone(), college.org);
            tokio::spawn(async move { receive(&inbox, org, &format!("Ev{n}"), Some(&format!("lane-{}", n % 50))).await })
        });
        for one in arriving.collect::<Vec<_>>() {
            assert_eq!(must(one.await), Arrival::First);
        }
        assert_eq!(waiting(&db).await, 1_000);
        let script = Arc::new(Script::default());
        let worker = Worker::new(inbox, "slack", Scripted(Arc::clone(&script)), Settings { at_once: 50, ..Settings::default() });
        assert_eq!(must(worker.run_until_idle().await), 1_000);
        let seen = script.seen.lock().expect("whole").clone();
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 1_000, "each once");
    }
}

/// While nothing can be stored, one organization's flood is refused beyond its share, and leaves the others theirs: on SQLite they wait in one
/// queue.
async fn a_flood_leaves_the_others_their_share(db: TestDb) {
    let loud = College::found(&db).await;
    let quiet = College::found_as(&db, "eastmark").await;
    let inbox = inbox(&db);
    let mut lock = db.raw().await;
    must(lock.execute("BEGIN IMMEDIATE").await);
    let refused = Arc::new(AtomicUsize::new(0));
    let arriving = |org, key: String| {
        let (inbox, refused) = (inbox.clone(), Arc::clone(&refused));
        tokio::spawn(async move {
            match inbox.receive(message(org, &key, None)).await {
                Ok(arrival) => assert_eq!(arrival, Arrival::First),
                Err(Refusal::Store(_)) => drop(refused.fetch_add(1, Ordering::SeqCst)),
                Err(other) => panic!("{other}"),
            }
        })
    };
    let flood: Vec<_> = (0..2_100)
        .map(|n| arriving(loud.org, format!("Ev{n}")))
        .collect();
    until(async || refused.load(Ordering::SeqCst) == 52).await;
    let others: Vec<_> = (0..10)
        .map(|n| arriving(quiet.org, format!("Ev{n}")))
        .collect();
    must(lock.execute("ROLLBACK").await);
    for one in flood.into_iter().chain(others) {
        must(one.await);
    }
    assert_eq!(refused.load(Ordering::SeqCst), 52);
    assert_eq!(waiting(&db).await, 2_058);
    assert_eq!(
        receive(&inbox, loud.org, "another", None).await,
        Arrival::First,
        "there is room again"
    );
}

#[test]
fn one_queue_has_room_for_all() {
    habeo_tests::database::on_sqlite(a_flood_leaves_the_others_their_share);
}
