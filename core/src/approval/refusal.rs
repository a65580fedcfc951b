//! Why something about who approves is refused, in words for whoever asked.

use super::LIMITS_MAX;
use crate::explain::{Explain, Kind};

/// Why something about who approves was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such unit.
    #[error("no unit with this id is visible to you")]
    UnknownUnit,
    /// Limits are not for those whom they bind.
    #[error("only administrators of the whole organization set limits of approval")]
    NotPermitted,
    /// Limits are unusable.
    #[error(
        "limits are at most {LIMITS_MAX}, one for each currency of three letters, none of them negative"
    )]
    BadLimits,
    /// Programs have nothing to pass on.
    #[error("only a person approves in another's place, or lets another approve in theirs")]
    NotAPerson,
    /// Who approves nothing has nothing to pass on.
    #[error("you approve nothing that somebody could approve in your place")]
    NothingToDelegate,
    /// To oneself, or to nobody who is there.
    #[error("somebody else of your organization approves in your place")]
    BadDelegate,
    /// The time is unusable.
    #[error(
        "somebody approves in your place from one moment to a later one, which is still to come, for at most 180 days"
    )]
    BadTime,
    /// No such delegation.
    #[error("no delegation of approval with this id is visible to you")]
    UnknownDelegation,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownUnit | Self::UnknownDelegation => Kind::NotFound,
            Self::NotPermitted | Self::NotAPerson | Self::NothingToDelegate => Kind::Forbidden,
            Self::BadLimits | Self::BadDelegate | Self::BadTime => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownUnit => "approval_unit_unknown",
            Self::NotPermitted => "approval_not_permitted",
            Self::BadLimits => "approval_limits_invalid",
            Self::NotAPerson => "approval_not_a_person",
            Self::NothingToDelegate => "approval_nothing_to_delegate",
            Self::BadDelegate => "approval_delegate_invalid",
            Self::BadTime => "approval_time_invalid",
            Self::UnknownDelegation => "approval_delegation_unknown",
        }
    }
}
