//! Slash commands: a form.

use serde::Deserialize;

use super::Origin;

/// A slash command.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Command {
    /// Sent along when Slack only checks our certificate.
    pub ssl_check: Option<String>,
    /// The workspace.
    pub team_id: Option<String>,
    /// The organisation of workspaces.
    pub enterprise_id: Option<String>,
    /// `true` where the app is installed in the whole organisation.
    pub is_enterprise_install: Option<String>,
    /// The app.
    pub api_app_id: Option<String>,
    /// Where it was given.
    pub channel_id: String,
    /// Who gave it.
    pub user_id: String,
    /// What they are called.
    pub user_name: String,
    /// What stands behind the command.
    pub text: String,
    /// Where the answer goes.
    pub response_url: String,
    /// Lets a dialog be opened within three seconds.
    pub trigger_id: String,
}

impl Command {
    /// Reads the body of a request; none where it is no form.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_urlencoded::from_bytes(body).ok()
    }

    /// From where it came.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            app: self.api_app_id.clone(),
            team: self.team_id.clone(),
            enterprise: self.enterprise_id.clone(),
            org_wide: self.is_enterprise_install.as_deref() == Some("true"),
        }
    }
}
