//! Facts about signing in.

use serde::{Deserialize, Serialize};

use crate::id::WebSessionId;

/// Somebody came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum AuthEvent {
    /// Signed in to the console.
    #[serde(rename = "auth.login")]
    Login {
        /// The session that began.
        session: WebSessionId,
    },
    /// Signed out of it.
    #[serde(rename = "auth.logout")]
    Logout {
        /// The session that ended.
        session: WebSessionId,
    },
    /// The token issuer ended a session of theirs, wherever it was.
    #[serde(rename = "auth.session_ended")]
    SessionEnded {
        /// Which issuer.
        issuer: String,
        /// Its word for how.
        how: String,
    },
}
