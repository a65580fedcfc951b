//! Buttons, dialogs and shortcuts: who did what, and which of the ways it takes.

use poem::Response;

use super::Slack;
use super::card::{FORM, PRESS};
use super::door::{taken, unreadable};
use super::home::CONNECT;
use super::inbound::{Action, Interaction};
use super::who::{Sender, Who};
use super::workspace::{Spot, Workspace, is_direct};
use crate::engine::Place;

/// An interaction in a workspace that we know.
#[derive(Debug)]
pub(super) struct Touch {
    pub workspace: Workspace,
    pub what: Interaction,
    is_foreign: bool,
}

impl Touch {
    /// Who did it.
    pub async fn who(&self, slack: &Slack) -> Who {
        slack.who(&self.workspace, self.sender()).await
    }

    /// Who did it, as far as the request tells.
    pub fn sender(&self) -> Sender<'_> {
        Sender {
            user: &self.what.user.id,
            name: &self.what.user.name,
            is_foreign: self.is_foreign,
            request_id: self.what.trigger_id.as_deref().unwrap_or("interaction"),
        }
    }

    /// Where they did it.
    pub fn spot(&self) -> Spot<'_> {
        let channel = self
            .what
            .channel
            .as_ref()
            .map_or("view", |channel| channel.id.as_str());
        let message = self.what.message.as_ref();
        let thread = message.and_then(|message| message.thread_ts.as_deref());
        Spot {
            channel,
            thread: thread.or(self.what.container.thread_ts.as_deref()),
            user: &self.what.user.id,
            place: if self.is_public() {
                Place::Shared
            } else {
                Place::Private
            },
        }
    }

    /// Whether others see the message on which they did it.
    pub fn is_public(&self) -> bool {
        let channel = self.what.channel.as_ref();
        let in_channel = channel.is_some_and(|channel| !is_direct(&channel.id));
        in_channel && self.what.view.is_none() && !self.what.container.is_ephemeral
    }
}

impl Slack {
    /// Takes an interaction in. What opens a dialog does so before the answer, for it may do so for three seconds only.
    pub(super) async fn take_interaction(&self, body: &[u8]) -> Response {
        let Some(what) = Interaction::read(body) else {
            return unreadable();
        };
        let origin = what.origin();
        let workspace = match self.workspace(&origin).await {
            Ok(Some(workspace)) => workspace,
            Ok(None) => return taken(),
            Err(error) => {
                tracing::error!(%error, "the workspace of an interaction could not be read");
                return taken();
            }
        };
        let is_foreign = workspace.is_foreign(&origin, what.user.team_id.as_deref());
        let touch = Touch {
            workspace,
            what,
            is_foreign,
        };
        match touch.what.kind.as_str() {
            "block_actions" => self.pressed(touch).await,
            "view_submission" => self.submitted(touch).await,
            "shortcut" => self.scan_wanted(touch).await,
            "message_action" => self.message_wanted(touch).await,
            _ => taken(),
        }
    }

    async fn pressed(&self, touch: Touch) -> Response {
        let Some(action) = touch.what.actions.first().cloned() else {
            return taken();
        };
        let kind = action.action_id.split(':').next().unwrap_or_default();
        let value = |action: Action| action.picked.text().unwrap_or_default();
        match kind {
            PRESS => self.press(touch, value(action)).await,
            FORM => self.form_wanted(touch, &value(action)).await,
            CONNECT => self.link_wanted(touch).await,
            // What leads elsewhere does so by itself.
            _ => taken(),
        }
    }
}
