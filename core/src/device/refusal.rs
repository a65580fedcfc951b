//! Why something about devices is refused, in words for whoever asked.

use crate::asset::decide::Refusal as AssetRefusal;
use crate::explain::{Explain, Kind};

/// Why a report left nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The management's key cannot be one.
    #[error("the device's key is not a printable text of at most 200 characters")]
    BadKey,
    /// Nobody has recorded it, and it is its user's.
    #[error("the device is its user's own and is not recorded as an asset")]
    Personal,
    /// The rules of assets do not let it be entered.
    #[error("the device could not be entered as an asset: {0}")]
    Asset(AssetRefusal),
}

/// Why a decision about a case or a hand-over was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such case, or it is about assets that the caller may not see.
    #[error("no case with this id is visible to you")]
    CaseUnknown,
    /// It was decided before.
    #[error("this case was decided already; undo that decision first")]
    CaseDecided,
    /// There is no decision to be undone.
    #[error("this case is open; there is no decision to undo")]
    CaseOpen,
    /// The record that is to go on is none of the case's.
    #[error("the asset that is to stay is not one of this case")]
    NotAMember,
    /// One asset cannot be merged.
    #[error("this case is about one asset; there is nothing to merge")]
    NothingToMerge,
    /// Somebody has it, or a hold is placed on it.
    #[error(
        "an asset that is in somebody's custody or has an open hold cannot be merged into another; take it back, or let that one stay"
    )]
    InUse,
    /// It leads to another record already, or was recorded in error.
    #[error("one of these assets was merged before, or is void")]
    NotStanding,
    /// No such proposal, or the caller may not decide over the asset.
    #[error("no proposed hand-over with this id is visible to you")]
    HandOverUnknown,
    /// It was decided before.
    #[error("this hand-over was decided already")]
    HandOverDecided,
    /// The rules of assets say no.
    #[error(transparent)]
    Asset(AssetRefusal),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::CaseUnknown | Self::HandOverUnknown => Kind::NotFound,
            Self::CaseDecided
            | Self::CaseOpen
            | Self::InUse
            | Self::NotStanding
            | Self::HandOverDecided => Kind::Conflict,
            Self::NotAMember | Self::NothingToMerge => Kind::Unacceptable,
            Self::Asset(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CaseUnknown => "device_case_unknown",
            Self::CaseDecided => "device_case_decided",
            Self::CaseOpen => "device_case_open",
            Self::NotAMember => "device_case_not_a_member",
            Self::NothingToMerge => "device_case_nothing_to_merge",
            Self::InUse => "device_case_asset_in_use",
            Self::NotStanding => "device_case_asset_not_standing",
            Self::HandOverUnknown => "hand_over_unknown",
            Self::HandOverDecided => "hand_over_decided",
            Self::Asset(refusal) => refusal.code(),
        }
    }
}
