//! The sections of the configuration.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// Where it listens and how it is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How the server is reached from outside.
    pub public_url: Option<String>,
    /// Addresses of reverse proxies whose forwarded addresses are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Origins whose pages may read answers.
    pub allowed_origins: Vec<String>,
    /// How long connections are still accepted once the process was asked to stop, in milliseconds.
    pub stop_delay_ms: u64,
}

/// Where the records are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Folder of the SQLite database, its key and its lock.
    pub data_dir: PathBuf,
    /// Where the last signed checkpoints are kept outside the database.
    pub checkpoint_dir: Option<PathBuf>,
    /// PostgreSQL, as the role that serves. It may hold a password.
    pub url: Option<SecretString>,
    /// PostgreSQL, as the role that migrates.
    pub owner_url: Option<SecretString>,
    /// The most PostgreSQL connections.
    pub connections: u32,
    /// 32 bytes in base64 that seal secrets at rest.
    pub master_key: Option<SecretString>,
    /// Another such key, which opens and seals nothing: the previous one during a rotation.
    pub master_key_previous: Option<SecretString>,
}

/// Whose session tokens are accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clerk {
    /// The issuer, exactly.
    pub issuer: Option<String>,
    /// Where browsers get its script.
    pub frontend_url: Option<String>,
    /// Where its keys are.
    pub jwks_url: Option<String>,
    /// Its public key as PEM.
    pub jwt_key: Option<String>,
    /// Origins whose tokens are accepted.
    pub authorized_parties: Vec<String>,
    /// Whether tokens without an origin are accepted.
    pub allow_missing_azp: bool,
    /// How far the clocks may differ, in seconds.
    pub clock_skew_seconds: u32,
    /// What its webhooks are signed with.
    pub webhook_secrets: Vec<SecretString>,
    /// The only instance whose webhooks are taken.
    pub instance_id: Option<String>,
    /// Whether an organization that Clerk reports is made here.
    pub create_organizations: bool,
}

/// Billing by Stripe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stripe {
    /// What webhooks of the live mode are signed with.
    pub webhook_secrets: Vec<SecretString>,
    /// What webhooks of the test mode are signed with.
    pub test_webhook_secrets: Vec<SecretString>,
    /// Which prices are seats, by their id or look-up key.
    pub seat_prices: Vec<String>,
    /// How long a missing payment is borne, in days.
    pub grace_days: u32,
    /// Where its API is.
    pub api_base: String,
    /// The version of the API that is spoken.
    pub api_version: String,
    /// By what the API is asked in live mode.
    pub secret_key: Option<SecretString>,
    /// By what it is asked in test mode.
    pub test_secret_key: Option<SecretString>,
    /// The meter's event to which used seats are reported.
    pub meter_event: Option<String>,
    /// What the meter calls the customer in an event.
    pub meter_customer_key: String,
    /// What it calls the number.
    pub meter_value_key: String,
}

/// Buying in suppliers' shops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Punchout {
    /// Bytes of a document that is taken.
    pub document_bytes_max: usize,
    /// Lines of a document that is taken.
    pub lines_max: usize,
    /// Carts that one address may bring in a minute.
    pub returns_per_address: u32,
    /// Carts that may be brought to one organisation in a minute.
    pub returns_per_organization: u32,
}

impl Punchout {
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if !(64 * 1024..=64 * 1024 * 1024).contains(&self.document_bytes_max) {
            return Err("HABEO_PUNCHOUT_DOCUMENT_BYTES must be between 64 KiB and 64 MiB");
        }
        if !(1..=5_000).contains(&self.lines_max) {
            return Err("HABEO_PUNCHOUT_LINES must be between 1 and 5000");
        }
        if self.returns_per_address == 0 || self.returns_per_organization == 0 {
            return Err(
                "HABEO_PUNCHOUT_RATE_ADDRESS and HABEO_PUNCHOUT_RATE_ORGANIZATION must not be 0",
            );
        }
        Ok(())
    }
}

/// What may be reached from here beside the public Internet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Exact hosts with their ports.
    pub allow_private_hosts: Vec<String>,
}

/// The Expo push service, which reaches phones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expo {
    /// Where it is.
    pub base_url: String,
    /// What lets us ask, where the project wants it.
    pub access_token: Option<SecretString>,
}

/// The Slack app.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// Its client id.
    pub client_id: Option<String>,
    /// Its client secret.
    pub client_secret: Option<SecretString>,
    /// Its signing secret.
    pub signing_secret: Option<SecretString>,
    /// Another signing secret that counts as well.
    pub signing_secret_previous: Option<SecretString>,
    /// Where the Web API is.
    pub api_base: String,
    /// Where an installation is asked for.
    pub authorize_url: String,
    /// Where answers go.
    pub hooks_base: String,
}

/// The Teams app.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teams {
    /// Its id.
    pub app_id: Option<String>,
    /// Its client secret.
    pub app_password: Option<SecretString>,
    /// A certificate with its private key in place of a secret.
    pub app_certificate: Option<SecretString>,
    /// How the bot is registered.
    pub app_type: TeamsAppType,
    /// Where a bot of one tenant is registered.
    pub app_tenant_id: Option<String>,
    /// Where the channel's keys are described.
    pub openid_metadata_url: String,
    /// Who signs what the channel sends.
    pub token_issuer: String,
    /// Where tokens are given out.
    pub login_base: String,
    /// For what tokens are asked.
    pub oauth_scope: String,
    /// The hosts that messages are sent to.
    pub service_url_hosts: Vec<String>,
}

/// How a bot of Teams is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TeamsAppType {
    /// In one tenant.
    SingleTenant,
    /// For all tenants.
    MultiTenant,
}

/// A model that is asked what the Copilot does not understand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copilot {
    /// Where it is; without it nobody is asked.
    pub url: Option<String>,
    /// Which model.
    pub model: Option<String>,
    /// What lets us ask.
    pub key: Option<SecretString>,
}

/// The invented university.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// Whether an empty database without Clerk gets one.
    pub enabled: bool,
    /// The number from which it is made.
    pub seed: u64,
}

/// How much a caller may ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Requests per minute and session.
    pub api_per_minute: u32,
    /// Requests at once.
    pub api_burst: u32,
    /// Requests in a window of a minute and installed app.
    pub public_per_minute: u32,
    /// Requests per minute and key that manage endpoints.
    pub webhooks_per_minute: u32,
    /// Requests of these at once.
    pub webhooks_burst: u32,
    /// Redis, where several nodes share these rates. It may hold a password.
    pub redis_url: Option<SecretString>,
}

/// Figures for whoever watches over the server.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Address and port of their own listener.
    pub listen: Option<SocketAddr>,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, for machines elsewhere.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Level or filter.
    pub filter: String,
    /// How lines are written.
    pub format: LogFormat,
}
