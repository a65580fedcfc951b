//! A workspace in one line, and who its users are.

use std::sync::Arc;

use habeo_core::access::{Access, Role, Surface};
use habeo_core::chat_link::command::{IssueTicket, TakeTicket};
use habeo_core::chat_link::{ChatUser, Profile, store};
use habeo_core::id::{ChatLinkId, InstallId, PersonId};
use habeo_core::install::command::Connect;
use habeo_core::install::{Platform, Tokens, Workspace};
use habeo_core::secret::MasterKey;
use secrecy::SecretString;

use super::College;
use crate::must;

/// The master key of every test of chats.
#[must_use]
pub fn master_key() -> Arc<MasterKey> {
    Arc::new(MasterKey::new([9; 32]))
}

/// A Slack workspace as it comes out of an installation.
#[must_use]
pub fn connect(key: &str) -> Connect {
    Connect {
        workspace: Workspace {
            platform: Platform::Slack,
            key: key.to_owned(),
        },
        name: format!("Workspace {key}"),
        bot_user: "U0HABEO".to_owned(),
        app_id: "A0HABEO".to_owned(),
        scopes: vec!["chat:write".to_owned(), "commands".to_owned()],
        tokens: Some(tokens("first", None)),
        pending: false,
        master_key: master_key(),
    }
}

/// Tokens that hold until an instant, or for ever.
#[must_use]
pub fn tokens(text: &str, expires_at: Option<habeo_core::time::Timestamp>) -> Tokens {
    Tokens {
        access: SecretString::from(format!("access-{text}")),
        refresh: expires_at.map(|_| SecretString::from(format!("refresh-{text}"))),
        expires_at,
    }
}

impl College {
    /// The access of a new administrator of the whole organisation.
    pub async fn administrator(&self) -> Access {
        self.access_of(&[(Role::OrgAdmin, self.units.root)]).await
    }

    /// Connects a workspace, live.
    pub async fn workspace(&self, key: &str) -> InstallId {
        let admin = self.administrator().await;
        must(self.db.ledger.record(&admin, connect(key)).await)
    }

    /// Lets a person be a user of a workspace.
    pub async fn link(&self, install: InstallId, user: &str, person: PersonId) -> ChatUser {
        let user = ChatUser {
            install,
            user: user.to_owned(),
        };
        let issue = IssueTicket {
            user: user.clone(),
            profile: Profile::named(format!("{} as shown", user.user)),
        };
        let ticket = must(self.db.ledger.record(&self.access, issue).await);
        let access = self.access_as(person).await;
        let take = TakeTicket { ticket };
        must(self.db.ledger.record(&access, take).await);
        user
    }

    /// Who a chat user is.
    pub async fn person_of(&self, user: &ChatUser) -> Option<(ChatLinkId, PersonId)> {
        let mut tx = self.db.read(&self.access).await;
        must(store::person_of(&mut tx, &self.access, user).await)
    }

    /// The access of somebody who is known already, in a request of the chat.
    pub async fn in_chat(&self, person: PersonId) -> Access {
        let access = self.access_as(person).await;
        access.within(Surface::Slack, format!("chat-{}", self.number()))
    }
}
