//! What ends recording, what only delays it, and what each caller is told.

use std::time::Duration;

use habeo_core::asset::decide::Refusal;
use habeo_core::explain::Explain as _;
use habeo_core::ledger::RecordError;
use habeo_core::store::Engine;
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

/// How long something is waited for that should have happened already.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes every commit that appends an entry fail; on PostgreSQL with this code.
async fn break_commits(db: &TestDb, code: &str) {
    let statements = match db.engine() {
        Engine::Sqlite => vec![
            "CREATE TABLE nowhere (id INTEGER PRIMARY KEY) STRICT".to_owned(),
            "CREATE TABLE broken (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED) STRICT"
                .to_owned(),
            "CREATE TRIGGER break_commit AFTER INSERT ON ledger_entry BEGIN INSERT INTO broken VALUES (1); END"
                .to_owned(),
        ],
        Engine::Postgres => vec![
            format!(
                "CREATE FUNCTION break_commit() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = '{code}'; END $$"
            ),
            "CREATE CONSTRAINT TRIGGER break_commit AFTER INSERT ON ledger_entry
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_commit()"
                .to_owned(),
        ],
    };
    let mut raw = db.raw().await;
    for statement in statements {
        must(raw.execute(&statement).await);
    }
}

async fn mend_commits(db: &TestDb) {
    let statement = match db.engine() {
        Engine::Sqlite => "DROP TRIGGER break_commit",
        Engine::Postgres => "DROP TRIGGER break_commit ON ledger_entry",
    };
    must(db.raw().await.execute(statement).await);
}

/// Makes the first locks of a head fail as a collision. A sequence counts, because it is not rolled back.
async fn collide(db: &TestDb, times: u32) {
    let mut raw = db.raw().await;
    for statement in [
        "CREATE SEQUENCE collisions".to_owned(),
        "GRANT USAGE ON SEQUENCE collisions TO habeo_app".to_owned(),
        format!(
            "CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('collisions') <= {times} THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END IF;
                 RETURN NEW; END $$"
        ),
        "CREATE TRIGGER collide BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION collide()".to_owned(),
    ] {
        must(raw.execute(&statement).await);
    }
}

fn code<T>(outcome: Result<T, RecordError<Refusal>>) -> &'static str {
    outcome.err().map_or("recorded", |error| error.code())
}

both_engines! {
    /// A commit that fails for a reason that no rule explains is never tried again: from then on everything is refused at once.
    async fn a_failed_commit_stops_recording(db: TestDb) {
        let college = College::found(&db).await;
        assert_eq!(db.ledger.stopped_because(), None);
        break_commits(&db, "58030").await;
        assert_eq!(code(college.asset("Microscope").try_register().await), "internal_error");
        let cause = tokio::time::timeout(PATIENCE, db.ledger.until_stopped()).await;
        assert!(!must(cause).is_empty());
        mend_commits(&db).await;
        assert_eq!(code(college.asset("Microscope").try_register().await), "recording_stopped");
        assert!(db.ledger.stopped_because().is_some());
        // Reading goes on.
        db.read(&college.access).await;
    }

    /// A head that does not belong to its entries is not built upon.
    async fn a_broken_head_stops_recording(db: TestDb) {
        let college = College::found(&db).await;
        let mut raw = db.raw().await;
        let head = match db.engine() {
            Engine::Sqlite => "UPDATE ledger_head SET frontier = x'00'",
            Engine::Postgres => "UPDATE ledger_head SET frontier = '\\x00'",
        };
        must(raw.execute(head).await);
        assert_eq!(code(college.asset("Microscope").try_register().await), "internal_error");
        assert_eq!(code(college.asset("Microscope").try_register().await), "recording_stopped");
    }

    /// No room on the disk of PostgreSQL is said so, and passes. (SQLite's is played beside the writer itself.)
    async fn a_full_disk_passes(db: TestDb) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let college = College::found(&db).await;
        break_commits(&db, "53100").await;
        assert_eq!(code(college.asset("Microscope").try_register().await), "storage_full");
        assert_eq!(db.ledger.stopped_because(), None);
        mend_commits(&db).await;
        college.asset("Microscope").register().await;
    }

    /// Before anything of a group has run it is begun again three times; after that the callers are told.
    async fn collisions_are_tried_again_three_times(db: TestDb) {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let college = College::found(&db).await;
        collide(&db, 3).await;
        college.asset("Microscope").register().await;
        must(db.raw().await.execute("ALTER SEQUENCE collisions RESTART").await);
        must(db.raw().await.execute("CREATE OR REPLACE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$").await);
        assert_eq!(code(college.asset("Microscope").try_register().await), "busy");
        assert_eq!(db.ledger.stopped_because(), None);
    }
}
