//! A fresh, migrated database per test, on either engine.

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use habeo_core::access::{Access, Surface};
use habeo_core::id::OrgId;
use habeo_core::ledger::{Ledger, rebuild};
use habeo_core::org;
use habeo_core::random::SeededRandom;
use habeo_core::store::{Db, Engine, PostgresRole, SqliteFile, StoreResult, Tx, migrate};
use habeo_core::time::{SetClock, Timestamp};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::must;
use crate::postgres::Cluster;
use crate::raw::Raw;

/// When every test begins: 2026-03-02T09:00:00Z, a Monday.
pub const START: Timestamp = Timestamp::from_seconds(1_772_442_000);
/// Enough for one test; many run at once, and the server has a hundred connections for all of them.
const POSTGRES_CONNECTIONS: u32 = 6;
/// A page cache that suits databases of a few hundred rows.
const SQLITE_CACHE_KIB: u32 = 4 * 1024;

/// A database of one test, with a clock that stands still and randomness that repeats. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct TestDb {
    /// The ledger.
    pub ledger: Ledger,
    /// Its clock.
    pub clock: Arc<SetClock>,
    place: Arc<Place>,
    unequal: Arc<AtomicBool>,
}

/// Where a test's database lives.
#[derive(Debug)]
enum Place {
    Sqlite(TempDir),
    Postgres(Cluster, String),
}

const SQLITE_FILE: &str = "habeo.db";

/// A migrated file, made once per process.
static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn migrated() -> Vec<u8> {
    let folder = must(tempfile::tempdir());
    let db = must(Db::open_sqlite(&sqlite_file(&folder)).await);
    must(migrate::migrate(&db).await);
    db.close().await;
    let file = folder.path().join(SQLITE_FILE);
    // What is in its log is to be in the file.
    let mut raw = Raw::sqlite(&file).await;
    must(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").await);
    drop(raw);
    must(std::fs::read(file))
}

fn sqlite_file(folder: &TempDir) -> SqliteFile {
    SqliteFile {
        path: folder.path().join(SQLITE_FILE),
        writer_cache_kib: SQLITE_CACHE_KIB,
    }
}

impl TestDb {
    async fn sqlite() -> Self {
        let folder = must(tempfile::tempdir());
        let template = TEMPLATE.get_or_init(migrated).await;
        must(std::fs::write(folder.path().join(SQLITE_FILE), template));
        let db = must(Db::open_sqlite(&sqlite_file(&folder)).await);
        Self::over(db, Place::Sqlite(folder))
    }

    async fn postgres(cluster: Cluster) -> Self {
        let name = cluster.take().await;
        let url = cluster.app_url(&name);
        let db = must(Db::open_postgres(&url, PostgresRole::App, POSTGRES_CONNECTIONS).await);
        Self::over(db, Place::Postgres(cluster, name))
    }

    fn over(db: Db, place: Place) -> Self {
        let clock = Arc::new(SetClock::at(START));
        let random = Arc::new(SeededRandom::new(7));
        Self {
            ledger: Ledger::new(db, Arc::clone(&clock) as _, random),
            clock,
            place: Arc::new(place),
            unequal: Arc::default(),
        }
    }

    /// The database as the program sees it.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.ledger.db()
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.db().engine()
    }

    /// What its clock shows.
    #[must_use]
    pub fn clock_now(&self) -> Timestamp {
        self.ledger.clock().now()
    }

    /// A reading transaction.
    pub async fn read(&self, access: &Access) -> Tx {
        must(self.db().read(access).await)
    }

    /// The access of the operator.
    #[must_use]
    pub fn system(&self, org: OrgId) -> Access {
        Access::system(org, Surface::System)
    }

    /// Another handle to the same database, as the serving role, on connections of its own.
    pub async fn spare(&self) -> Db {
        match self.place.as_ref() {
            Place::Sqlite(folder) => must(Db::open_sqlite(&sqlite_file(folder)).await),
            Place::Postgres(cluster, name) => {
                let url = cluster.app_url(name);
                must(Db::open_postgres(&url, PostgresRole::App, 2).await)
            }
        }
    }

    /// Another handle to the same database, as a role that may act as the owner.
    pub async fn owner(&self) -> Db {
        match self.place.as_ref() {
            Place::Sqlite(_) => self.spare().await,
            Place::Postgres(cluster, name) => {
                let url = cluster.admin_url(name);
                must(Db::open_postgres(&url, PostgresRole::Owner, 2).await)
            }
        }
    }

    /// Lets the projections of this test be what they are: it has tampered with them, or with the ledger.
    pub fn leave_unequal(&self) {
        self.unequal.store(true, Ordering::Relaxed);
    }

    /// Makes every projection again from the entries, beside the ones that are there, and finds them equal.
    async fn assert_rebuilt(&self) {
        if self.unequal.load(Ordering::Relaxed) {
            return;
        }
        let orgs = must(org::store::all(self.db()).await);
        if orgs.is_empty() {
            return;
        }
        let spare = self.spare().await;
        for (org, slug) in orgs {
            let differences = must(rebuild::check(&spare, &self.system(org)).await);
            assert!(
                differences.is_empty(),
                "the tables of {slug} are not what its entries say: {differences:?}"
            );
        }
        spare.close().await;
    }

    /// A connection beside the program: as superuser on PostgreSQL, as anybody with the file on SQLite.
    pub async fn raw(&self) -> Raw {
        match self.place.as_ref() {
            Place::Sqlite(folder) => Raw::sqlite(&folder.path().join(SQLITE_FILE)).await,
            Place::Postgres(cluster, name) => Raw::postgres(&cluster.admin_url(name)).await,
        }
    }

    /// A connection as the role that serves, without an organisation; on SQLite there is no such role.
    pub async fn raw_as_app(&self) -> Raw {
        match self.place.as_ref() {
            Place::Sqlite(_) => self.raw().await,
            Place::Postgres(cluster, name) => Raw::postgres(&cluster.app_url(name)).await,
        }
    }

    /// The database as a server opens it that connects as another role. On SQLite there are none.
    pub async fn open_as(&self, role: &str) -> StoreResult<Db> {
        match self.place.as_ref() {
            Place::Sqlite(_) => Ok(self.db().clone()),
            Place::Postgres(cluster, name) => {
                Db::open_postgres(&cluster.role_url(name, role), PostgresRole::App, 1).await
            }
        }
    }

    /// The settings by which a server of its own opens the database.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        let (name, value) = match self.place.as_ref() {
            Place::Sqlite(folder) => ("HABEO_DATA_DIR", folder.path().display().to_string()),
            Place::Postgres(cluster, name) => ("HABEO_DATABASE_URL", cluster.app_url(name)),
        };
        vec![(name.to_owned(), value)]
    }

    /// The addresses, for serving and for migrating, of an empty PostgreSQL database that goes with this one; none on SQLite.
    pub async fn empty_beside(&self) -> Option<(String, String)> {
        let Place::Postgres(cluster, name) = self.place.as_ref() else {
            return None;
        };
        let name = beside(name);
        cluster.create_empty(&name).await;
        Some((cluster.app_url(&name), cluster.admin_url(&name)))
    }

    /// Removes the database that [`Self::empty_beside`] made.
    pub async fn drop_beside(&self) {
        if let Place::Postgres(cluster, name) = self.place.as_ref() {
            cluster.drop_database(&beside(name)).await;
        }
    }

    /// Closes the database. What is left of it, on PostgreSQL.
    async fn end(self) -> Option<(Cluster, String)> {
        // A transaction that a failed test still holds must not keep the others waiting.
        let patience = std::time::Duration::from_secs(2);
        drop(tokio::time::timeout(patience, self.db().close()).await);
        match self.place.as_ref() {
            Place::Sqlite(_) => None,
            Place::Postgres(cluster, name) => Some((cluster.clone(), name.clone())),
        }
    }
}

/// Named like a clone, so that one that is left behind is removed like a clone.
fn beside(name: &str) -> String {
    format!("{name}_beside")
}

/// Runs a test on a fresh SQLite file.
pub fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    let done = runtime().block_on(async {
        let db = TestDb::sqlite().await;
        run(db, test).await
    });
    done.tell();
}

/// Runs a test on a fresh SQLite file, in a runtime whose clock a test may stop.
pub fn on_sqlite_in_one_thread<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = must(runtime).block_on(async {
        let db = TestDb::sqlite().await;
        run(db, test).await
    });
    done.tell();
}

/// Runs a test on a fresh PostgreSQL database, where a server is configured.
pub fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    let ran = runtime().block_on(async {
        let cluster = Cluster::configured().await?;
        let permit = cluster.permit().await;
        let db = TestDb::postgres(cluster).await;
        Some((permit, run(db, test).await))
    });
    let Some((_permit, done)) = ran else {
        return;
    };
    // With its runtime everything is gone that a test has begun.
    if let Some((cluster, name)) = &done.left {
        runtime().block_on(async {
            if done.outcome.is_ok() {
                cluster.give_back(name).await;
            } else {
                cluster.drop_database(name).await;
            }
        });
    }
    done.tell();
}

/// How a test ended, and the database that it had.
struct Done {
    outcome: Result<(), Box<dyn Any + Send>>,
    left: Option<(Cluster, String)>,
}

impl Done {
    fn tell(self) {
        if let Err(panic) = self.outcome {
            resume_unwind(panic);
        }
    }
}

async fn run<F: Future<Output = ()>>(db: TestDb, test: impl FnOnce(TestDb) -> F) -> Done {
    let tested = async {
        test(db.clone()).await;
        db.assert_rebuilt().await;
    };
    let outcome = AssertUnwindSafe(tested).catch_unwind().await;
    let left = db.end().await;
    Done { outcome, left }
}

fn runtime() -> tokio::runtime::Runtime {
    must(
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build(),
    )
}

/// Makes each test one of `sqlite::…` and one of `postgres::…`. Once per module.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestDb) $body:block)*) => {
        $($(#[$meta])* async fn $name($db: $crate::database::TestDb) $body)*

        mod sqlite {
            $(#[test] fn $name() { $crate::database::on_sqlite(super::$name); })*
        }

        mod postgres {
            $(#[test] fn $name() { $crate::database::on_postgres(super::$name); })*
        }
    };
}
