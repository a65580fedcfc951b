//! Why something about a key is refused, in words for whoever asked.

use super::{KEYS_MAX, NAME_CHARS_MAX};
use crate::app;
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about a key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such key.
    #[error("no key with this id is known to your organization")]
    Unknown,
    /// There are too many.
    #[error("an organization has at most {KEYS_MAX} keys; revoke one that is not used")]
    TooMany,
    /// A name is unusable.
    #[error("the name of a key has 1 to {NAME_CHARS_MAX} characters, and {0}")]
    BadName(BadText),
    /// A key for nothing.
    #[error("a key needs at least one scope")]
    NoScope,
    /// Something about its app.
    #[error(transparent)]
    App(#[from] app::Refusal),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::TooMany => Kind::Conflict,
            Self::BadName(_) | Self::NoScope => Kind::Unacceptable,
            Self::App(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "api_key_unknown",
            Self::TooMany => "api_key_too_many",
            Self::BadName(_) => "api_key_name_invalid",
            Self::NoScope => "api_key_scope_required",
            Self::App(refusal) => refusal.code(),
        }
    }
}
