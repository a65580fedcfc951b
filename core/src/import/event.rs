//! Facts about imports. What they enter has facts of its own.

use serde::{Deserialize, Serialize};

/// What happened to an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ImportEvent {
    /// Its first chunk is about to be entered.
    #[serde(rename = "import.begun")]
    Begun {
        /// SHA-256 of the file, in hexadecimal.
        file_sha256: String,
        /// How many rows it has.
        rows: i64,
    },
    /// Its last chunk is entered.
    #[serde(rename = "import.completed")]
    Completed {
        /// How many rows it had.
        rows: i64,
    },
}
