//! Devices as a device management sees them: what it reports, and which asset each of them is.
//!
//! A report is taken (`take`) in three steps: what it may concern is loaded for all reports at once (`known`), a pure rule finds the asset
//! (`matching`) and what follows (`decide`), and the facts are recorded together. What a rule must not decide becomes a case or a proposed
//! hand-over, which people decide (`command`).

mod batch;
pub mod command;
mod decide;
pub mod event;
mod hand_over;
pub mod identity;
mod intake;
mod known;
pub mod maker;
mod matching;
pub(crate) mod project;
mod refusal;
pub mod report;
pub mod show;
pub(crate) mod store;
pub mod take;

pub use refusal::{NotTaken, Refusal};

use crate::asset::IdentifierKind;
use crate::closed_set::closed_set;

closed_set! {
    /// Whether a device is under management.
    Status {
        /// It was assigned to the management, and is not set up yet.
        PreEnrolled = "pre_enrolled",
        /// It is.
        Enrolled = "enrolled",
        /// It was, and left.
        Unenrolled = "unenrolled",
    }
    /// By what the asset of a device was found.
    MatchedBy {
        /// The management's own key, which was linked before.
        ExternalRef = "external_ref",
        /// Maker and serial number.
        Serial = "serial",
        /// The number of its radio.
        Imei = "imei",
        /// The other number of its radio.
        Meid = "meid",
        /// Apple's id of it.
        Udid = "udid",
        /// The id of its main board.
        SmbiosUuid = "smbios_uuid",
        /// The address of a wired interface.
        MacWired = "mac_wired",
    }
    /// Why somebody has to decide which asset a device is.
    CaseKind {
        /// Several assets have its serial number.
        TwoAssetsOneSerial = "two_assets_one_serial",
        /// Its key is linked to one asset, and its serial number is another's.
        OneRefTwoAssets = "one_ref_two_assets",
        /// It has no serial number of its own, and nothing else tells it from another.
        PlaceholderSerial = "placeholder_serial",
        /// It is an asset that was retired, passed to surplus or disposed of before it reported.
        ReEnrolled = "re_enrolled",
        /// Its identifiers are those of different assets, or of one with another serial number.
        ConflictingKeys = "conflicting_keys",
    }
    /// What became of a case.
    CaseState {
        /// Nobody has decided.
        Open = "open",
        /// Its assets are one.
        Merged = "merged",
        /// They are different things.
        Distinct = "distinct",
        /// Nothing follows.
        Ignored = "ignored",
    }
    /// What became of a proposed hand-over.
    HandOverState {
        /// Nobody has decided.
        Proposed = "proposed",
        /// The asset went to whoever was proposed.
        Accepted = "accepted",
        /// It did not.
        Declined = "declined",
    }
}

impl MatchedBy {
    /// The way for a kind of identifier; none for those by which no device is recognised.
    #[must_use]
    pub const fn identifier(kind: IdentifierKind) -> Option<Self> {
        Some(match kind {
            IdentifierKind::Imei => Self::Imei,
            IdentifierKind::Meid => Self::Meid,
            IdentifierKind::Udid => Self::Udid,
            IdentifierKind::SmbiosUuid => Self::SmbiosUuid,
            IdentifierKind::MacWired => Self::MacWired,
            _ => return None,
        })
    }
}
