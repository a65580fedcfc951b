//! What programs say for others to hear: a fact without a projection, announced under the name that it was given.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a program said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum EmittedEvent {
    /// An event of this name.
    #[serde(rename = "event.emitted")]
    Emitted {
        /// Its name.
        #[serde(rename = "type")]
        name: String,
        /// What it says.
        data: Value,
    },
}
