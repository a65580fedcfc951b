//! The PostgreSQL server of the tests: one template per set of migrations, a clone of it for each test.

use std::io::Write as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use habeo_core::ledger::tree;
use habeo_core::store::{Db, PostgresRole, migrate};
use habeo_core::time::{Clock, SECOND_MICROS, SystemClock};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::{clones, must};

/// The address of a server, as a superuser.
const URL: &str = "HABEO_TEST_POSTGRES_URL";
/// Set to `required`, it makes the absence of a server a failure. Continuous integration does so.
const REQUIRED: &str = "HABEO_TEST_POSTGRES";
/// The serving role's password, where the superuser's address has one and the server therefore asks.
const APP_PASSWORD: &str = "habeo-test";
const CLONE_PREFIX: &str = "habeo_test_";
const TEMPLATE_PREFIX: &str = "habeo_template_";
/// Nothing runs this long: what is older was left behind by a run that did not end.
const LEFT_BEHIND_SECONDS: i64 = 3_600;
/// Tests at once: each has up to six connections and the server a hundred.
const AT_ONCE: usize = 8;
/// The lock under which templates are made and leftovers removed: "habeo".
const LOCK: i64 = 0x68_6162_656f;

static CLUSTER: OnceCell<Option<Cluster>> = OnceCell::const_new();
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A server with a template that is ready to be cloned.
#[derive(Debug, Clone)]
pub(crate) struct Cluster(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    admin: PgConnectOptions,
    password: Option<&'static str>,
    template: String,
}

impl Cluster {
    /// The configured server; prepared once per process.
    pub async fn configured() -> Option<Self> {
        CLUSTER.get_or_init(Self::prepare).await.clone()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests are configured by the environment, like the server"
    )]
    async fn prepare() -> Option<Self> {
        let url = std::env::var(URL).ok().filter(|url| !url.is_empty());
        let engines = if url.is_some() {
            "SQLite and PostgreSQL"
        } else {
            "SQLite only"
        };
        // Not `eprintln!`, which the test harness keeps to itself while tests pass.
        drop(writeln!(std::io::stderr(), "engines: {engines} ({URL})"));
        let required = std::env::var(REQUIRED).is_ok_and(|value| value == "required");
        assert!(
            url.is_some() || !required,
            "{URL} is not set, and {REQUIRED} says that PostgreSQL is required"
        );
        let url = url?;
        let admin = must(PgConnectOptions::from_str(&url)).disable_statement_logging();
        let with_password = url
            .split_once('@')
            .is_some_and(|(before, _)| before.matches(':').count() > 1);
        let cluster = Self(Arc::new(Inner {
            admin,
            password: with_password.then_some(APP_PASSWORD),
            template: format!("{TEMPLATE_PREFIX}{}", fingerprint()),
        }));
        cluster.make_template().await;
        Some(cluster)
    }

    /// Waits until there are connections to spare.
    pub async fn permit(&self) -> SemaphorePermit<'static> {
        must(PERMITS.acquire().await)
    }

    /// The address of a database as superuser.
    pub fn admin_url(&self, database: &str) -> String {
        let options = self.0.admin.clone().database(database);
        options.to_url_lossy().to_string()
    }

    /// The address of a database as the role that serves.
    pub fn app_url(&self, database: &str) -> String {
        self.role_url(database, "habeo_app")
    }

    /// The address of a database as any role with the tests' password.
    pub fn role_url(&self, database: &str, role: &str) -> String {
        let mut options = self.0.admin.clone().database(database).username(role);
        if let Some(password) = self.0.password {
            options = options.password(password);
        }
        options.to_url_lossy().to_string()
    }

    async fn connect(&self) -> PgConnection {
        must(self.0.admin.connect().await)
    }

    async fn connect_to(&self, database: &str) -> PgConnection {
        must(self.0.admin.clone().database(database).connect().await)
    }

    /// A database as the template has it: one that was emptied, or a new one.
    pub async fn take(&self) -> String {
        if let Some(name) = clones::idle() {
            return name;
        }
        let name = self.create_database().await;
        clones::note_new(async || self.connect_to(&name).await).await;
        name
    }

    /// Takes a database back that a test has done with.
    pub async fn give_back(&self, name: &str) {
        let connection = self.connect_to(name).await;
        let made = name.strip_prefix(CLONE_PREFIX).and_then(made_at);
        let age = now_seconds() - made.unwrap_or(0);
        if !clones::give_back(connection, name, age).await {
            self.drop_database(name).await;
        }
    }

    /// Clones the template under a name of its own.
    async fn create_database(&self) -> String {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("{CLONE_PREFIX}{}_{}", now_seconds(), &unique[..12]);
        let statement = format!("CREATE DATABASE {name} TEMPLATE {}", self.0.template);
        let mut connection = self.connect().await;
        execute(&mut connection, statement).await;
        must(connection.close().await);
        name
    }

    /// Makes a database in which there is nothing but what every new one has.
    pub async fn create_empty(&self, name: &str) {
        let mut connection = self.connect().await;
        execute(&mut connection, format!("CREATE DATABASE {name}")).await;
        must(connection.close().await);
        must(migrate::create_roles(&self.admin_url(name), self.0.password).await);
    }

    /// Removes a clone, whoever is still connected to it.
    pub async fn drop_database(&self, name: &str) {
        let mut connection = self.connect().await;
        let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        execute(&mut connection, statement).await;
        must(connection.close().await);
    }

    /// Makes the template unless it is there, and removes what crashed runs have left. One process at a time.
    async fn make_template(&self) {
        let mut connection = self.connect().await;
        execute(&mut connection, format!("SELECT pg_advisory_lock({LOCK})")).await;
        for name in left_behind(&mut connection).await {
            execute(
                &mut connection,
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
        let template = &self.0.template;
        let used: Option<Option<String>> = must(
            sqlx::query_scalar(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
            )
            .bind(template)
            .fetch_optional(&mut connection)
            .await,
        );
        // The remark is written last: a template without one is half made.
        if used.flatten().is_none() {
            execute(
                &mut connection,
                format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)"),
            )
            .await;
            execute(&mut connection, format!("CREATE DATABASE {template}")).await;
            let url = self.admin_url(template);
            must(migrate::create_roles(&url, self.0.password).await);
            let db = must(Db::open_postgres(&url, PostgresRole::Owner, 1).await);
            must(migrate::migrate(&db).await);
            db.close().await;
        }
        execute(
            &mut connection,
            format!("COMMENT ON DATABASE {template} IS '{}'", now_seconds()),
        )
        .await;
        // Closing gives the lock back.
        must(connection.close().await);
    }
}

/// Clones and templates of ours that nobody has used for an hour. Clones carry their second in their name, templates in a remark.
async fn left_behind(connection: &mut PgConnection) -> Vec<String> {
    let ours: Vec<(String, Option<String>)> = must(
        sqlx::query_as(
            "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database
             WHERE starts_with(datname::text, $1) OR starts_with(datname::text, $2)",
        )
        .bind(CLONE_PREFIX)
        .bind(TEMPLATE_PREFIX)
        .fetch_all(connection)
        .await,
    );
    let now = now_seconds();
    let old = |at: i64| now - at > LEFT_BEHIND_SECONDS;
    ours.into_iter()
        .filter(|(name, used)| match name.strip_prefix(CLONE_PREFIX) {
            Some(rest) => made_at(rest).is_some_and(old),
            None => used.as_deref().and_then(made_at).is_some_and(old),
        })
        .map(|(name, _)| name)
        .collect()
}

/// The second with which the rest of a clone's name begins, or all of a template's remark.
fn made_at(text: &str) -> Option<i64> {
    text.split('_').next()?.parse().ok()
}

async fn execute(connection: &mut PgConnection, statement: String) {
    must(
        sqlx::query(AssertSqlSafe(statement))
            .execute(connection)
            .await,
    );
}

fn now_seconds() -> i64 {
    SystemClock.now().micros() / SECOND_MICROS
}

/// A digest of everything that makes the schema: the migrations, and the program text that makes roles and runs them.
fn fingerprint() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files: Vec<_> = must(std::fs::read_dir(root.join("migrations/postgres")))
        .map(|entry| must(entry).path())
        .collect();
    files.sort();
    files.push(root.join("core/src/store/migrate.rs"));
    let mut digest = Sha256::new();
    for file in files {
        digest.update(must(std::fs::read(file)));
    }
    let digest = digest.finalize();
    tree::hex(&digest[..8])
}
