//! Opening a database, and refusing one that would not keep what it is given.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, Row};

use super::{Db, Pools, StoreError, StoreResult};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long SQLite waits for another process's write to end.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers beside the one writer. SQLite reads are short; more threads than this only queue at the cores.
const SQLITE_READERS: u32 = 8;
/// The page cache of each reader, filled as it is needed: the upper levels of every index of a million assets, and what is read often.
const READER_CACHE_KIB: u32 = 16 * 1024;
/// How many rows of an answer wait between the thread that finds them and the task that reads them.
const ROWS_QUEUED_MAX: usize = 1_024;
/// The oldest SQLite whose WAL recovery is known to be sound.
const SQLITE_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);
/// The oldest PostgreSQL, as the number it reports.
const POSTGRES_VERSION_MIN: i32 = 150_000;

/// A SQLite database file.
#[derive(Debug, Clone)]
pub struct SqliteFile {
    /// Where it is. It is created when it does not exist.
    pub path: PathBuf,
    /// Memory for the writer's page cache, in KiB. Bulk work gains from more.
    pub writer_cache_kib: u32,
}

/// The PostgreSQL role a connection assumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostgresRole {
    /// The role that serves: owns nothing, bypasses nothing.
    App,
    /// The role that migrates.
    Owner,
}

impl SqliteFile {
    /// The page cache of a serving process: 32 MiB.
    pub const SERVING_CACHE_KIB: u32 = 32 * 1024;
    /// The page cache of bulk work: 512 MiB.
    pub const BULK_CACHE_KIB: u32 = 512 * 1024;

    /// After how many written pages the log is carried over into the file: half of the cache while serving, all of it in bulk work, which
    /// changes the same pages of an index again and again; each checkpoint between writes them once more. Sixty-four commands change a good
    /// thousand pages: an eighth was a checkpoint, and two syncs, for each group of them.
    const fn checkpoint_pages(&self) -> u32 {
        const PAGE_KIB: u32 = 4;
        let pages = self.writer_cache_kib / PAGE_KIB;
        if self.writer_cache_kib < Self::BULK_CACHE_KIB {
            pages / 2
        } else {
            pages
        }
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY")
            .statement_cache_capacity(512)
            // Rows come over from the thread that runs the statement; a longer queue wakes its reader less often.
            .row_buffer_size(ROWS_QUEUED_MAX)
    }
}

impl Db {
    /// Opens a SQLite file and reads its settings back.
    pub async fn open_sqlite(file: &SqliteFile) -> StoreResult<Self> {
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            // After a full disk or a failed write SQLite has rolled back by itself, and the driver, which counts, cannot begin again on this
            // connection. Answering the ping comes after whatever rollback is under way.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(
                file.options()
                    .pragma("cache_size", format!("-{}", file.writer_cache_kib))
                    .pragma("wal_autocheckpoint", file.checkpoint_pages().to_string()),
            )
            .await?;
        check_sqlite(&writer).await?;
        // The reader pool opens lazily and after the writer, which made the file a WAL database.
        let readers = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(
                file.options()
                    .pragma("query_only", "ON")
                    .pragma("cache_size", format!("-{READER_CACHE_KIB}")),
            );
        Ok(Self(Pools::Sqlite { readers, writer }))
    }

    /// Opens a database that is nowhere and empty, for what needs one and asks it nothing.
    pub async fn in_memory() -> StoreResult<Self> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(SqliteConnectOptions::new())
            .await?;
        Ok(Self(Pools::Sqlite {
            readers: pool.clone(),
            writer: pool,
        }))
    }

    /// Opens a PostgreSQL database for serving or for migrating.
    pub async fn open_postgres(
        url: &str,
        role: PostgresRole,
        connections_max: u32,
    ) -> StoreResult<Self> {
        let options = encrypted_off_loopback(PgConnectOptions::from_str(url)?)
            .application_name("habeo")
            .statement_cache_capacity(256)
            .options([
                ("lock_timeout", "2000"),
                ("idle_in_transaction_session_timeout", "10000"),
                ("search_path", super::lint::postgres::SEARCH_PATH),
                // Compiling a plan takes longer than any of these statements runs, and so does starting others to help with it.
                ("jit", "off"),
                ("max_parallel_workers_per_gather", "0"),
            ]);
        let options = match role {
            // A migration may take as long as it takes.
            PostgresRole::Owner => options,
            PostgresRole::App => options.options([("statement_timeout", "5000")]),
        };
        let pool = PgPoolOptions::new()
            .max_connections(connections_max)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A begin that was cancelled half-way can leave a transaction open, with its organisation set; nothing is ever set for longer.
            // The BEGIN is for the server's log, to which a ROLLBACK where nothing is open is worth a line at every request.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql("BEGIN; ROLLBACK")).await?;
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        if role == PostgresRole::App {
            check_postgres(&pool).await?;
        }
        Ok(Self(Pools::Postgres(pool)))
    }
}

/// Off this machine only encrypted, and only to the server whose certificate bears the name that was asked for. On it nobody listens between,
/// and encrypting costs more than itself: the driver leaves Nagle's algorithm on, and a statement that is sent as several records waits
/// for the acknowledgement of the first, 40 ms.
fn encrypted_off_loopback(options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host();
    let is_loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    let mode = if is_loopback || options.get_socket().is_some() || host.starts_with('/') {
        PgSslMode::Disable
    } else {
        PgSslMode::VerifyFull
    };
    options.ssl_mode(mode)
}

fn unsuitable(why: impl Into<String>) -> StoreError {
    StoreError::Unsuitable(why.into())
}

async fn check_sqlite(pool: &sqlx::SqlitePool) -> StoreResult<()> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(pool)
        .await?;
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < SQLITE_VERSION_MIN {
        return Err(unsuitable(format!(
            "SQLite {version} is too old; 3.51.3 or later is needed"
        )));
    }
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
    ] {
        let row = sqlx::query(pragma).fetch_one(pool).await?;
        let found = row
            .try_get::<String, _>(0)
            .or_else(|_| row.try_get::<i64, _>(0).map(|n| n.to_string()))?;
        if found != expected {
            return Err(unsuitable(format!(
                "SQLite answers {found} to {pragma}; {expected} is needed"
            )));
        }
    }
    Ok(())
}

async fn check_postgres(pool: &sqlx::PgPool) -> StoreResult<()> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(pool)
        .await?;
    if version < POSTGRES_VERSION_MIN {
        return Err(unsuitable("PostgreSQL 15 or later is needed"));
    }
    let unsafe_settings: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pg_settings
         WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
         ORDER BY name",
    )
    .fetch_all(pool)
    .await?;
    if !unsafe_settings.is_empty() {
        return Err(unsuitable(format!(
            "PostgreSQL must not run with {} = off",
            unsafe_settings.join(", ")
        )));
    }
    let privileged: bool = sqlx::query_scalar(
        "SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR EXISTS (
             SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relowner = r.oid)
         FROM pg_roles r WHERE r.rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    if privileged {
        return Err(unsuitable(
            "the database role that serves must not be a superuser, bypass row security, create roles or own tables; \
             `habeo migrate --create-roles` makes the right one",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> String {
        let options = PgConnectOptions::from_str(url).expect("an address");
        format!("{:?}", encrypted_off_loopback(options).get_ssl_mode())
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_whatever_the_address_says() {
        for near in ["127.0.0.1", "localhost", "[::1]", "127.0.0.9"] {
            assert_eq!(mode(&format!("postgres://app@{near}/habeo")), "Disable");
        }
        for far in ["db.example.edu", "10.0.0.7", "localhost.example.edu"] {
            let url = format!("postgres://app@{far}/habeo?sslmode=disable");
            assert_eq!(mode(&url), "VerifyFull");
        }
    }
}
