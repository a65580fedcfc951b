//! SQL past the program: what a test looks at, or tries, behind its back.

use std::path::Path;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::must;

/// A connection of the test's own.
#[derive(Debug)]
pub enum Raw {
    /// To the file.
    Sqlite(SqliteConnection),
    /// To the server.
    Postgres(PgConnection),
}

macro_rules! on_either {
    ($raw:expr, $query:expr, $run:ident) => {
        match $raw {
            Raw::Sqlite(connection) => $query.$run(connection).await,
            Raw::Postgres(connection) => $query.$run(connection).await,
        }
    };
}

impl Raw {
    /// Opens a SQLite file.
    pub async fn sqlite(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(true);
        Self::Sqlite(must(options.connect().await))
    }

    pub(crate) async fn postgres(url: &str) -> Self {
        let options = must(PgConnectOptions::from_str(url)).disable_statement_logging();
        Self::Postgres(must(options.connect().await))
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: &str) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(connection) => sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
        }
    }

    /// Runs a statement that must be refused and returns what the database said.
    pub async fn refused(&mut self, sql: &str) -> String {
        let outcome = self.execute(sql).await;
        must(outcome.err().ok_or(format!("was not refused: {sql}"))).to_string()
    }

    /// The numbers in the one column of a query.
    pub async fn numbers(&mut self, sql: &str) -> Vec<i64> {
        let sql = AssertSqlSafe(sql.to_owned());
        must(on_either!(self, sqlx::query_scalar(sql), fetch_all))
    }

    /// The number that a query answers with.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let numbers = self.numbers(sql).await;
        must(numbers.first().copied().ok_or("no row"))
    }

    /// The texts in the one column of a query.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        must(on_either!(self, sqlx::query_scalar(sql), fetch_all))
    }

    /// What the database does for a query, a step a line. On PostgreSQL with how many rows each step looked at.
    pub async fn plan(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let steps: Vec<(i64, i64, i64, String)> =
                    must(sqlx::query_as(sql).fetch_all(connection).await);
                steps.into_iter().map(|(.., step)| step).collect()
            }
            Self::Postgres(_) => {
                let sql = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}");
                self.texts(&sql).await
            }
        }
    }

    /// An identifier as a literal.
    #[must_use]
    pub fn id(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", id.simple()),
            Self::Postgres(_) => format!("'{id}'::uuid"),
        }
    }

    /// Every table, but the migrations' own.
    pub async fn tables(&mut self) -> Vec<String> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
                 AND name <> '_sqlx_migrations' ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations' ORDER BY 1"
            }
        };
        self.texts(sql).await
    }

    /// Every row of every table as text, with bytes in lower-case hexadecimal: where something that must not be there would be found.
    pub async fn everything(&mut self) -> String {
        let mut all = String::new();
        for table in self.tables().await {
            let sql = match self {
                Self::Sqlite(_) => {
                    let columns = format!(
                        "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')"
                    );
                    let columns = self.texts(&columns).await.join(" || ' ' || ");
                    format!("SELECT {columns} FROM {table}")
                }
                Self::Postgres(_) => format!("SELECT t::text FROM {table} t"),
            };
            for row in self.texts(&sql).await {
                all.push_str(&row);
                all.push('\n');
            }
        }
        // SQLite writes them in capitals.
        let lower = all.to_lowercase();
        all + lower.as_str()
    }

    /// How many rows each table has.
    pub async fn row_counts(&mut self) -> Vec<(String, i64)> {
        let mut counts = Vec::new();
        for table in self.tables().await {
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
            let count = self.number(&sql).await;
            counts.push((table, count));
        }
        counts
    }
}
