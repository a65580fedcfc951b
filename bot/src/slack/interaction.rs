//! Buttons, dialogs and shortcuts: who did what, and which of the ways it takes.

use poem::Response;
use poem::http::StatusCode;
use tokio::time::timeout;

use super::Slack;
use super::card::{self, FORM, PRESS};
use super::dialog::kept_open;
use super::door::{IN_TIME, empty, taken, unreadable};
use super::home::CONNECT;
use super::inbound::{Action, Interaction};
use super::press::TITLE;
use super::web::Replace;
use super::who::{NOT_CONNECTED, Sender, Who, chat_user};
use super::workspace::{Spot, Workspace, is_direct};
use crate::bot::TOO_MUCH;
use crate::engine::{CANNOT_LOOK, Place};
use crate::reply::Reply;

/// A dialog was sent.
const SUBMISSION: &str = "view_submission";
const LATE: &str = "This took too long. Please send it again.";

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

/// What somebody did came to nothing. A dialog stays as it is and says why; where nothing can be said, Slack shows that it failed.
fn not_done(what: &Interaction, text: &str) -> Response {
    match &what.view {
        Some(view) if what.kind == SUBMISSION => kept_open(&view.state, text),
        _ => unavailable(),
    }
}

/// An answer that Slack shows as a failure.
pub(super) fn unavailable() -> Response {
    empty(StatusCode::SERVICE_UNAVAILABLE)
}

impl Slack {
    /// Takes an interaction in. What opens a dialog does so before the answer, for it may do so for three seconds only.
    pub(super) async fn take_interaction(&self, body: &[u8]) -> Response {
        let Some(what) = Interaction::read(body) else {
            return unreadable();
        };
        let late = not_done(&what, LATE);
        let answering = Box::pin(self.interaction(what));
        timeout(IN_TIME, answering).await.unwrap_or_else(|_| {
            tracing::warn!("an interaction was not answered in time");
            late
        })
    }

    async fn interaction(&self, what: Interaction) -> Response {
        let origin = what.origin();
        let workspace = match self.workspace(&origin).await {
            Ok(Some(workspace)) => workspace,
            Ok(None) => {
                let dialog = what.view.filter(|_| what.kind == SUBMISSION);
                return dialog.map_or_else(taken, |view| kept_open(&view.state, NOT_CONNECTED));
            }
            Err(error) => {
                tracing::error!(%error, "the workspace of an interaction could not be read");
                return not_done(&what, CANNOT_LOOK);
            }
        };
        let is_foreign = workspace.is_foreign(&origin, what.user.team_id.as_deref());
        let touch = Touch {
            workspace,
            what,
            is_foreign,
        };
        let user = chat_user(&touch.workspace, &touch.what.user.id);
        if !self.common().may_ask(touch.workspace.org, &user).await {
            return match touch.what.kind.as_str() {
                SUBMISSION => not_done(&touch.what, TOO_MUCH),
                _ => self.tell_beside(&touch, TOO_MUCH).await,
            };
        }
        match touch.what.kind.as_str() {
            "block_actions" => self.pressed(touch).await,
            SUBMISSION => self.submitted(touch).await,
            "shortcut" => self.scan_wanted(touch).await,
            "message_action" => self.message_wanted(touch).await,
            _ => taken(),
        }
    }

    /// What somebody did came to nothing, and they are told: beside a button where it has an address to answer to.
    pub(super) async fn tell_beside(&self, touch: &Touch, text: &str) -> Response {
        let reply = Reply::sentence(text);
        if touch.what.view.is_some() {
            let opened = self.open(touch, &card::answer_view(TITLE, &reply)).await;
            return opened.map_or_else(unavailable, |_| taken());
        }
        let Some(url) = touch.what.response_url.as_deref() else {
            return unavailable();
        };
        let message = card::message(&reply);
        self.respond(&touch.workspace, url, Replace::Nothing, &message)
            .await;
        taken()
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
