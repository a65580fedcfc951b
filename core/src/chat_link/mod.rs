//! Who a chat user is: the verified tie by which somebody acts in a chat as themselves.

pub mod command;
pub mod event;
pub(crate) mod project;
pub mod store;

use sha2::{Digest, Sha256};

use crate::closed_set::closed_set;
use crate::id::{ChatLinkId, InstallId, PersonId};
use crate::install::Platform;
use crate::ledger::tree;
use crate::time::{MINUTE_MICROS, Timestamp};

/// How long a ticket lives.
pub const TICKET_LIFE_MICROS: i64 = 10 * MINUTE_MICROS;
/// The most characters of the name that a chat user shows, and of everything else that tells who they are.
pub const NAME_CHARS_MAX: usize = 200;

closed_set! {
    /// How it was shown that a chat user is a person.
    How {
        /// They signed in on our page with a ticket that the chat user was given.
        Page = "page",
        /// The service vouches for an address of a trusted domain, which is one person's.
        Email = "email",
    }
}

/// A user of a chat service, as an installation knows them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChatUser {
    /// Through which installation.
    pub install: InstallId,
    /// Their key there, opaque: a Slack user (`U…`, `W…`), an Entra object id.
    pub user: String,
}

impl ChatUser {
    /// What stands for them where neither key nor name may: in the ledger, and where they are looked up.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = Sha256::new_with_prefix(b"habeo chat user")
            .chain_update(self.install.uuid().as_bytes())
            .chain_update(self.user.as_bytes())
            .finalize();
        tree::hex(&digest)
    }
}

/// What is known of who a chat user is, besides their key. Only the address is somebody else's word than their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// What they show as their name. They chose it themselves.
    pub shown_name: String,
    /// Their full name at the service, where it is another one.
    pub full_name: Option<String>,
    /// The mail address, or the name by which they sign in, that the service vouches for.
    pub address: Option<String>,
}

impl Profile {
    /// Of somebody of whom nothing is known but what they show as their name.
    #[must_use]
    pub fn named(shown_name: impl Into<String>) -> Self {
        Self {
            shown_name: shown_name.into(),
            ..Self::default()
        }
    }
}

/// A chat user of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The tie.
    pub link: ChatLinkId,
    /// Through which installation.
    pub install: InstallId,
    /// On which service.
    pub platform: Platform,
    /// Their key there.
    pub user: String,
    /// What they show as their name there.
    pub shown_name: String,
    /// How the workspace calls itself.
    pub workspace_name: String,
    /// How it was shown.
    pub how: How,
    /// Since when.
    pub linked_at: Timestamp,
}

/// A person who is linked in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedPerson {
    /// The tie.
    pub link: ChatLinkId,
    /// Its place in lists.
    pub seq: i64,
    /// Who.
    pub person: PersonId,
    /// Their key there.
    pub user: String,
    /// What they show as their name in the workspace.
    pub shown_name: String,
    /// How it was shown.
    pub how: How,
    /// Since when.
    pub linked_at: Timestamp,
}

/// A ticket that still can be taken, for the page that asks whether it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Whom it was given to.
    pub user: ChatUser,
    /// On which service.
    pub platform: Platform,
    /// Who that is, as far as the service says.
    pub profile: Profile,
    /// How the workspace calls itself.
    pub workspace_name: String,
    /// Until when it can be taken.
    pub expires_at: Timestamp,
}
