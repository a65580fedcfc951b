//! Phones that take messages.

use super::names::PlatformName;
use habeo_core::push_device::command::Registered;
use habeo_surface::wire::Instant;
use poem_openapi::Object;
use uuid::Uuid;

/// A phone that wants notifications.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterPushBody {
    /// The Expo push token, such as `ExponentPushToken[…]`.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub token: String,
    /// What system the phone runs.
    pub platform: PlatformName,
    /// What its owner calls it.
    #[oai(validator(max_length = 100))]
    pub device_name: Option<String>,
}

/// A registered phone.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisteredPush {
    /// Its id, by which it is removed.
    pub id: Uuid,
    /// Since when.
    pub registered_at: Instant,
}

impl From<Registered> for RegisteredPush {
    fn from(registered: Registered) -> Self {
        Self {
            id: registered.id.uuid(),
            registered_at: registered.registered_at.into(),
        }
    }
}
