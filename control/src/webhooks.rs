//! Endpoints.

use habeo_core::endpoint::command::{
    AmendEndpoint, CreateEndpoint, RemoveEndpoint, Replay, RotateSecret, TestEndpoint,
};
use habeo_core::endpoint::repeat::{Make, Renew};
use habeo_core::endpoint::settings::Filter;
use habeo_core::endpoint::topic::Record;
use habeo_core::endpoint::{
    Amendment, Endpoint, Owner, Refusal, Settings, Status, WINDOW_MICROS_MAX, delivery, store,
};
use habeo_core::id::{AppId, DeliveryId, EndpointId, UnitId};
use habeo_core::time::{SECOND_MICROS, Timestamp};
use habeo_egress::Lane;
use habeo_surface::body::StrictJson;
use habeo_surface::catalogue::control::VALIDATION_FAILED;
use habeo_surface::problem::FieldFault;
use habeo_surface::{ApiResult, Problem};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{ApiResponse, Object, OpenApi};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::Control;
use crate::key::{Controls, Keyed};
use crate::once;
use crate::spelled::{Id, id};
use crate::view::{
    CreatedWebhook, Named, Replayed, RotatedSecret, Success, Webhook, WebhookDetail, success,
};

/// Endpoints.
#[derive(Debug)]
pub struct WebhooksApi(pub Control);

/// A filter: what an event's data has to say.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct FilterBody {
    /// Where in `data`: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is there.
    pub equals: Any<Value>,
}

/// An endpoint to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct CreateWebhookBody {
    /// The app that it belongs to.
    pub app_id: Id,
    /// Where it is: https, at most 2,048 characters, on the public Internet.
    pub url: String,
    /// What it is told of, one at least.
    pub events: Vec<String>,
    /// What you call it, at most 255 characters.
    pub description: Option<String>,
    /// The units that it is limited to, as their UUIDs.
    pub units: Option<Vec<String>>,
    /// Only events whose data says this.
    pub filter: Option<FilterBody>,
    /// Whether events of one object come one after another.
    pub ordered: Option<bool>,
    /// Whether it is told of which object only.
    pub thin: Option<bool>,
    /// The most requests a second, 1 to 1,000.
    pub rate_per_second: Option<u32>,
    /// The most requests at once, 1 to 256.
    pub max_in_flight: Option<u32>,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct ChangeWebhookBody {
    /// Another address.
    pub url: Option<String>,
    /// Other events.
    pub events: Option<Vec<String>>,
    /// Another description; the empty one takes it away.
    pub description: Option<String>,
    /// Whether it is told of anything from now on.
    pub is_active: Option<bool>,
    /// Other units; none at all for everything.
    pub units: Option<Vec<String>>,
    /// Whether events of one object come one after another.
    pub ordered: Option<bool>,
    /// Whether it is told of which object only.
    pub thin: Option<bool>,
    /// The most requests a second, 1 to 1,000; 0 for no limit of yours.
    pub rate_per_second: Option<u32>,
    /// The most requests at once, 1 to 256; 0 for no limit of yours.
    pub max_in_flight: Option<u32>,
}

/// For how long the secret before signs as well.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct RotateBody {
    /// In seconds, 0 to 604,800 (seven days), which is what it is where nothing is said.
    pub grace_seconds: Option<i64>,
}

/// Which deliveries are made once more.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct ReplayBody {
    /// Those announced from here on (RFC 3339).
    pub from: String,
    /// And before this.
    pub to: String,
    /// Only those that were given up.
    pub exhausted_only: Option<bool>,
    /// Only those after this delivery: `last` of the answer before.
    pub after: Option<Id>,
}

/// The endpoint is made.
#[derive(Debug, ApiResponse)]
pub enum Created {
    /// The endpoint is made.
    #[oai(status = 201)]
    Done(
        Json<Success<CreatedWebhook>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

/// It has another secret.
#[derive(Debug, ApiResponse)]
pub enum Rotated {
    /// It has another secret.
    #[oai(status = 200)]
    Done(
        Json<Success<RotatedSecret>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

/// It is on its way.
#[derive(Debug, ApiResponse)]
pub enum OnItsWay {
    /// It is on its way.
    #[oai(status = 202)]
    Accepted(
        Json<Success<Named>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

/// They are on their way.
#[derive(Debug, ApiResponse)]
pub enum OnTheirWay {
    /// They are on their way.
    #[oai(status = 202)]
    Accepted(
        Json<Success<Replayed>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

#[OpenApi]
impl WebhooksApi {
    /// Lists the endpoints of all apps that are not deleted.
    #[oai(path = "/webhooks", method = "get", operation_id = "listWebhooks")]
    async fn list(&self, caller: Keyed<Controls>) -> ApiResult<Json<Success<Vec<Webhook>>>> {
        let mut tx = self.0.ledger().db().read(caller.access()).await?;
        let endpoints = store::list(&mut tx, caller.access()).await?;
        Ok(success(endpoints.iter().map(Webhook::from).collect()))
    }

    /// Makes an endpoint. Its secret is in the answer, and nowhere else ever.
    #[oai(path = "/webhooks", method = "post", operation_id = "createWebhook")]
    async fn create(
        &self,
        caller: Keyed<Controls>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
        body: StrictJson<CreateWebhookBody>,
    ) -> ApiResult<Created> {
        let body = body.0;
        let app = body.app_id.uuid().ok_or(Refusal::UnknownApp)?;
        self.reachable(&caller, &body.url).await?;
        let settings = Settings {
            units: units(&body.units.unwrap_or_default())?,
            filter: body.filter.map(filter),
            ordered: body.ordered.unwrap_or(false),
            thin: body.thin.unwrap_or(false),
            per_second: body.rate_per_second,
            at_once: body.max_in_flight,
            ..Settings::of_events(events(body.events)?)
        };
        let command = CreateEndpoint {
            owner: Owner::App(AppId::from_uuid(app)),
            url: body.url,
            description: body.description,
            settings,
            master_key: self.0.master_key(),
        };
        let done = once::record(&self.0, caller.access(), &named, Make(command)).await?;
        let secret = once::secret(&self.0, caller.access(), &done.answer).await?;
        let endpoint = self.known(&caller, done.answer.endpoint).await?;
        let created = CreatedWebhook {
            webhook: Webhook::from(&endpoint),
            secret: secret.expose_secret().to_owned(),
        };
        Ok(Created::Done(success(created), once::replayed(&done)))
    }

    /// One endpoint, with everything that was chosen for it and how it fares.
    #[oai(path = "/webhooks/:id", method = "get", operation_id = "getWebhook")]
    async fn get(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
    ) -> ApiResult<Json<Success<WebhookDetail>>> {
        let endpoint = self.named(&caller, id.0).await?;
        let mut tx = self.0.ledger().db().read(caller.access()).await?;
        let now = self.0.ledger().clock().now();
        let health = delivery::log::health(&mut tx, caller.access(), endpoint.id, now).await?;
        Ok(success(WebhookDetail::new(&endpoint, &health)))
    }

    /// Changes an endpoint; what is not named stays.
    #[oai(
        path = "/webhooks/:id",
        method = "patch",
        operation_id = "changeWebhook"
    )]
    async fn change(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        body: StrictJson<ChangeWebhookBody>,
    ) -> ApiResult<Json<Success<Webhook>>> {
        let body = body.0;
        let endpoint = self.named(&caller, id.0).await?.id;
        if let Some(url) = &body.url {
            self.reachable(&caller, url).await?;
        }
        let settings = Amendment {
            events: body.events.map(events).transpose()?,
            units: body.units.as_deref().map(units).transpose()?,
            ordered: body.ordered,
            thin: body.thin,
            per_second: body.rate_per_second.map(limit),
            at_once: body.max_in_flight.map(limit),
        };
        let command = AmendEndpoint {
            endpoint,
            url: body.url,
            description: body.description.map(Some),
            settings,
            is_active: body.is_active,
        };
        self.0.ledger().record(caller.access(), command).await?;
        let endpoint = self.known(&caller, endpoint).await?;
        Ok(success(Webhook::from(&endpoint)))
    }

    /// Deletes an endpoint. What is already on its way to it is still delivered.
    #[oai(
        path = "/webhooks/:id",
        method = "delete",
        operation_id = "deleteWebhook"
    )]
    async fn delete(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
    ) -> ApiResult<Json<Success<Named>>> {
        let endpoint = self.named(&caller, id.0).await?.id;
        self.0
            .ledger()
            .record(caller.access(), RemoveEndpoint { endpoint })
            .await?;
        Ok(success(named(endpoint)))
    }

    /// Gives an endpoint another secret. The one before signs as well for a while, so that no delivery is lost.
    #[oai(
        path = "/webhooks/:id/rotate",
        method = "post",
        operation_id = "rotateWebhookSecret"
    )]
    async fn rotate(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
        body: StrictJson<RotateBody>,
    ) -> ApiResult<Rotated> {
        let endpoint = endpoint(id.0)?;
        let window_micros = match body.0.grace_seconds {
            None => WINDOW_MICROS_MAX,
            Some(seconds) => seconds.saturating_mul(SECOND_MICROS),
        };
        let command = RotateSecret {
            endpoint,
            window_micros,
            master_key: self.0.master_key(),
        };
        let done = once::record(&self.0, caller.access(), &named, Renew(command)).await?;
        let secret = once::secret(&self.0, caller.access(), &done.answer).await?;
        let rotated = RotatedSecret::new(&done.answer, &secret);
        Ok(Rotated::Done(success(rotated), once::replayed(&done)))
    }

    /// Sends an endpoint an event of type `webhook.test`.
    #[oai(
        path = "/webhooks/:id/test",
        method = "post",
        operation_id = "testWebhook"
    )]
    async fn test(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
    ) -> ApiResult<OnItsWay> {
        let endpoint = endpoint(id.0)?;
        let command = TestEndpoint { endpoint };
        let done = once::record(&self.0, caller.access(), &named, command).await?;
        let id = done.answer.to_string();
        let replayed = once::replayed(&done);
        Ok(OnItsWay::Accepted(success(Named { id }), replayed))
    }

    /// Makes the deliveries of a time once more, at most a thousand at a time.
    #[oai(
        path = "/webhooks/:id/replay",
        method = "post",
        operation_id = "replayWebhook"
    )]
    async fn replay(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
        body: StrictJson<ReplayBody>,
    ) -> ApiResult<OnTheirWay> {
        let endpoint = endpoint(id.0)?;
        let after = match body.0.after {
            None => None,
            Some(named) => Some(
                named
                    .uuid()
                    .ok_or_else(|| invalid("after", "is the id of a delivery"))?,
            ),
        };
        let command = Replay {
            endpoint,
            from: at("from", &body.0.from)?,
            to: at("to", &body.0.to)?,
            exhausted_only: body.0.exhausted_only.unwrap_or(false),
            after: after.map(DeliveryId::from_uuid),
        };
        let done = once::record(&self.0, caller.access(), &named, command).await?;
        let replayed = once::replayed(&done);
        Ok(OnTheirWay::Accepted(
            success(Replayed::from(done.answer)),
            replayed,
        ))
    }
}

impl WebhooksApi {
    /// An endpoint of the organisation that is not deleted.
    async fn named(&self, caller: &Keyed<Controls>, named: Id) -> ApiResult<Endpoint> {
        find(&self.0, caller, named).await
    }

    async fn known(&self, caller: &Keyed<Controls>, id: EndpointId) -> ApiResult<Endpoint> {
        let mut tx = self.0.ledger().db().read(caller.access()).await?;
        let found = store::by_id(&mut tx, caller.access(), id).await?;
        Ok(found.ok_or(Refusal::Unknown)?)
    }

    /// Whether an address is one that may be reached.
    async fn reachable(&self, caller: &Keyed<Controls>, url: &str) -> ApiResult<()> {
        let lane = Lane::Organization(caller.access().org());
        let target = self.0.egress().target_to_save(lane, url).await;
        target
            .map(drop)
            .map_err(|refusal| invalid("url", &refusal.to_string()))
    }
}

/// An endpoint of the organisation that is not deleted.
pub(crate) async fn find(
    control: &Control,
    caller: &Keyed<Controls>,
    named: Id,
) -> ApiResult<Endpoint> {
    let Some(uuid) = named.uuid() else {
        return Err(Refusal::Unknown.into());
    };
    let mut tx = control.ledger().db().read(caller.access()).await?;
    let found = store::by_id(&mut tx, caller.access(), EndpointId::from_uuid(uuid)).await?;
    let endpoint = found.filter(|endpoint| endpoint.status != Status::Removed);
    Ok(endpoint.ok_or(Refusal::Unknown)?)
}

/// Which endpoint is meant.
pub(crate) fn endpoint(named: Id) -> ApiResult<EndpointId> {
    let uuid = named.uuid().ok_or(Refusal::Unknown)?;
    Ok(EndpointId::from_uuid(uuid))
}

fn named(endpoint: EndpointId) -> Named {
    Named {
        id: id(endpoint.uuid()),
    }
}

/// The five names of this surface and no others.
fn events(events: Vec<String>) -> ApiResult<Vec<String>> {
    if events.is_empty() {
        return Err(invalid("events", "names at least one event"));
    }
    match events.iter().find(|event| event.parse::<Record>().is_err()) {
        None => Ok(events),
        Some(_) => Err(invalid(
            "events",
            "takes record.created, record.updated, record.deleted, record.bulk_created and schema.updated",
        )),
    }
}

fn units(units: &[String]) -> ApiResult<Vec<UnitId>> {
    let read: Result<Vec<UnitId>, _> = units.iter().map(|unit| unit.parse()).collect();
    read.map_err(|_| invalid("units", "takes the UUIDs of units"))
}

/// 0 is no limit of the owner's.
const fn limit(number: u32) -> Option<u32> {
    match number {
        0 => None,
        number => Some(number),
    }
}

fn filter(body: FilterBody) -> Filter {
    Filter {
        pointer: body.pointer,
        equals: body.equals.0,
    }
}

fn at(field: &str, text: &str) -> ApiResult<Timestamp> {
    text.parse()
        .map_err(|_| invalid(field, "is an instant such as 2026-05-01T10:00:00Z"))
}

fn invalid(field: &str, why: &str) -> Problem {
    Problem::new(&VALIDATION_FAILED)
        .detail(format!("`{field}`: {why}"))
        .field(FieldFault::new(field, "invalid", why))
}
