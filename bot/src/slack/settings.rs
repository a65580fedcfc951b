//! What an operator sets for the Slack app.

use secrecy::SecretString;

/// Where Slack's Web API is.
pub const API_BASE: &str = "https://slack.com/api";
/// Where Slack asks whether an app may be installed.
pub const AUTHORIZE_URL: &str = "https://slack.com/oauth/v2/authorize";
/// Where answers to commands and buttons go.
pub const HOOKS_BASE: &str = "https://hooks.slack.com";
/// As many signing secrets count at once.
pub const SIGNING_SECRETS_MAX: usize = 2;

/// The Slack app of this installation, and where Slack is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// The signing secret, and during a rotation the other one.
    pub signing_secrets: Vec<SecretString>,
    /// Where the Web API is.
    pub api_base: String,
    /// Where an installation is asked for.
    pub authorize_url: String,
    /// Where answers to commands and buttons go; no other address is answered to.
    pub hooks_base: String,
}

impl Settings {
    /// The settings of an app at Slack itself.
    #[must_use]
    pub fn new(
        client_id: String,
        client_secret: SecretString,
        signing_secrets: Vec<SecretString>,
    ) -> Self {
        Self {
            client_id,
            client_secret,
            signing_secrets,
            api_base: API_BASE.to_owned(),
            authorize_url: AUTHORIZE_URL.to_owned(),
            hooks_base: HOOKS_BASE.to_owned(),
        }
    }
}
