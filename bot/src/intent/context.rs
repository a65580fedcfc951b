//! What a conversation was about just now.

use serde::{Deserialize, Serialize};

use super::Intent;

/// What a follow-up can refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The last intent that was answered; what was unclear leaves the one before it standing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Intent>,
    /// How many assets the last answer showed: "it" needs exactly one, "the second one" at least two.
    #[serde(default)]
    pub rows: u16,
}

impl Context {
    /// A conversation that begins.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// After an answer to this intent that showed so many assets.
    #[must_use]
    pub fn after(last: Intent, rows: u16) -> Self {
        Self {
            last: Some(last),
            rows,
        }
    }
}
