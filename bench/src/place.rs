//! Where a database is: made, migrated, analysed and removed without touching any other.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use habeo_core::store::{Db, PostgresRole, migrate};
use habeo_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, QueryBuilder,
    SqliteConnection,
};

/// What the name of every database begins with; nothing else is ever dropped.
pub const DATABASE_PREFIX: &str = "habeo_bench_";
/// Seals the secrets of invented databases, so that every process of a run opens them: 32 zero bytes.
const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Which engine is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database of a benchmark.
#[derive(Debug, Clone)]
pub struct Place {
    kind: Kind,
    /// The settings by which `habeo` finds it.
    pub variables: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
enum Kind {
    Folder(PathBuf),
    Database { server: String, name: String },
}

/// 1,000,000 → `1m`, 10,000 → `10k`.
pub fn size_name(assets: u32) -> String {
    match assets {
        n if n >= 1_000_000 && n.is_multiple_of(1_000_000) => format!("{}m", n / 1_000_000),
        n if n >= 1_000 && n.is_multiple_of(1_000) => format!("{}k", n / 1_000),
        n => n.to_string(),
    }
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let common = [("HABEO_SANDBOX", "false"), ("HABEO_MASTER_KEY", MASTER_KEY)];
    common
        .iter()
        .chain(pairs)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

impl Place {
    /// A SQLite database in its own folder.
    pub fn sqlite(folder: &Path) -> Self {
        Self {
            kind: Kind::Folder(folder.to_owned()),
            variables: variables(&[("HABEO_DATA_DIR", &folder.display().to_string())]),
        }
    }

    /// A PostgreSQL database on the server of this address.
    pub fn postgres(server: &str, name: &str) -> anyhow::Result<Self> {
        let ours = name.strip_prefix(DATABASE_PREFIX).unwrap_or_default();
        if ours.is_empty() || !ours.bytes().all(|b| b.is_ascii_alphanumeric()) {
            bail!("{name} is not a name of a benchmark's database");
        }
        let mut owner = url::Url::parse(server).context("the address is not one")?;
        owner.set_path(name);
        let mut app = owner.clone();
        app.set_username("habeo_app")
            .ok()
            .context("the address takes no user")?;
        Ok(Self {
            kind: Kind::Database {
                server: server.to_owned(),
                name: name.to_owned(),
            },
            variables: variables(&[
                ("HABEO_DATABASE_URL", app.as_str()),
                ("HABEO_DATABASE_OWNER_URL", owner.as_str()),
            ]),
        })
    }

    /// Every benchmark's database on a server.
    pub async fn all_postgres(server: &str) -> anyhow::Result<Vec<Self>> {
        let mut connection = connect(server, None).await?;
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname",
        )
        .bind(DATABASE_PREFIX)
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        names
            .iter()
            .map(|name| Self::postgres(server, name))
            .collect()
    }

    /// The configuration by which this process opens it.
    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(None, self.variables.clone())?)
    }

    /// Makes it and brings it to the present schema, as `habeo migrate --create-roles` does.
    pub async fn create(&self) -> anyhow::Result<()> {
        let Kind::Database { server, name } = &self.kind else {
            // Opening a SQLite folder makes and migrates it.
            return Ok(());
        };
        let mut connection = connect(server, None).await?;
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
        if !exists {
            statement(&mut connection, format!("CREATE DATABASE {name}")).await?;
        }
        connection.close().await?;
        let owner = self.variable("HABEO_DATABASE_OWNER_URL")?;
        migrate::create_roles(owner, None).await?;
        let db = Db::open_postgres(owner, PostgresRole::Owner, 1).await?;
        migrate::migrate(&db).await?;
        db.close().await;
        Ok(())
    }

    /// What PostgreSQL's autovacuum would have done some minutes later. SQLite keeps no statistics here, as `habeo` keeps none.
    pub async fn settle(&self) -> anyhow::Result<()> {
        if let Kind::Database { server, name } = &self.kind {
            let mut connection = connect(server, Some(name)).await?;
            statement(&mut connection, "VACUUM (ANALYZE)".to_owned()).await?;
            statement(&mut connection, "CHECKPOINT".to_owned()).await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// Removes it with everything in it.
    pub async fn remove(&self) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Folder(folder) => {
                if folder.exists() {
                    std::fs::remove_dir_all(folder)?;
                }
            }
            Kind::Database { server, name } => {
                let mut connection = connect(server, None).await?;
                statement(&mut connection, format!("DROP DATABASE IF EXISTS {name}")).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// A table of its own with one row, on the same disk and as durable as the ledger is.
    pub async fn scratch(&self) -> anyhow::Result<Scratch> {
        const NEW: [&str; 3] = [
            "DROP TABLE IF EXISTS scratch",
            "CREATE TABLE scratch (text TEXT NOT NULL)",
            "INSERT INTO scratch (text) VALUES ('')",
        ];
        match &self.kind {
            Kind::Folder(folder) => {
                let path = folder.join("scratch.db");
                let mut connection = SqliteConnectOptions::new()
                    .filename(&path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .connect()
                    .await?;
                for statement in NEW {
                    sqlx::query(statement).execute(&mut connection).await?;
                }
                Ok(Scratch::File(connection, path))
            }
            Kind::Database { server, name } => {
                let mut connection = connect(server, Some(name)).await?;
                for statement in NEW {
                    sqlx::query(statement).execute(&mut connection).await?;
                }
                Ok(Scratch::Table(connection))
            }
        }
    }

    fn variable(&self, name: &str) -> anyhow::Result<&str> {
        self.variables
            .iter()
            .find(|(variable, _)| variable == name)
            .map(|(_, value)| value.as_str())
            .context("the place lacks a setting")
    }
}

async fn connect(server: &str, database: Option<&str>) -> anyhow::Result<PgConnection> {
    // Plain, as the server's own connections on one machine are: encrypted, a statement of several records waits 40 ms for an acknowledgement.
    let mut options = PgConnectOptions::from_str(server)?.ssl_mode(PgSslMode::Disable);
    if let Some(database) = database {
        options = options.database(database);
    }
    Ok(options.connect().await?)
}

/// Runs a statement that takes no parameters; its text holds names only that [`Place::postgres`] has checked.
async fn statement(connection: &mut PgConnection, text: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await?;
    Ok(())
}

macro_rules! add_rows {
    ($tx:ident, $text:ident, $rows:ident) => {{
        let mut insert = QueryBuilder::new("INSERT INTO scratch (text) ");
        insert.push_values(std::iter::repeat_n($text, $rows), |mut row, text| {
            row.push_bind(text);
        });
        insert.build().execute(&mut *$tx).await?;
    }};
}

/// See [`Place::scratch`].
#[derive(Debug)]
pub enum Scratch {
    File(SqliteConnection, PathBuf),
    Table(PgConnection),
}

impl Scratch {
    /// Gives the row another kilobyte and returns when it is durable.
    pub async fn commit_a_row(&mut self, number: u32) -> anyhow::Result<()> {
        const UPDATE: &str = "UPDATE scratch SET text = $1";
        let text = format!("{number:01024}");
        match self {
            Self::File(connection, _) => {
                sqlx::query(UPDATE).bind(text).execute(connection).await?;
            }
            Self::Table(connection) => {
                sqlx::query(UPDATE).bind(text).execute(connection).await?;
            }
        }
        Ok(())
    }

    /// Adds so many rows of a text in one commit, and returns when they are durable.
    pub async fn commit_rows(&mut self, text: &str, rows: usize) -> anyhow::Result<()> {
        match self {
            Self::File(connection, _) => {
                let mut tx = connection.begin().await?;
                add_rows!(tx, text, rows);
                tx.commit().await?;
            }
            Self::Table(connection) => {
                let mut tx = connection.begin().await?;
                add_rows!(tx, text, rows);
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Takes it away.
    pub async fn remove(self) -> anyhow::Result<()> {
        match self {
            Self::File(connection, path) => {
                connection.close().await?;
                std::fs::remove_file(path)?;
            }
            Self::Table(mut connection) => {
                sqlx::query("DROP TABLE scratch")
                    .execute(&mut connection)
                    .await?;
                connection.close().await?;
            }
        }
        Ok(())
    }
}
