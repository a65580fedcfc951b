//! Webhooks of an installed app: where it is told of what happens to the entity.

use std::sync::Arc;

use habeo_core::app_client::{Scopes, to_hear};
use habeo_core::endpoint::command::{CreateEndpoint, RemoveEndpoint};
use habeo_core::endpoint::delivery::log;
use habeo_core::endpoint::repeat::Make;
use habeo_core::endpoint::{
    self, DESCRIPTION_CHARS_MAX, Endpoint, OF_INSTALL_MAX, Owner, Refusal, Settings, Status, store,
    topic,
};
use habeo_core::id::EndpointId;
use habeo_core::idempotency::{self, Key};
use habeo_core::ledger::RecordError;
use habeo_surface::body::StrictJson;
use habeo_surface::catalogue::public::{
    INSTALL_SUSPENDED, INSUFFICIENT_SCOPE, WEBHOOK_LIMIT_REACHED,
};
use habeo_surface::problem::FieldFault;
use habeo_surface::{ApiResult, Problem, catalogue};
use poem::http::StatusCode;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use uuid::Uuid;

use crate::Marketplace;
use crate::caller::{Scoped, WebhooksRead, WebhooksWrite};
use crate::view::webhook::{CreatedWebhook, NewWebhook, WebhookView, Webhooks};

/// Webhooks.
#[derive(Debug)]
pub struct WebhooksApi(pub Marketplace);

/// The subscription is made.
#[derive(Debug, ApiResponse)]
pub enum Subscribed {
    /// The subscription is made. The secret is never shown again.
    #[oai(status = 201)]
    Done(
        Json<CreatedWebhook>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

/// The subscription is over.
#[derive(Debug, ApiResponse)]
pub enum Unsubscribed {
    /// The subscription is over.
    #[oai(status = 204)]
    Done,
}

#[OpenApi]
impl WebhooksApi {
    /// Subscribes to events of the entity.
    ///
    /// Each event is posted to your address, signed with the secret that only this answer tells. Assets and devices take the scope `assets:read`
    /// as well, tickets `tickets:read`. Needs the scope `webhooks:write`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/webhooks",
        method = "post",
        operation_id = "createWebhook"
    )]
    async fn create(
        &self,
        app: Scoped<WebhooksWrite>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: StrictJson<NewWebhook>,
    ) -> ApiResult<Subscribed> {
        let (access, bearer, wanted) = (app.access(), app.bearer(), body.0);
        named(&wanted.events)?;
        permitted(&wanted.events, &bearer.scopes)?;
        if wanted
            .description
            .as_deref()
            .is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX)
        {
            return Err(unacceptable("description", "has at most 255 characters"));
        }
        let addresses = self.0.addresses();
        let reachable = addresses.check(bearer.org, &wanted.url).await;
        reachable.map_err(|why| unacceptable("url", &why))?;
        let key = idempotency_key.0.as_deref().map(Key::parse).transpose();
        let key = key.map_err(|error| {
            Problem::parameter("Idempotency-Key", "invalid", &error.to_string())
        })?;
        let command = CreateEndpoint {
            owner: Owner::Install(bearer.install),
            url: wanted.url,
            description: wanted.description,
            settings: Settings {
                units: vec![bearer.unit],
                ..Settings::of_events(wanted.events)
            },
            master_key: Arc::clone(self.0.shared_key()),
        };
        let done = idempotency::record(self.0.ledger(), access, key, Make(command)).await;
        let done = done.map_err(refused_once)?;
        let mut tx = self.0.ledger().db().read(access).await?;
        let new = &done.answer;
        let secret = new.secret(&mut tx, access, self.0.shared_key()).await?;
        let secret = secret.ok_or(Refusal::SecretForgotten)?;
        let made = store::by_id(&mut tx, access, new.endpoint).await?;
        let made = made.ok_or_else(|| Problem::internal("a webhook that was just made is gone"))?;
        let created = CreatedWebhook {
            webhook: self.view(&mut tx, &app, made).await?,
            signing_secret: secret.expose_secret().to_owned(),
        };
        let replayed = done.replayed.then(|| "true".to_owned());
        Ok(Subscribed::Done(Json(created), replayed))
    }

    /// Your active subscriptions, with how their deliveries fare.
    ///
    /// Needs the scope `webhooks:read`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/webhooks",
        method = "get",
        operation_id = "listWebhooks"
    )]
    async fn list(
        &self,
        app: Scoped<WebhooksRead>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
    ) -> ApiResult<Json<Webhooks>> {
        let endpoints = self.all(app.access()).await?;
        let mut tx = self.0.ledger().db().read(app.access()).await?;
        let mut data = Vec::with_capacity(endpoints.len());
        for endpoint in endpoints {
            data.push(self.view(&mut tx, &app, endpoint).await?);
        }
        Ok(Json(Webhooks { data }))
    }

    /// Ends a subscription. What is on its way is still delivered; the record of it is kept.
    ///
    /// Needs the scope `webhooks:write`.
    #[oai(
        path = "/orgs/:org_id/entities/:entity_id/webhooks/:id",
        method = "delete",
        operation_id = "deleteWebhook"
    )]
    async fn delete(
        &self,
        app: Scoped<WebhooksWrite>,
        #[oai(name = "org_id")] _org: Path<Uuid>,
        #[oai(name = "entity_id")] _entity: Path<Uuid>,
        id: Path<String>,
    ) -> ApiResult<Unsubscribed> {
        let unknown = || Problem::new(&catalogue::NOT_FOUND);
        let endpoint: EndpointId = id.0.parse().map_err(|_| unknown())?;
        let command = RemoveEndpoint { endpoint };
        match self.0.ledger().record(app.access(), command).await {
            Ok(()) => Ok(Unsubscribed::Done),
            Err(RecordError::Refused(Refusal::Unknown | Refusal::Removed)) => Err(unknown()),
            Err(error) => Err(refused(error)),
        }
    }
}

impl WebhooksApi {
    async fn all(&self, access: &habeo_core::access::Access) -> ApiResult<Vec<Endpoint>> {
        let mut tx = self.0.ledger().db().read(access).await?;
        Ok(store::list(&mut tx, access).await?)
    }

    async fn view<N: crate::caller::Needs>(
        &self,
        tx: &mut habeo_core::store::Tx,
        app: &Scoped<N>,
        endpoint: Endpoint,
    ) -> ApiResult<WebhookView> {
        let now = self.0.ledger().clock().now();
        let health = log::health(tx, app.access(), endpoint.id, now).await?;
        let active = endpoint.status == Status::Active;
        Ok(WebhookView::new(endpoint, app.bearer(), active, &health))
    }
}

/// Only names of what an installation can be told of, or all of a channel of it.
fn named(events: &[String]) -> ApiResult<()> {
    if events.is_empty() || events.len() > endpoint::settings::EVENTS_MAX {
        return Err(unacceptable("events", "names 1 to 64 sorts of events"));
    }
    let known = |event: &String| {
        to_hear(event).is_some()
            && topic::Pattern::parse(event).is_some_and(|pattern| topic::is_known(&pattern))
    };
    if events.iter().all(known) {
        Ok(())
    } else {
        Err(unacceptable(
            "events",
            "names an event that is not announced here",
        ))
    }
}

/// Nobody hears of what they may not see.
fn permitted(events: &[String], held: &Scopes) -> ApiResult<()> {
    let needed = events.iter().filter_map(|event| to_hear(event));
    let missing: Scopes = needed.filter(|scope| !held.has(*scope)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let required: Vec<Value> = missing.iter().map(|scope| scope.as_str().into()).collect();
    Err(Problem::new(&INSUFFICIENT_SCOPE).with("required", required))
}

fn unacceptable(field: &str, why: &str) -> Problem {
    Problem::new(&catalogue::BODY_INVALID)
        .status_is(StatusCode::UNPROCESSABLE_ENTITY)
        .detail(format!("the field `{field}` {why}"))
        .field(FieldFault::new(field, "invalid", why))
}

fn too_many() -> Problem {
    Problem::new(&WEBHOOK_LIMIT_REACHED).with("limit", OF_INSTALL_MAX)
}

fn refused_once(error: RecordError<idempotency::Refusal<Refusal>>) -> Problem {
    match error {
        RecordError::Refused(idempotency::Refusal::Command(refusal)) => {
            refused(RecordError::Refused(refusal))
        }
        error => error.into(),
    }
}

fn refused(error: RecordError<Refusal>) -> Problem {
    match error {
        RecordError::Refused(Refusal::TooManyOfInstall) => too_many(),
        // What it was permitted, or whether it works, has changed since the request came in.
        RecordError::Refused(Refusal::InstallNotActive) => Problem::new(&INSTALL_SUSPENDED),
        RecordError::Refused(Refusal::BeyondScopes) => Problem::new(&INSUFFICIENT_SCOPE),
        RecordError::Refused(Refusal::BadUrl) => {
            unacceptable("url", "is an https address of at most 2048 characters")
        }
        RecordError::Refused(Refusal::BadDescription(_)) => {
            unacceptable("description", "is one line of at most 255 characters")
        }
        RecordError::Refused(Refusal::BadEvents | Refusal::UnknownEvent) => {
            unacceptable("events", "names an event that is not announced here")
        }
        error => error.into(),
    }
}
