//! Facts about installations. They hold keys of workspaces and settings, never names or tokens.

use serde::{Deserialize, Serialize};

use super::{EndReason, Platform, Settings};
use crate::id::PersonId;

/// What happened to an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum InstallEvent {
    /// A workspace was connected.
    #[serde(rename = "install.connected")]
    Connected {
        /// Of which service.
        platform: Platform,
        /// Its key there.
        workspace: String,
        /// Who connected it.
        person: PersonId,
        /// The app's own user there.
        bot_user: String,
        /// The app's id there.
        app_id: String,
        /// What it was permitted.
        scopes: Vec<String>,
        /// Whether it still has to be shown that the workspace is the organisation's.
        pending: bool,
    },
    /// It was connected again.
    #[serde(rename = "install.reconnected")]
    Reconnected {
        /// By whom.
        person: PersonId,
        /// The app's own user there.
        bot_user: String,
        /// The app's id there.
        app_id: String,
        /// What it was permitted.
        scopes: Vec<String>,
        /// Whether it still has to be shown that the workspace is the organisation's.
        pending: bool,
    },
    /// The workspace was shown to be the organisation's.
    #[serde(rename = "install.activated")]
    Activated,
    /// Its tokens are not accepted any more.
    #[serde(rename = "install.reinstall_needed")]
    ReinstallNeeded,
    /// Its administrators chose.
    #[serde(rename = "install.configured")]
    Configured {
        /// What.
        settings: Settings,
    },
    /// It is over.
    #[serde(rename = "install.disconnected")]
    Disconnected {
        /// Why.
        reason: EndReason,
    },
}
