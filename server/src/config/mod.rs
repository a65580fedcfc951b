//! Configuration: defaults, then `habeo.toml`, then `HABEO_…` variables; typed, checked, and printable without its secrets.

mod expo;
mod reports;
mod sections;
mod settings;
mod teams;

use std::path::Path;
use std::time::Duration;

use config::{File, FileFormat};
use habeo_egress::{AllowList, NotAnEntry};
use secrecy::ExposeSecret as _;

pub use sections::{
    Clerk, Copilot, Database, Egress, Expo, Http, Log, LogFormat, Metrics, Punchout, Rates,
    Sandbox, Slack, Stripe, Teams, TeamsAppType,
};
pub use settings::{SETTINGS, Setting};

use crate::stop::STOP_DELAY_MAX;

/// The defaults, as an operator would write them.
pub const DEFAULTS: &str = include_str!("default.toml");
/// The file that is read when no other is named.
pub const FILE: &str = "habeo.toml";

/// Everything that can be configured.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens and how it is reached.
    pub http: Http,
    /// Where the records are.
    pub database: Database,
    /// Whose session tokens are accepted.
    pub clerk: Clerk,
    /// Billing.
    pub stripe: Stripe,
    /// Buying in suppliers' shops.
    pub punchout: Punchout,
    /// What may be reached from here beside the public Internet.
    pub egress: Egress,
    /// The service that reaches phones.
    pub expo: Expo,
    /// The Slack app.
    pub slack: Slack,
    /// The Teams app.
    pub teams: Teams,
    /// A model that is asked what the Copilot does not understand.
    pub copilot: Copilot,
    /// The invented university.
    pub sandbox: Sandbox,
    /// How much a caller may ask.
    pub rates: Rates,
    /// Figures for whoever watches over the server.
    pub metrics: Metrics,
    /// What is logged.
    pub log: Log,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or variable has the wrong form.
    #[error("{0}")]
    Form(#[from] config::ConfigError),
    /// A variable that looks like ours is not.
    #[error("{0} is not a setting of Habeo; `habeo config check` lists them")]
    Unknown(String),
    /// Two settings contradict each other, or one is out of bounds.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Config {
    /// Reads the configuration. `environment` is the process's variables; a test gives its own.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut builder =
            config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        builder = match file {
            Some(file) => builder.add_source(File::from(file).format(FileFormat::Toml)),
            None => builder.add_source(File::new(FILE, FileFormat::Toml).required(false)),
        };
        for (name, value) in environment {
            if !name.starts_with(settings::PREFIX) || settings::is_for_tests(&name) {
                continue;
            }
            let setting = SETTINGS
                .iter()
                .find(|setting| setting.variable == name)
                .ok_or(ConfigError::Unknown(name))?;
            builder = builder.set_override(setting.key, setting.value(&value))?;
        }
        let config: Self = builder.build()?.try_deserialize()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |why| Err(ConfigError::Contradiction(why));
        if self.clerk.issuer.is_none()
            && (self.clerk.jwks_url.is_some() || self.clerk.jwt_key.is_some())
        {
            return refuse("keys of Clerk are configured, but not HABEO_CLERK_ISSUER");
        }
        if self
            .clerk
            .issuer
            .as_deref()
            .is_some_and(|issuer| issuer.ends_with('/'))
        {
            return refuse(
                "HABEO_CLERK_ISSUER must not end with a slash: the `iss` of its tokens does not",
            );
        }
        if self.clerk.clock_skew_seconds > 60 {
            return refuse("HABEO_CLERK_CLOCK_SKEW_SECONDS must not exceed 60");
        }
        if self.rates.public_per_minute == 0 {
            return refuse("HABEO_RATE_LIMIT_PUBLIC must be above 0");
        }
        if self.rates.api_per_minute == 0 || self.rates.api_burst < self.rates.api_per_minute {
            return refuse(
                "HABEO_RATE_LIMIT_API_BURST must be at least HABEO_RATE_LIMIT_API, and both above 0",
            );
        }
        if !self
            .http
            .allowed_origins
            .iter()
            .all(|origin| is_origin(origin))
        {
            return refuse(
                "HABEO_ALLOWED_ORIGINS takes origins such as https://app.example.edu: a scheme, a host, perhaps a port, and no star",
            );
        }
        if Duration::from_millis(self.http.stop_delay_ms) > STOP_DELAY_MAX {
            return refuse("HABEO_STOP_DELAY_MS must not exceed 2000");
        }
        if self.allow_list().is_err() {
            return refuse(
                "HABEO_ALLOW_PRIVATE_HOSTS takes exact hosts with their ports, such as 127.0.0.1:9000",
            );
        }
        let slack = &self.slack;
        let parts = [
            slack.client_secret.is_some(),
            slack.signing_secret.is_some(),
        ];
        if parts != [slack.client_id.is_some(); 2] {
            return refuse(
                "a Slack app needs HABEO_SLACK_CLIENT_ID, HABEO_SLACK_CLIENT_SECRET and HABEO_SLACK_SIGNING_SECRET, or none of them",
            );
        }
        let secrets = [
            &slack.client_secret,
            &slack.signing_secret,
            &slack.signing_secret_previous,
        ];
        if secrets
            .into_iter()
            .flatten()
            .any(|secret| secret.expose_secret().is_empty())
        {
            return refuse("a secret of the Slack app is empty");
        }
        let addresses = [&slack.api_base, &slack.authorize_url, &slack.hooks_base];
        if !addresses
            .into_iter()
            .all(|address| url::Url::parse(address).is_ok())
        {
            return refuse(
                "HABEO_SLACK_API_BASE, HABEO_SLACK_AUTHORIZE_URL and HABEO_SLACK_HOOKS_BASE are addresses such as https://slack.com/api",
            );
        }
        self.expo.check().or_else(refuse)?;
        self.teams.check().or_else(refuse)?;
        self.clerk.check_webhooks().or_else(refuse)?;
        self.stripe.check().or_else(refuse)?;
        self.punchout.check().or_else(refuse)?;
        let copilot = &self.copilot;
        if copilot.url.is_some() != copilot.model.is_some()
            || (copilot.key.is_some() && copilot.url.is_none())
        {
            return refuse(
                "an outside model needs HABEO_COPILOT_URL and HABEO_COPILOT_MODEL, or neither of them",
            );
        }
        if self.metrics.listen == Some(self.http.listen) {
            return refuse("HABEO_METRICS_LISTEN must be another address than HABEO_LISTEN");
        }
        Ok(())
    }

    /// The hosts of the operator's own network that may be reached.
    pub fn allow_list(&self) -> Result<AllowList, NotAnEntry> {
        self.egress.allow_private_hosts.join(",").parse()
    }

    /// How the server is reached from outside.
    pub fn public_url(&self) -> Result<url::Url, url::ParseError> {
        match &self.http.public_url {
            Some(address) => address.parse(),
            None => format!("http://{}", self.http.listen).parse(),
        }
    }

    /// Every setting with its value, secrets hidden, in the order of the documentation.
    #[must_use]
    pub fn shown(&self) -> Vec<(&'static Setting, String)> {
        SETTINGS
            .iter()
            .map(|setting| (setting, (setting.show)(self)))
            .collect()
    }
}

/// Whether a text is an origin as a browser writes it.
fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(None, variables)
    }

    #[test]
    fn nothing_configured_is_a_working_configuration() {
        let config = load(&[]).expect("the defaults");
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
        assert!(config.database.url.is_none());
        assert!(config.clerk.issuer.is_none());
    }

    #[test]
    fn variables_win_and_unknown_ones_are_named() {
        let config = load(&[
            ("HABEO_LISTEN", "127.0.0.1:9000"),
            ("HABEO_CLERK_ISSUER", "https://clerk.example"),
            (
                "HABEO_CLERK_AUTHORIZED_PARTIES",
                "https://a.example, https://b.example",
            ),
            ("HOME", "/"),
        ])
        .expect("valid variables");
        assert_eq!(config.http.listen.port(), 9000);
        assert_eq!(
            config.clerk.authorized_parties,
            ["https://a.example", "https://b.example"]
        );
        let error = load(&[("HABEO_LISTN", "1")]).expect_err("a typo");
        assert!(error.to_string().contains("HABEO_LISTN"));
    }

    #[test]
    fn contradictions_are_refused() {
        for variables in [
            &[("HABEO_CLERK_JWKS_URL", "https://clerk.example/jwks")][..],
            &[("HABEO_CLERK_ISSUER", "https://clerk.example/")],
            &[("HABEO_RATE_LIMIT_API", "0")],
            &[("HABEO_LISTEN", "nowhere")],
            &[("HABEO_ALLOWED_ORIGINS", "*")],
            &[("HABEO_ALLOWED_ORIGINS", "https://a.example/")],
            &[("HABEO_ALLOWED_ORIGINS", "https://a.example, null")],
            &[("HABEO_ALLOWED_ORIGINS", "HTTPS://a.example")],
            &[("HABEO_STOP_DELAY_MS", "2001")],
            &[("HABEO_ALLOW_PRIVATE_HOSTS", "10.0.0.0/8")],
            &[("HABEO_COPILOT_URL", "https://models.example.edu/v1")],
            &[("HABEO_COPILOT_MODEL", "small")],
            &[("HABEO_COPILOT_KEY", "k")],
            &[("HABEO_SLACK_CLIENT_ID", "1.2")],
            &[("HABEO_SLACK_SIGNING_SECRET", "s")],
            &[
                ("HABEO_SLACK_CLIENT_ID", "1.2"),
                ("HABEO_SLACK_CLIENT_SECRET", "s"),
                ("HABEO_SLACK_SIGNING_SECRET", ""),
            ],
            &[("HABEO_SLACK_API_BASE", "slack.com/api")],
            &[("HABEO_EXPO_BASE_URL", "exp.host")],
            &[("HABEO_EXPO_BASE_URL", "https://exp.host/")],
            &[("HABEO_EXPO_BASE_URL", "https://exp.host/--/api/v2")],
            &[("HABEO_EXPO_BASE_URL", "ftp://exp.host")],
            &[("HABEO_EXPO_ACCESS_TOKEN", "")],
            &[("HABEO_EXPO_ACCESS_TOKEN", "two words")],
            &[("HABEO_EXPO_ACCESS_TOKEN", "line\nbreak")],
            &[("HABEO_TEAMS_APP_ID", "a")],
            &[("HABEO_TEAMS_APP_PASSWORD", "s")],
            &[
                ("HABEO_TEAMS_APP_ID", "a"),
                ("HABEO_TEAMS_APP_PASSWORD", "s"),
            ],
            &[
                ("HABEO_TEAMS_APP_ID", "a"),
                ("HABEO_TEAMS_APP_TYPE", "MultiTenant"),
                ("HABEO_TEAMS_APP_PASSWORD", ""),
            ],
            &[("HABEO_TEAMS_APP_TYPE", "UserAssignedMSI")],
            &[("HABEO_TEAMS_LOGIN_BASE", "https://login.example/")],
            &[("HABEO_TEAMS_SERVICE_URL_HOSTS", "https://a.example")],
            &[("HABEO_METRICS_LISTEN", "127.0.0.1:8080")],
            &[(
                "HABEO_CLERK_WEBHOOK_SECRETS",
                "whsec_aGFiZW8tY2xlcmstd2ViaG9vay1rZXkh",
            )],
            &[
                ("HABEO_CLERK_ISSUER", "https://clerk.example"),
                ("HABEO_CLERK_WEBHOOK_SECRETS", "whsec_not base64"),
            ],
            &[("HABEO_STRIPE_WEBHOOK_SECRETS", "whsec_x")],
            &[("HABEO_STRIPE_GRACE_DAYS", "91")],
            &[("HABEO_STRIPE_API_BASE", "api.stripe.com")],
            &[("HABEO_STRIPE_METER_EVENT", "habeo_active_seats")],
            &[
                ("HABEO_STRIPE_METER_EVENT", ""),
                ("HABEO_STRIPE_SECRET_KEY", "sk_live_x"),
            ],
        ] {
            assert!(load(variables).is_err(), "{variables:?}");
        }
    }

    #[test]
    fn secrets_are_never_shown() {
        let config = load(&[
            ("HABEO_MASTER_KEY", "b".repeat(43).as_str()),
            (
                "HABEO_DATABASE_URL",
                "postgres://user:s3cret@db.example/habeo",
            ),
        ])
        .expect("valid variables");
        let shown: String = config.shown().into_iter().map(|(_, value)| value).collect();
        assert!(
            !shown.contains("s3cret") && !shown.contains("bbbb"),
            "{shown}"
        );
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn every_setting_has_a_line_in_the_defaults() {
        for setting in SETTINGS {
            let name = setting.key.rsplit('.').next().unwrap_or_default();
            assert!(
                DEFAULTS
                    .lines()
                    .any(|line| line.trim_start_matches("# ").starts_with(name)),
                "{}",
                setting.key
            );
        }
    }
}
