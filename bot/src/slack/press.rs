//! What a button carried goes back to the engine, and its answer goes where the button stood.

use std::sync::Arc;

use poem::Response;
use tokio::time::timeout;

use super::Slack;
use super::card;
use super::command::{BUSY, WORK};
use super::door::taken;
use super::interaction::Touch;
use super::web::Replace;
use super::who::{TOO_LONG, Who};
use crate::background::Busy;
use crate::engine;
use crate::notice;
use crate::reply::Reply;

/// What stands above an answer in a dialog.
pub(super) const TITLE: &str = "Habeo";

/// What is said of a confirmation that takes too long: it goes on by itself.
const LATE_CHANGE: &str = "This takes longer than usual, and may still be done. Please look at what it changes before you ask for it again.";

impl Slack {
    /// Slack is answered at once. From somebody's page a dialog is opened first, for there is no message to answer in.
    pub(super) async fn press(&self, touch: Touch, press: String) -> Response {
        if touch
            .what
            .view
            .as_ref()
            .is_some_and(|view| view.kind == "home")
        {
            return self
                .show(touch, move |slack, touch| async move {
                    let reply = slack.pressed_reply(&touch, &press).await;
                    slack.refresh_after(&touch).await;
                    card::answer_view(TITLE, &reply.unwrap_or_else(Reply::sentence))
                })
                .await;
        }
        let touch = Arc::new(touch);
        let (slack, pressed) = (self.clone(), Arc::clone(&touch));
        let work = async move {
            let reply = slack.pressed_reply(&pressed, &press).await;
            slack.answer_press(&pressed, reply).await;
        };
        match self
            .common()
            .background()
            .spawn_for(touch.workspace.org, work)
        {
            Ok(()) => taken(),
            Err(Busy) => self.tell_beside(&touch, BUSY).await,
        }
    }

    /// What a button leads to, or what to say of it where that takes too long.
    async fn pressed_reply(&self, touch: &Touch, press: &str) -> Result<Reply, &'static str> {
        let work = async {
            match touch.who(self).await {
                Who::Known(known) => {
                    let asker = touch.workspace.asker(&known, &touch.spot());
                    match notice::says(press) {
                        Some(words) => self.engine().ask(&asker, words).await,
                        None => self.engine().press(&asker, press).await,
                    }
                }
                Who::Nobody(reply) => reply,
            }
        };
        let late = if engine::confirms(press) {
            LATE_CHANGE
        } else {
            TOO_LONG
        };
        timeout(WORK, work).await.map_err(|_| late)
    }

    /// In a dialog, the dialog shows the answer. In a message, the answer takes its place, unless it is for fewer eyes than the message was,
    /// or is none.
    async fn answer_press(&self, touch: &Touch, reply: Result<Reply, &'static str>) {
        let is_answer = reply.is_ok();
        let reply = reply.unwrap_or_else(Reply::sentence);
        let workspace = &touch.workspace;
        if let Some(view) = &touch.what.view {
            self.update(touch, &view.id, &card::answer_view(TITLE, &reply))
                .await;
            // The page below it may show what has just been done.
            self.refresh_after(touch).await;
            return;
        }
        let Some(url) = touch.what.response_url.as_deref() else {
            return;
        };
        let hidden = touch.is_public() && (reply.private || !self.may_be_read(touch).await);
        let replace = if !is_answer || hidden {
            Replace::Nothing
        } else {
            Replace::Original
        };
        self.respond(workspace, url, replace, &card::message(&reply))
            .await;
    }

    /// Whether all may read an answer who read the message that it takes the place of: others may have been let in since.
    async fn may_be_read(&self, touch: &Touch) -> bool {
        match &touch.what.channel {
            Some(channel) => self.is_among_ourselves(&touch.workspace, &channel.id).await,
            None => false,
        }
    }

    /// Shows somebody's page as it is after they did something on it.
    pub(super) async fn refresh_after(&self, touch: &Touch) {
        let user = &touch.what.user.id;
        if let Err(error) = self.publish_home(&touch.workspace, user, "home").await {
            tracing::info!(%error, "somebody's page was not refreshed");
        }
    }
}
