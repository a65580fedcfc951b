//! A full disk, which only a connection of the program's own can play.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor as _};

use super::{Ledger, RecordError};
use crate::org::command::CreateOrg;
use crate::random::SystemRandom;
use crate::store::{Db, SqliteFile, StoreError, migrate};
use crate::time::SystemClock;

fn org(n: u32) -> CreateOrg {
    CreateOrg {
        name: "College ".repeat(10),
        slug: format!("college-{n}"),
        timezone: "America/New_York".to_owned(),
        currency: "USD".to_owned(),
        sandbox: false,
        external: Vec::new(),
        tag_namespaces: Vec::new(),
        units: None,
    }
}

/// What does not fit is undone and said so; nothing is wrong, and with room again it goes on.
#[tokio::test]
async fn a_full_disk_is_undone_and_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = SqliteFile {
        path: folder.path().join("habeo.db"),
        writer_cache_kib: 1024,
    };
    let db = Db::open_sqlite(&file).await.expect("a database");
    migrate::migrate(&db).await.expect("a schema");
    let writer = db.writer_pool().clone();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&writer)
        .await
        .expect("a count");
    let limit = |pages: i64| AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    let ledger = Ledger::new(db, Arc::new(SystemClock), Arc::new(SystemRandom));
    writer.execute(limit(pages)).await.expect("a limit");
    let mut founded = 0;
    let refused = loop {
        // Several at once, so that they share a transaction.
        let (one, two) = tokio::join!(
            org(founded).carry_out(&ledger),
            org(founded + 1).carry_out(&ledger)
        );
        founded += 2;
        assert!(founded < 1_000, "the disk never was full");
        if let Err(error) = one.and(two) {
            break error;
        }
    };
    assert!(
        matches!(refused, RecordError::Store(StoreError::Full(_))),
        "{refused:?}"
    );
    assert_eq!(ledger.stopped_because(), None);
    writer.execute(limit(1_000_000)).await.expect("room");
    org(5_000).carry_out(&ledger).await.expect("room again");
    let loose: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM ledger_head h WHERE h.size <>
             (SELECT COUNT(*) FROM ledger_entry e WHERE e.org_id = h.org_id)",
    )
    .fetch_one(&writer)
    .await
    .expect("a count");
    assert_eq!(loose, 0, "heads and entries belong together");
}
