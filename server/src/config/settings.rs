//! Every setting by name: one table for the variables, for printing and for the documentation.

use std::path::PathBuf;

use config::{Value, ValueKind};

use super::Config;

/// What every variable begins with.
pub(super) const PREFIX: &str = "HABEO_";
/// Variables of the test suites, which share the prefix.
const FOR_TESTS: [&str; 2] = ["HABEO_TEST_", "HABEO_BENCH_"];

/// One setting.
pub struct Setting {
    /// The variable that sets it.
    pub variable: &'static str,
    /// Where it stands in the file: `section.name`.
    pub key: &'static str,
    /// Whether the variable holds several values, separated by commas.
    pub list: bool,
    /// Writes its value, secrets hidden.
    pub show: fn(&Config) -> String,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting")
            .field("variable", &self.variable)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Setting {
    pub(super) fn value(&self, text: &str) -> Value {
        if !self.list {
            return Value::new(None, text);
        }
        let items: Vec<Value> = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Value::new(None, item))
            .collect();
        Value::new(None, ValueKind::Array(items))
    }
}

pub(super) fn is_for_tests(name: &str) -> bool {
    FOR_TESTS.iter().any(|prefix| name.starts_with(prefix))
}

fn set_or_not<T>(secret: Option<&T>) -> String {
    if secret.is_some() {
        "(set, hidden)".to_owned()
    } else {
        String::new()
    }
}

/// How many secrets of a list there are; never which.
fn some_or_none<T>(secrets: &[T]) -> String {
    match secrets.len() {
        0 => String::new(),
        set => format!("({set} set, hidden)"),
    }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn path(value: Option<&PathBuf>) -> String {
    value
        .map(|path| path.display().to_string())
        .unwrap_or_default()
}

macro_rules! settings {
    ($($variable:literal $key:literal $list:literal $show:expr;)*) => {
        /// Every setting, in the order of the defaults.
        pub const SETTINGS: &[Setting] = &[$(
            Setting { variable: $variable, key: $key, list: $list, show: $show }
        ),*];
    };
}

settings! {
    "HABEO_LISTEN" "http.listen" false |c| c.http.listen.to_string();
    "HABEO_PUBLIC_URL" "http.public_url" false |c| text(c.http.public_url.as_ref());
    "HABEO_TRUSTED_PROXIES" "http.trusted_proxies" true |c| format!("{:?}", c.http.trusted_proxies);
    "HABEO_ALLOWED_ORIGINS" "http.allowed_origins" true |c| c.http.allowed_origins.join(", ");
    "HABEO_STOP_DELAY_MS" "http.stop_delay_ms" false |c| c.http.stop_delay_ms.to_string();
    "HABEO_DATA_DIR" "database.data_dir" false |c| c.database.data_dir.display().to_string();
    "HABEO_CHECKPOINT_DIR" "database.checkpoint_dir" false |c| path(c.database.checkpoint_dir.as_ref());
    "HABEO_DATABASE_URL" "database.url" false |c| set_or_not(c.database.url.as_ref());
    "HABEO_DATABASE_OWNER_URL" "database.owner_url" false |c| set_or_not(c.database.owner_url.as_ref());
    "HABEO_DATABASE_CONNECTIONS" "database.connections" false |c| c.database.connections.to_string();
    "HABEO_MASTER_KEY" "database.master_key" false |c| set_or_not(c.database.master_key.as_ref());
    "HABEO_MASTER_KEY_PREVIOUS" "database.master_key_previous" false |c| set_or_not(c.database.master_key_previous.as_ref());
    "HABEO_CLERK_ISSUER" "clerk.issuer" false |c| text(c.clerk.issuer.as_ref());
    "HABEO_CLERK_FRONTEND_URL" "clerk.frontend_url" false |c| text(c.clerk.frontend_url.as_ref());
    "HABEO_CLERK_JWKS_URL" "clerk.jwks_url" false |c| text(c.clerk.jwks_url.as_ref());
    "HABEO_CLERK_JWT_KEY" "clerk.jwt_key" false |c| set_or_not(c.clerk.jwt_key.as_ref());
    "HABEO_CLERK_AUTHORIZED_PARTIES" "clerk.authorized_parties" true |c| c.clerk.authorized_parties.join(", ");
    "HABEO_CLERK_ALLOW_MISSING_AZP" "clerk.allow_missing_azp" false |c| c.clerk.allow_missing_azp.to_string();
    "HABEO_CLERK_CLOCK_SKEW_SECONDS" "clerk.clock_skew_seconds" false |c| c.clerk.clock_skew_seconds.to_string();
    "HABEO_CLERK_WEBHOOK_SECRETS" "clerk.webhook_secrets" true |c| some_or_none(&c.clerk.webhook_secrets);
    "HABEO_CLERK_INSTANCE_ID" "clerk.instance_id" false |c| text(c.clerk.instance_id.as_ref());
    "HABEO_CLERK_CREATE_ORGANIZATIONS" "clerk.create_organizations" false |c| c.clerk.create_organizations.to_string();
    "HABEO_STRIPE_WEBHOOK_SECRETS" "stripe.webhook_secrets" true |c| some_or_none(&c.stripe.webhook_secrets);
    "HABEO_STRIPE_TEST_WEBHOOK_SECRETS" "stripe.test_webhook_secrets" true |c| some_or_none(&c.stripe.test_webhook_secrets);
    "HABEO_STRIPE_SEAT_PRICES" "stripe.seat_prices" true |c| c.stripe.seat_prices.join(", ");
    "HABEO_STRIPE_GRACE_DAYS" "stripe.grace_days" false |c| c.stripe.grace_days.to_string();
    "HABEO_STRIPE_API_BASE" "stripe.api_base" false |c| c.stripe.api_base.clone();
    "HABEO_STRIPE_API_VERSION" "stripe.api_version" false |c| c.stripe.api_version.clone();
    "HABEO_STRIPE_SECRET_KEY" "stripe.secret_key" false |c| set_or_not(c.stripe.secret_key.as_ref());
    "HABEO_STRIPE_TEST_SECRET_KEY" "stripe.test_secret_key" false |c| set_or_not(c.stripe.test_secret_key.as_ref());
    "HABEO_STRIPE_METER_EVENT" "stripe.meter_event" false |c| text(c.stripe.meter_event.as_ref());
    "HABEO_STRIPE_METER_CUSTOMER_KEY" "stripe.meter_customer_key" false |c| c.stripe.meter_customer_key.clone();
    "HABEO_STRIPE_METER_VALUE_KEY" "stripe.meter_value_key" false |c| c.stripe.meter_value_key.clone();
    "HABEO_PUNCHOUT_DOCUMENT_BYTES" "punchout.document_bytes_max" false |c| c.punchout.document_bytes_max.to_string();
    "HABEO_PUNCHOUT_LINES" "punchout.lines_max" false |c| c.punchout.lines_max.to_string();
    "HABEO_PUNCHOUT_RATE_ADDRESS" "punchout.returns_per_address" false |c| c.punchout.returns_per_address.to_string();
    "HABEO_PUNCHOUT_RATE_ORGANIZATION" "punchout.returns_per_organization" false |c| c.punchout.returns_per_organization.to_string();
    "HABEO_ALLOW_PRIVATE_HOSTS" "egress.allow_private_hosts" true |c| c.egress.allow_private_hosts.join(", ");
    "HABEO_EXPO_BASE_URL" "expo.base_url" false |c| c.expo.base_url.clone();
    "HABEO_EXPO_ACCESS_TOKEN" "expo.access_token" false |c| set_or_not(c.expo.access_token.as_ref());
    "HABEO_SLACK_CLIENT_ID" "slack.client_id" false |c| text(c.slack.client_id.as_ref());
    "HABEO_SLACK_CLIENT_SECRET" "slack.client_secret" false |c| set_or_not(c.slack.client_secret.as_ref());
    "HABEO_SLACK_SIGNING_SECRET" "slack.signing_secret" false |c| set_or_not(c.slack.signing_secret.as_ref());
    "HABEO_SLACK_SIGNING_SECRET_PREVIOUS" "slack.signing_secret_previous" false |c| set_or_not(c.slack.signing_secret_previous.as_ref());
    "HABEO_SLACK_API_BASE" "slack.api_base" false |c| c.slack.api_base.clone();
    "HABEO_SLACK_AUTHORIZE_URL" "slack.authorize_url" false |c| c.slack.authorize_url.clone();
    "HABEO_SLACK_HOOKS_BASE" "slack.hooks_base" false |c| c.slack.hooks_base.clone();
    "HABEO_TEAMS_APP_ID" "teams.app_id" false |c| text(c.teams.app_id.as_ref());
    "HABEO_TEAMS_APP_PASSWORD" "teams.app_password" false |c| set_or_not(c.teams.app_password.as_ref());
    "HABEO_TEAMS_APP_CERTIFICATE" "teams.app_certificate" false |c| set_or_not(c.teams.app_certificate.as_ref());
    "HABEO_TEAMS_APP_TYPE" "teams.app_type" false |c| format!("{:?}", c.teams.app_type);
    "HABEO_TEAMS_APP_TENANT_ID" "teams.app_tenant_id" false |c| text(c.teams.app_tenant_id.as_ref());
    "HABEO_TEAMS_OPENID_METADATA_URL" "teams.openid_metadata_url" false |c| c.teams.openid_metadata_url.clone();
    "HABEO_TEAMS_TOKEN_ISSUER" "teams.token_issuer" false |c| c.teams.token_issuer.clone();
    "HABEO_TEAMS_LOGIN_BASE" "teams.login_base" false |c| c.teams.login_base.clone();
    "HABEO_TEAMS_OAUTH_SCOPE" "teams.oauth_scope" false |c| c.teams.oauth_scope.clone();
    "HABEO_TEAMS_SERVICE_URL_HOSTS" "teams.service_url_hosts" true |c| c.teams.service_url_hosts.join(", ");
    "HABEO_COPILOT_URL" "copilot.url" false |c| text(c.copilot.url.as_ref());
    "HABEO_COPILOT_MODEL" "copilot.model" false |c| text(c.copilot.model.as_ref());
    "HABEO_COPILOT_KEY" "copilot.key" false |c| set_or_not(c.copilot.key.as_ref());
    "HABEO_SANDBOX" "sandbox.enabled" false |c| c.sandbox.enabled.to_string();
    "HABEO_SANDBOX_SEED" "sandbox.seed" false |c| c.sandbox.seed.to_string();
    "HABEO_RATE_LIMIT_API" "rates.api_per_minute" false |c| c.rates.api_per_minute.to_string();
    "HABEO_RATE_LIMIT_API_BURST" "rates.api_burst" false |c| c.rates.api_burst.to_string();
    "HABEO_RATE_LIMIT_PUBLIC" "rates.public_per_minute" false |c| c.rates.public_per_minute.to_string();
    "HABEO_RATE_LIMIT_WEBHOOKS" "rates.webhooks_per_minute" false |c| c.rates.webhooks_per_minute.to_string();
    "HABEO_RATE_LIMIT_WEBHOOKS_BURST" "rates.webhooks_burst" false |c| c.rates.webhooks_burst.to_string();
    "HABEO_REDIS_URL" "rates.redis_url" false |c| set_or_not(c.rates.redis_url.as_ref());
    "HABEO_METRICS_LISTEN" "metrics.listen" false |c| c.metrics.listen.map(|address| address.to_string()).unwrap_or_default();
    "HABEO_LOG" "log.filter" false |c| c.log.filter.clone();
    "HABEO_LOG_FORMAT" "log.format" false |c| format!("{:?}", c.log.format).to_lowercase();
}
