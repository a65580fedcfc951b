//! What comes in from connections: noted with what came of it, kept to be looked at and worked off again, and worked off together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use habeo_core::access::Role;
use habeo_core::connection::Provider;
use habeo_core::explain::Explain as _;
use habeo_core::id::{ConnectionId, OrgId};
use habeo_core::inbox::worker::{Handler, Settings, Worker};
use habeo_core::inbox::{
    ATTEMPTS_MAX, About, Arrival, Delivery, Inbox, Incoming, KEPT_MICROS, Outcome, Progress,
    Received, ReplayRefusal, Verdict,
};
use habeo_core::time::{MINUTE_MICROS, SECOND_MICROS};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::builders::connection::new_connection;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

const SOURCE: &str = "mdm";

fn inbox(db: &TestDb) -> Inbox {
    Inbox::new(db.ledger.clone(), master_key())
}

async fn connect(college: &College) -> ConnectionId {
    let new = new_connection(Provider::Jamf, "Main campus", master_key());
    must(college.db.ledger.record(&college.access, new).await).0
}

/// A letter of a connection that says its key.
fn letter(org: OrgId, connection: ConnectionId, key: &str) -> Incoming<'_> {
    Incoming {
        org,
        source: SOURCE,
        key,
        lane: None,
        body: key.as_bytes(),
        about: About {
            connection: Some(connection),
            kind: Some("ComputerCheckIn"),
            ignored: None,
            keep: true,
        },
    }
}

async fn receive(inbox: &Inbox, letter: Incoming<'_>) -> Arrival {
    must(inbox.receive(letter).await)
}

async fn deliveries(inbox: &Inbox, college: &College, connection: ConnectionId) -> Vec<Delivery> {
    must(inbox.deliveries(&college.access, connection, 100).await)
}

async fn only(inbox: &Inbox, college: &College, connection: ConnectionId) -> Delivery {
    let mut all = deliveries(inbox, college, connection).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn noted(outcome: Outcome, why: Option<&str>) -> Verdict {
    let why = why.map(ToOwned::to_owned);
    Verdict::Noted { outcome, why }
}

/// What was worked off together, and what is said to each key; whoever meets `poison` panics.
#[derive(Debug, Default)]
struct Script {
    shares: Mutex<Vec<Vec<String>>>,
    verdicts: Mutex<HashMap<String, Verdict>>,
    /// Says one verdict too few.
    forgetful: bool,
}

#[derive(Debug, Clone)]
struct Together(Arc<Script>);

impl Together {
    fn new(script: Script) -> (Self, Arc<Script>) {
        let script = Arc::new(script);
        (Self(Arc::clone(&script)), script)
    }

    fn say(&self, keys: &[Received]) -> Vec<Verdict> {
        let share: Vec<String> = keys.iter().map(|one| one.key.clone()).collect();
        self.0.shares.lock().expect("whole").push(share);
        assert!(keys.iter().all(|one| one.key != "poison"), "poisoned");
        let verdicts = self.0.verdicts.lock().expect("whole");
        let applied = || noted(Outcome::Applied, None);
        keys.iter()
            .map(|one| verdicts.get(&one.key).cloned().unwrap_or_else(applied))
            .collect()
    }
}

impl Handler for Together {
    const TOGETHER_MAX: usize = 4;

    async fn handle(&self, received: &Received) -> Verdict {
        let mut verdicts = self.say(std::slice::from_ref(received));
        verdicts.remove(0)
    }

    async fn handle_together(&self, received: &[Received]) -> Vec<Verdict> {
        let mut verdicts = self.say(received);
        if self.0.forgetful {
            verdicts.pop();
        }
        verdicts
    }
}

fn worker(inbox: &Inbox, handler: Together) -> Worker<Together> {
    Worker::new(inbox.clone(), SOURCE, handler, Settings::default())
}

fn shares(script: &Script) -> Vec<Vec<String>> {
    std::mem::take(&mut *script.shares.lock().expect("whole"))
}

both_engines! {
    /// What came in says what it was, what came of it and why; what is of no interest is noted and not worked off.
    async fn a_delivery_says_what_came_of_it(db: TestDb) {
        let college = College::found(&db).await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        assert_eq!(must(inbox.latest(&college.access, &[id]).await), [None]);
        let outcomes = [
            ("applied", Outcome::Applied, None),
            ("stale", Outcome::Stale, Some("older than what is known")),
            ("held", Outcome::Held, Some("two assets have this serial number")),
            ("unreadable", Outcome::Unreadable, Some("no serial number")),
        ];
        let script = Script::default();
        for (key, outcome, why) in outcomes {
            db.clock.advance_micros(1);
            receive(&inbox, letter(college.org, id, key)).await;
            script.verdicts.lock().expect("whole").insert(key.to_owned(), noted(outcome, why));
        }
        db.clock.advance_micros(1);
        let ignored = letter(college.org, id, "ignored");
        let about = About { ignored: Some("Habeo does not follow pushes"), kind: Some("PushSent"), ..ignored.about };
        assert_eq!(receive(&inbox, Incoming { about, ..ignored }).await, Arrival::First);
        let came = db.clock_now();
        let waiting: Vec<_> = deliveries(&inbox, &college, id).await.iter().map(|one| (one.progress, one.outcome)).collect();
        assert_eq!(waiting[0], (Progress::Done, Some(Outcome::Ignored)));
        assert_eq!(waiting[1..], [(Progress::Waiting, None); 4]);
        assert_eq!(must(inbox.backlog(SOURCE).await), 4);
        db.clock.advance_micros(SECOND_MICROS);
        let (handler, script) = Together::new(script);
        assert_eq!(must(worker(&inbox, handler).run_until_idle().await), 4);
        assert_eq!(shares(&script), [["applied", "stale", "held", "unreadable"]]);
        let all = deliveries(&inbox, &college, id).await;
        let said: Vec<_> = all.iter().rev().map(|one| (one.outcome, one.why.as_deref())).collect();
        let mut expected: Vec<_> = outcomes.iter().map(|(_, outcome, why)| (Some(*outcome), *why)).collect();
        expected.push((Some(Outcome::Ignored), Some("Habeo does not follow pushes")));
        assert_eq!(said, expected);
        let last = &all[0];
        assert_eq!((last.kind.as_deref(), last.received_at, last.settled_at, last.attempts), (Some("PushSent"), came, Some(came), 0));
        let before = &all[1];
        assert_eq!((before.connection, before.kind.as_deref(), before.attempts), (id, Some("ComputerCheckIn"), 1));
        assert_eq!((before.progress, before.settled_at), (Progress::Done, Some(db.clock_now())));
        assert_eq!(must(inbox.latest(&college.access, &[id]).await), [Some(came)]);
        assert_eq!(must(inbox.deliveries(&college.access, id, 2).await).len(), 2);
        assert_eq!(must(inbox.delivery(&college.access, before.id).await).as_ref(), Some(before));
    }

    /// What comes again is counted and not worked off again, however far the first one is, and also when all come at once.
    async fn repeats_are_counted(db: TestDb) {
        let college = College::found(&db).await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        let arriving = (0..40).map(|_| {
            let (inbox, org) = (inbox.clone(), college.org);
            tokio::spawn(async move { receive(&inbox, letter(org, id, "Ev1")).await })
        });
        let mut first = 0;
        for one in arriving.collect::<Vec<_>>() {
            first += usize::from(must(one.await) == Arrival::First);
        }
        assert_eq!(first, 1);
        assert_eq!(only(&inbox, &college, id).await.repeats, 39);
        let (handler, script) = Together::new(Script::default());
        let worker = worker(&inbox, handler);
        assert_eq!(must(worker.run_until_idle().await), 1);
        assert_eq!(receive(&inbox, letter(college.org, id, "Ev1")).await, Arrival::Seen);
        assert_eq!(must(worker.run_until_idle().await), 0);
        let one = only(&inbox, &college, id).await;
        assert_eq!((one.repeats, one.outcome, shares(&script).len()), (40, Some(Outcome::Applied), 1));
    }

    /// What a delivery said is kept where that was asked for, to the byte, until it is forgotten that it came in.
    async fn what_was_said_is_kept_for_thirty_days(db: TestDb) {
        let college = College::found(&db).await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        let body = b"{\"a\": \xff\x00\r\n}".as_slice();
        receive(&inbox, Incoming { body, ..letter(college.org, id, "kept") }).await;
        let about = About { keep: false, ..letter(college.org, id, "gone").about };
        receive(&inbox, Incoming { about, ..letter(college.org, id, "gone") }).await;
        let all = deliveries(&inbox, &college, id).await;
        assert!(all.iter().all(|one| one.kept), "until it is worked off each is");
        let (handler, _) = Together::new(Script::default());
        assert_eq!(must(worker(&inbox, handler).run_until_idle().await), 2);
        let all = deliveries(&inbox, &college, id).await;
        let (kept, gone): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.kept);
        assert_eq!(must(inbox.letter(&college.access, kept[0].id).await), body);
        assert!(matches!(inbox.letter(&college.access, gone[0].id).await, Err(ReplayRefusal::Gone)));
        assert!(matches!(inbox.replay(&college.access, gone[0].id).await, Err(ReplayRefusal::Gone)));
        db.clock.advance_micros(KEPT_MICROS + 1);
        assert_eq!(must(inbox.sweep().await), 2);
        assert!(matches!(inbox.letter(&college.access, kept[0].id).await, Err(ReplayRefusal::Unknown)));
        assert_eq!(deliveries(&inbox, &college, id).await, []);
    }

    /// What was worked off, given up or ignored is worked off again when somebody asks, and one that waits only once.
    async fn a_delivery_is_worked_off_again(db: TestDb) {
        let college = College::found(&db).await;
        let admin = college.administrator().await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        let ignored = letter(college.org, id, "ignored");
        let about = About { ignored: Some("not followed"), ..ignored.about };
        receive(&inbox, Incoming { about, ..ignored }).await;
        for key in ["stale", "dead"] {
            db.clock.advance_micros(1);
            receive(&inbox, letter(college.org, id, key)).await;
        }
        let script = Script::default();
        {
            let mut verdicts = script.verdicts.lock().expect("whole");
            verdicts.insert("stale".to_owned(), noted(Outcome::Stale, Some("older")));
            verdicts.insert("dead".to_owned(), Verdict::Dead { why: "a fault of ours".to_owned() });
        }
        let (handler, script) = Together::new(script);
        let worker = worker(&inbox, handler);
        let waiting = deliveries(&inbox, &college, id).await;
        assert!(matches!(inbox.replay(&admin, waiting[0].id).await, Err(ReplayRefusal::Waiting)));
        assert_eq!(must(worker.run_until_idle().await), 2);
        let before = deliveries(&inbox, &college, id).await;
        assert_eq!((before[0].progress, before[0].why.as_deref()), (Progress::Dead, Some("a fault of ours")));
        script.verdicts.lock().expect("whole").clear();
        shares(&script);
        db.clock.advance_micros(MINUTE_MICROS);
        for one in &before {
            must(inbox.replay(&admin, one.id).await);
            assert!(matches!(inbox.replay(&admin, one.id).await, Err(ReplayRefusal::Waiting)));
        }
        let again = deliveries(&inbox, &college, id).await;
        assert!(again.iter().all(|one| one.progress == Progress::Waiting && one.outcome.is_none() && one.why.is_none() && one.settled_at.is_none()), "{again:?}");
        assert_eq!(must(worker.run_until_idle().await), 3);
        let after = deliveries(&inbox, &college, id).await;
        assert!(after.iter().all(|one| one.outcome == Some(Outcome::Applied) && one.attempts == 1), "{after:?}");
        assert_eq!(after.iter().map(|one| one.id).collect::<Vec<_>>(), before.iter().map(|one| one.id).collect::<Vec<_>>());
        must(inbox.replay(&admin, after[0].id).await);
        assert_eq!(must(worker.run_until_idle().await), 1, "and once more");
    }

    /// Deliveries are for administrators of the whole of their own organization, and messages of chats are none.
    async fn deliveries_are_for_administrators(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        receive(&inbox, letter(college.org, id, "Ev1")).await;
        let one = only(&inbox, &college, id).await;
        let below = college.access_of(&[(Role::UnitAdmin, college.units.root)]).await;
        for access in [&below, &other.access, &other.administrator().await] {
            assert_eq!(must(inbox.deliveries(access, id, 10).await), []);
            assert_eq!(must(inbox.delivery(access, one.id).await), None);
            assert_eq!(must(inbox.latest(access, &[id]).await), [None]);
            for refused in [inbox.letter(access, one.id).await.err(), inbox.replay(access, one.id).await.err()] {
                assert_eq!(refused.map(|refused| refused.code()), Some("delivery_unknown"));
            }
        }
        let chat = Incoming { source: "slack", about: About::default(), ..letter(college.org, id, "Ev2") };
        receive(&inbox, chat).await;
        let chat = must(inbox.claim("slack", 1).await).remove(0);
        assert_eq!(must(inbox.delivery(&college.access, chat.id).await), None);
        assert!(matches!(inbox.letter(&college.access, chat.id).await, Err(ReplayRefusal::Unknown)));
        assert!(matches!(inbox.replay(&college.access, chat.id).await, Err(ReplayRefusal::Unknown)));
    }

    /// Of one connection up to so many are worked off together, the oldest first; those of another connection or organization are not among them.
    async fn one_connection_is_worked_off_together(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let inbox = inbox(&db);
        let (one, two, three) = (connect(&college).await, connect(&college).await, connect(&other).await);
        for n in 0..6 {
            db.clock.advance_micros(1);
            receive(&inbox, letter(college.org, one, &format!("a{n}"))).await;
            receive(&inbox, letter(college.org, two, &format!("b{n}"))).await;
            receive(&inbox, letter(other.org, three, &format!("c{n}"))).await;
        }
        let (handler, script) = Together::new(Script::default());
        assert_eq!(must(worker(&inbox, handler).run_until_idle().await), 18);
        let shares = shares(&script);
        for of in ["a", "b", "c"] {
            let of: Vec<_> = shares.iter().filter(|share| share[0].starts_with(of)).collect();
            assert_eq!(of.iter().map(|share| share.len()).collect::<Vec<_>>(), [4, 2], "{shares:?}");
            assert!(of.iter().flat_map(|share| share.iter()).is_sorted(), "{shares:?}");
            assert!(of.iter().flat_map(|share| share.iter()).all(|key| key[..1] == of[0][0][..1]), "{shares:?}");
        }
    }

    /// One that fails all it is worked off with fails by itself the next time, and the others are done.
    async fn a_poisonous_message_keeps_no_other(db: TestDb) {
        let college = College::found(&db).await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        for key in ["a", "poison", "b", "c", "d", "e"] {
            db.clock.advance_micros(1);
            receive(&inbox, letter(college.org, id, key)).await;
        }
        let (handler, script) = Together::new(Script::default());
        let worker = worker(&inbox, handler);
        assert_eq!(must(worker.run_until_idle().await), 6);
        assert_eq!(shares(&script), [vec!["a", "poison", "b", "c"], vec!["d", "e"]]);
        for attempt in 2..=ATTEMPTS_MAX {
            db.clock.advance_micros(2 * MINUTE_MICROS);
            let expected: &[&[&str]] = if attempt == 2 { &[&["a"], &["poison"], &["b"], &["c"]] } else { &[&["poison"]] };
            assert_eq!(must(worker.run_until_idle().await), expected.len());
            assert_eq!(shares(&script), expected);
        }
        let all = deliveries(&inbox, &college, id).await;
        let ends: Vec<_> = all.iter().rev().map(|one| (one.progress, one.attempts)).collect();
        let done = |attempts| (Progress::Done, attempts);
        assert_eq!(ends, [done(2), (Progress::Dead, ATTEMPTS_MAX), done(2), done(2), done(1), done(1)]);
        assert_eq!(all[4].why.as_deref(), Some("the program failed on it"));
        assert_eq!(must(inbox.backlog(SOURCE).await), 0);
    }

    /// A handler that says too little is believed nothing: each is worked off again, by itself.
    async fn a_missing_verdict_is_none(db: TestDb) {
        let college = College::found(&db).await;
        let (id, inbox) = (connect(&college).await, inbox(&db));
        for key in ["a", "b"] {
            receive(&inbox, letter(college.org, id, key)).await;
        }
        let (handler, script) = Together::new(Script { forgetful: true, ..Script::default() });
        let worker = worker(&inbox, handler);
        assert_eq!(must(worker.run_until_idle().await), 2);
        assert!(deliveries(&inbox, &college, id).await.iter().all(|one| one.progress == Progress::Waiting));
        db.clock.advance_micros(SECOND_MICROS);
        assert_eq!(must(worker.run_until_idle().await), 2);
        assert_eq!(shares(&script).iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
        assert!(deliveries(&inbox, &college, id).await.iter().all(|one| one.outcome == Some(Outcome::Applied)));
    }
}
