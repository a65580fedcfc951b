//! What is kept of deliveries, and for how long.

use futures_util::future::join_all;
use habeo_core::api_key::Mode;
use habeo_core::endpoint::command::{Emit, RemoveEndpoint, RotateSecret};
use habeo_core::endpoint::delivery::forget::{self, PORTION_ROWS};
use habeo_core::endpoint::delivery::log::KEPT_MICROS;
use habeo_core::time::{DAY_MICROS, HOUR_MICROS};
use habeo_tests::sink::Reply;
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::{Stage, events, master_key};

/// How many rows each table has that deliveries leave.
async fn kept(stage: &Stage) -> [i64; 4] {
    let mut raw = stage.app.db.raw().await;
    let mut counts = [0; 4];
    let tables = [
        "delivery",
        "delivery_attempt",
        "webhook_event",
        "endpoint_hour",
    ];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = raw.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    counts
}

/// How many secrets of a sort are kept.
async fn secrets(stage: &Stage, column: &str) -> i64 {
    let sql = format!("SELECT COUNT({column}) FROM endpoint_private");
    stage.app.db.raw().await.number(&sql).await
}

both_engines! {
    /// Thirty days, and not before; what waits is kept however old its event is.
    async fn deliveries_are_kept_for_thirty_days(db: TestDb) {
        let stage = Stage::set(&db).await;
        stage.endpoint(events(&["asset.registered"])).await;
        let upkeep = stage.app.app.worker().upkeep();
        stage.sink.answer([Reply { body: "not now".to_owned(), ..Reply::status(503) }]);
        stage.college.asset("Camera").register().await;
        stage.deliver().await;
        stage.app.wait_seconds(60);
        stage.deliver().await;
        assert_eq!(kept(&stage).await, [1, 1, 1, 1]);

        stage.app.db.clock.advance_micros(KEPT_MICROS - HOUR_MICROS);
        stage.college.asset("Another").register().await;
        must(upkeep.round().await);
        // Counts by the hour are for a week.
        assert_eq!(kept(&stage).await, [1, 1, 2, 0]);

        stage.app.db.clock.advance_micros(2 * HOUR_MICROS);
        must(upkeep.round().await);
        assert_eq!(kept(&stage).await, [0, 0, 1, 0]);
        // What waited is still delivered, a month late as it may be.
        stage.app.db.clock.advance_micros(KEPT_MICROS);
        must(upkeep.round().await);
        assert_eq!(kept(&stage).await, [0, 0, 1, 0]);
        assert_eq!(stage.deliver().await, 1);
        must(upkeep.round().await);
        assert_eq!(kept(&stage).await, [1, 0, 1, 1]);
        stage.is_whole().await;
    }

    /// A secret is kept while it signs; the address and secrets of an endpoint that is over, for as long as what was sent there.
    async fn secrets_are_kept_while_they_sign(db: TestDb) {
        let stage = Stage::set(&db).await;
        let (endpoint, _) = stage.endpoint(events(&["asset.registered"])).await;
        let upkeep = stage.app.app.worker().upkeep();
        let command = RotateSecret { endpoint, window_micros: 2 * HOUR_MICROS, master_key: master_key() };
        must(db.ledger.record(&stage.college.access, command).await);
        must(upkeep.round().await);
        assert_eq!(secrets(&stage, "previous_sealed").await, 1);
        stage.app.db.clock.advance_micros(HOUR_MICROS + 1);
        must(upkeep.round().await);
        assert_eq!(secrets(&stage, "previous_sealed").await, 1);
        stage.app.db.clock.advance_micros(HOUR_MICROS + 1);
        must(upkeep.round().await);
        assert_eq!((secrets(&stage, "previous_sealed").await, secrets(&stage, "secret_sealed").await), (0, 1));

        must(db.ledger.record(&stage.college.access, RemoveEndpoint { endpoint }).await);
        stage.app.db.clock.advance_micros(KEPT_MICROS - DAY_MICROS);
        must(upkeep.round().await);
        assert_eq!(secrets(&stage, "secret_sealed").await, 1);
        stage.app.db.clock.advance_micros(2 * DAY_MICROS);
        must(upkeep.round().await);
        assert_eq!(secrets(&stage, "secret_sealed").await, 0);
        stage.is_whole().await;
    }

    /// A portion has a bound, and one round of the upkeep takes as many as there are.
    async fn many_are_forgotten_in_portions(db: TestDb) {
        let stage = Stage::sandbox(&db).await;
        stage.endpoint(events(&["record.created"])).await;
        let count = PORTION_ROWS + 20;
        let emitted = (0..count).map(|n| {
            let command = Emit { app: stage.of, mode: Mode::Test, name: "record.created".to_owned(), data: json!({"n": n}) };
            db.ledger.record(&stage.college.access, command)
        });
        for event in join_all(emitted).await {
            must(event);
        }
        let mut delivered = 0;
        while delivered < count {
            let tried = stage.deliver().await;
            assert!(tried > 0, "{delivered} of {count}");
            delivered += i64::try_from(tried).unwrap_or(0);
        }
        stage.app.db.clock.advance_micros(KEPT_MICROS + HOUR_MICROS);
        let now = stage.app.db.clock_now();
        assert!(must(forget::forget(&db.ledger, stage.college.org, now).await));
        assert_eq!(kept(&stage).await[0], 20);
        must(stage.app.app.worker().upkeep().round().await);
        assert_eq!(kept(&stage).await, [0, 0, 0, 0]);
        // Each is on record all the same.
        let mut raw = db.raw().await;
        assert_eq!(raw.number("SELECT settled_seq FROM endpoint_health").await, count);
        assert_eq!(raw.number("SELECT confirmed_seq FROM endpoint_health").await, count);
    }
}
