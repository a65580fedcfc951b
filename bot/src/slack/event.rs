//! Events: stored once and answered at once, then worked off from the inbox.

use std::time::Duration;

use habeo_core::access::{Access, Surface};
use habeo_core::inbox::worker::Handler;
use habeo_core::inbox::{About, Incoming, Received, Refusal, Verdict};
use habeo_core::install::EndReason;
use habeo_core::install::command::{Disconnect, NoteTeams};
use habeo_core::ledger::RecordError;
use habeo_core::store::StoreError;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use poem::Response;
use poem::http::StatusCode;
use tokio::time::timeout;

use super::door::{IN_TIME, empty, taken, unreadable};
use super::inbound::{Envelope, Event, Message, TeamAccess, is_id};
use super::web::{Caller, WebError};
use super::who::{Sender, Who};
use super::workspace::{Spot, Workspace, is_direct};
use super::{SOURCE, Slack, card, text};
use crate::engine::Place;

/// How long a call may wait for its turn where nobody watches.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

const CHALLENGE_BYTES_MAX: usize = 1_024;
const AT_WORK: &str = "is looking through the ledger…";

/// Why an event was not worked off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Web(#[from] WebError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Slack {
    /// Takes an event in. What is not for us is taken and dropped: too many refusals would end all deliveries.
    pub(super) async fn take_event(&self, body: &[u8]) -> Response {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
            return unreadable();
        };
        match envelope.kind.as_str() {
            "url_verification" => challenge(&envelope),
            "event_callback" => {
                // What is kept after all is kept once, however often it comes.
                let kept = timeout(IN_TIME, self.keep_event(&envelope, body)).await;
                kept.unwrap_or_else(|_| empty(StatusCode::SERVICE_UNAVAILABLE))
            }
            "app_rate_limited" => {
                tracing::warn!(
                    team = envelope.team_id.as_deref(),
                    "Slack holds events back: there are too many"
                );
                taken()
            }
            _ => taken(),
        }
    }

    async fn keep_event(&self, envelope: &Envelope, body: &[u8]) -> Response {
        let event = envelope.event();
        if matches!(event, Event::Other) {
            return taken();
        }
        let workspace = match self.workspace(&envelope.origin()).await {
            Ok(Some(workspace)) => workspace,
            Ok(None) => return taken(),
            Err(error) => return unavailable(&error),
        };
        let Some(key) = envelope.event_id.as_deref() else {
            return taken();
        };
        if !concerns_us(&event, &workspace) {
            return taken();
        }
        let lane = lane(&event).map(|lane| format!("{}/{lane}", workspace.install.id));
        let message = Incoming {
            org: workspace.org,
            source: SOURCE,
            key,
            lane: lane.as_deref(),
            body,
            about: About::default(),
        };
        match self.common().parts().inbox.receive(message).await {
            Ok(_) => taken(),
            Err(Refusal::Store(error)) => unavailable(&error),
            Err(refusal) => {
                tracing::warn!(%refusal, "an event was not taken in");
                taken()
            }
        }
    }

    async fn work_off(&self, received: &Received) -> Result<(), Trouble> {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(&received.body) else {
            return Ok(());
        };
        let Some(workspace) = self.workspace(&envelope.origin()).await? else {
            return Ok(());
        };
        if workspace.org != received.org {
            return Ok(());
        }
        self.note_heard(&workspace).await;
        let done = self.act_on(&workspace, &envelope, &received.key).await;
        match &done {
            Ok(()) => self.note_recovery(&workspace).await,
            Err(Trouble::Web(error)) => self.note_trouble(&workspace, error).await,
            Err(Trouble::Store(_)) => {}
        }
        done
    }

    async fn act_on(
        &self,
        workspace: &Workspace,
        envelope: &Envelope,
        key: &str,
    ) -> Result<(), Trouble> {
        match envelope.event() {
            Event::Mention(message) | Event::Direct(message) => {
                self.answer_message(workspace, envelope, &message, key)
                    .await
            }
            Event::HomeOpened(home) => self.home_opened(workspace, &home, key).await,
            Event::LinkShared(shared) => self.unfurl(workspace, envelope, &shared, key).await,
            Event::Uninstalled => {
                self.ended(workspace, envelope, EndReason::Uninstalled)
                    .await
            }
            Event::TokensRevoked(_) => self.ended(workspace, envelope, EndReason::Revoked).await,
            Event::TeamsGranted(access) => self.teams_changed(workspace, access, true).await,
            Event::TeamsRevoked(access) => self.teams_changed(workspace, access, false).await,
            Event::Other => Ok(()),
        }
    }

    async fn answer_message(
        &self,
        workspace: &Workspace,
        envelope: &Envelope,
        message: &Message,
        key: &str,
    ) -> Result<(), Trouble> {
        let bot = &workspace.install.bot_user;
        let Some(user) = message.asker(bot) else {
            return Ok(());
        };
        let origin = envelope.origin();
        let team = message.user_team.as_deref().or(message.team.as_deref());
        let sender = Sender {
            user,
            name: "",
            is_foreign: workspace.is_foreign(&origin, team),
            request_id: key,
        };
        let caller = workspace.caller(self, PATIENCE);
        let may_share = !is_direct(&message.channel)
            && workspace.shares()
            && workspace.is_live()
            && !sender.is_foreign
            && !envelope.is_ext_shared_channel;
        let question = Question {
            caller: &caller,
            message,
            user,
            shared: may_share && self.is_among_ourselves(workspace, &message.channel).await,
        };
        let known = match self.who(workspace, sender).await {
            Who::Known(known) => known,
            Who::Nobody(reply) => return question.say(self, &card::message(&reply), true).await,
        };
        let spot = Spot {
            channel: &message.channel,
            thread: Some(message.thread()),
            user,
            place: if question.shared {
                Place::Shared
            } else {
                Place::Private
            },
        };
        let asker = workspace.asker(&known, &spot);
        let words = text::spoken(&message.text, bot);
        let (reply, ()) = tokio::join!(
            Box::pin(self.engine().ask(&asker, &words)),
            question.show_at_work(self)
        );
        question
            .say(self, &card::message(&reply), reply.private)
            .await
    }

    /// An administrator of the enterprise gave the app to some of its workspaces, or took it from them.
    async fn teams_changed(
        &self,
        workspace: &Workspace,
        access: TeamAccess,
        granted: bool,
    ) -> Result<(), Trouble> {
        let install = workspace.install.id;
        tracing::info!(install.id = %install, teams = access.team_ids.len(), granted, "the app's workspaces changed");
        let note = NoteTeams {
            install,
            teams: access.team_ids,
            granted,
        };
        let system = Access::system(workspace.org, Surface::Slack);
        match self.ledger().record(&system, note).await {
            Err(RecordError::Store(error)) => Err(error.into()),
            Err(RecordError::Refused(refusal)) => {
                tracing::warn!(install.id = %install, %refusal, "the app's workspaces were not noted");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// The app was removed, or its tokens were. What was said of an earlier installation does not count against a later one.
    async fn ended(
        &self,
        workspace: &Workspace,
        envelope: &Envelope,
        reason: EndReason,
    ) -> Result<(), Trouble> {
        let said_at = envelope.event_time.map(Timestamp::from_seconds);
        // Slack tells whole seconds; ours are finer.
        let until = |at: Timestamp| at.plus_micros(SECOND_MICROS);
        if said_at.is_some_and(|at| until(at) < workspace.install.installed_at) {
            return Ok(());
        }
        let system = Access::system(workspace.org, Surface::Slack);
        let end = Disconnect {
            install: workspace.install.id,
            reason,
        };
        match self.ledger().record(&system, end).await {
            Err(RecordError::Store(error)) => Err(error.into()),
            Ok(()) | Err(RecordError::Refused(_)) => Ok(()),
        }
    }
}

/// A question in a conversation, and how to answer it there.
struct Question<'a> {
    caller: &'a Caller,
    message: &'a Message,
    user: &'a str,
    shared: bool,
}

impl Question<'_> {
    /// Answers where only those see it who may: in a direct conversation, to all of a channel, or to the asker alone.
    async fn say(
        &self,
        slack: &Slack,
        answer: &super::block::Message,
        private: bool,
    ) -> Result<(), Trouble> {
        let (web, channel) = (slack.web(), self.message.channel.as_str());
        if is_direct(channel) || (self.shared && !private) {
            let thread = Some(self.message.thread());
            web.post_message(self.caller, channel, thread, answer)
                .await?;
        } else {
            // Below a message that has no thread yet, nobody would see it.
            let thread = self.message.thread_ts.as_deref();
            web.post_ephemeral(self.caller, channel, thread, self.user, answer)
                .await?;
        }
        Ok(())
    }

    /// Shows in a direct conversation that we are at work. An answer that comes without it is as good.
    async fn show_at_work(&self, slack: &Slack) {
        if !is_direct(&self.message.channel) {
            return;
        }
        let (channel, thread) = (&self.message.channel, self.message.thread());
        let shown = slack
            .web()
            .set_status(self.caller, channel, thread, AT_WORK)
            .await;
        if let Err(error) = shown {
            tracing::debug!(%error, "that we are at work was not shown");
        }
    }
}

/// Works off events.
#[derive(Debug, Clone)]
pub struct EventHandler(pub Slack);

impl Handler for EventHandler {
    async fn handle(&self, received: &Received) -> Verdict {
        match self.0.work_off(received).await {
            Ok(()) => Verdict::Done,
            Err(trouble) => self.verdict(&trouble),
        }
    }
}

impl EventHandler {
    /// What may have been posted is not posted again: a lost answer is asked for once more, a double one is never taken back.
    fn verdict(&self, trouble: &Trouble) -> Verdict {
        let why = trouble.to_string();
        match trouble {
            Trouble::Web(WebError::Limited { after, .. }) => {
                let micros = i64::try_from(after.as_micros()).unwrap_or(i64::MAX);
                let at = Some(self.0.ledger().clock().now().plus_micros(micros));
                Verdict::Again { at, why }
            }
            Trouble::Web(error) if !error.is_worth_repeating() || error.may_have_arrived() => {
                Verdict::Dead { why }
            }
            Trouble::Web(_) | Trouble::Store(_) => Verdict::Again { at: None, why },
        }
    }
}

/// Whether an event is one to store: our own messages, other bots', and changes of messages are not.
fn concerns_us(event: &Event, workspace: &Workspace) -> bool {
    match event {
        Event::Mention(message) => {
            // In a direct conversation the message itself comes too, and is answered once.
            !is_direct(&message.channel) && message.asker(&workspace.install.bot_user).is_some()
        }
        Event::Direct(message) => message.asker(&workspace.install.bot_user).is_some(),
        Event::TokensRevoked(tokens) => !tokens.bot.is_empty(),
        Event::HomeOpened(home) => is_id(&home.user) && home.user != workspace.install.bot_user,
        Event::LinkShared(shared) => !shared.links.is_empty(),
        Event::Uninstalled | Event::TeamsGranted(_) | Event::TeamsRevoked(_) => true,
        Event::Other => false,
    }
}

/// What has to go one after the other: a conversation, somebody's page.
fn lane(event: &Event) -> Option<&str> {
    match event {
        Event::Mention(message) | Event::Direct(message) => Some(message.thread()),
        Event::HomeOpened(home) => Some(&home.user),
        _ => None,
    }
}

fn challenge(envelope: &Envelope) -> Response {
    match &envelope.challenge {
        Some(challenge) if challenge.len() <= CHALLENGE_BYTES_MAX => Response::builder()
            .content_type("text/plain; charset=utf-8")
            .body(challenge.clone()),
        _ => unreadable(),
    }
}

/// Nothing was stored, and Slack is to send again.
fn unavailable(error: &StoreError) -> Response {
    tracing::error!(%error, "an event could not be stored");
    empty(StatusCode::SERVICE_UNAVAILABLE)
}
