//! What can go wrong below the rules: the driver, the network, the disk, and rows that contradict themselves.

use crate::explain::{Explain, Kind};

/// What a database said, in its own words: for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure of the store. Callers learn only that it happened; the log gets the chain.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver or the database.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
    /// No connection became free, or the queue of writes is full.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// Another transaction came first, and this one can only begin anew.
    #[error("the database is busy; try again in a moment")]
    Collided,
    /// The database cannot be reached, or went away.
    #[error("the database cannot be reached; try again in a moment")]
    Lost(#[source] Cause),
    /// The database went away during the commit: nobody knows on which side of it.
    #[error(
        "the database went away while this was made durable; look whether it was done before asking again"
    )]
    Uncertain(#[source] Cause),
    /// The disk is full. What was being written was undone.
    #[error("there is no room left to record anything; what exists can be read")]
    Full(#[source] Cause),
    /// Reading or writing the disk failed, or what is on it is not what was written.
    #[error("the storage failed")]
    Damaged(#[source] Cause),
    /// Writing was stopped after a failure that must not be built upon.
    #[error("recording has stopped; what exists can be read")]
    Stopped,
    /// The organisation's licence is suspended: people read and change nothing, until it is paid for again.
    #[error(
        "the organization can be read and not changed at the moment, because its licence is suspended; an administrator sees why under Billing"
    )]
    ReadOnly,
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
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Lost(error.into())
            }
            sqlx::Error::Database(said) => match Meaning::of(said.code().as_deref()) {
                Meaning::Contention => Self::Busy,
                Meaning::Collision => Self::Collided,
                Meaning::Gone => Self::Lost(error.into()),
                Meaning::Full => Self::Full(error.into()),
                Meaning::Damage => Self::Damaged(error.into()),
                Meaning::Other => Self::Driver(error),
            },
            _ => Self::Driver(error),
        }
    }
}

/// What a database's own code means to whoever asked.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// Somebody else was in the way: asking again helps, nothing is wrong.
    Contention,
    /// The transaction lost against another.
    Collision,
    Gone,
    Full,
    Damage,
    Other,
}

/// The part of an extended code of SQLite that says what kind it is.
const SQLITE_KIND: u32 = 0xff;

impl Meaning {
    fn of(code: Option<&str>) -> Self {
        match code {
            // PostgreSQL has five characters: `lock_not_available`, `query_canceled`, `too_many_connections`; `serialization_failure`,
            // `deadlock_detected`; `disk_full`; `io_error`, `data_corrupted`, `index_corrupted`; `admin_shutdown` and its like.
            Some("55P03" | "57014" | "53300") => Self::Contention,
            Some("40001" | "40P01") => Self::Collision,
            Some("53100") => Self::Full,
            Some("58030" | "XX001" | "XX002") => Self::Damage,
            Some(code)
                if code.len() == 5 && (code.starts_with("08") || code.starts_with("57P")) =>
            {
                Self::Gone
            }
            Some(code) if code.len() < 5 => {
                match code.parse::<u32>().map(|code| code & SQLITE_KIND) {
                    // BUSY, LOCKED; IOERR, CORRUPT, NOTADB; FULL.
                    Ok(5 | 6) => Self::Contention,
                    Ok(10 | 11 | 26) => Self::Damage,
                    Ok(13) => Self::Full,
                    _ => Self::Other,
                }
            }
            _ => Self::Other,
        }
    }
}

impl StoreError {
    /// Whether the statement broke a unique index.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether PostgreSQL refused to write because the transaction is one that reads (`read_only_sql_transaction`).
    pub(crate) fn is_read_only(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Database(error)) if error.code().as_deref() == Some("25006"))
    }

    /// What a failure means when it is the commit's.
    pub(crate) fn at_commit(self) -> Self {
        match self {
            Self::Lost(error) => Self::Uncertain(error),
            // No rule is left that could refuse a commit: whatever else it says, the transaction was not what the program took it for.
            Self::Driver(error) => Self::Damaged(error.into()),
            other => other,
        }
    }

    /// Whether nothing may be built upon a database that says this: what it holds is not what was written, or cannot be known.
    pub(crate) const fn stops_writing(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Inconsistent { .. })
    }

    /// Whether the transaction in which this happened is over. SQLite may have rolled it back by itself, and what came after would be
    /// written outside of any.
    pub(crate) const fn ends_transaction(&self) -> bool {
        matches!(
            self,
            Self::Lost(_) | Self::Uncertain(_) | Self::Full(_) | Self::Damaged(_) | Self::Collided
        )
    }

    /// The same failure for one more of those who waited for it: errors of the driver cannot be copied.
    pub(crate) fn retold(&self) -> Self {
        let told = |error: &Cause| Cause::from(chain(error.as_ref()));
        match self {
            Self::Busy => Self::Busy,
            Self::Collided => Self::Collided,
            Self::Stopped => Self::Stopped,
            Self::ReadOnly => Self::ReadOnly,
            Self::Lost(error) => Self::Lost(told(error)),
            Self::Uncertain(error) => Self::Uncertain(told(error)),
            Self::Full(error) => Self::Full(told(error)),
            Self::Damaged(error) => Self::Damaged(told(error)),
            other => Self::Driver(sqlx::Error::Protocol(chain(other))),
        }
    }
}

/// An error and everything it was caused by, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy
            | Self::Collided
            | Self::Lost(_)
            | Self::Uncertain(_)
            | Self::Full(_)
            | Self::Stopped => Kind::Unavailable,
            Self::ReadOnly => Kind::Forbidden,
            Self::Driver(_)
            | Self::Damaged(_)
            | Self::Inconsistent { .. }
            | Self::Migration(_)
            | Self::Unsuitable(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy | Self::Collided => "busy",
            Self::Lost(_) => "unavailable",
            Self::Uncertain(_) => "outcome_unknown",
            Self::Full(_) => "storage_full",
            Self::Stopped => "recording_stopped",
            Self::ReadOnly => "licence_suspended",
            Self::Driver(_)
            | Self::Damaged(_)
            | Self::Inconsistent { .. }
            | Self::Migration(_)
            | Self::Unsuitable(_) => "internal_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_understood() {
        let cases = [
            ("5", Meaning::Contention),
            ("517", Meaning::Contention),
            ("262", Meaning::Contention),
            ("10", Meaning::Damage),
            ("1034", Meaning::Damage),
            ("11", Meaning::Damage),
            ("779", Meaning::Damage),
            ("13", Meaning::Full),
            ("787", Meaning::Other),
            ("2067", Meaning::Other),
            ("55P03", Meaning::Contention),
            ("40001", Meaning::Collision),
            ("40P01", Meaning::Collision),
            ("53100", Meaning::Full),
            ("58030", Meaning::Damage),
            ("57P01", Meaning::Gone),
            ("08006", Meaning::Gone),
            ("23505", Meaning::Other),
        ];
        for (code, meaning) in cases {
            assert_eq!(Meaning::of(Some(code)), meaning, "{code}");
        }
        assert_eq!(Meaning::of(None), Meaning::Other);
    }

    #[test]
    fn a_commit_that_fails_for_no_known_reason_stops_writing() {
        let driver = sqlx::Error::Protocol("x".to_owned());
        assert!(StoreError::Driver(driver).at_commit().stops_writing());
        for passing in [
            StoreError::Busy,
            StoreError::Collided,
            StoreError::Full("x".into()),
            StoreError::Lost("x".into()),
        ] {
            assert!(!passing.at_commit().stops_writing());
        }
        let unknown = StoreError::Lost("x".into()).at_commit();
        assert_eq!(unknown.code(), "outcome_unknown");
        assert_eq!(unknown.retold().code(), "outcome_unknown");
    }
}
