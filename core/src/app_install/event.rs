//! Facts about installed apps. They say what whoever consented was shown.

use serde::{Deserialize, Serialize};

use super::RevokeReason;
use crate::app_client::Scopes;
use crate::id::{AppClientId, AppId, OAuthGrantId, OrgId, PersonId, UnitId};

/// What happened to an installed app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum AppInstallEvent {
    /// Somebody consented: for the first time, or once more.
    #[serde(rename = "app_install.consented")]
    Consented {
        /// Which client asked.
        client: AppClientId,
        /// Whose app it is.
        app_org: OrgId,
        /// Which app.
        app: AppId,
        /// What it was called.
        name: String,
        /// Who published it.
        publisher: String,
        /// For which unit.
        unit: UnitId,
        /// To what.
        scopes: Scopes,
        /// Who.
        person: PersonId,
    },
    /// It was stopped for now.
    #[serde(rename = "app_install.suspended")]
    Suspended,
    /// It works again.
    #[serde(rename = "app_install.resumed")]
    Resumed,
    /// It was uninstalled.
    #[serde(rename = "app_install.uninstalled")]
    Uninstalled,
    /// Everything that one consent gave was taken back, because something was used that had been used before.
    #[serde(rename = "app_install.family_revoked")]
    FamilyRevoked {
        /// What the consent gave.
        grant: OAuthGrantId,
        /// Why.
        reason: RevokeReason,
    },
}
