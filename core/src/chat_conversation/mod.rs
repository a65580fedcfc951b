//! Where a conversation of a chat service is reached: learned from what comes in, used for what goes out unasked.

pub mod command;
pub mod store;

use crate::closed_set::closed_set;
use crate::explain::{Explain, Kind as ExplainKind};
use crate::id::InstallId;
use crate::time::Timestamp;

/// The most characters of a conversation's name.
pub const NAME_CHARS_MAX: usize = 400;
/// The most bytes of a conversation's id, of a user's address and of a service's.
pub const ID_BYTES_MAX: usize = 512;

closed_set! {
    /// Who takes part in a conversation.
    Kind {
        /// One person and the app.
        Personal = "personal",
        /// Some people.
        Group = "group",
        /// Whoever is in a team.
        Channel = "channel",
    }
}

/// A conversation that the app takes part in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The installation.
    pub install: InstallId,
    /// The conversation's id there, opaque.
    pub conversation: String,
    /// Who takes part.
    pub kind: Kind,
    /// In a personal one, who: the chat user's key.
    pub user: Option<String>,
    /// In a personal one, the user's address within the service, where it is another than the key.
    pub address: Option<String>,
    /// Where the service is reached for it.
    pub service_url: String,
    /// What it is called, where the service ever said it.
    pub name: Option<String>,
    /// When something last came from there; to the hour.
    pub seen_at: Timestamp,
    /// Since when nothing can be sent there.
    pub disabled_at: Option<Timestamp>,
}

/// A conversation of several people that is open, for whoever chooses one.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Open {
    /// The conversation's id there, opaque.
    pub conversation: String,
    /// Who takes part.
    pub kind: Kind,
    /// What it is called, where the service ever said it.
    pub name: Option<String>,
}

/// Why nothing was noted of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An id or an address is empty or too long.
    #[error("a conversation's ids have 1 to {ID_BYTES_MAX} bytes and no control characters")]
    BadId,
}

impl Explain for Refusal {
    fn kind(&self) -> ExplainKind {
        ExplainKind::Unacceptable
    }

    fn code(&self) -> &'static str {
        "chat_conversation_invalid"
    }
}
