//! Habeo's app in a workspace of a chat service: which organisation it answers for, and by which tokens it speaks.

pub mod command;
mod connect;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod rotate;
mod settings;
pub mod store;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use crate::chat::Platform;
use crate::closed_set::closed_set;
use crate::id::{InstallId, PersonId};
use crate::time::{MINUTE_MICROS, Timestamp};
pub use refusal::Refusal;

/// How long an installation that was begun may take.
pub const STATE_LIFE_MICROS: i64 = 10 * MINUTE_MICROS;
/// How long a claim without proof keeps others from claiming the same workspace.
pub const PENDING_LIFE_MICROS: i64 = 60 * MINUTE_MICROS;
/// The most domains whose addresses an installation trusts.
pub const DOMAINS_MAX: usize = 20;
/// The most scopes of an installation that are kept.
pub const SCOPES_MAX: usize = 100;
/// The most workspaces of an enterprise of which it is kept that the app was taken from them.
pub const TEAMS_MAX: usize = 5_000;
/// The most characters of a workspace's name.
pub const NAME_CHARS_MAX: usize = 200;

closed_set! {
    /// How far an installation is.
    Status {
        /// Claimed, and not yet shown to be the organisation's.
        Pending = "pending",
        /// It answers.
        Live = "live",
        /// Its tokens are not accepted any more.
        NeedsReinstall = "needs_reinstall",
        /// It is over.
        Ended = "ended",
    }
    /// Why an installation ended.
    EndReason {
        /// Somebody removed it here.
        Removed = "removed",
        /// Somebody removed it there.
        Uninstalled = "uninstalled",
        /// Its tokens were taken back.
        Revoked = "revoked",
    }
}

/// A workspace of a chat service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Workspace {
    /// Of which service.
    pub platform: Platform,
    /// Its key there, opaque: a Slack team (`T…`) or, where the app is installed for a whole enterprise, that (`E…`); a Teams tenant.
    pub key: String,
}

/// An app in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// Its id.
    pub id: InstallId,
    /// Its place in lists.
    pub seq: i64,
    /// Where.
    pub workspace: Workspace,
    /// How far it is.
    pub status: Status,
    /// Who installed it.
    pub installed_by: PersonId,
    /// When.
    pub installed_at: Timestamp,
    /// What the workspace calls itself.
    pub name: String,
    /// The app's own user there.
    pub bot_user: String,
    /// The app's id there.
    pub app_id: String,
    /// What it was permitted.
    pub scopes: Vec<String>,
    /// Of an installation in a whole enterprise: the workspaces from which the service took it.
    pub refused_teams: Vec<String>,
    /// What its administrators chose.
    pub settings: Settings,
    /// How it fares.
    pub health: Health,
}

/// What the administrators of an installation choose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Chat users with a verified address of one of these domains are linked to the person with the same address. None: nobody is.
    pub trusted_email_domains: Vec<String>,
    /// Whether answers may be seen by everybody in a channel. Otherwise they are private.
    pub share_in_channels: bool,
}

/// How an installation fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// When something last came in; to the minute.
    pub last_event_at: Option<Timestamp>,
    /// What last went wrong.
    pub last_error: Option<String>,
    /// When.
    pub last_error_at: Option<Timestamp>,
}

impl Health {
    /// Whether it is worth noting that something came in: to be asked before a [`command::NoteHealth`], of which most are not needed.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.last_event_at
            .is_none_or(|last| last.plus_micros(MINUTE_MICROS) <= now)
    }
}

/// By what an installation speaks. Never shown again, sealed at rest.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The token of requests.
    pub access: SecretString,
    /// By what the next one is fetched; none where tokens do not change.
    pub refresh: Option<SecretString>,
    /// Until when the token of requests holds.
    pub expires_at: Option<Timestamp>,
}
