//! Webhooks.

use habeo_core::endpoint::Endpoint;
use habeo_core::endpoint::delivery::log::Health;
use habeo_core::oauth::bearer::Bearer;
use habeo_surface::nullable::Nullable;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

/// A subscription that is wanted.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are posted: an https address that is reached from the internet.
    pub url: String,
    /// Of what you are told: names of events such as `asset.deployed`, or `asset.*` for all of a channel.
    pub events: Vec<String>,
    /// What you call it, at most 255 characters.
    #[oai(skip_serializing_if_is_none)]
    pub description: Option<String>,
}

/// A subscription.
#[derive(Debug, Object)]
#[oai(rename = "Webhook")]
pub struct WebhookView {
    /// Its id.
    pub id: Uuid,
    /// The installation whose it is.
    pub install_id: Uuid,
    /// The organization.
    pub org_id: Uuid,
    /// The entity; only what happens there is told.
    pub entity_id: Uuid,
    /// Where events are posted.
    pub url: String,
    /// Of what you are told.
    pub events: Vec<String>,
    /// What you call it.
    pub description: Nullable<String>,
    /// Whether you are told at the moment. A subscription that nothing reached for days is not.
    pub is_active: bool,
    /// How its deliveries fare.
    pub delivery_health: HealthView,
    /// When it was made.
    pub created_at: Instant,
}

/// How the deliveries of a subscription fare.
#[derive(Debug, Object)]
#[oai(rename = "DeliveryHealth")]
pub struct HealthView {
    /// Attempts of the last 24 hours that were accepted.
    pub delivered_24h: i64,
    /// Attempts of the last 24 hours that failed.
    pub failed_24h: i64,
    /// Of a thousand attempts of the last 24 hours, how many were accepted; null where there was none.
    pub success_per_mille_24h: Nullable<i64>,
    /// How many failed one after another.
    pub consecutive_failures: i64,
    /// When the last was accepted.
    pub last_delivered_at: Nullable<Instant>,
    /// When the last attempt was.
    pub last_attempt_at: Nullable<Instant>,
    /// When the next attempt is due.
    pub next_attempt_at: Nullable<Instant>,
    /// How long 95 of 100 took at most, in milliseconds.
    pub p95_ms: Nullable<i64>,
}

/// A subscription with its secret.
#[derive(Debug, Object)]
pub struct CreatedWebhook {
    /// The subscription.
    #[oai(flatten)]
    pub webhook: WebhookView,
    /// By which you know that a request is ours: the key of the HMAC. Never shown again.
    pub signing_secret: String,
}

/// Subscriptions.
#[derive(Debug, Object)]
pub struct Webhooks {
    /// The active ones of your installation, in the order of their making.
    pub data: Vec<WebhookView>,
}

impl WebhookView {
    /// A subscription of an installation.
    #[must_use]
    pub fn new(endpoint: Endpoint, bearer: &Bearer, is_active: bool, health: &Health) -> Self {
        Self {
            id: endpoint.id.uuid(),
            install_id: bearer.install.uuid(),
            org_id: bearer.org.uuid(),
            entity_id: bearer.unit.uuid(),
            url: endpoint.url,
            events: endpoint.settings.events,
            description: endpoint.description.into(),
            is_active,
            delivery_health: health.into(),
            created_at: endpoint.created_at.into(),
        }
    }
}

impl From<&Health> for HealthView {
    fn from(health: &Health) -> Self {
        Self {
            delivered_24h: health.day.delivered,
            failed_24h: health.day.failed,
            success_per_mille_24h: health.day.per_mille().into(),
            consecutive_failures: health.failures_in_row,
            last_delivered_at: health.delivered_at.map(Instant::from).into(),
            last_attempt_at: health.attempted_at.map(Instant::from).into(),
            next_attempt_at: health.next_at.map(Instant::from).into(),
            p95_ms: health.p95_millis.into(),
        }
    }
}
