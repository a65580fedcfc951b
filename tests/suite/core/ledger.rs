//! One gapless sequence per organisation, which nothing can change afterwards.

use std::collections::HashSet;

use habeo_core::asset::command::Act;
use habeo_core::asset::steps::{Step, Steps};
use habeo_core::asset::{AssignmentKind, Target};
use habeo_core::ledger::audit::{self, Verdict};
use habeo_core::ledger::{All, RecordError};
use habeo_core::store::Engine;
use habeo_tests::builders::{College, command};
use habeo_tests::{both_engines, must};

async fn verdict(college: &College) -> Verdict {
    let mut tx = college.db.read(&college.access).await;
    must(audit::verify(&mut tx, &college.access).await)
}

/// The statements that would take the protection of the ledger away, which only an owner can run.
fn unprotect(engine: Engine) -> [&'static str; 2] {
    match engine {
        Engine::Sqlite => [
            "DROP TRIGGER ledger_entry_is_never_updated",
            "DROP TRIGGER ledger_entry_is_never_deleted",
        ],
        Engine::Postgres => [
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
            "ALTER TABLE ledger_head DISABLE TRIGGER ALL",
        ],
    }
}

both_engines! {
    /// Thirty-two writers of one organisation share no index and leave none out, and the tree is that of the stored bytes.
    async fn sequence_is_gapless_under_concurrent_writers(db: TestDb) {
        let college = College::found(&db).await;
        let begin = must(db.raw().await.numbers("SELECT size FROM ledger_head").await.pop().ok_or("no head"));
        let writers = (0..32).map(|n| {
            let command = college.asset(&format!("Microscope {n}")).command();
            let (ledger, access) = (db.ledger.clone(), college.access.clone());
            tokio::spawn(async move { must(ledger.record(&access, command).await).index })
        });
        let mut indexes = HashSet::new();
        for writer in writers.collect::<Vec<_>>() {
            indexes.insert(must(writer.await));
        }
        assert_eq!(indexes, (begin..begin + 32).collect());
        let mut raw = db.raw().await;
        let stored = raw.numbers("SELECT log_index FROM ledger_entry ORDER BY log_index").await;
        assert_eq!(stored, (0..begin + 32).collect::<Vec<_>>());
        let size = u64::try_from(begin + 32).unwrap_or_default();
        assert_eq!(verdict(&college).await, Verdict::Whole { size });
    }

    /// Two organisations each have a sequence that begins at nought.
    async fn each_organisation_has_its_own_sequence(db: TestDb) {
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (one, other) = tokio::join!(ours.asset("Ours").register(), theirs.asset("Theirs").register());
        assert_ne!(one, other);
        let mut raw = db.raw().await;
        for college in [&ours, &theirs] {
            let org = raw.id(college.org.uuid());
            let indexes = raw.numbers(&format!("SELECT log_index FROM ledger_entry WHERE org_id = {org} ORDER BY 1")).await;
            assert_eq!(indexes, (0..i64::try_from(indexes.len()).unwrap_or_default()).collect::<Vec<_>>());
            assert!(matches!(verdict(college).await, Verdict::Whole { .. }));
        }
    }

    /// Organisations that are founded at one moment do not get into each other's way.
    async fn organisations_can_be_founded_at_one_moment(db: TestDb) {
        let founders = (0..6).map(|n| {
            let db = db.clone();
            tokio::spawn(async move { College::found_as(&db, &format!("college-{n}")).await.org })
        });
        let mut orgs = HashSet::new();
        for founder in founders.collect::<Vec<_>>() {
            orgs.insert(must(founder.await));
        }
        assert_eq!(orgs.len(), 6);
        let ordinals = db.raw().await.numbers("SELECT ordinal FROM org_directory ORDER BY ordinal").await;
        assert_eq!(ordinals, [1, 2, 3, 4, 5, 6]);
    }

    /// Neither the program nor the superuser changes what was written.
    async fn entries_cannot_be_changed_by_sql(db: TestDb) {
        let college = College::found(&db).await;
        let before = verdict(&college).await;
        let tampering = [
            "UPDATE ledger_entry SET bytes = 'x' WHERE log_index = 1",
            "DELETE FROM ledger_entry WHERE log_index = 1",
            "UPDATE ledger_head SET size = size - 1",
            "DELETE FROM ledger_head",
        ];
        // SQLite deletes what it replaces without asking the triggers of deletion.
        let replacing = [
            "INSERT OR REPLACE INTO ledger_entry SELECT org_id, log_index, event_id, type, stream_kind, stream_id, recorded_at, leaf_hash, 'x' FROM ledger_entry WHERE log_index = 1",
            "INSERT OR REPLACE INTO ledger_entry SELECT org_id, 900, event_id, type, stream_kind, stream_id, recorded_at, leaf_hash, 'x' FROM ledger_entry WHERE log_index = 1",
            "INSERT OR REPLACE INTO ledger_head (org_id, size, frontier) SELECT org_id, 1, frontier FROM ledger_head",
        ];
        if db.engine() == Engine::Sqlite {
            let mut raw = db.raw().await;
            for sql in replacing {
                let answer = raw.refused(sql).await;
                assert!(answer.contains("append-only"), "{sql}: {answer}");
            }
        }
        let mut raw = db.raw().await;
        for sql in tampering {
            let answer = raw.refused(sql).await;
            assert!(answer.contains("append-only"), "{sql}: {answer}");
        }
        if db.engine() == Engine::Postgres {
            for table in ["ledger_entry", "ledger_head"] {
                let answer = raw.refused(&format!("TRUNCATE {table} CASCADE")).await;
                assert!(answer.contains("append-only"), "{table}: {answer}");
            }
            let mut app = db.raw_as_app().await;
            for sql in [tampering[0], tampering[1], tampering[3], "TRUNCATE ledger_entry", "TRUNCATE ledger_head"] {
                let answer = app.refused(sql).await;
                assert!(answer.contains("permission denied"), "{sql}: {answer}");
            }
            for sql in ["ALTER TABLE ledger_entry DISABLE TRIGGER ALL", "DROP TABLE ledger_entry", "SET ROLE habeo_owner"] {
                app.refused(sql).await;
            }
        }
        assert_eq!(verdict(&college).await, before);
    }

    /// Whoever gets past the triggers is found out, at the index.
    async fn a_flipped_byte_is_found_at_its_index(db: TestDb) {
        let college = College::found(&db).await;
        let mut raw = db.raw().await;
        db.leave_unequal();
        for sql in unprotect(db.engine()) {
            must(raw.execute(sql).await);
        }
        must(raw.execute("UPDATE ledger_entry SET bytes = REPLACE(bytes, 'unit', 'Unit') WHERE log_index = 5").await);
        assert_eq!(verdict(&college).await, Verdict::Broken { index: 5 });
    }

    /// An entry that was taken out leaves a gap, also at the end.
    async fn a_missing_entry_is_found(db: TestDb) {
        let college = College::found(&db).await;
        let mut raw = db.raw().await;
        db.leave_unequal();
        for sql in unprotect(db.engine()) {
            must(raw.execute(sql).await);
        }
        let last = raw.number("SELECT MAX(log_index) FROM ledger_entry").await;
        must(raw.execute(&format!("DELETE FROM ledger_entry WHERE log_index = {last}")).await);
        assert_eq!(verdict(&college).await, Verdict::HeadDiffers);
        must(raw.execute("DELETE FROM ledger_entry WHERE log_index = 3").await);
        assert_eq!(verdict(&college).await, Verdict::Broken { index: 3 });
    }

    /// No table has a row more after a refusal.
    async fn a_refused_command_leaves_nothing_behind(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Spectrometer").tag("OLD-1").register().await;
        let mut raw = db.raw().await;
        let before = raw.row_counts().await;
        let taken = college.asset("Another").tag("OLD-1").try_register().await;
        assert!(matches!(taken, Err(RecordError::Refused(_))), "{taken:?}");
        let returned = college.try_act(asset, Act::Retag { tag: habeo_tests::builders::tag("OLD-2") }).await;
        assert!(returned.is_ok());
        let after_success = raw.row_counts().await;
        assert_ne!(after_success, before);
        // The first command of the two would have been fine alone.
        let both = All(vec![
            college.asset("Third").command(),
            college.asset("Fourth").tag("OLD-1").command(),
        ]);
        assert!(db.ledger.record(&college.access, both).await.is_err());
        let steps = [college.asset("Fifth").command(), command(asset, Act::Cancel)];
        let steps = Steps(std::sync::Arc::new(steps.map(|command| Step { command, past: None }).into()));
        assert!(db.ledger.record(&college.access, steps).await.is_err());
        assert_eq!(raw.row_counts().await, after_success);
        assert!(matches!(verdict(&college).await, Verdict::Whole { .. }));
    }

    /// In one group commit the refused are undone and the others stay.
    async fn a_refusal_does_not_disturb_the_rest_of_its_group(db: TestDb) {
        let college = College::found(&db).await;
        let asset = college.asset("Centrifuge").tag("OLD-1").register().await;
        let mut raw = db.raw().await;
        let entries = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry";
        let before = raw.number(entries).await;
        let commands = (0..40).map(|n| match n % 4 {
            0 => college.asset("Taken").tag("OLD-1").command(),
            1 => command(asset, Act::Cancel),
            _ => college.asset("Free").command(),
        });
        let writers: Vec<_> = commands
            .map(|command| {
                let (ledger, access) = (db.ledger.clone(), college.access.clone());
                tokio::spawn(async move { ledger.record(&access, command).await.is_ok() })
            })
            .collect();
        let mut kept = 0;
        for writer in writers {
            kept += i64::from(must(writer.await));
        }
        assert_eq!(kept, 20);
        assert_eq!(raw.number(entries).await, before + 20);
        let assets = raw.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(assets, 21);
        assert!(matches!(verdict(&college).await, Verdict::Whole { .. }));
    }

    /// A caller that goes away does not take its command along.
    async fn a_dropped_caller_does_not_cancel_the_work(db: TestDb) {
        let college = College::found(&db).await;
        let commands: Vec<_> = (0..20).map(|n| college.asset(&format!("Lamp {n}")).command()).collect();
        for command in commands {
            let recording = db.ledger.record(&college.access, command);
            // One poll hands the command over; then nobody waits for the answer any more.
            let waited = tokio::time::timeout(std::time::Duration::ZERO, recording).await;
            drop(waited);
        }
        // This one is behind them in the queue.
        college.asset("The last").register().await;
        let assets = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(assets, 21);
        assert!(matches!(verdict(&college).await, Verdict::Whole { .. }));
    }

    /// Facts that happened between two units of work never mix: an asset's own entries follow its states.
    async fn history_reads_newest_first_and_in_pages(db: TestDb) {
        use habeo_core::page::Limit;
        let college = College::found(&db).await;
        let asset = college.asset("Camera").register().await;
        let target = Target::Person(college.people.ada);
        let (kind, location) = (AssignmentKind::Permanent, None);
        college.act(asset, Act::Deploy { target, kind, location }).await;
        let note = habeo_core::asset::command::Command {
            remark: Some("Lens scratched".to_owned()),
            ..command(asset, Act::Note)
        };
        must(db.ledger.record(&college.access, note).await);
        let mut tx = db.read(&college.access).await;
        let limit = must(Limit::new(2).ok_or("two rows"));
        let first = must(audit::history(&mut tx, &college.access, asset.uuid(), None, limit).await);
        let kinds = |rows: &[audit::Entry]| rows.iter().map(|entry| entry.kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&first.rows), ["asset.noted", "asset.deployed"]);
        assert_eq!(first.rows[0].remark_text.as_deref(), Some("Lens scratched"));
        let before = first.next.map(|position| position.seq);
        let rest = must(audit::history(&mut tx, &college.access, asset.uuid(), before, limit).await);
        assert_eq!(kinds(&rest.rows), ["asset.registered"]);
        assert_eq!(rest.next, None);
        let stored = db.raw().await.texts("SELECT bytes FROM ledger_entry").await;
        assert!(stored.iter().all(|bytes| !bytes.contains("scratched") && !bytes.contains("Example")));
    }
}
