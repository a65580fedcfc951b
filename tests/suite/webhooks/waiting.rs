//! What waits: claims and what is settled of them, what stands in nobody's way, and what waits no longer.

use habeo_core::endpoint::Settings;
use habeo_core::endpoint::command::{Redeliver, Replay};
use habeo_core::endpoint::delivery::give_up::WAIT_MICROS_MAX;
use habeo_core::endpoint::delivery::settle::{Attempt, Done, settle};
use habeo_core::endpoint::delivery::{Status, lease, log};
use habeo_core::endpoint::handing::Leased;
use habeo_core::id::{EndpointId, RunId};
use habeo_core::store::Engine;
use habeo_core::time::{DAY_MICROS, HOUR_MICROS, SECOND_MICROS, Timestamp};
use habeo_tests::database::TestDb;
use habeo_tests::sink::Reply;
use habeo_tests::{both_engines, must};

use super::{Stage, events};
use crate::core::deploy;

fn run(db: &TestDb) -> RunId {
    RunId::generate(db.clock_now(), db.ledger.random())
}

async fn claim(stage: &Stage, endpoint: EndpointId, run: RunId) -> Vec<Leased> {
    let ledger = &stage.app.db.ledger;
    let whose = (stage.college.org, endpoint);
    must(lease::claim(ledger, whose, run, ledger.clock().now(), 10).await)
}

fn came_back(leased: &Leased, accepted: bool, at: Timestamp) -> Done {
    let attempt = Attempt {
        attempt: leased.attempt,
        at,
        answer: Some(if accepted { 200 } else { 500 }),
        millis: 5,
        why: if accepted { "" } else { "refused" }.to_owned(),
        excerpt: String::new(),
    };
    Done {
        leased: leased.clone(),
        attempts: vec![attempt],
        accepted,
        by_previous: None,
        retry_after: None,
    }
}

async fn deliveries(
    stage: &Stage,
    endpoint: EndpointId,
    filter: &log::Filter,
) -> Vec<log::Delivery> {
    let access = &stage.college.access;
    let mut tx = must(stage.app.db.ledger.db().read(access).await);
    let mut page = must(log::page(&mut tx, access, endpoint, filter, 100).await);
    page.reverse();
    page
}

async fn all(stage: &Stage, endpoint: EndpointId) -> Vec<log::Delivery> {
    deliveries(stage, endpoint, &log::Filter::default()).await
}

both_engines! {
    /// Looking for what is due seeks one entry for each endpoint, however long its backlog is.
    async fn a_backlog_does_not_slow_the_look(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        let mut raw = db.raw().await;
        let (org, to) = (raw.id(stage.college.org.uuid()), raw.id(endpoint.uuid()));
        let fresh = match db.engine() {
            Engine::Sqlite => "randomblob(16)",
            Engine::Postgres => "gen_random_uuid()",
        };
        let backlog = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO delivery_due (org_id, delivery_id, endpoint_id, event_id, form, sequence, due_at, attempts, restarted)
             SELECT {org}, {fresh}, {to}, {fresh}, 'full', 0, i, 0, 0 FROM n"
        );
        assert_eq!(must(raw.execute(&backlog).await), 20_000);
        must(raw.execute("ANALYZE").await);
        let found = must(lease::waiting(db.db()).await);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].org_id, found[0].endpoint_id, found[0].due_at.micros()), (stage.college.org, endpoint, 1));
        let plan = raw.plan(lease::WAITING).await;
        match db.engine() {
            // Every search stops at its first row, because it is all that is asked for.
            Engine::Sqlite => {
                let steps = |kind: &str| plan.iter().filter(|step| step.starts_with(kind)).count();
                assert_eq!(steps("SEARCH"), steps("CORRELATED SCALAR SUBQUERY"), "{plan:?}");
            }
            Engine::Postgres => {
                let rows = plan.iter().filter_map(|step| step.split("actual rows=").nth(1));
                let rows = rows.filter_map(|rest| rest.split([' ', '.']).next()?.parse::<i64>().ok());
                assert!(rows.max().is_some_and(|most| most <= 10), "{plan:#?}");
            }
        }
        must(raw.execute("DELETE FROM delivery_due").await);
    }

    /// Something due of which nothing is kept ends, and what is due beside it is made.
    async fn what_is_gone_stands_in_nobodys_way(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Gone").register().await;
        stage.college.asset("Kept").register().await;
        let gone = all(&stage, endpoint).await[0].event_id;
        let mut raw = db.raw().await;
        let id = raw.id(gone.uuid());
        assert_eq!(must(raw.execute(&format!("DELETE FROM webhook_event WHERE event_id = {id}")).await), 1);
        stage.deliver().await;
        assert_eq!(stage.sink.received().len(), 1);
        let statuses: Vec<Status> = all(&stage, endpoint).await.iter().map(|one| one.status).collect();
        assert_eq!(statuses, [Status::Exhausted, Status::Delivered]);
        assert_eq!((stage.entries("webhook.exhausted").await, stage.entries("webhook.delivered").await), (1, 1));
        assert_eq!(raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_due").await, 0);
        stage.is_whole().await;
    }

    /// An endpoint that cannot be claimed for takes nothing from the others, neither before nor after it.
    async fn a_claim_that_fails_costs_no_other(db: TestDb) {
        let stage = Stage::set(&db).await;
        let mut endpoints = Vec::new();
        for path in ["/a", "/b", "/c"] {
            endpoints.push(stage.endpoint_at(path, events(&["asset.registered"])).await.0);
        }
        stage.college.asset("Camera").register().await;
        let mut raw = db.raw().await;
        let broken = raw.id(endpoints[1].uuid());
        let count = format!("UPDATE delivery_due SET attempts = 9223372036854775807 WHERE endpoint_id = {broken}");
        assert_eq!(must(raw.execute(&count).await), 1);
        assert!(stage.app.app.webhooks.deliver_due().await.is_err());
        let mut told: Vec<String> = stage.sink.received().into_iter().map(|one| one.path).collect();
        told.sort();
        assert_eq!(told, ["/a", "/c"]);
        must(raw.execute("DELETE FROM delivery_due").await);
    }

    /// What is given up becomes a fact although the process ends that found it out.
    async fn what_is_given_up_is_on_record(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Camera").register().await;
        stage.college.asset("Tripod").register().await;
        let run = run(&db);
        let leased = claim(&stage, endpoint, run).await;
        assert_eq!(leased.len(), 2);
        stage.app.db.clock.advance_micros(DAY_MICROS);
        let now = db.clock_now();
        let (failed, accepted) = (came_back(&leased[0], false, now), came_back(&leased[1], true, now));
        let settled = must(settle(&db.ledger, stage.college.org, run, &[&failed, &accepted], now).await);
        assert!(settled.numbered.contains(&endpoint));
        // Whoever settled it ends here; another finds it.
        assert_eq!(stage.entries("webhook.exhausted").await, 0);
        stage.deliver().await;
        assert_eq!((stage.entries("webhook.exhausted").await, stage.entries("webhook.delivered").await), (1, 1));
        let statuses: Vec<Status> = all(&stage, endpoint).await.iter().map(|one| one.status).collect();
        assert_eq!(statuses, [Status::Exhausted, Status::Delivered]);
        stage.deliver().await;
        assert_eq!(stage.entries("webhook.exhausted").await, 1);
        stage.is_whole().await;
    }

    /// What came of an earlier claim says nothing of a later one, and nothing is settled twice.
    async fn a_claim_is_settled_once(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Camera").register().await;
        let (org, run) = (stage.college.org, run(&db));
        let first = claim(&stage, endpoint, run).await.remove(0);
        must(lease::give_back(&db.ledger, org, run, vec![first.id], db.clock_now()).await);
        let second = claim(&stage, endpoint, run).await.remove(0);
        assert_eq!((first.attempt, second.attempt), (1, 2));
        let now = db.clock_now();
        for accepted in [false, true] {
            let late = came_back(&first, accepted, now);
            let settled = must(settle(&db.ledger, org, run, &[&late], now).await);
            assert_eq!((settled.due_at, settled.numbered.len()), (None, 0));
        }
        assert_eq!(all(&stage, endpoint).await[0].status, Status::Waiting);
        let done = came_back(&second, true, now);
        must(settle(&db.ledger, org, run, &[&done, &done], now).await);
        assert_eq!(all(&stage, endpoint).await[0].status, Status::Delivered);
        stage.deliver().await;
        assert_eq!(stage.sink.received().len(), 0);
        assert_eq!(stage.entries("webhook.delivered").await, 1);
        stage.is_whole().await;
    }

    /// How a delivery went is on record before it is made once more.
    async fn once_more_comes_after_the_record(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Camera").register().await;
        let run = run(&db);
        let leased = claim(&stage, endpoint, run).await.remove(0);
        let now = db.clock_now();
        let done = came_back(&leased, true, now);
        must(settle(&db.ledger, stage.college.org, run, &[&done], now).await);
        must(db.ledger.record(access, Redeliver { endpoint, delivery: leased.id }).await);
        assert_eq!(stage.entries("webhook.delivered").await, 1);
        assert_eq!(stage.deliver().await, 1);
        assert_eq!(stage.entries("webhook.delivered").await, 2);
        stage.is_whole().await;
    }

    /// A range goes on where it ended.
    async fn a_range_goes_on(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        for name in ["First", "Second", "Third"] {
            stage.college.asset(name).register().await;
        }
        stage.deliver().await;
        let first = all(&stage, endpoint).await[0].clone();
        let to = db.clock_now().plus_micros(SECOND_MICROS);
        let rest = Replay { endpoint, from: Timestamp::from_seconds(0), to, exhausted_only: false, after: Some(first.id) };
        let done = must(db.ledger.record(access, rest).await);
        assert_eq!((done.count, done.last), (2, None));
        stage.sink.clear();
        assert_eq!(stage.deliver().await, 2);
        let again = stage.sink.received();
        assert!(again.iter().all(|one| one.header("x-habeo-event-id") != first.event_id.to_string()));
        // An event's deliveries are found by it.
        let filter = log::Filter { event: Some(first.event_id), ..log::Filter::default() };
        assert_eq!(deliveries(&stage, endpoint, &filter).await, [first]);
    }

    /// The first of a line may be hurried; what waits behind it has no time of its own, and is left where it stands.
    async fn the_first_of_a_line_may_be_hurried(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(Settings { ordered: true, ..events(&["asset.*"]) }).await;
        let asset = stage.college.asset("Camera").register().await;
        // Within a millisecond ids are in no order.
        stage.app.db.clock.advance_micros(SECOND_MICROS);
        stage.college.act(asset, deploy(stage.college.people.ada)).await;
        stage.sink.answer([Reply::status(503)]);
        assert_eq!(stage.deliver().await, 1);
        let line = all(&stage, endpoint).await;
        assert!(line[0].next_at.is_some_and(|at| at > db.clock_now()));
        assert_eq!(line[1].next_at, None);
        must(db.ledger.record(access, Redeliver { endpoint, delivery: line[1].id }).await);
        assert_eq!(stage.deliver().await, 0);
        must(db.ledger.record(access, Redeliver { endpoint, delivery: line[0].id }).await);
        assert_eq!(stage.deliver().await, 2);
        let told: Vec<String> = stage.sink.accepted().iter().map(habeo_tests::sink::Received::kind).collect();
        assert_eq!(told, ["asset.registered", "asset.deployed"]);
    }

    /// Whoever lives is judged by the database's clock, and whoever ends in order has nothing to be waited for.
    async fn a_wrong_clock_inherits_nothing(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.college.asset("Camera").register().await;
        let (one, other) = (run(&db), run(&db));
        let truth = must(lease::time(db.db(), db.clock_now()).await);
        must(lease::live(db.db(), one, truth.plus_micros(HOUR_MICROS)).await);
        assert_eq!(claim(&stage, endpoint, one).await.len(), 1);
        let judged = must(lease::time(db.db(), truth.plus_micros(DAY_MICROS)).await);
        let freed = must(lease::inherit(db.db(), other, (judged, db.clock_now()), true).await);
        // One process serves a SQLite file.
        assert_eq!(freed, u64::from(db.engine() == Engine::Sqlite));
        must(lease::leave(db.db(), one).await);
        let freed = must(lease::inherit(db.db(), other, (judged, db.clock_now()), true).await);
        assert_eq!(freed, u64::from(db.engine() == Engine::Postgres));
        assert_eq!(stage.deliver().await, 1);
    }

    /// What waits for its first attempt at an endpoint that fails is given up after two days; what was tried has its day, and so has what somebody
    /// wanted once more.
    async fn nothing_waits_for_ever(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(Settings { ordered: true, ..events(&["asset.registered"]) }).await;
        stage.college.asset("Once more").register().await;
        stage.deliver().await;
        let again = all(&stage, endpoint).await[0].id;
        stage.app.db.clock.advance_micros(SECOND_MICROS);
        for name in ["Tried", "Waiting", "Waiting too"] {
            stage.college.asset(name).register().await;
        }
        must(db.ledger.record(access, Redeliver { endpoint, delivery: again }).await);
        let waiting = all(&stage, endpoint).await;
        let mut raw = db.raw().await;
        let far = db.clock_now().plus_micros(2 * WAIT_MICROS_MAX).micros();
        for one in [&waiting[0], &waiting[2], &waiting[3]] {
            let id = raw.id(one.id.uuid());
            let put_off = format!("UPDATE delivery_due SET due_at = {far} WHERE delivery_id = {id}");
            assert_eq!(must(raw.execute(&put_off).await), 1);
        }
        must(raw.execute("UPDATE endpoint_health SET failures_in_row = 5").await);
        stage.app.db.clock.advance_micros(WAIT_MICROS_MAX + SECOND_MICROS);
        stage.sink.answer([Reply::status(500)]);
        assert_eq!(stage.deliver().await, 1);
        let statuses: Vec<Status> = all(&stage, endpoint).await.iter().map(|one| one.status).collect();
        assert_eq!(statuses, [Status::Waiting, Status::Waiting, Status::Exhausted, Status::Exhausted]);
        assert_eq!(stage.entries("webhook.exhausted").await, 1);
        stage.is_whole().await;
    }
}
