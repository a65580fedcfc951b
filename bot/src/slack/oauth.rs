//! Slack's OAuth: what is asked, and what comes back, tolerant of everything that may be null.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use habeo_core::install::Tokens;
use habeo_core::time::{SECOND_MICROS, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::settings::Settings;
use super::web::{Web, WebError};

const METHOD: &str = "oauth.v2.access";

/// The app as it authenticates itself.
#[derive(Debug, Clone)]
pub struct App {
    client_id: String,
    client_secret: SecretString,
    authorize_url: String,
}

/// What an installation was granted.
#[derive(Debug, Clone, Deserialize)]
pub struct Granted {
    /// The app.
    #[serde(default)]
    pub app_id: String,
    /// The token.
    pub access_token: SecretString,
    /// By what the next one is fetched.
    pub refresh_token: Option<SecretString>,
    /// How long the token holds, in seconds.
    pub expires_in: Option<i64>,
    /// What is permitted, separated by commas. It may be more or less than was asked for.
    pub scope: Option<String>,
    /// The app's own user.
    pub bot_user_id: Option<String>,
    /// The workspace; null for an installation in a whole organisation.
    pub team: Option<Named>,
    /// The organisation of workspaces.
    pub enterprise: Option<Named>,
    /// Whether it is such an installation.
    pub is_enterprise_install: Option<bool>,
}

/// A workspace or an organisation of them.
#[derive(Debug, Clone, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What it calls itself.
    pub name: Option<String>,
}

impl Granted {
    /// Where the app was installed.
    #[must_use]
    pub fn place(&self) -> Option<&Named> {
        if self.is_enterprise_install == Some(true) {
            self.enterprise.as_ref()
        } else {
            self.team.as_ref().or(self.enterprise.as_ref())
        }
    }

    /// What is permitted.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        let scopes = self.scope.as_deref().unwrap_or_default().split(',');
        scopes
            .map(str::trim)
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The tokens as they are kept.
    #[must_use]
    pub fn tokens(&self, now: Timestamp) -> Tokens {
        Tokens {
            access: self.access_token.clone(),
            refresh: self.refresh_token.clone(),
            expires_at: self
                .expires_in
                .map(|seconds| now.plus_micros(seconds.saturating_mul(SECOND_MICROS))),
        }
    }
}

impl App {
    /// The app that an operator has set.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            authorize_url: settings.authorize_url.clone(),
        }
    }

    /// Where an administrator of a workspace is asked whether the app may be installed. None where the configured address is no address.
    #[must_use]
    pub fn authorize_url(
        &self,
        scopes: &[String],
        redirect_uri: &str,
        state: &SecretString,
    ) -> Option<Url> {
        let mut url = Url::parse(&self.authorize_url).ok()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("scope", &scopes.join(","))
            .append_pair("user_scope", "")
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state.expose_secret());
        Some(url)
    }

    /// Exchanges what came back for tokens.
    pub async fn exchange(
        &self,
        web: &Web,
        code: &SecretString,
        redirect_uri: &str,
    ) -> Result<Granted, WebError> {
        let form = [
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri),
        ];
        let hidden = [code.clone(), self.client_secret.clone()];
        web.as_app(METHOD, &self.basic(), &form, &hidden).await
    }

    /// Exchanges a refresh token, which works once, for new tokens.
    pub async fn refresh(&self, web: &Web, refresh: &SecretString) -> Result<Granted, WebError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose_secret()),
        ];
        let hidden = [refresh.clone(), self.client_secret.clone()];
        web.as_app(METHOD, &self.basic(), &form, &hidden).await
    }

    fn basic(&self) -> SecretString {
        let pair = format!("{}:{}", self.client_id, self.client_secret.expose_secret());
        SecretString::from(format!("Basic {}", STANDARD.encode(pair)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn granted(value: serde_json::Value) -> Granted {
        serde_json::from_value(value).expect("an answer of Slack's")
    }

    #[test]
    fn a_workspace_and_a_whole_organisation_are_told_apart() {
        let workspace = granted(
            json!({"ok": true, "app_id": "A1", "access_token": "xoxe.xoxb-1-EXAMPLE", "refresh_token": "xoxe-1-EXAMPLE",
            "expires_in": 43_200, "scope": "chat:write,commands", "bot_user_id": "U0BOT", "team": {"id": "T1", "name": "Westmark"},
            "enterprise": null, "is_enterprise_install": false}),
        );
        assert_eq!(workspace.place().map(|named| named.id.as_str()), Some("T1"));
        assert_eq!(workspace.scopes(), ["chat:write", "commands"]);
        let tokens = workspace.tokens(Timestamp::from_seconds(1_000));
        assert_eq!(tokens.expires_at, Some(Timestamp::from_seconds(44_200)));

        let whole = granted(
            json!({"ok": true, "app_id": "A1", "access_token": "xoxb-EXAMPLE", "bot_user_id": "W0BOT", "team": null,
            "enterprise": {"id": "E1", "name": "Westmark System"}, "is_enterprise_install": true}),
        );
        assert_eq!(whole.place().map(|named| named.id.as_str()), Some("E1"));
        assert!(whole.scopes().is_empty());
        assert_eq!(whole.tokens(Timestamp::from_seconds(0)).expires_at, None);
        assert!(!format!("{whole:?}").contains("EXAMPLE"));
    }

    #[test]
    fn what_is_asked_is_complete_and_encoded() {
        let mut settings = Settings::new("1.2".to_owned(), "secret".to_owned().into(), Vec::new());
        settings.authorize_url = "http://127.0.0.1:9/oauth/v2/authorize".to_owned();
        let app = App::of(&settings);
        let scopes = ["commands".to_owned(), "chat:write".to_owned()];
        let url = app.authorize_url(
            &scopes,
            "https://hb.example/slack/oauth/callback",
            &"st&te".to_owned().into(),
        );
        assert_eq!(
            url.expect("an address").as_str(),
            "http://127.0.0.1:9/oauth/v2/authorize?client_id=1.2&scope=commands%2Cchat%3Awrite&user_scope=&redirect_uri=https%3A%2F%2Fhb.example%2Fslack%2Foauth%2Fcallback&state=st%26te"
        );
    }
}
