//! Phones that receive notifications, and what their owners want to be told.

use habeo_core::id::PushDeviceId;
use habeo_core::idempotency::Key;
use habeo_core::notice::preference::command::Prefer;
use habeo_core::notice::preference::store as preferences;
use habeo_core::push_device::command::{Register, Remove};
use habeo_core::session::ended::Ended;
use habeo_surface::body::StrictJson;
use habeo_surface::paging::{One, one};
use habeo_surface::{ApiResult, Caller, Problem};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use crate::Context;
use crate::view::{NoticePreferences, NoticePreferencesBody, RegisterPushBody, RegisteredPush};

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
        let session = Ended::Session {
            issuer: caller.issuer(),
            session_id: caller.session_id(),
        };
        let command = Register {
            token: body.0.token,
            platform: body.0.platform.into(),
            device_name: body.0.device_name,
            session: Some(session.key()),
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

    /// What you are told, and by what.
    ///
    /// Every sort of notice there is. Who has said nothing is told by everything: on each of their phones, and in every chat in which they are
    /// linked.
    #[oai(
        path = "/push/preferences",
        method = "get",
        operation_id = "getNoticePreferences"
    )]
    async fn preferences(&self, caller: Caller) -> ApiResult<Json<One<NoticePreferences>>> {
        let access = caller.access();
        let mut tx = self.0.ledger().db().read(access).await?;
        let wanted = preferences::of_person(&mut tx, access, caller.person()).await?;
        Ok(one(NoticePreferences::from(wanted)))
    }

    /// Says what you want to be told, and by what.
    ///
    /// Sorts of notice that are not named stay as they are. The answer names all of them.
    #[oai(
        path = "/push/preferences",
        method = "put",
        operation_id = "setNoticePreferences"
    )]
    async fn prefer(
        &self,
        caller: Caller,
        body: StrictJson<NoticePreferencesBody>,
    ) -> ApiResult<Json<One<NoticePreferences>>> {
        let wanted = body.0.notices.into_iter().map(Into::into).collect();
        let prefer = Prefer { wanted };
        let now = self.0.ledger().record(caller.access(), prefer).await?;
        Ok(one(NoticePreferences::from(now)))
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
