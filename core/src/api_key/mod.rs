//! Keys with which programs ask: of one app, for the whole organisation, shown once and kept as a hash.

pub mod command;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod store;

use crate::access::{Access, Action, Actions};
use crate::closed_set::closed_set;
use crate::id::{ApiKeyId, AppId, OrgId, PersonId};
use crate::time::{MINUTE_MICROS, Timestamp};
pub use refusal::Refusal;

/// The most keys of an organisation that are not revoked.
pub const KEYS_MAX: i64 = 200;
/// The most characters of a key's name.
pub const NAME_CHARS_MAX: usize = 100;
/// How exactly it is known when a key was last used.
pub const USED_WITHIN_MICROS: i64 = MINUTE_MICROS;

closed_set! {
    /// What a key is good for.
    Scope {
        /// Emit events.
        EventsWrite = "events:write",
        /// Manage endpoints.
        ControlWebhooks = "control:webhooks",
    }
    /// For which organisations keys are: what stands in front tells a real key from one that harms nobody.
    Mode {
        /// For one with real assets.
        Live = "live",
        /// For one in which everything is invented.
        Test = "test",
    }
    /// How far a key is.
    Status {
        /// It opens.
        Active = "active",
        /// It opens nothing any more.
        Revoked = "revoked",
    }
}

impl Mode {
    /// What a key begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Live => "wa_live_",
            Self::Test => "wa_test_",
        }
    }
}

/// A key as it is shown: never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its place in lists.
    pub seq: i64,
    /// Whose it is.
    pub app: AppId,
    /// What people call it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// For which organisations it is.
    pub mode: Mode,
    /// How far it is.
    pub status: Status,
    /// Its last four characters.
    pub hint: String,
    /// Who made it; nobody where it was done at the command line.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A key that was shown and opens.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Which key.
    pub key: ApiKeyId,
    /// Whose.
    pub app: AppId,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// For which organisations it is.
    pub mode: Mode,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// What whoever has it may do.
    pub access: Access,
}

impl Holder {
    pub(crate) fn new(
        (org, key): (OrgId, ApiKeyId),
        app: AppId,
        scopes: Vec<Scope>,
        mode: Mode,
        last_used_at: Option<Timestamp>,
    ) -> Self {
        let mut actions = Vec::new();
        for scope in &scopes {
            actions.push(match scope {
                Scope::EventsWrite => Action::Emit,
                Scope::ControlWebhooks => Action::Endpoints,
            });
        }
        Self {
            key,
            app,
            scopes,
            mode,
            last_used_at,
            access: Access::of_key(org, key, Actions::of(&actions)),
        }
    }
}
