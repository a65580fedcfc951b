//! What Slack sends, as types of our own: nearly everything may be absent or null, and what we do not know is ignored.

mod action;
mod command;
mod event;
mod interaction;

use serde::{Deserialize, Deserializer};

pub use action::{Action, Picked};
pub use command::Command;
pub use event::{AppHome, Authorization, Envelope, Event, LinkShared, Message, TeamAccess, Tokens};
pub use interaction::{Container, Interaction, MessageSeen, Named, Sender, View, ViewState};

/// The longest id of Slack's that is taken for one.
pub const ID_BYTES_MAX: usize = 64;

/// Whether a text looks like an id of Slack's: a user, a team, a channel.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (2..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// From where something was sent: what tells the installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The app that it was sent to.
    pub app: Option<String>,
    /// The workspace.
    pub team: Option<String>,
    /// The organisation of workspaces.
    pub enterprise: Option<String>,
    /// Whether the app is installed in the organisation of workspaces as a whole.
    pub org_wide: bool,
}

impl Origin {
    /// Where an installation itself is meant, and no other that answers for the same workspace: what ends one must not end the other.
    #[must_use]
    pub fn exact(mut self) -> Self {
        let is_key = |key: &Option<String>| key.as_deref().is_some_and(is_id);
        if self.org_wide && is_key(&self.enterprise) {
            self.team = None;
        } else if is_key(&self.team) {
            self.enterprise = None;
        }
        self
    }

    /// Where the installation in the organisation of workspaces is meant, whichever of them is named beside it.
    #[must_use]
    pub fn of_enterprise(mut self) -> Self {
        if self.enterprise.as_deref().is_some_and(is_id) {
            self.team = None;
        }
        self
    }

    /// The keys under which the installation may be known, the likelier first.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        let (first, second) = if self.org_wide {
            (&self.enterprise, &self.team)
        } else {
            (&self.team, &self.enterprise)
        };
        [first, second]
            .into_iter()
            .filter_map(Option::as_deref)
            .filter(|key| is_id(key))
            .collect()
    }
}

/// Takes null for absence where the type has a default.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
