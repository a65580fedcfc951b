//! Phones that receive notifications.

use habeo_core::id::PushDeviceId;
use habeo_core::idempotency::Key;
use habeo_core::push_device::command::{Register, Remove};
use habeo_surface::body::StrictJson;
use habeo_surface::paging::{One, one};
use habeo_surface::{ApiResult, Caller, Problem};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use crate::Context;
use crate::view::{RegisterPushBody, RegisteredPush};

/// Phones.
#[derive(Debug)]
pub struct PushApi(pub Context);

/// The phone is registered.
#[derive(Debug, ApiResponse)]
pub enum Registration {
    /// The phone is registered.
    #[oai(status = 200)]
    Done(
        Json<One<RegisteredPush>>,
        /// `true` on a repetition.
        #[oai(header = "Idempotency-Replayed")]
        Option<String>,
    ),
}

/// The phone is not registered any more.
#[derive(Debug, ApiResponse)]
pub enum Removed {
    /// The phone is not registered any more.
    #[oai(status = 204)]
    Done,
}

#[OpenApi]
impl PushApi {
    /// Registers a phone for notifications to you.
    ///
    /// A phone belongs to one person at a time: registering it again moves it, and repeating the same request changes nothing and answers
    /// with the same `id`.
    #[oai(
        path = "/push/register",
        method = "post",
        operation_id = "registerPush"
    )]
    async fn register(
        &self,
        caller: Caller,
        /// A name of yours for this request, 1 to 128 of `A-Z a-z 0-9 _ -`. Repeated with the same body within 24 hours it is answered
        /// as the first time, with `Idempotency-Replayed: true`; with another body it is refused.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: StrictJson<RegisterPushBody>,
    ) -> ApiResult<Registration> {
        let command = Register {
            token: body.0.token,
            platform: body.0.platform.into(),
            device_name: body.0.device_name,
            master_key: self.0.master_key(),
        };
        let key = idempotency_key.0.as_deref().map(Key::parse).transpose();
        let key = key.map_err(|error| {
            Problem::parameter("Idempotency-Key", "invalid", &error.to_string())
        })?;
        let done = command
            .carry_out(self.0.ledger(), caller.access(), key)
            .await?;
        let replayed = done.replayed.then(|| "true".to_owned());
        Ok(Registration::Done(one(done.answer), replayed))
    }

    /// Ends the registration of one of your phones.
    #[oai(
        path = "/push/register/:id",
        method = "delete",
        operation_id = "unregisterPush"
    )]
    async fn unregister(&self, caller: Caller, id: Path<Uuid>) -> ApiResult<Removed> {
        let device = PushDeviceId::from_uuid(id.0);
        self.0
            .ledger()
            .record(caller.access(), Remove { device })
            .await?;
        Ok(Removed::Done)
    }
}
