//! Facts about keys of programs. Never the key, nor its hash.

use serde::{Deserialize, Serialize};

use super::{Mode, Scope};
use crate::id::AppId;

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ApiKeyEvent {
    /// Somebody made it.
    #[serde(rename = "api_key.created")]
    Created {
        /// Whose it is.
        app: AppId,
        /// What it is called.
        name: String,
        /// What it is good for.
        scopes: Vec<Scope>,
        /// For which organisations it is.
        mode: Mode,
    },
    /// It opens nothing any more.
    #[serde(rename = "api_key.revoked")]
    Revoked {},
}
