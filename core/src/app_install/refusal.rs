//! Why something about an installed app is refused, in words for whoever asked.

use crate::explain::{Explain, Kind};

/// Why something about an installed app was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such installation.
    #[error("no installed app with this id is known to you")]
    Unknown,
    /// The caller administers no unit, or not this one.
    #[error("only administrators of a unit install apps for it and uninstall them")]
    NotPermitted,
    /// No such unit.
    #[error("no unit with this id is known to you")]
    UnitUnknown,
    /// The app is for its owner alone.
    #[error("this app is for the organization that made it and cannot be installed elsewhere")]
    Internal,
    /// The app does not work at the moment.
    #[error("this app was stopped by whoever publishes it")]
    Disabled,
    /// It asks for nothing, or for more than it is registered for.
    #[error("the app asks for something that it is not registered for")]
    BadScopes,
    /// It is installed for the unit, and suspended.
    #[error(
        "this app is installed for the unit and suspended; let it work again under Apps before consenting once more"
    )]
    Suspended,
    /// The installation is over.
    #[error("this app was uninstalled; it can be installed again")]
    Ended,
    /// There are too many.
    #[error("an organization has at most 500 apps installed; uninstall one first")]
    TooMany,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted | Self::Internal => Kind::Forbidden,
            Self::UnitUnknown | Self::BadScopes => Kind::Unacceptable,
            Self::Disabled | Self::Suspended | Self::Ended | Self::TooMany => Kind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "app_install_unknown",
            Self::NotPermitted => "app_install_not_permitted",
            Self::UnitUnknown => "app_install_unit_unknown",
            Self::Internal => "app_install_app_internal",
            Self::Disabled => "app_install_app_disabled",
            Self::BadScopes => "app_install_scopes_invalid",
            Self::Suspended => "app_install_suspended",
            Self::Ended => "app_install_ended",
            Self::TooMany => "app_install_limit_reached",
        }
    }
}
