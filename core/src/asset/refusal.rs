//! Why a command to an asset is refused, in words for whoever asked.

use super::decide::FIELDS_MAX;
use super::{HoldKind, State};
use crate::explain::{Explain, Kind};
use crate::text::{BadText, Serial, Tag};

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such asset, as far as the caller may know.
    #[error("no asset with this id is visible to you")]
    Unknown,
    /// The id is in use.
    #[error("an asset with this id exists already")]
    Exists,
    /// The caller may not do this there.
    #[error("your role does not permit this for assets of this unit")]
    NotPermitted,
    /// The state does not allow it.
    #[error("an asset that is {state} cannot {command}; it can {}", .allowed.join(", "))]
    InvalidTransition {
        /// What was asked.
        command: &'static str,
        /// What it is.
        state: State,
        /// What could be asked instead.
        allowed: Vec<&'static str>,
    },
    /// Another asset has, or had, this label.
    #[error("tag {0} is already in use")]
    TagTaken(Tag),
    /// The scanner read another label.
    #[error("the label that was scanned back is not {0}")]
    ScanBackDiffers(Tag),
    /// Another asset of this maker has this serial number.
    #[error("serial number {0} is already recorded for this manufacturer")]
    SerialTaken(Serial),
    /// Another asset has this identifier.
    #[error("a further identifier is already recorded for another asset")]
    IdentifierTaken,
    /// The model requires a serial number.
    #[error("this model requires a serial number, or a remark that says why there is none")]
    SerialRequired,
    /// A hold forbids it.
    #[error("a {0} hold is placed on this asset")]
    Held(HoldKind),
    /// There is no such open hold.
    #[error("no open hold with this id is placed on this asset")]
    HoldUnknown,
    /// The loan was renewed often enough.
    #[error("this loan cannot be renewed again")]
    NoRenewalsLeft,
    /// The new date is not later.
    #[error("the due date must lie in the future and after the present one")]
    DueDateNotLater,
    /// Two persons are needed.
    #[error("two different persons must approve this")]
    TwoPersons,
    /// Not before the investigation is closed.
    #[error("the investigation must be closed first")]
    InvestigationOpen,
    /// The model bears data.
    #[error("the data on this asset must be removed first, by one person and checked by another")]
    SanitizationRequired,
    /// The label must come off.
    #[error("the tag must be removed first")]
    TagNotRemoved,
    /// The label must be on.
    #[error("the tag must still be attached")]
    TagNotAttached,
    /// Nothing is recorded of where it came from.
    #[error("an asset that was not bought needs a provenance")]
    ProvenanceRequired,
    /// Something has happened to it since.
    #[error("this asset has been in custody and cannot be voided")]
    HasHistory,
    /// Only whoever has it acknowledges it.
    #[error("only the person who has this asset can acknowledge it")]
    NotHolder,
    /// It was acknowledged before.
    #[error("custody of this asset was acknowledged already")]
    AlreadyAcknowledged,
    /// Another record goes on for it.
    #[error("this record was merged into another; act on that one, or undo the merge")]
    Merged,
    /// A note without words.
    #[error("a note needs a remark")]
    RemarkRequired,
    /// It happened before the present state began, or has not happened yet.
    #[error("the time given lies before the present state began, or in the future")]
    TimeOutOfOrder,
    /// Something that the command names does not exist.
    #[error("{0} does not exist")]
    ReferenceUnknown(&'static str),
    /// An asset cannot hold itself.
    #[error("an asset cannot be assigned to itself")]
    TargetIsSelf,
    /// A text is unusable.
    #[error("{0} {1}")]
    BadText(&'static str, BadText),
    /// Too many, or none.
    #[error("{0} must have between 1 and {FIELDS_MAX} members")]
    BadCount(&'static str),
    /// An amount below zero, or beyond what can be exact.
    #[error("{0} must lie between 0 and 9007199254740991")]
    BadAmount(&'static str),
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::NotPermitted | Self::NotHolder => Kind::Forbidden,
            Self::Exists
            | Self::InvalidTransition { .. }
            | Self::TagTaken(_)
            | Self::SerialTaken(_)
            | Self::IdentifierTaken
            | Self::Held(_)
            | Self::NoRenewalsLeft
            | Self::HasHistory
            | Self::Merged
            | Self::AlreadyAcknowledged
            | Self::TimeOutOfOrder => Kind::Conflict,
            Self::ScanBackDiffers(_)
            | Self::SerialRequired
            | Self::HoldUnknown
            | Self::DueDateNotLater
            | Self::TwoPersons
            | Self::InvestigationOpen
            | Self::SanitizationRequired
            | Self::TagNotRemoved
            | Self::TagNotAttached
            | Self::ProvenanceRequired
            | Self::RemarkRequired
            | Self::ReferenceUnknown(_)
            | Self::TargetIsSelf
            | Self::BadText(..)
            | Self::BadCount(_)
            | Self::BadAmount(_) => Kind::Unacceptable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "asset_unknown",
            Self::Exists => "asset_exists",
            Self::NotPermitted => "asset_not_permitted",
            Self::InvalidTransition { .. } => "invalid_transition",
            Self::TagTaken(_) => "asset_tag_taken",
            Self::ScanBackDiffers(_) => "asset_scan_back_differs",
            Self::SerialTaken(_) => "asset_serial_taken",
            Self::IdentifierTaken => "asset_identifier_taken",
            Self::SerialRequired => "asset_serial_required",
            Self::Held(_) => "asset_held",
            Self::HoldUnknown => "asset_hold_unknown",
            Self::NoRenewalsLeft => "asset_no_renewals_left",
            Self::DueDateNotLater => "asset_due_date_not_later",
            Self::TwoPersons => "asset_two_persons_required",
            Self::InvestigationOpen => "asset_investigation_open",
            Self::SanitizationRequired => "asset_sanitization_required",
            Self::TagNotRemoved => "asset_tag_not_removed",
            Self::TagNotAttached => "asset_tag_not_attached",
            Self::ProvenanceRequired => "asset_provenance_required",
            Self::HasHistory => "asset_has_history",
            Self::NotHolder => "asset_not_holder",
            Self::AlreadyAcknowledged => "asset_already_acknowledged",
            Self::Merged => "asset_merged",
            Self::RemarkRequired => "asset_remark_required",
            Self::TimeOutOfOrder => "asset_time_out_of_order",
            Self::ReferenceUnknown(_) => "asset_reference_unknown",
            Self::TargetIsSelf => "asset_target_is_self",
            Self::BadText(..) => "asset_text_invalid",
            Self::BadCount(_) => "asset_count_invalid",
            Self::BadAmount(_) => "asset_amount_invalid",
        }
    }
}
