//! Copies of a whole database, made while it serves, and their way back into an empty one.
//!
//! SQLite copies itself (`VACUUM INTO`: one snapshot, compact, no writer waits). PostgreSQL is read table by table in one snapshot, by the role
//! that serves: so the organisations are read one after the other, each under the row security that binds it. It is written back by the owner,
//! in one transaction; COPY goes past row security only while that is not forced upon the owner, which is part of the same transaction.

use std::io;
use std::path::Path;

use futures_util::StreamExt;
use sqlx::{AssertSqlSafe, Postgres, SqliteConnection, Transaction};

use super::{Db, Pools, StoreError, StoreResult};
use crate::id::OrgId;

/// A table as it is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// Whether its rows belong to organisations, each of which sees its own.
    pub of_org: bool,
}

/// Takes what a table's copy is made of.
pub type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> io::Result<()> + Send);

fn wrong_engine() -> StoreError {
    StoreError::Unsuitable("this copy is of the other engine".to_owned())
}

/// The migrations that were applied.
pub async fn migrations(db: &Db) -> StoreResult<Vec<i64>> {
    const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
    Ok(match &db.0 {
        Pools::Sqlite { writer, .. } => sqlx::query_scalar(APPLIED).fetch_all(writer).await?,
        Pools::Postgres(pool) => sqlx::query_scalar(APPLIED).fetch_all(pool).await?,
    })
}

/// Copies a SQLite database into a file that is empty or not there.
pub async fn copy_sqlite(db: &Db, target: &Path) -> StoreResult<()> {
    let Pools::Sqlite { writer, .. } = &db.0 else {
        return Err(wrong_engine());
    };
    // Outside a transaction, on a connection that may write: it holds no lock but a reader's.
    sqlx::query("VACUUM INTO $1")
        .bind(target.display().to_string())
        .execute(writer)
        .await?;
    Ok(())
}

/// Lets SQLite look through its own structure.
pub async fn check_sqlite(db: &Db) -> StoreResult<()> {
    let Pools::Sqlite { writer, .. } = &db.0 else {
        return Err(wrong_engine());
    };
    let mut connection = writer.acquire().await?;
    let connection: &mut SqliteConnection = &mut connection;
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    let orphans = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(connection)
        .await?;
    if found == "ok" && orphans.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Inconsistent {
            table: "sqlite_schema",
            what: format!("{found}, {} rows refer to nothing", orphans.len()),
        })
    }
}

/// The tables of a SQLite database with how many rows they have, those of the full-text index left out.
pub async fn count_sqlite(db: &Db) -> StoreResult<Vec<(String, i64)>> {
    let Pools::Sqlite { readers, .. } = &db.0 else {
        return Err(wrong_engine());
    };
    let mut tx = readers.begin().await?;
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
             AND name NOT LIKE 'asset!_search%' ESCAPE '!' ORDER BY name",
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut counts = Vec::with_capacity(names.len());
    for name in names {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {}", quoted(&name));
        let count = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *tx)
            .await?;
        counts.push((name, count));
    }
    Ok(counts)
}

/// A name of the schema's own as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn columns_of(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
    columns.join(", ")
}

/// Every table but the migrations' own, those that are referred to before those that refer to them.
async fn tables(tx: &mut Transaction<'static, Postgres>) -> StoreResult<Vec<Table>> {
    let mut left: Vec<(String, bool, Vec<String>)> = sqlx::query_as(
        "SELECT c.relname::text, c.relrowsecurity,
                (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '_sqlx_migrations' ORDER BY c.relname",
    )
    .fetch_all(&mut **tx)
    .await?;
    let references: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c
         WHERE c.contype = 'f' AND c.conrelid <> c.confrelid",
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let names: Vec<String> = left.iter().map(|(name, ..)| name.clone()).collect();
        let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|(name, ..)| {
            references
                .iter()
                .all(|(from, to)| from != name || !names.contains(to))
        });
        if ready.is_empty() {
            return Err(StoreError::Unsuitable(
                "the tables refer to one another in a circle".to_owned(),
            ));
        }
        ordered.extend(ready.into_iter().map(|(name, of_org, columns)| Table {
            name,
            columns,
            of_org,
        }));
        left = waiting;
    }
    Ok(ordered)
}

/// One moment of a PostgreSQL database, for as long as it is read.
#[derive(Debug)]
pub struct Snapshot(Transaction<'static, Postgres>);

impl Snapshot {
    /// Begins.
    pub async fn begin(db: &Db) -> StoreResult<Self> {
        let Pools::Postgres(pool) = &db.0 else {
            return Err(wrong_engine());
        };
        let mut tx = pool
            .begin_with("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .await?;
        // A copy takes as long as it takes; the limits are those of requests.
        sqlx::query("SET LOCAL statement_timeout = 0")
            .execute(&mut *tx)
            .await?;
        sqlx::query("SET LOCAL idle_in_transaction_session_timeout = 0")
            .execute(&mut *tx)
            .await?;
        Ok(Self(tx))
    }

    /// Every table, those that are referred to first.
    pub async fn tables(&mut self) -> StoreResult<Vec<Table>> {
        tables(&mut self.0).await
    }

    /// Every organisation with its slug.
    pub async fn orgs(&mut self) -> StoreResult<Vec<(OrgId, String)>> {
        let orgs = sqlx::query_as("SELECT org_id, slug FROM org_directory ORDER BY ordinal");
        Ok(orgs.fetch_all(&mut *self.0).await?)
    }

    /// Becomes one organisation, as far as row security goes.
    pub async fn become_org(&mut self, org: OrgId) -> StoreResult<()> {
        sqlx::query("SELECT set_config('habeo.org', $1, true)")
            .bind(org.to_string())
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    /// Size and frontier of the present organisation's ledger.
    pub async fn head(&mut self) -> StoreResult<Option<(i64, Vec<u8>)>> {
        let head = sqlx::query_as("SELECT size, frontier FROM ledger_head");
        Ok(head.fetch_optional(&mut *self.0).await?)
    }

    /// Hands over a table's rows, as far as they are visible, and says how many they are.
    pub async fn copy_out(&mut self, table: &Table, sink: Sink<'_>) -> StoreResult<u64> {
        let statement = format!(
            "COPY (SELECT {} FROM {}) TO STDOUT",
            columns_of(table),
            quoted(&table.name)
        );
        let mut stream = self.0.copy_out_raw(&statement).await?;
        let mut rows = 0;
        while let Some(bytes) = stream.next().await {
            let bytes = bytes?;
            // In the text format a line end is always a row's end.
            rows += bytes.split(|byte| *byte == b'\n').skip(1).count() as u64;
            sink(&bytes).map_err(sqlx::Error::Io)?;
        }
        Ok(rows)
    }
}

/// An empty PostgreSQL database that is being filled. Nothing of it is there before [`Restoration::commit`].
#[derive(Debug)]
pub struct Restoration {
    tx: Transaction<'static, Postgres>,
    tables: Vec<Table>,
}

impl Restoration {
    /// Begins, as the owner. Refuses a database in which there is anything.
    pub async fn begin(owner: &Db) -> StoreResult<Self> {
        let Pools::Postgres(pool) = &owner.0 else {
            return Err(wrong_engine());
        };
        let mut tx = pool.begin().await?;
        for statement in [
            "SET LOCAL ROLE habeo_owner",
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL idle_in_transaction_session_timeout = 0",
        ] {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        let tables = tables(&mut tx).await?;
        for table in &tables {
            let name = quoted(&table.name);
            if table.of_org {
                let open = format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY");
                sqlx::query(AssertSqlSafe(open)).execute(&mut *tx).await?;
            }
            let any = format!("SELECT EXISTS (SELECT 1 FROM {name})");
            let any: bool = sqlx::query_scalar(AssertSqlSafe(any))
                .fetch_one(&mut *tx)
                .await?;
            if any {
                return Err(StoreError::Unsuitable(format!(
                    "the database is not empty: there are rows in {}",
                    table.name
                )));
            }
        }
        Ok(Self { tx, tables })
    }

    /// The tables of this database, those that are referred to first.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Takes a table's rows from what reads them piece by piece, and says how many they were.
    pub async fn copy_in(
        &mut self,
        table: &Table,
        next: &mut (dyn FnMut() -> io::Result<Vec<u8>> + Send),
    ) -> StoreResult<u64> {
        let statement = format!(
            "COPY {} ({}) FROM STDIN",
            quoted(&table.name),
            columns_of(table)
        );
        let mut copy = self.tx.copy_in_raw(&statement).await?;
        loop {
            let piece = match next() {
                Ok(piece) => piece,
                Err(error) => {
                    copy.abort("the copy cannot be read").await?;
                    return Err(sqlx::Error::Io(error).into());
                }
            };
            if piece.is_empty() {
                break;
            }
            copy.send(piece).await?;
        }
        Ok(copy.finish().await?)
    }

    /// Puts row security back in force and makes everything durable.
    pub async fn commit(mut self) -> StoreResult<()> {
        for table in self.tables.iter().filter(|table| table.of_org) {
            let close = format!(
                "ALTER TABLE {} FORCE ROW LEVEL SECURITY",
                quoted(&table.name)
            );
            sqlx::query(AssertSqlSafe(close))
                .execute(&mut *self.tx)
                .await?;
        }
        self.tx.commit().await?;
        Ok(())
    }
}
