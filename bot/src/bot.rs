//! The bot as a whole: what it is made of, and the surfaces that are set up.

use std::sync::Arc;

use habeo_core::chat_link::ChatUser;
use habeo_core::id::OrgId;
use habeo_core::inbox::Inbox;
use habeo_core::install::Platform;
use habeo_core::ledger::Ledger;
use habeo_core::secret::MasterKey;
use habeo_core::session::Sessions;
use habeo_egress::Egress;
use habeo_surface::limit::{Key, Limiter, Quota};
use url::Url;

use crate::asker::Askers;
use crate::background::Background;
use crate::engine::Engine;
use crate::slack::{self, Slack};
use crate::teams::{self, Teams};

/// How much one chat user may ask and press: more than anybody does who reads the answers.
const ASKED: Quota = Quota {
    rate: 60,
    period_seconds: 60,
    burst: 60,
};

/// What somebody is told who asks more than that.
pub(crate) const TOO_MUCH: &str =
    "That is more at once than I can answer. Please wait a moment before you ask again.";

/// What a bot is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The ledger of every organisation.
    pub ledger: Ledger,
    /// From people to what they may do.
    pub sessions: Arc<Sessions>,
    /// The key that seals tokens.
    pub master_key: Arc<MasterKey>,
    /// The way out.
    pub egress: Egress,
    /// What came in, once.
    pub inbox: Inbox,
    /// What answers.
    pub engine: Engine,
    /// How the server is reached from outside.
    pub public_url: Url,
    /// What an operator set.
    pub settings: Settings,
}

/// Which chat services are set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Slack.
    pub slack: Option<slack::settings::Settings>,
    /// Teams.
    pub teams: Option<teams::Settings>,
}

/// What every surface works with. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Common(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    askers: Askers,
    background: Background,
    asked: Limiter,
}

impl Common {
    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Who asks.
    #[must_use]
    pub fn askers(&self) -> &Askers {
        &self.0.askers
    }

    /// What goes on after an answer.
    #[must_use]
    pub fn background(&self) -> &Background {
        &self.0.background
    }

    /// Whether somebody may ask right now: nobody's haste is to take the places of others.
    pub async fn may_ask(&self, org: OrgId, user: &ChatUser) -> bool {
        let principal = format!("{}/{}", user.install, user.user);
        let key = Key::new(&org.to_string(), &principal);
        self.0.asked.take(key).await.retry_after().is_none()
    }

    /// An address of ours.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.0.parts.public_url.as_str().trim_end_matches('/')
        )
    }
}

/// The bot on every chat service that is set up. Cloning gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Bot {
    common: Common,
    slack: Option<Slack>,
    teams: Option<Teams>,
}

impl Bot {
    /// Puts a bot together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let askers = Askers::new(
            parts.ledger.clone(),
            Arc::clone(&parts.sessions),
            parts.public_url.clone(),
        );
        let common = Common(Arc::new(Inner {
            askers,
            background: Background::default(),
            asked: Limiter::new(ASKED, parts.ledger.shared_clock()),
            parts,
        }));
        let settings = common.parts().settings.slack.as_ref();
        let slack = settings.map(|settings| Slack::new(common.clone(), settings));
        let settings = common.parts().settings.teams.as_ref();
        let teams = settings.map(|settings| Teams::new(common.clone(), settings));
        Self {
            common,
            slack,
            teams,
        }
    }

    /// What every surface works with.
    #[must_use]
    pub const fn common(&self) -> &Common {
        &self.common
    }

    /// The Slack app, where it is set up.
    #[must_use]
    pub const fn slack(&self) -> Option<&Slack> {
        self.slack.as_ref()
    }

    /// The Teams app, where it is set up.
    #[must_use]
    pub const fn teams(&self) -> Option<&Teams> {
        self.teams.as_ref()
    }

    /// Somebody was linked, or is not any more: what they see of us without asking is to be as it is now.
    pub fn link_changed(&self, org: OrgId, platform: Platform, user: ChatUser) {
        if let (Platform::Slack, Some(slack)) = (platform, self.slack()) {
            slack.refresh_home_soon(org, user);
        }
    }

    /// Waits until what goes on after an answer has come to its end.
    pub async fn finished(&self) {
        self.common.background().finished().await;
    }
}
