//! Somebody's own page, and what they could ask.

use std::time::Duration;

use habeo_core::chat_link::ChatUser;
use habeo_core::id::OrgId;
use habeo_core::install::Install;

use super::Slack;
use super::block::{Block, Element, Text, View};
use super::card;
use super::event::{PATIENCE, Trouble};
use super::inbound::AppHome;
use super::web::Prompt;
use super::who::{NOT_CONNECTED, Sender};
use super::workspace::{Spot, Workspace};
use crate::asker::{AskerError, Known};
use crate::engine::Place;

/// What the id of the button begins with that asks to be linked.
pub(super) const CONNECT: &str = "connect";

/// How long clearing everybody's pages may take: an administrator waits for it.
const CLEARING: Duration = Duration::from_secs(5);
/// Questions that are offered at once.
const PROMPTS_MAX: usize = 4;
const WELCOME: &str = "Habeo";
const INVITATION: &str = "Link your Habeo account to see the equipment that is yours, and to ask about what you answer for.";

impl Slack {
    /// Somebody opened their page, or their messages with us.
    pub(super) async fn home_opened(
        &self,
        workspace: &Workspace,
        home: &AppHome,
        key: &str,
    ) -> Result<(), Trouble> {
        match home.tab.as_str() {
            "home" => self.publish_home(workspace, &home.user, key).await,
            "messages" => self.suggest(workspace, home, key).await,
            _ => Ok(()),
        }
    }

    /// Shows somebody their page as it is now: after they were linked, or are not any more, or changed something.
    pub async fn refresh_home(&self, org: OrgId, user: &ChatUser) {
        let workspace = match self.workspace_of(org, user.install).await {
            Ok(Some(workspace)) => workspace,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "somebody's page could not be refreshed");
                return;
            }
        };
        if let Err(error) = self.publish_home(&workspace, &user.user, "home").await {
            tracing::info!(install.id = %user.install, %error, "somebody's page was not refreshed");
        }
    }

    /// As [`Self::refresh_home`], without being waited for.
    pub fn refresh_home_soon(&self, org: OrgId, user: ChatUser) {
        let slack = self.clone();
        let refresh = async move { slack.refresh_home(org, &user).await };
        if self.common().background().spawn_for(org, refresh).is_err() {
            tracing::info!("somebody's page was not refreshed: too much is going on");
        }
    }

    /// Takes what people see of theirs off their own pages, while the installation still may: as many as can be reached in a few seconds.
    pub(crate) async fn clear_homes(&self, org: OrgId, install: &Install, users: Vec<String>) {
        let clear = async {
            let caller = self.caller(org, install, CLEARING);
            let view = sentence(NOT_CONNECTED);
            for user in &users {
                if let Err(error) = self.web().publish_view(&caller, user, &view).await {
                    tracing::info!(install.id = %install.id, %error, "somebody's page was not cleared");
                    // A token that is dead does not come to life for the next one.
                    if error.is_token_dead() {
                        break;
                    }
                }
            }
        };
        if tokio::time::timeout(CLEARING, clear).await.is_err() {
            tracing::info!(install.id = %install.id, "not everybody's page was cleared in time");
        }
    }

    pub(super) async fn publish_home(
        &self,
        workspace: &Workspace,
        user: &str,
        key: &str,
    ) -> Result<(), Trouble> {
        let view = match self.known_at_home(workspace, user, key).await? {
            Some(known) => {
                let asker = workspace.asker(&known, &at_home(user));
                // What cannot be read takes the place of nothing that was.
                card::home_view(&self.engine().home(&asker).await?)
            }
            None => invitation(),
        };
        let caller = workspace.caller(self, PATIENCE);
        Ok(self.web().publish_view(&caller, user, &view).await?)
    }

    async fn suggest(
        &self,
        workspace: &Workspace,
        home: &AppHome,
        key: &str,
    ) -> Result<(), Trouble> {
        let Some(known) = self.known_at_home(workspace, &home.user, key).await? else {
            return Ok(());
        };
        let asker = workspace.asker(&known, &at_home(&home.user));
        let prompts = self.engine().suggestions(&asker).await?;
        let prompts: Vec<Prompt> = prompts
            .into_iter()
            .take(PROMPTS_MAX)
            .map(|prompt| Prompt {
                title: prompt.title,
                message: prompt.message,
            })
            .collect();
        if prompts.is_empty() {
            return Ok(());
        }
        let caller = workspace.caller(self, PATIENCE);
        Ok(self.web().suggest(&caller, &home.channel, &prompts).await?)
    }

    async fn known_at_home(
        &self,
        workspace: &Workspace,
        user: &str,
        key: &str,
    ) -> Result<Option<Known>, Trouble> {
        let sender = Sender {
            user,
            name: "",
            is_foreign: false,
            request_id: key,
        };
        match self.known(workspace, sender).await {
            Ok(known) => Ok(known),
            Err(AskerError::Store(error)) => Err(error.into()),
            Err(AskerError::Link(_)) => Ok(None),
        }
    }
}

const fn at_home(user: &str) -> Spot<'_> {
    Spot {
        channel: "home",
        thread: None,
        user,
        place: Place::Private,
    }
}

fn sentence(text: &str) -> View {
    View::Home {
        blocks: vec![
            Block::Header {
                text: Text::plain(WELCOME, 150),
            },
            Block::section(text),
        ],
    }
}

/// The page of somebody whom we do not know. The button makes the ticket when it is pressed: one on the page would be old by then.
fn invitation() -> View {
    let connect = Element::Button {
        action_id: format!("{CONNECT}:0"),
        text: Text::plain("Connect your Habeo account", 75),
        value: Some(CONNECT.to_owned()),
        url: None,
        style: Some("primary"),
    };
    View::Home {
        blocks: vec![
            Block::Header {
                text: Text::plain(WELCOME, 150),
            },
            Block::section(INVITATION),
            Block::Actions {
                elements: vec![connect],
            },
        ],
    }
}
