//! Readiness names what is not in order; liveness asks nobody.

use habeo_core::store::Engine;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

async fn ready(app: &TestApp) -> (u16, Value) {
    let alive = app.get("/healthz").send().await;
    assert_eq!((alive.status.as_u16(), alive.text().as_str()), (200, "ok"));
    let answer = app.get("/readyz").send().await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (answer.status.as_u16(), answer.json())
}

fn failing(check: &str) -> (u16, Value) {
    (503, json!({"status": "unready", "failing": [check]}))
}

both_engines! {
    async fn a_node_in_order_is_ready(db: TestDb) {
        let app = TestApp::over(&db).await;
        assert_eq!(ready(&app).await, (200, json!({"status": "ready", "failing": []})));
        app.post("/readyz").send().await.problem(405, "method_not_allowed");
    }

    async fn a_node_that_records_nothing_is_not_ready(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let head = match db.engine() {
            Engine::Sqlite => "UPDATE ledger_head SET frontier = x'00'",
            Engine::Postgres => "UPDATE ledger_head SET frontier = '\\x00'",
        };
        must(db.raw().await.execute(head).await);
        assert!(college.asset("Microscope").try_register().await.is_err());
        assert_eq!(ready(&app).await, failing("recording"));
    }

    async fn another_schema_is_not_ready(db: TestDb) {
        let app = TestApp::over(&db).await;
        must(db.raw().await.execute("DELETE FROM _sqlx_migrations").await);
        assert_eq!(ready(&app).await, failing("migrations"));
    }

    async fn no_database_is_not_ready(db: TestDb) {
        let app = TestApp::over(&db).await;
        db.db().close().await;
        // A rebuild would need what was just closed.
        db.leave_unequal();
        assert_eq!(ready(&app).await, failing("database"));
    }
}
