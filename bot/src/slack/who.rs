//! Who asks in Slack: a person behind a chat user, or what to tell somebody behind whom there is none.

use std::time::Duration;

use habeo_core::access::Surface;
use habeo_core::chat_link::{ChatUser, Profile};
use habeo_core::install::Platform;

use super::Slack;
use super::inbound::is_id;
use super::web::{User, WebError};
use super::workspace::Workspace;
use crate::asker::{AskerError, Known, Within};
use crate::reply::Reply;

/// How long it may take to ask Slack about somebody; whoever pressed something waits meanwhile.
const PATIENCE: Duration = Duration::from_millis(1_500);

const NOT_LIVE: &str =
    "Habeo is not in working order in this workspace: an administrator has to connect it again.";
const NOT_HERE: &str = "Habeo answers full members of this workspace only.";
const UNSURE: &str = "Slack did not say who you are. Please try again in a moment.";
const FAILED: &str = "Habeo cannot answer right now. Please try again in a moment.";
/// What is said where the workspace itself is unknown.
pub(super) const NOT_CONNECTED: &str = "This workspace is not connected to Habeo.";
/// What is said where it took too long.
pub(super) const TOO_LONG: &str = "This took too long. Please try again in a moment.";

/// Who asks.
#[derive(Debug)]
pub(super) enum Who {
    /// A person.
    Known(Box<Known>),
    /// Nobody we can answer; this is what they are told, privately.
    Nobody(Reply),
}

/// Who asks, as the request tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender<'a> {
    /// Their id.
    pub user: &'a str,
    /// What they are called, where the request tells.
    pub name: &'a str,
    /// Whether the request shows them to be of another workspace.
    pub is_foreign: bool,
    /// By what the request is known.
    pub request_id: &'a str,
}

impl Slack {
    /// Who asks. Somebody unknown is looked up at Slack, so that guests and others' colleagues get no ticket; and linked at once where the
    /// installation trusts their address.
    pub(super) async fn who(&self, workspace: &Workspace, sender: Sender<'_>) -> Who {
        if !workspace.is_live() {
            return Who::Nobody(Reply::sentence(NOT_LIVE));
        }
        if sender.is_foreign || !is_id(sender.user) {
            return Who::Nobody(Reply::sentence(NOT_HERE));
        }
        match self.known(workspace, sender).await {
            Ok(Some(known)) => return Who::Known(Box::new(known)),
            Ok(None) => {}
            Err(error) => return failed(&error),
        }
        match self.look_up(workspace, sender.user).await {
            Ok(Some(user)) => self.unknown(workspace, sender, &user).await,
            Ok(None) => Who::Nobody(Reply::sentence(NOT_HERE)),
            Err(error) => {
                self.note_trouble(workspace, &error).await;
                Who::Nobody(Reply::sentence(UNSURE))
            }
        }
    }

    /// The person behind a chat user, if there is one.
    pub(super) async fn known(
        &self,
        workspace: &Workspace,
        sender: Sender<'_>,
    ) -> Result<Option<Known>, AskerError> {
        if sender.is_foreign || !workspace.is_live() {
            return Ok(None);
        }
        let user = chat_user(workspace, sender.user);
        let within = Within {
            surface: Surface::Slack,
            request_id: sender.request_id,
        };
        self.askers().known(workspace.org, &user, within).await
    }

    /// A full member of the workspace, as Slack knows them.
    async fn look_up(&self, workspace: &Workspace, user: &str) -> Result<Option<User>, WebError> {
        let caller = workspace.caller(self, PATIENCE);
        match self.web().user(&caller, user).await {
            Ok(found) => {
                let member = found.is_member_of(&workspace.install.workspace.key);
                Ok((found.id == user && member).then_some(found))
            }
            Err(error) if error.is_recipient_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn unknown(&self, workspace: &Workspace, sender: Sender<'_>, user: &User) -> Who {
        match self.linked_or_invited(workspace, sender, user).await {
            Ok(who) => who,
            Err(error) => failed(&error),
        }
    }

    async fn linked_or_invited(
        &self,
        workspace: &Workspace,
        sender: Sender<'_>,
        user: &User,
    ) -> Result<Who, AskerError> {
        let chat_user = chat_user(workspace, sender.user);
        let name = Some(user.shown_name()).filter(|name| !name.is_empty());
        let name = name.unwrap_or(sender.name);
        let address = user.confirmed_address();
        if let Some(address) = address {
            let link = self.askers().link_by_address(
                workspace.org,
                &workspace.install,
                &chat_user,
                name,
                address,
                Surface::Slack,
            );
            if link.await?
                && let Some(known) = self.known(workspace, sender).await?
            {
                return Ok(Who::Known(Box::new(known)));
            }
        }
        let profile = Profile {
            shown_name: name.to_owned(),
            full_name: user.profile.real_name.clone(),
            address: address.map(str::to_owned),
        };
        let ticket = self.askers().ticket_url(
            workspace.org,
            Platform::Slack,
            &chat_user,
            profile,
            Surface::Slack,
        );
        Ok(Who::Nobody(self.engine().unlinked(&ticket.await?)))
    }
}

pub(super) fn chat_user(workspace: &Workspace, user: &str) -> ChatUser {
    ChatUser {
        install: workspace.install.id,
        user: user.to_owned(),
    }
}

fn failed(error: &AskerError) -> Who {
    tracing::error!(%error, "it could not be found out who asks");
    Who::Nobody(Reply::sentence(FAILED))
}
