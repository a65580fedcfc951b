//! Why something about an app is refused, in words for whoever asked.

use super::{APPS_MAX, NAME_CHARS_MAX};
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about an app was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such app.
    #[error("no app with this id is known to your organization")]
    Unknown,
    /// Only administrators of the whole organisation.
    #[error("only administrators of the whole organization manage apps")]
    NotPermitted,
    /// There are too many.
    #[error("an organization has at most {APPS_MAX} apps; remove one that is not used")]
    TooMany,
    /// A name is unusable.
    #[error("the name of an app has 1 to {NAME_CHARS_MAX} characters, and {0}")]
    BadName(BadText),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::TooMany => Kind::Conflict,
            Self::BadName(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "app_unknown",
            Self::NotPermitted => "app_not_permitted",
            Self::TooMany => "app_too_many",
            Self::BadName(_) => "app_name_invalid",
        }
    }
}
