//! Why something about a requisition is refused, in words for whoever asked.

use super::{COST_CENTRE_CHARS_MAX, REASON_CHARS_MAX, State};
use crate::explain::{Explain, Kind};
use crate::text::BadText;

/// Why something about a requisition was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such requisition, as far as the caller may know.
    #[error("no requisition with this id is visible to you")]
    Unknown,
    /// Seen, and not theirs to do.
    #[error("you may see this requisition, but not do this with it")]
    NotPermitted,
    /// Programs decide nothing.
    #[error("only a person decides on a requisition")]
    NotAPerson,
    /// It is too far, or not far enough.
    #[error("this requisition is {0}, and this is not done then")]
    WrongState(State),
    /// It is another than was shown.
    #[error("this requisition was changed since you saw it; look at it again")]
    Changed,
    /// Nobody approves their own: what they want, have changed or have handed in.
    #[error("somebody else approves what you want to be bought, have changed or have handed in")]
    Own,
    /// The second yes is another person's, by another's right.
    #[error("you approved it already, or somebody in whose place you would; another person has to")]
    AlreadyApproved,
    /// Nothing can be ordered by it.
    #[error("the supplier's prices are a draft; wait for its final ones")]
    QuotePending,
    /// Nothing is in it.
    #[error("this requisition has no lines")]
    Empty,
    /// No such line.
    #[error("no line with this id belongs to the requisition")]
    UnknownLine,
    /// No such unit.
    #[error("no unit with this id is visible to you")]
    UnknownUnit,
    /// No such place.
    #[error("no place with this id is known to your organization")]
    UnknownLocation,
    /// A cost centre is unusable.
    #[error("a cost centre has 1 to {COST_CENTRE_CHARS_MAX} characters, and {0}")]
    BadCostCentre(BadText),
    /// A reason is unusable.
    #[error("a reason has 1 to {REASON_CHARS_MAX} characters, and {0}")]
    BadReason(BadText),
    /// Less than no pieces.
    #[error("how many pieces one unit is, is no number below nought")]
    BadPieces,
    /// The lines cost more than can be reckoned.
    #[error("what the lines cost together has more digits than can be kept")]
    TooLarge,
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown | Self::UnknownLine | Self::UnknownUnit => Kind::NotFound,
            Self::NotPermitted | Self::NotAPerson | Self::Own => Kind::Forbidden,
            Self::WrongState(_)
            | Self::Changed
            | Self::AlreadyApproved
            | Self::QuotePending
            | Self::Empty => Kind::Conflict,
            Self::UnknownLocation
            | Self::BadCostCentre(_)
            | Self::BadReason(_)
            | Self::BadPieces
            | Self::TooLarge => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "requisition_unknown",
            Self::NotPermitted => "requisition_not_permitted",
            Self::NotAPerson => "requisition_not_a_person",
            Self::WrongState(_) => "requisition_wrong_state",
            Self::Changed => "requisition_changed",
            Self::Own => "requisition_own",
            Self::AlreadyApproved => "requisition_already_approved",
            Self::QuotePending => "requisition_quote_pending",
            Self::Empty => "requisition_empty",
            Self::UnknownLine => "requisition_line_unknown",
            Self::UnknownUnit => "requisition_unit_unknown",
            Self::UnknownLocation => "requisition_location_unknown",
            Self::BadCostCentre(_) => "requisition_cost_centre_invalid",
            Self::BadReason(_) => "requisition_reason_invalid",
            Self::BadPieces => "requisition_pieces_invalid",
            Self::TooLarge => "requisition_too_large",
        }
    }
}
