//! The database: one handle over SQLite and PostgreSQL, and the only place that knows which of the two it is.

mod connect;
mod error;
pub(crate) mod filter;
pub mod lint;
pub(crate) mod macros;
pub mod migrate;
mod query;
pub mod search;

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use connect::{PostgresRole, SqliteFile};
pub use error::{StoreError, StoreResult};
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

    /// Begins a writing transaction within an organisation. Only the ledger's writer does.
    pub(crate) async fn write(&self, org: OrgId) -> StoreResult<Tx> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => {
                Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Pools::Postgres(pool) => scoped(pool.begin().await?, Some(org)).await,
        }
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

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
