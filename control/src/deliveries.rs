//! What was delivered to an endpoint, and delivering it once more.

use habeo_core::endpoint::Refusal;
use habeo_core::endpoint::command::Redeliver;
use habeo_core::endpoint::delivery::{Status, log};
use habeo_core::id::{DeliveryId, EventId};
use habeo_surface::{ApiResult, Problem};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use crate::Control;
use crate::key::{Controls, Keyed};
use crate::once;
use crate::spelled::{self, Id};
use crate::view::{DeliveryView, Named, Success, success};
use crate::webhooks::{OnItsWay, endpoint, find};

/// How many are shown where nothing is said.
const LIMIT: i64 = 25;

/// Deliveries.
#[derive(Debug)]
pub struct DeliveriesApi(pub Control);

#[OpenApi]
impl DeliveriesApi {
    /// What was delivered to an endpoint, or is on its way, the latest first.
    #[oai(
        path = "/webhooks/:id/deliveries",
        method = "get",
        operation_id = "listDeliveries"
    )]
    async fn list(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        /// Only `waiting`, `delivered` or `exhausted` ones.
        status: Query<Option<String>>,
        /// Only those of this event, by its UUID.
        event_id: Query<Option<String>>,
        /// Only those before this delivery: the last one of the page before.
        before: Query<Option<Id>>,
        /// How many, 1 to 100.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<i64>>,
    ) -> ApiResult<Json<Success<Vec<DeliveryView>>>> {
        let endpoint = find(&self.0, &caller, id.0).await?;
        let wrong = |name| Problem::parameter(name, "invalid", "is not in its documented form");
        let status: Option<Status> = match &status.0 {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| wrong("status"))?),
        };
        let event: Option<EventId> = match &event_id.0 {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| wrong("event_id"))?),
        };
        let before = match before.0 {
            None => None,
            Some(named) => Some(named.uuid().ok_or_else(|| wrong("before"))?),
        };
        let filter = log::Filter {
            status,
            event,
            before: before.map(DeliveryId::from_uuid),
        };
        let limit = limit.0.unwrap_or(LIMIT);
        let mut tx = self.0.ledger().db().read(caller.access()).await?;
        let page = log::page(&mut tx, caller.access(), endpoint.id, &filter, limit).await?;
        Ok(success(page.into_iter().map(DeliveryView::from).collect()))
    }

    /// Makes a delivery once more: the same event id, the attempts counted on.
    #[oai(
        path = "/webhooks/:id/deliveries/:delivery/redeliver",
        method = "post",
        operation_id = "redeliver"
    )]
    async fn redeliver(
        &self,
        caller: Keyed<Controls>,
        id: Path<Id>,
        delivery: Path<Id>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
    ) -> ApiResult<OnItsWay> {
        let Some(delivery) = delivery.0.uuid() else {
            return Err(Refusal::UnknownDelivery.into());
        };
        let command = Redeliver {
            endpoint: endpoint(id.0)?,
            delivery: DeliveryId::from_uuid(delivery),
        };
        let done = once::record(&self.0, caller.access(), &named, command).await?;
        let id = spelled::id(delivery);
        let replayed = once::replayed(&done);
        Ok(OnItsWay::Accepted(success(Named { id }), replayed))
    }
}
