//! Slash commands: answered while Slack waits, or where it said that the answer goes.

use std::time::Duration;

use poem::Response;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Slack;
use super::block::Message;
use super::card;
use super::door::{json, taken};
use super::inbound::Command;
use super::web::Replace;
use super::who::{NOT_CONNECTED, Sender, TOO_LONG, Who, chat_user};
use super::workspace::{Spot, Workspace};
use crate::asker::Known;
use crate::background::in_time;
use crate::bot::TOO_MUCH;
use crate::engine::Place;
use crate::reply::Reply;

/// How long Slack waits for an answer at first; it gives up after three seconds.
const INLINE: Duration = Duration::from_secs(1);
/// How long it may take to find the workspace before.
const LOOK_UP: Duration = Duration::from_millis(1_500);
/// How long an answer may take as a whole.
pub(super) const WORK: Duration = Duration::from_secs(25);

const UNREADABLE: &str = "Slack sent something that is no command.";
pub(super) const BUSY: &str = "Habeo has too much to do right now. Please try again in a moment.";
pub(super) const FAILED: &str = "Habeo cannot answer right now. Please try again in a moment.";
const DISCONNECTED: &str = "Your Slack account is no longer linked to Habeo.";
const CONNECTED: &str = "Your Slack account is linked to Habeo.";

/// A message in answer to a command. Only whoever gave the command sees it.
#[derive(Serialize)]
struct Answer<'a> {
    response_type: &'static str,
    #[serde(flatten)]
    message: &'a Message,
}

impl Slack {
    /// Takes a command in. Slack shows anything but 200 as an outage, so errors are told as answers.
    pub(super) async fn take_command(&self, body: &[u8]) -> Response {
        let Some(command) = Command::read(body) else {
            return answer(&card::sentence(UNREADABLE));
        };
        if command.ssl_check.is_some() {
            return taken();
        }
        let origin = command.origin();
        match timeout(LOOK_UP, self.workspace(&origin)).await {
            Ok(Ok(Some(workspace))) => self.answer_in_time(workspace, command).await,
            Ok(Ok(None)) => answer(&card::sentence(NOT_CONNECTED)),
            Ok(Err(error)) => {
                tracing::error!(%error, "the workspace of a command could not be read");
                answer(&card::sentence(FAILED))
            }
            Err(_) => {
                tracing::warn!("the workspace of a command was not read in time");
                answer(&card::sentence(FAILED))
            }
        }
    }

    /// The answer at once where it is ready at once, else an empty one, and the answer when it is ready.
    async fn answer_in_time(&self, workspace: Workspace, command: Command) -> Response {
        let user = chat_user(&workspace, &command.user_id);
        if !self.common().may_ask(workspace.org, &user).await {
            return answer(&card::sentence(TOO_MUCH));
        }
        let (sender, receiver) = oneshot::channel();
        let (slack, org) = (self.clone(), workspace.org);
        let work = async move {
            let answering = timeout(WORK, slack.answer_command(&workspace, &command));
            let reply = answering
                .await
                .unwrap_or_else(|_| Reply::sentence(TOO_LONG));
            if let Err(late) = sender.send(card::message(&reply)) {
                let url = &command.response_url;
                slack
                    .respond(&workspace, url, Replace::Nothing, &late)
                    .await;
            }
        };
        if self.common().background().spawn_for(org, work).is_err() {
            return answer(&card::sentence(BUSY));
        }
        let ready = in_time(INLINE, receiver).await;
        ready.map_or_else(taken, |message| answer(&message))
    }

    async fn answer_command(&self, workspace: &Workspace, command: &Command) -> Reply {
        self.note_heard(workspace).await;
        let sender = Sender {
            user: &command.user_id,
            name: &command.user_name,
            is_foreign: false,
            request_id: &command.trigger_id,
        };
        let known = match self.who(workspace, sender).await {
            Who::Known(known) => known,
            Who::Nobody(reply) => return reply,
        };
        let words = super::text::spoken(&command.text, &workspace.install.bot_user);
        match words.to_lowercase().as_str() {
            "disconnect" => self.disconnect(workspace, &command.user_id, &known).await,
            "connect" => Reply::sentence(CONNECTED),
            _ => {
                let spot = Spot {
                    channel: &command.channel_id,
                    thread: None,
                    user: &command.user_id,
                    place: Place::Private,
                };
                self.engine()
                    .ask(&workspace.asker(&known, &spot), &words)
                    .await
            }
        }
    }

    async fn disconnect(&self, workspace: &Workspace, user: &str, known: &Known) -> Reply {
        match self.askers().disconnect(known).await {
            Ok(()) => {
                self.refresh_home_soon(workspace.org, chat_user(workspace, user));
                Reply::sentence(DISCONNECTED)
            }
            Err(error) => {
                tracing::error!(%error, "a link could not be ended");
                Reply::sentence(FAILED)
            }
        }
    }

    /// Answers where Slack said that the answer goes; that it could not be is noted, and nobody else can be told.
    pub(super) async fn respond(
        &self,
        workspace: &Workspace,
        url: &str,
        replace: Replace,
        message: &Message,
    ) {
        let sent = self
            .web()
            .respond(workspace.org, url, replace, message)
            .await;
        if let Err(error) = sent {
            self.note_trouble(workspace, &error).await;
        }
    }
}

fn answer(message: &Message) -> Response {
    json(&Answer {
        response_type: "ephemeral",
        message,
    })
}
