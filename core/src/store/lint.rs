//! Whether the database holds organisations apart by itself: every line of the rules, read back from the catalogues.
//!
//! The program's own conditions are one wall; row security, keys and rights are the other, and this is how it is known to stand. It runs
//! before a server answers anything, and each test of a schema runs it too.

pub(super) mod postgres;
mod sqlite;

use std::fmt;

use super::{Db, Pools, StoreError, StoreResult};

/// Tables that are read before the organisation is known: no tenant data, no row security. A new one is a decision, made here.
pub const DIRECTORY: &[&str] = &[
    "api_key_directory",
    "app_client_directory",
    "billing_directory",
    "checkpoint_key",
    "connection_directory",
    "delivery_due",
    "delivery_run",
    "inbox_directory",
    "installation_secret",
    "issuer_directory",
    "issuer_tombstone",
    "lease",
    "oauth_directory",
    "org_directory",
    "outbox_due",
    "punchout_directory",
    "push_displaced",
    "push_evidence",
    "push_stop",
    "push_ticket_due",
    "push_token_directory",
    "session_end",
    "subject_directory",
    "supplier_directory",
    "unplaced",
    "web_session_directory",
    "workspace_directory",
];

/// Tables whose rows are neither changed nor removed, by anybody.
pub const APPEND_ONLY: &[&str] = &["ledger_entry", "ledger_tile", "ledger_checkpoint"];

/// One rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule's short name.
    pub rule: &'static str,
    /// What breaks it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// Every rule that does not hold, as seen by the role of this connection, which is the one that serves.
pub async fn faults(db: &Db) -> StoreResult<Vec<Fault>> {
    match &db.0 {
        Pools::Sqlite { writer, .. } => sqlite::faults(writer).await,
        Pools::Postgres(pool) => postgres::faults(pool).await,
    }
}

/// Refuses a database in which any rule does not hold, and names them all.
pub async fn check(db: &Db) -> StoreResult<()> {
    let faults = faults(db).await?;
    if faults.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(StoreError::Unsuitable(format!(
        "the database does not hold organizations apart, or its ledger together, as it must:\n  {}",
        named.join("\n  ")
    )))
}
