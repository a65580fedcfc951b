//! Why a proposal or its confirmation is refused, in words for whoever asked.

use super::ASSETS_MAX;
use crate::asset;
use crate::explain::{Explain, Kind};
use crate::requisition;

/// Why a proposal was not made, or not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such proposal, or somebody else's: who proposed what is told to nobody else.
    #[error(
        "there is nothing here for you to confirm; only whoever asked for a change can, for a while"
    )]
    Unknown,
    /// It was confirmed or cancelled before, or could not be done any more.
    #[error("this was settled already; nothing was done again")]
    AlreadyUsed,
    /// It is older than ten minutes.
    #[error("this was proposed more than ten minutes ago; ask again")]
    Expired,
    /// An asset, or what the proposal names, is not what it was.
    #[error("{} changed since this was proposed; ask again", .tag.as_deref().unwrap_or("an asset"))]
    AssetChanged {
        /// Its label.
        tag: Option<String>,
    },
    /// The chat user is not linked, or not to whoever asks.
    #[error("your chat user is not linked to you any more")]
    NotLinked,
    /// The workspace's installation does not answer.
    #[error("the app is not connected to this workspace any more")]
    NotConnected,
    /// Only people propose.
    #[error("only a signed-in person can propose a change")]
    NotAPerson,
    /// Too many assets, or none.
    #[error("a proposal is about 1 to {ASSETS_MAX} assets")]
    BadCount,
    /// An asset twice.
    #[error("a proposal names each asset once")]
    Twice,
    /// More than can be kept.
    #[error("this is more than one proposal can hold")]
    TooLarge,
    /// A requisition is not what was shown, or does not wait any more.
    #[error("{0}")]
    Requisition(requisition::Refusal),
    /// The asset's own rule.
    #[error("{}{refusal}", .tag.as_ref().map(|tag| format!("{tag}: ")).unwrap_or_default())]
    Asset {
        /// Which asset's, by its label.
        tag: Option<String>,
        /// Why.
        refusal: asset::decide::Refusal,
    },
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotLinked | Self::NotAPerson => Kind::Forbidden,
            Self::AlreadyUsed | Self::Expired | Self::AssetChanged { .. } | Self::NotConnected => {
                Kind::Conflict
            }
            Self::BadCount | Self::Twice | Self::TooLarge => Kind::Unacceptable,
            Self::Requisition(refusal) => refusal.kind(),
            Self::Asset { refusal, .. } => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "confirm_unknown",
            Self::AlreadyUsed => "confirm_already_used",
            Self::Expired => "confirm_expired",
            Self::AssetChanged { .. } => "confirm_asset_changed",
            Self::NotLinked => "confirm_not_linked",
            Self::NotConnected => "confirm_not_connected",
            Self::NotAPerson => "confirm_not_a_person",
            Self::BadCount => "confirm_count_invalid",
            Self::Twice => "confirm_asset_twice",
            Self::TooLarge => "confirm_too_large",
            Self::Requisition(refusal) => refusal.code(),
            Self::Asset { refusal, .. } => refusal.code(),
        }
    }
}
