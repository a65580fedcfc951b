//! Why something about a supplier is refused, in words for whoever asked.

use super::{NAME_CHARS_MAX, SUPPLIERS_MAX};
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about a supplier was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such supplier.
    #[error("no supplier with this id is known to your organization")]
    Unknown,
    /// Only administrators of the whole organisation.
    #[error("only administrators of the whole organization manage suppliers")]
    NotPermitted,
    /// It is over.
    #[error("this supplier was removed; connect it anew")]
    Removed,
    /// There are too many.
    #[error("an organization has at most {SUPPLIERS_MAX} suppliers; remove one that is not used")]
    TooMany,
    /// A name is unusable.
    #[error("the name of a supplier has 1 to {NAME_CHARS_MAX} characters, and {0}")]
    BadName(BadText),
    /// A setting is unusable.
    #[error("{0}")]
    BadSetting(&'static str),
    /// A secret is unusable.
    #[error("{0}")]
    BadSecret(&'static str),
    /// Both sides would have the same secret.
    #[error(
        "the secret that a supplier proves itself with must be another than ours: whoever has one would have both"
    )]
    SameSecret,
    /// Two secrets would be accepted for too long.
    #[error("two secrets are accepted side by side for at most seven days")]
    BadWindow,
    /// The secret before the last one is still accepted.
    #[error(
        "a rotation is under way: end it before beginning another, or a supplier that still has the older secret is locked out"
    )]
    Rotating,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted => Kind::Forbidden,
            Self::Removed | Self::TooMany | Self::Rotating => Kind::Conflict,
            Self::BadName(_)
            | Self::BadSetting(_)
            | Self::BadSecret(_)
            | Self::SameSecret
            | Self::BadWindow => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "supplier_unknown",
            Self::NotPermitted => "supplier_not_permitted",
            Self::Removed => "supplier_removed",
            Self::TooMany => "supplier_too_many",
            Self::BadName(_) => "supplier_name_invalid",
            Self::BadSetting(_) => "supplier_setting_invalid",
            Self::BadSecret(_) => "supplier_secret_invalid",
            Self::SameSecret => "supplier_secret_same",
            Self::BadWindow => "supplier_window_invalid",
            Self::Rotating => "supplier_rotating",
        }
    }
}
