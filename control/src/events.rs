//! Events of one's own.

use habeo_core::endpoint::command::Emit;
use habeo_core::endpoint::{self, Refusal};
use habeo_core::id::AppId;
use habeo_surface::body::StrictJson;
use habeo_surface::{ApiResult, Problem};
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;

use crate::Control;
use crate::key::{Emits, Keyed};
use crate::once;
use crate::spelled::Id;
use crate::view::{Named, Success, success};

/// Events.
#[derive(Debug)]
pub struct EventsApi(pub Control);

/// An event to be emitted.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct EventBody {
    /// Its name: in a sandbox any that is announced, elsewhere `webhook.test`.
    #[oai(rename = "type", validator(max_length = 100))]
    pub name: String,
    /// What it says: an object of at most 48 KiB without fractions.
    pub data: Any<Value>,
    /// The app that says it, whose endpoints hear it; the key's own where it is not named.
    pub app_id: Option<Id>,
}

/// The event is on record and on its way.
#[derive(Debug, ApiResponse)]
pub enum Emitted {
    /// The event is on record and on its way.
    #[oai(status = 202)]
    Accepted(
        Json<Success<Named>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

#[OpenApi]
impl EventsApi {
    /// Emits an event.
    ///
    /// The answer comes when the event is durable. `data.id` is the event's id, which deliveries carry as `X-Habeo-Event-Id`.
    #[oai(path = "/events", method = "post", operation_id = "emitEvent")]
    async fn emit(
        &self,
        caller: Keyed<Emits>,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`: repeated within 24 hours it is answered as the first time.
        #[oai(name = "Idempotency-Key")]
        named: once::Named,
        body: StrictJson<EventBody>,
    ) -> ApiResult<Emitted> {
        let body = body.0;
        let app = match body.app_id {
            None => caller.app(),
            Some(named) => self.app(&caller, named).await?,
        };
        let command = Emit {
            app,
            mode: caller.mode(),
            name: body.name,
            data: body.data.0,
        };
        let done = once::record(&self.0, caller.access(), &named, command).await?;
        let id = done.answer.to_string();
        let replayed = once::replayed(&done);
        Ok(Emitted::Accepted(success(Named { id }), replayed))
    }

    /// An app of the organisation.
    async fn app(&self, caller: &Keyed<Emits>, named: Id) -> ApiResult<AppId> {
        let app = named.uuid().map(AppId::from_uuid);
        if app == Some(caller.app()) {
            return Ok(caller.app());
        }
        if let Some(app) = app {
            let mut tx = self.0.ledger().db().read(caller.access()).await?;
            if endpoint::store::has_app(&mut tx, caller.access(), app).await? {
                return Ok(app);
            }
        }
        Err(Problem::from(Refusal::UnknownApp))
    }
}
