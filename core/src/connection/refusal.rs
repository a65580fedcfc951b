//! Why something about a connection is refused, in words for whoever asked.

use super::{CONNECTIONS_MAX, NAME_CHARS_MAX};
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such connection.
    #[error("no connection with this id is known to your organization")]
    Unknown,
    /// Only administrators of the whole organisation.
    #[error("only administrators of the whole organization manage connections")]
    NotPermitted,
    /// It is over.
    #[error("this connection was removed; make a new one")]
    Removed,
    /// There are too many.
    #[error(
        "an organization has at most {CONNECTIONS_MAX} connections; remove one that is not used"
    )]
    TooMany,
    /// A name is unusable.
    #[error("the name of a connection has 1 to {NAME_CHARS_MAX} characters, and {0}")]
    BadName(BadText),
    /// The proof is not one of the product's.
    #[error("{0}")]
    BadProof(&'static str),
    /// A setting is unusable.
    #[error("{0}")]
    BadSetting(&'static str),
    /// Two secrets would be accepted for too long.
    #[error("two secrets are accepted side by side for at most seven days")]
    BadWindow,
    /// The secret before the last one is still accepted.
    #[error(
        "a rotation is under way: end it before beginning another, or the system that still has the older secret is locked out"
    )]
    Rotating,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::Removed | Self::TooMany | Self::Rotating => Kind::Conflict,
            Self::BadName(_) | Self::BadProof(_) | Self::BadSetting(_) | Self::BadWindow => {
                Kind::Unacceptable
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "connection_unknown",
            Self::NotPermitted => "connection_not_permitted",
            Self::Removed => "connection_removed",
            Self::TooMany => "connection_too_many",
            Self::BadName(_) => "connection_name_invalid",
            Self::BadProof(_) => "connection_proof_invalid",
            Self::BadSetting(_) => "connection_setting_invalid",
            Self::BadWindow => "connection_window_invalid",
            Self::Rotating => "connection_rotating",
        }
    }
}
