//! Facts about exports.

use serde::{Deserialize, Serialize};

use super::List;

/// What happened to an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ExportEvent {
    /// Its first row is about to leave. What the list was narrowed to is the entry's remark: a search may hold a name.
    #[serde(rename = "export.begun")]
    Begun {
        /// Which list.
        list: List,
        /// In which form, such as `text/csv`.
        format: String,
    },
    /// Its last row has left.
    #[serde(rename = "export.completed")]
    Completed {
        /// How many rows left.
        rows: i64,
        /// SHA-256 of everything that left, in hexadecimal: by it a file is recognised.
        sha256: String,
    },
}
