//! The database: one handle over SQLite and PostgreSQL, and the only place that knows which of the two it is.

pub mod backup;
mod connect;
mod error;
pub(crate) mod filter;
pub mod lint;
pub(crate) mod macros;
pub mod migrate;
mod query;
pub mod search;

use sqlx::{Connection as _, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use connect::{PostgresRole, SqliteFile};
pub(crate) use error::chain;
pub use error::{Cause, StoreError, StoreResult};
pub(crate) use macros::{execute, fetch_all, fetch_one, fetch_optional, text_column};
pub(crate) use query::{Query, Value};

use crate::access::Access;
use crate::id::OrgId;

/// Which engine a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite: one file, one writer.
    Sqlite,
    /// PostgreSQL 15 or later, with row-level security.
    Postgres,
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Db(Pools);

#[derive(Debug, Clone)]
enum Pools {
    /// Readers see snapshots beside the one writer: SQLite allows no second.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// How much of a pool of connections is used.
#[derive(Debug, Clone, Copy)]
pub struct PoolUse {
    /// What the pool is for.
    pub name: &'static str,
    /// Connections there are.
    pub open: u32,
    /// Connections that nobody uses.
    pub idle: usize,
}

/// A transaction, and the only handle that store functions take. Dropping it rolls back.
///
/// On PostgreSQL it is bound to one organisation from its first statement, by the setting that row-level security reads.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Which engine this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.0 {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a read-only transaction within the caller's organisation.
    pub async fn read(&self, access: &Access) -> StoreResult<Tx> {
        self.begin_read(Some(access.org())).await
    }

    /// Begins a read-only transaction that sees the directory tables and no organisation's rows.
    pub async fn read_directory(&self) -> StoreResult<Tx> {
        self.begin_read(None).await
    }

    /// As [`Self::read`], and what is read is all of one moment, however many statements it takes.
    pub async fn read_snapshot(&self, access: &Access) -> StoreResult<Tx> {
        match &self.0 {
            Pools::Sqlite { .. } => self.read(access).await,
            Pools::Postgres(pool) => {
                let begin = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                scoped(pool.begin_with(begin).await?, Some(access.org())).await
            }
        }
    }

    async fn begin_read(&self, org: Option<OrgId>) -> StoreResult<Tx> {
        match &self.0 {
            // Reader connections are opened with `query_only`, so a plain BEGIN cannot write.
            Pools::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.begin().await?)),
            Pools::Postgres(pool) => {
                let tx = pool.begin_with("BEGIN TRANSACTION READ ONLY").await?;
                scoped(tx, org).await
            }
        }
    }

    /// Begins a read-only transaction as an organisation that was just looked up in the directory.
    pub(crate) async fn read_as(&self, org: OrgId) -> StoreResult<Tx> {
        self.begin_read(Some(org)).await
    }

    /// Begins a writing transaction within an organisation. Only the ledger's writer does, the inbox, and whoever settles parcels of the outbox.
    pub(crate) async fn write(&self, org: OrgId) -> StoreResult<Tx> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => {
                Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Pools::Postgres(pool) => scoped(pool.begin().await?, Some(org)).await,
        }
    }

    /// Begins a transaction for comparing projections with what they should be: it sees one moment and may make temporary tables, for which it
    /// takes as long as it takes. Other writers are not kept waiting.
    pub(crate) async fn shadow(&self, org: OrgId) -> StoreResult<Tx> {
        match &self.0 {
            // The writer's connection, because readers may not even make temporary tables; a plain BEGIN locks nothing.
            Pools::Sqlite { writer, .. } => Ok(Tx::Sqlite(writer.begin().await?)),
            Pools::Postgres(pool) => {
                let mut tx = pool
                    .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    .await?;
                // A statement that was prepared before keeps meaning the tables that it meant.
                tx.clear_cached_statements().await?;
                let mut tx = patient(scoped(tx, Some(org)).await?).await?;
                // Everywhere else temporary tables come last, so that they cannot stand before ours.
                execute!(&mut tx, "SET LOCAL search_path = pg_temp, public")?;
                Ok(tx)
            }
        }
    }

    /// Begins a writing transaction as the owner of the tables; where there is no such role, as anybody.
    pub(crate) async fn write_as_owner(&self, org: OrgId) -> StoreResult<Tx> {
        let mut tx = patient(self.write(org).await?).await?;
        if let Tx::Postgres(_) = tx {
            execute!(&mut tx, "SET LOCAL ROLE habeo_owner")?;
        }
        Ok(tx)
    }

    /// Begins a writing transaction that reaches the directory tables and no organisation's rows.
    pub(crate) async fn write_directory(&self) -> StoreResult<Tx> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => {
                Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Pools::Postgres(pool) => scoped(pool.begin().await?, None).await,
        }
    }

    /// Whether it answers at all.
    pub async fn answers(&self) -> StoreResult<()> {
        let mut tx = self.read_directory().await?;
        fetch_one!(&mut tx, (i32,), "SELECT 1").map(|_| ())
    }

    /// How many connections are open and idle.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        match &self.0 {
            Pools::Sqlite { readers, writer } => vec![
                PoolUse {
                    name: "readers",
                    open: readers.size(),
                    idle: readers.num_idle(),
                },
                PoolUse {
                    name: "writer",
                    open: writer.size(),
                    idle: writer.num_idle(),
                },
            ],
            Pools::Postgres(pool) => vec![PoolUse {
                name: "postgres",
                open: pool.size(),
                idle: pool.num_idle(),
            }],
        }
    }

    #[cfg(test)]
    pub(crate) fn writer_pool(&self) -> &SqlitePool {
        match &self.0 {
            Pools::Sqlite { writer, .. } => writer,
            Pools::Postgres(_) => panic!("PostgreSQL has no one writer"),
        }
    }

    /// Waits for every connection to be returned and closes it.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Lets a transaction's statements, and the pauses between them, last as long as they do.
async fn patient(mut tx: Tx) -> StoreResult<Tx> {
    if let Tx::Postgres(_) = tx {
        execute!(&mut tx, "SET LOCAL statement_timeout = 0")?;
        execute!(&mut tx, "SET LOCAL idle_in_transaction_session_timeout = 0")?;
    }
    Ok(tx)
}

/// Binds a PostgreSQL transaction to an organisation for exactly as long as it lasts.
async fn scoped(mut tx: Transaction<'static, Postgres>, org: Option<OrgId>) -> StoreResult<Tx> {
    let org = org.map(|org| org.to_string()).unwrap_or_default();
    sqlx::query("SELECT set_config('habeo.org', $1, true)")
        .bind(org)
        .execute(&mut *tx)
        .await?;
    Ok(Tx::Postgres(tx))
}

impl Tx {
    /// Which engine this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Has statements planned once for whatever they are asked with, until the end of the transaction: only for such as are read along the same
    /// index always. Elsewhere the planner needs the values, because a rare one is found otherwise than a common one.
    pub(crate) async fn plan_once(&mut self) -> StoreResult<()> {
        if let Self::Postgres(_) = self {
            execute!(self, "SET LOCAL plan_cache_mode = force_generic_plan")?;
        }
        Ok(())
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
