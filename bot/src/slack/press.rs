//! What a button carried goes back to the engine, and its answer goes where the button stood.

use poem::Response;
use tokio::time::timeout;

use super::Slack;
use super::card;
use super::command::WORK;
use super::door::taken;
use super::interaction::Touch;
use super::web::Replace;
use super::who::{TOO_LONG, Who};
use crate::notice;
use crate::reply::Reply;

/// What stands above an answer in a dialog.
pub(super) const TITLE: &str = "Habeo";

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
                    card::answer_view(TITLE, &reply)
                })
                .await;
        }
        let slack = self.clone();
        let work = async move {
            let reply = slack.pressed_reply(&touch, &press).await;
            slack.answer_press(&touch, &reply).await;
        };
        if self.common().background().spawn(work).is_err() {
            tracing::warn!("a button was not answered: too much is going on");
        }
        taken()
    }

    async fn pressed_reply(&self, touch: &Touch, press: &str) -> Reply {
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
        timeout(WORK, work)
            .await
            .unwrap_or_else(|_| Reply::sentence(TOO_LONG))
    }

    /// In a dialog, the dialog shows the answer. In a message, the answer takes its place, unless it is for fewer eyes than the message was.
    async fn answer_press(&self, touch: &Touch, reply: &Reply) {
        let workspace = &touch.workspace;
        if let Some(view) = &touch.what.view {
            self.update(touch, &view.id, &card::answer_view(TITLE, reply))
                .await;
            return;
        }
        let Some(url) = touch.what.response_url.as_deref() else {
            return;
        };
        let replace = if touch.is_public() && reply.private {
            Replace::Nothing
        } else {
            Replace::Original
        };
        self.respond(workspace, url, replace, &card::message(reply))
            .await;
    }

    /// Shows somebody's page as it is after they did something on it.
    pub(super) async fn refresh_after(&self, touch: &Touch) {
        let user = &touch.what.user.id;
        if let Err(error) = self.publish_home(&touch.workspace, user, "home").await {
            tracing::info!(%error, "somebody's page was not refreshed");
        }
    }
}
