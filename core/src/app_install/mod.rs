//! Apps of the marketplace that are installed: by whom, for which unit, and what they may do there.
//!
//! What an app may see is decided here and nowhere else: the unit with everything below it, by the scopes that somebody consented to.

pub mod command;
pub mod event;
pub(crate) mod project;
mod refusal;
pub mod store;

use crate::access::{Action, Actions};
use crate::app_client::{Scope, Scopes};
use crate::closed_set::closed_set;
use crate::id::{AppClientId, AppId, AppInstallId, OrgId, PersonId, UnitId};
use crate::time::Timestamp;
pub use refusal::Refusal;

/// The most installations of an organisation that have not ended.
pub const INSTALLS_MAX: usize = 500;

closed_set! {
    /// How far an installation is.
    Status {
        /// It works.
        Active = "active",
        /// It is stopped for now: its tokens stay and give nothing.
        Suspended = "suspended",
        /// It is over.
        Ended = "ended",
    }
    /// Why everything that one consent gave was taken back.
    RevokeReason {
        /// A code was used a second time.
        CodeReused = "code_reused",
        /// A refresh token was used again after its successor was.
        RefreshReused = "refresh_reused",
    }
}

/// An app that was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppInstall {
    /// Its id.
    pub id: AppInstallId,
    /// Its place in lists.
    pub seq: i64,
    /// Which client it is of.
    pub client: AppClientId,
    /// Whose app it is.
    pub app_org: OrgId,
    /// Which app.
    pub app: AppId,
    /// What the app was called when somebody consented.
    pub name: String,
    /// Who published it then.
    pub publisher: String,
    /// For which unit, with everything below.
    pub unit: UnitId,
    /// What that unit is called now.
    pub unit_name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// How far it is.
    pub status: Status,
    /// Who consented last.
    pub installed_by: PersonId,
    /// When.
    pub installed_at: Timestamp,
    /// When it last asked for something, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What an installation may do, as actions of an access.
pub(crate) fn actions(scopes: &Scopes) -> Actions {
    let mut actions = Vec::new();
    // Places are the whole organisation's; what is counted at them are assets. Tickets are about assets.
    let any = |of: &[Scope]| of.iter().any(|scope| scopes.has(*scope));
    if any(&[Scope::AssetsRead, Scope::SitesRead, Scope::TicketsRead]) {
        actions.push(Action::ReadAssets);
    }
    if any(&[Scope::PeopleRead]) {
        actions.push(Action::ReadPeople);
    }
    // Of its own subscriptions only, whatever they are; which of the two it was permitted is for the route to ask.
    if any(&[Scope::WebhooksRead, Scope::WebhooksWrite]) {
        actions.push(Action::Endpoints);
    }
    Actions::of(&actions)
}
