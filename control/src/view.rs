//! What leaves: the envelope, endpoints and deliveries.

use habeo_core::endpoint::command;
use habeo_core::endpoint::delivery::log::{self, Health};
use habeo_core::endpoint::repeat::NewSecret;
use habeo_core::endpoint::{Endpoint, Owner, Status};
use habeo_core::id::AppId;
use habeo_surface::nullable::Nullable;
use poem_openapi::Object;
use poem_openapi::payload::Json;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use secrecy::{ExposeSecret as _, SecretString};

use crate::spelled::{id, instant};

/// What every answer is wrapped in.
#[derive(Debug, Object)]
pub struct Success<T: Type + ParseFromJSON + ToJSON> {
    /// `true`.
    pub success: bool,
    /// The answer.
    pub data: T,
}

/// Wraps an answer.
pub fn success<T: Type + ParseFromJSON + ToJSON>(data: T) -> Json<Success<T>> {
    Json(Success {
        success: true,
        data,
    })
}

/// An endpoint.
#[derive(Debug, Object)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// The app that it belongs to; null where it belongs to an installed app of the marketplace.
    pub app_id: Nullable<String>,
    /// Its address.
    pub url: String,
    /// What it is told of.
    pub events: Vec<String>,
    /// Whether it is told of anything at the moment.
    pub is_active: bool,
    /// What you call it.
    pub description: Nullable<String>,
    /// When it was made.
    pub created_at: String,
}

impl From<&Endpoint> for Webhook {
    fn from(endpoint: &Endpoint) -> Self {
        let app = match endpoint.owner {
            Owner::App(app) => Some(app),
            Owner::Install(_) => None,
        };
        Self {
            id: id(endpoint.id.uuid()),
            app_id: Nullable(app.map(AppId::uuid).map(id)),
            url: endpoint.url.clone(),
            events: endpoint.settings.events.clone(),
            is_active: endpoint.status == Status::Active,
            description: Nullable(endpoint.description.clone()),
            created_at: instant(endpoint.created_at),
        }
    }
}

/// A new endpoint, with its secret.
#[derive(Debug, Object)]
pub struct CreatedWebhook {
    /// The endpoint.
    #[oai(flatten)]
    pub webhook: Webhook,
    /// The secret under which deliveries are signed. It is never shown again.
    pub secret: String,
}

/// An endpoint with everything that was chosen for it, and how it fares.
#[derive(Debug, Object)]
pub struct WebhookDetail {
    /// The endpoint.
    #[oai(flatten)]
    pub webhook: Webhook,
    /// `active`, `paused`, `disabled` or `removed`.
    pub status: String,
    /// Why it was disabled, `gone` or `silent`; or paused, `suspended` with the installed app whose it is.
    pub disabled_because: Nullable<String>,
    /// The units that it is limited to, as their UUIDs; none where it is told of all.
    pub units: Vec<String>,
    /// Whether events of one object come one after another.
    pub ordered: bool,
    /// Whether it is told of which object only.
    pub thin: bool,
    /// The most requests a second that you chose.
    pub rate_per_second: Nullable<u32>,
    /// The most requests at once that you chose.
    pub max_in_flight: Nullable<u32>,
    /// Until when the secret before the present one signs as well.
    pub previous_secret_expires_at: Nullable<String>,
    /// How it fares.
    pub health: WebhookHealth,
}

/// How an endpoint fares.
#[derive(Debug, Object)]
pub struct WebhookHealth {
    /// Accepted of a thousand attempts in the last 24 hours; null where there were none.
    pub success_per_mille_24h: Nullable<i64>,
    /// Accepted of a thousand attempts in the last seven days.
    pub success_per_mille_7d: Nullable<i64>,
    /// How long half of the last deliveries took at most, in milliseconds.
    pub p50_ms: Nullable<i64>,
    /// How long 95 of 100 took at most, in milliseconds.
    pub p95_ms: Nullable<i64>,
    /// How many attempts failed one after another.
    pub consecutive_failures: i64,
    /// When the last delivery was accepted.
    pub last_delivered_at: Nullable<String>,
    /// Since when the oldest waits that is not delivered.
    pub oldest_pending_at: Nullable<String>,
    /// When the next attempt is due.
    pub next_attempt_at: Nullable<String>,
}

impl WebhookDetail {
    /// An endpoint with how it fares.
    pub fn new(endpoint: &Endpoint, health: &Health) -> Self {
        let settings = &endpoint.settings;
        let units = settings.units.iter().map(ToString::to_string);
        Self {
            webhook: endpoint.into(),
            status: endpoint.status.to_string(),
            disabled_because: Nullable(endpoint.because.map(|because| because.to_string())),
            units: units.collect(),
            ordered: settings.ordered,
            thin: settings.thin,
            rate_per_second: Nullable(settings.per_second),
            max_in_flight: Nullable(settings.at_once),
            previous_secret_expires_at: Nullable(endpoint.previous_until.map(instant)),
            health: WebhookHealth {
                success_per_mille_24h: Nullable(health.day.per_mille()),
                success_per_mille_7d: Nullable(health.week.per_mille()),
                p50_ms: Nullable(health.p50_millis),
                p95_ms: Nullable(health.p95_millis),
                consecutive_failures: health.failures_in_row,
                last_delivered_at: Nullable(health.delivered_at.map(instant)),
                oldest_pending_at: Nullable(health.oldest_waiting_at.map(instant)),
                next_attempt_at: Nullable(health.next_at.map(instant)),
            },
        }
    }
}

/// An endpoint's new secret.
#[derive(Debug, Object)]
pub struct RotatedSecret {
    /// The endpoint's id.
    pub id: String,
    /// The new secret. It is never shown again.
    pub secret: String,
    /// Until when the one before signs as well.
    pub previous_secret_expires_at: String,
}

impl RotatedSecret {
    /// A new secret, beside the one before for so long.
    pub fn new(made: &NewSecret, secret: &SecretString) -> Self {
        Self {
            id: id(made.endpoint.uuid()),
            secret: secret.expose_secret().to_owned(),
            previous_secret_expires_at: made.previous_until.map(instant).unwrap_or_default(),
        }
    }
}

/// Something that has nothing but an id.
#[derive(Debug, Object)]
pub struct Named {
    /// The id.
    pub id: String,
}

/// An event on its way to an endpoint.
#[derive(Debug, Object)]
pub struct DeliveryView {
    /// Its id.
    pub id: String,
    /// The event's id: the UUID of `X-Habeo-Event-Id`.
    pub event_id: String,
    /// The event's name.
    #[oai(rename = "type")]
    pub name: String,
    /// `waiting`, `delivered` or `exhausted`.
    pub status: String,
    /// How many attempts were made.
    pub attempts: i64,
    /// The status of the last answer.
    pub response_status: Nullable<i64>,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: Nullable<i64>,
    /// When it was announced.
    pub created_at: String,
    /// When it was done with.
    pub settled_at: Nullable<String>,
    /// When the next attempt is due.
    pub next_attempt_at: Nullable<String>,
}

impl From<log::Delivery> for DeliveryView {
    fn from(delivery: log::Delivery) -> Self {
        Self {
            id: id(delivery.id.uuid()),
            event_id: delivery.event_id.to_string(),
            name: delivery.name,
            status: delivery.status.to_string(),
            attempts: delivery.attempts,
            response_status: Nullable(delivery.answer),
            duration_ms: Nullable(delivery.millis),
            created_at: instant(delivery.enqueued_at),
            settled_at: Nullable(delivery.settled_at.map(instant)),
            next_attempt_at: Nullable(delivery.next_at.map(instant)),
        }
    }
}

/// How many deliveries are made once more.
#[derive(Debug, Object)]
pub struct Replayed {
    /// How many.
    pub deliveries: i64,
    /// Whether there may be more of that time: ask again with `after`.
    pub more: bool,
    /// The last of them, where there may be more.
    pub last: Nullable<String>,
}

impl From<command::Replayed> for Replayed {
    fn from(done: command::Replayed) -> Self {
        Self {
            deliveries: done.count,
            more: done.last.is_some(),
            last: Nullable(done.last.map(|last| id(last.uuid()))),
        }
    }
}
