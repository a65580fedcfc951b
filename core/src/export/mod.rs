//! Exports: whole lists that left, as facts. An export is recorded before its first byte leaves, and once more when the last one has.

pub mod cell;
pub mod command;
pub mod event;

use crate::closed_set::closed_set;

/// In which form a list leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    #[default]
    Csv,
    /// One JSON text a line.
    JsonLines,
}

impl Format {
    /// Its media type, as facts name it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    /// How the names of its files end.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

closed_set! {
    /// What was exported.
    List {
        /// Assets.
        Assets = "assets",
        /// The history of one asset.
        AssetHistory = "asset_history",
        /// People.
        People = "people",
        /// Sites.
        Sites = "sites",
        /// Units.
        Units = "units",
        /// Entries of the ledger.
        Ledger = "ledger",
    }
}
