//! Phones that receive notifications.

use habeo_core::id::PushDeviceId;
use habeo_core::push_device::command::{Register, Remove};
use habeo_surface::body::StrictJson;
use habeo_surface::paging::{One, one};
use habeo_surface::{ApiResult, Caller};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use crate::Context;
use crate::view::{RegisterPushBody, RegisteredPush};

/// Phones.
#[derive(Debug)]
pub struct PushApi(pub Context);

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
        body: StrictJson<RegisterPushBody>,
    ) -> ApiResult<Json<One<RegisteredPush>>> {
        let command = Register {
            token: body.0.token,
            platform: body.0.platform.into(),
            device_name: body.0.device_name,
            master_key: self.0.master_key(),
        };
        Ok(one(command
            .carry_out(self.0.ledger(), caller.access())
            .await?))
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
