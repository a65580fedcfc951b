//! Facts about the ties between chat users and people. A chat user is in them as a digest, a person as their id; names never are.

use serde::{Deserialize, Serialize};

use super::How;
use crate::id::{InstallId, PersonId};

/// What happened to a tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum ChatLinkEvent {
    /// A chat user is a person from now on.
    #[serde(rename = "chat_link.linked")]
    Linked {
        /// In which workspace.
        install: InstallId,
        /// The digest of the chat user.
        user: String,
        /// Who it is.
        person: PersonId,
        /// How that was shown.
        how: How,
    },
    /// They are not any more.
    #[serde(rename = "chat_link.unlinked")]
    Unlinked {
        /// Who it was.
        person: PersonId,
        /// Whether the chat user was shown to be somebody else.
        displaced: bool,
    },
}
