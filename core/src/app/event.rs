//! Facts about apps. An app's name is told to everybody who is asked to trust it, so it is in the ledger.

use serde::{Deserialize, Serialize};

use super::Kind;

/// What happened to an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum AppEvent {
    /// Somebody entered it.
    #[serde(rename = "app.created")]
    Created {
        /// What it is called.
        name: String,
        /// For whom it is.
        kind: Kind,
    },
    /// It is called something else.
    #[serde(rename = "app.renamed")]
    Renamed {
        /// What.
        name: String,
    },
    /// It is over.
    #[serde(rename = "app.removed")]
    Removed {},
}
