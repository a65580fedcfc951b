//! The bot and what works off what it is sent.

use std::sync::Arc;

use anyhow::Context as _;
use habeo_bot::engine::{self, ChatCompletions, Engine};
use habeo_bot::slack::event::EventHandler;
use habeo_bot::slack::{self, Slack};
use habeo_bot::teams::{self, Teams};
use habeo_bot::{Bot, Parts, Settings};
use habeo_core::inbox::Inbox;
use habeo_core::inbox::worker::{self, Worker};
use habeo_core::session::Sessions;
use habeo_egress::Egress;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::Config;
use crate::node::Node;

/// The bot as it is configured; with no chat service set up it answers nobody.
pub fn bot(
    config: &Config,
    node: &Node,
    sessions: Arc<Sessions>,
    inbox: Inbox,
) -> anyhow::Result<Bot> {
    let settings = habeo_egress::Settings::new(node.ledger.shared_clock());
    let egress = Egress::new(settings.allow(config.allow_list()?));
    let public_url = config.public_url()?;
    let told = engine::Settings {
        public_url: public_url.clone(),
    };
    let mut engine = Engine::new(node.ledger.clone(), Arc::clone(&node.master_key), told);
    if let Some(translator) = translator(config, &egress)? {
        engine = engine.translated_by(Arc::new(translator));
    }
    Ok(Bot::new(Parts {
        ledger: node.ledger.clone(),
        sessions,
        master_key: Arc::clone(&node.master_key),
        egress,
        inbox,
        engine,
        public_url,
        settings: Settings {
            slack: slack_settings(config),
            teams: config.teams.app(),
        },
    }))
}

/// The model that is asked what the grammar does not understand, if one is configured.
fn translator(config: &Config, egress: &Egress) -> anyhow::Result<Option<ChatCompletions>> {
    let copilot = &config.copilot;
    let (Some(base), Some(model)) = (&copilot.url, &copilot.model) else {
        return Ok(None);
    };
    let target = egress
        .target(&ChatCompletions::address(base))
        .context("HABEO_COPILOT_URL is no address that may be asked: https, or http and listed in HABEO_ALLOW_PRIVATE_HOSTS")?;
    let key = copilot.key.clone();
    Ok(Some(ChatCompletions::new(
        egress.clone(),
        target,
        model.clone(),
        key,
    )))
}

fn slack_settings(config: &Config) -> Option<slack::settings::Settings> {
    let slack = &config.slack;
    let secrets = [&slack.signing_secret, &slack.signing_secret_previous];
    Some(slack::settings::Settings {
        client_id: slack.client_id.clone()?,
        client_secret: slack.client_secret.clone()?,
        signing_secrets: secrets.into_iter().flatten().cloned().collect(),
        api_base: slack.api_base.clone(),
        authorize_url: slack.authorize_url.clone(),
        hooks_base: slack.hooks_base.clone(),
    })
}

/// What works off the events of Slack.
#[must_use]
pub fn slack_events(app: &App, slack: &Slack) -> Worker<EventHandler> {
    let inbox = app.bot.common().parts().inbox.clone();
    let handler = EventHandler(slack.clone());
    Worker::new(inbox, slack::SOURCE, handler, worker::Settings::default())
}

/// What works off the activities of Teams.
#[must_use]
pub fn teams_activities(app: &App, teams: &Teams) -> Worker<Teams> {
    let inbox = app.bot.common().parts().inbox.clone();
    Worker::new(
        inbox,
        teams::SOURCE,
        teams.clone(),
        worker::Settings::default(),
    )
}

/// What works off everything that chats send.
#[derive(Debug)]
pub struct Chats {
    bot: Bot,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Chats {
    /// Begins with what waits.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        if let Some(slack) = app.bot.slack() {
            let mut stopping = stop.subscribe();
            let worker = slack_events(app, slack);
            tasks.spawn(worker.run(async move {
                // Whoever could still say it is gone as well.
                drop(stopping.wait_for(|stop| *stop).await);
            }));
        }
        if let Some(teams) = app.bot.teams() {
            let mut stopping = stop.subscribe();
            let worker = teams_activities(app, teams);
            tasks.spawn(worker.run(async move {
                drop(stopping.wait_for(|stop| *stop).await);
            }));
        }
        Self {
            bot: app.bot.clone(),
            stop,
            tasks,
        }
    }

    /// Begins nothing more; returns when what was begun has ended.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "what works off chats had ended before its time");
            }
        }
        self.bot.finished().await;
    }
}
