//! Why something about an endpoint is refused, in words for whoever asked.

use super::settings::{AT_ONCE_MAX, EVENTS_MAX, PER_SECOND_MAX, POINTER_CHARS_MAX, UNITS_MAX};
use super::{DESCRIPTION_CHARS_MAX, ENDPOINTS_MAX, OF_INSTALL_MAX, URL_CHARS_MAX};
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about an endpoint was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such endpoint.
    #[error("no endpoint with this id is known to your organization")]
    Unknown,
    /// No such delivery.
    #[error("no delivery with this id is known to your organization")]
    UnknownDelivery,
    /// No such app.
    #[error("no app with this id is known to your organization")]
    UnknownApp,
    /// Only administrators of the whole organisation, and programs that were allowed to.
    #[error("only administrators of the whole organization manage endpoints")]
    NotPermitted,
    /// It is over.
    #[error("this endpoint was removed; make a new one")]
    Removed,
    /// There are too many.
    #[error("an organization has at most {ENDPOINTS_MAX} endpoints; remove one that is not used")]
    TooMany,
    /// There are too many of one installed app.
    #[error("an installed app has at most {OF_INSTALL_MAX} endpoints; remove one that is not used")]
    TooManyOfInstall,
    /// The installed app does not work.
    #[error("the installed app whose endpoint it is is suspended or was uninstalled")]
    InstallNotActive,
    /// The installed app may not see what it wants to hear of.
    #[error("the installed app was not permitted to be told of one of the events")]
    BeyondScopes,
    /// An address is unusable.
    #[error("an address has 1 to {URL_CHARS_MAX} characters and begins with https://")]
    BadUrl,
    /// A description is unusable.
    #[error("a description has at most {DESCRIPTION_CHARS_MAX} characters, and {0}")]
    BadDescription(BadText),
    /// No events, or too many.
    #[error("an endpoint is told of 1 to {EVENTS_MAX} sorts of events")]
    BadEvents,
    /// Nothing of this name is announced.
    #[error("one of the events is not announced under this name")]
    UnknownEvent,
    /// A unit is not there.
    #[error("one of the units is not known to your organization")]
    UnknownUnit,
    /// Too many units.
    #[error("an endpoint is limited to at most {UNITS_MAX} units; name one further up")]
    TooManyUnits,
    /// A filter is unusable.
    #[error(
        "a filter has a JSON pointer of at most {POINTER_CHARS_MAX} characters that begins with /, and a value of at most 1 KiB"
    )]
    BadFilter,
    /// A rate is unusable.
    #[error("1 to {PER_SECOND_MAX} requests a second and 1 to {AT_ONCE_MAX} at once can be chosen")]
    BadRate,
    /// A version is not there.
    #[error("there is no such version of payloads")]
    BadVersion,
    /// Two secrets would sign for too long.
    #[error("two secrets sign side by side for at most seven days")]
    BadWindow,
    /// The secret before the last one still signs.
    #[error(
        "a rotation is under way: end it before beginning another, or a receiver that still has the older secret is locked out"
    )]
    Rotating,
    /// What was sent is not kept any more.
    #[error("what this delivery said is not kept any more")]
    Forgotten,
    /// The answer that is asked for once more held a secret.
    #[error("the secret of this answer does not sign any more, and is not kept")]
    SecretForgotten,
    /// An event's data is unusable.
    #[error("the data of an event is an object of at most 48 KiB, without fractions")]
    BadData,
    /// Only programs of sandboxes say what they like.
    #[error("this type can be emitted in a sandbox only; elsewhere an event of type webhook.test")]
    SandboxOnly,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown | Self::UnknownDelivery | Self::UnknownApp => Kind::NotFound,
            Self::NotPermitted | Self::BeyondScopes => Kind::Forbidden,
            Self::Removed
            | Self::TooMany
            | Self::TooManyOfInstall
            | Self::InstallNotActive
            | Self::Rotating
            | Self::Forgotten
            | Self::SecretForgotten => Kind::Conflict,
            _ => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "endpoint_unknown",
            Self::UnknownDelivery => "endpoint_delivery_unknown",
            Self::UnknownApp => "endpoint_app_unknown",
            Self::NotPermitted => "endpoint_not_permitted",
            Self::Removed => "endpoint_removed",
            Self::TooMany | Self::TooManyOfInstall => "endpoint_too_many",
            Self::InstallNotActive => "endpoint_install_not_active",
            Self::BeyondScopes => "endpoint_events_not_permitted",
            Self::BadUrl => "endpoint_url_invalid",
            Self::BadDescription(_) => "endpoint_description_invalid",
            Self::BadEvents => "endpoint_events_invalid",
            Self::UnknownEvent => "endpoint_event_unknown",
            Self::UnknownUnit => "endpoint_unit_unknown",
            Self::TooManyUnits => "endpoint_units_too_many",
            Self::BadFilter => "endpoint_filter_invalid",
            Self::BadRate => "endpoint_rate_invalid",
            Self::BadVersion => "endpoint_version_unknown",
            Self::BadWindow => "endpoint_window_invalid",
            Self::Rotating => "endpoint_rotating",
            Self::Forgotten => "delivery_forgotten",
            Self::SecretForgotten => "endpoint_secret_forgotten",
            Self::BadData => "event_data_invalid",
            Self::SandboxOnly => "event_sandbox_only",
        }
    }
}
