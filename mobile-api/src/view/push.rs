//! Phones that take messages, and what their owners want to be told.

use super::names::{NoticeSort, PlatformName};
use habeo_core::notice::preference::{Preference, Preferences};
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
    /// The version of the app. It is not kept.
    #[oai(validator(max_length = 100))]
    pub app_version: Option<String>,
    /// The app's project at Expo. It is not kept.
    #[oai(validator(max_length = 100))]
    pub project_id: Option<String>,
    /// The same under its former name. It is not kept.
    #[oai(validator(max_length = 200))]
    pub experience_id: Option<String>,
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

/// By what you are told of one sort of notice.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticePreference {
    /// Of which.
    pub sort: NoticeSort,
    /// Whether in the chats in which you are linked.
    pub chat: bool,
    /// Whether on your phones.
    pub push: bool,
}

/// What you are told, and by what: every sort of notice once.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NoticePreferences {
    /// Each sort of notice.
    pub notices: Vec<NoticePreference>,
}

/// What you want to be told from now on.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticePreferencesBody {
    /// Each sort of notice once at most.
    #[oai(validator(max_items = 16))]
    pub notices: Vec<NoticePreference>,
}

impl From<Preference> for NoticePreference {
    fn from(preference: Preference) -> Self {
        Self {
            sort: preference.sort.into(),
            chat: preference.chat,
            push: preference.push,
        }
    }
}

impl From<NoticePreference> for Preference {
    fn from(preference: NoticePreference) -> Self {
        Self {
            sort: preference.sort.into(),
            chat: preference.chat,
            push: preference.push,
        }
    }
}

impl From<Preferences> for NoticePreferences {
    fn from(preferences: Preferences) -> Self {
        let all = preferences.all().iter().copied();
        Self {
            notices: all.map(NoticePreference::from).collect(),
        }
    }
}
