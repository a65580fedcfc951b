//! Imports: a file's worth of assets, entered in chunks of which each happens once, however often it is tried.
//!
//! The rows themselves are ordinary commands to assets. What is here keeps count: an import is known by a digest of the file and of what is
//! made of it, and each chunk moves its count by one in the transaction that enters the chunk's assets. So whoever stops, or is stopped,
//! begins again with the same file and continues where the last chunk ended.

pub mod command;
pub mod event;
pub mod store;

use crate::id::ImportId;
use crate::time::Timestamp;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// How many rows the file has.
    pub rows_total: i64,
    /// How many of them are entered.
    pub rows_done: i64,
    /// How many chunks it takes.
    pub chunks_total: i64,
    /// How many of them are entered.
    pub chunks_done: i64,
    /// When it began.
    pub begun_at: Timestamp,
    /// When its last chunk was entered.
    pub finished_at: Option<Timestamp>,
}
