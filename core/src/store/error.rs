//! What can go wrong below the rules: the driver, the network, the disk, and rows that contradict themselves.

use crate::explain::{Explain, Kind};

/// A failure of the store. Callers learn only that it happened; the log gets the chain.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver or the database.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
    /// No connection became free, or the queue of writes is full.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// A stored row that the program cannot have written.
    #[error("the stored row of {table} contradicts itself: {what}")]
    Inconsistent {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The migrations of this program and of the database differ.
    #[error("the database schema cannot be used")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database, its version or its settings are not ones that keep what they are given.
    #[error("{0}")]
    Unsuitable(String),
}

/// What store functions return.
pub type StoreResult<T> = Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(error) if is_contention(error.code().as_deref()) => Self::Busy,
            other => Self::Driver(other),
        }
    }
}

/// Whether somebody else was in the way: asking again helps, nothing is wrong.
///
/// PostgreSQL: `lock_not_available`, `query_canceled`, `serialization_failure`, `deadlock_detected`. SQLite: `BUSY`, `LOCKED` and the
/// extended codes of the former.
fn is_contention(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("55P03" | "57014" | "40001" | "40P01" | "5" | "6" | "261" | "517" | "773")
    )
}

impl StoreError {
    /// Whether the statement broke a unique index.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Unavailable,
            _ => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            _ => "internal_error",
        }
    }
}
