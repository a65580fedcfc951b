//! A day of failures, and what ends it.

use habeo_core::endpoint::command::{Redeliver, Replay, ResumeEndpoint};
use habeo_core::endpoint::delivery::{Status, log};
use habeo_core::endpoint::{Because, Refusal, Status as EndpointStatus, store};
use habeo_core::id::{DeliveryId, EndpointId};
use habeo_core::ledger::RecordError;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_tests::sink::Reply;
use habeo_tests::{both_engines, must};

use super::{Stage, events};

async fn deliveries(stage: &Stage, endpoint: EndpointId) -> Vec<log::Delivery> {
    let access = &stage.college.access;
    let mut tx = must(stage.app.db.ledger.db().read(access).await);
    must(log::page(&mut tx, access, endpoint, &log::Filter::default(), 100).await)
}

async fn status(stage: &Stage, endpoint: EndpointId) -> (EndpointStatus, Option<Because>) {
    let access = &stage.college.access;
    let mut tx = must(stage.app.db.ledger.db().read(access).await);
    let known = must(store::by_id(&mut tx, access, endpoint).await).expect("it is there");
    (known.status, known.because)
}

/// Lets time pass until the next attempt is due, and makes it. How many seconds.
async fn next(stage: &Stage, endpoint: EndpointId) -> i64 {
    let now = stage.app.db.ledger.clock().now();
    let due = deliveries(stage, endpoint).await[0]
        .next_at
        .expect("it waits");
    let micros = due.micros() - now.micros();
    stage.app.db.clock.advance_micros(micros);
    assert_eq!(stage.deliver().await, 1);
    micros / SECOND_MICROS
}

both_engines! {
    /// 24 hours of outage: the pauses are those of the schedule, the last attempt is a day after the first, and the bytes never change.
    async fn a_day_of_outage(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.sink.answer((0..40).map(|_| Reply::status(500)));
        stage.college.asset("Camera").register().await;
        let begun = stage.app.db.ledger.clock().now();
        stage.deliver().await;
        let mut nominal = 5.0;
        while deliveries(&stage, endpoint).await[0].status == Status::Waiting {
            let last = stage.app.db.ledger.clock().now().micros() - begun.micros() >= 86_000 * SECOND_MICROS;
            let pause = next(&stage, endpoint).await;
            let pause = f64::from(i32::try_from(pause).unwrap_or(i32::MAX));
            let clamped = stage.app.db.ledger.clock().now().micros() - begun.micros() >= 86_400 * SECOND_MICROS;
            assert!(clamped || (pause >= nominal * 0.75 - 1.0 && pause <= nominal * 1.25), "{pause} after {nominal}");
            assert!(!last || clamped);
            nominal = f64::min(nominal * 3.0, 14_400.0);
        }
        let passed = stage.app.db.ledger.clock().now().micros() - begun.micros();
        assert_eq!(passed / SECOND_MICROS, 86_400);
        let received = stage.sink.received();
        assert!((13..=16).contains(&received.len()), "{}", received.len());
        for (at, one) in received.iter().enumerate() {
            assert_eq!(one.header("x-habeo-delivery-attempt"), (at + 1).to_string());
            assert_eq!(one.body, received[0].body);
            assert_eq!(one.header("x-habeo-event-id"), received[0].header("x-habeo-event-id"));
        }
        let times: Vec<&str> = received.iter().map(|one| one.header("webhook-timestamp")).collect();
        assert_ne!(times[0], times[1]);
        assert_eq!(deliveries(&stage, endpoint).await[0].status, Status::Exhausted);
        assert_eq!(stage.entries("webhook.exhausted").await, 1);
        stage.is_whole().await;
    }

    /// A receiver that names a time is asked then, not before; one that names too long a time, after four hours.
    async fn retry_after_lengthens(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        let after = |text: &str| Reply { headers: vec![("retry-after", text.to_owned())], ..Reply::status(503) };
        stage.sink.answer([after("100"), after("999999"), after("soon")]);
        stage.college.asset("Camera").register().await;
        stage.deliver().await;
        assert_eq!(next(&stage, endpoint).await, 100);
        assert_eq!(next(&stage, endpoint).await, 4 * 3_600);
        assert!(next(&stage, endpoint).await <= 45 * 5 / 4);
        assert_eq!(deliveries(&stage, endpoint).await[0].status, Status::Delivered);
    }

    /// Gone three times over an hour, or silent for five days and ten attempts: nothing more is sent; resuming begins anew.
    async fn what_is_lost_is_told_no_more(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.sink.answer((0..20).map(|_| Reply::status(410)));
        stage.college.asset("Camera").register().await;
        stage.deliver().await;
        let begun = stage.app.db.ledger.clock().now();
        while status(&stage, endpoint).await.0 == EndpointStatus::Active {
            next(&stage, endpoint).await;
        }
        assert_eq!(status(&stage, endpoint).await, (EndpointStatus::Disabled, Some(Because::Gone)));
        assert!(stage.app.db.ledger.clock().now().micros() - begun.micros() >= 3_600 * SECOND_MICROS);
        stage.college.asset("Not told").register().await;
        assert_eq!(deliveries(&stage, endpoint).await.len(), 1);
        must(db.ledger.record(&stage.college.access, ResumeEndpoint { endpoint }).await);
        stage.college.asset("Told").register().await;
        assert_eq!(deliveries(&stage, endpoint).await.len(), 2);
        stage.is_whole().await;
    }

    /// Silent for five days.
    async fn five_days_of_silence(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        stage.sink.answer((0..200).map(|_| Reply::status(500)));
        for _ in 0..6 {
            stage.college.asset("Camera").register().await;
            stage.deliver().await;
            stage.app.wait_seconds(86_401);
            stage.deliver().await;
        }
        for _ in 0..6 {
            stage.app.wait_seconds(4 * 3_600);
            stage.deliver().await;
        }
        assert_eq!(status(&stage, endpoint).await, (EndpointStatus::Disabled, Some(Because::Silent)));
    }

    /// Once more, by hand and by range: the same event, the attempts counted on, a schedule of its own.
    async fn once_more(db: TestDb) {
        let stage = Stage::set(&db).await;
        let access = &stage.college.access;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        for _ in 0..3 {
            stage.college.asset("Camera").register().await;
        }
        stage.deliver().await;
        let first = stage.sink.received();
        let delivery = deliveries(&stage, endpoint).await.last().expect("three").id;
        must(db.ledger.record(access, Redeliver { endpoint, delivery }).await);
        stage.sink.answer([Reply::status(500)]);
        stage.deliver().await;
        let pause = next(&stage, endpoint);
        drop(pause);
        stage.app.wait_seconds(7);
        stage.deliver().await;
        let again: Vec<_> = stage.sink.received()[3..].to_vec();
        assert_eq!(again.len(), 2);
        assert!(first.iter().any(|one| one.body == again[0].body));
        assert_eq!((again[0].header("x-habeo-delivery-attempt"), again[1].header("x-habeo-delivery-attempt")), ("2", "3"));
        let (from, to) = (Timestamp::from_seconds(0), stage.app.db.ledger.clock().now().plus_micros(SECOND_MICROS));
        let range = |exhausted_only| Replay { endpoint, from, to, exhausted_only, after: None };
        assert_eq!(must(db.ledger.record(access, range(true)).await).count, 0);
        assert_eq!(must(db.ledger.record(access, range(false)).await).count, 3);
        assert_eq!(stage.deliver().await, 3);
        let unknown = Redeliver { endpoint, delivery: DeliveryId::from_uuid(uuid::Uuid::nil()) };
        let refused = db.ledger.record(access, unknown).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::UnknownDelivery))));
        stage.is_whole().await;
    }
}
