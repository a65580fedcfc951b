//! Why something about a visit to a shop is refused, in words for whoever asked.

use std::fmt;

use serde::Serialize;

use crate::explain::{Explain, Kind};
use crate::requisition;
use crate::text::BadText;

/// A line of a cart of which something would have to be guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineFault {
    /// Which, from 1; 0 for the whole cart.
    pub line: usize,
    /// The stable code, such as `bad_quantity`.
    pub code: &'static str,
    /// What is wrong with it, in words.
    pub what: String,
}

impl LineFault {
    /// How many faults of one cart are told.
    pub const TOLD_MAX: usize = 50;

    pub(crate) const fn new(line: usize, code: &'static str, what: String) -> Self {
        Self { line, code, what }
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

/// Why something about a visit was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such visit, as far as the caller may know.
    #[error("no visit to a shop with this id is visible to you")]
    Unknown,
    /// Programs do not shop.
    #[error("only a person goes to a supplier's shop")]
    NotAPerson,
    /// Not for this unit.
    #[error("you may not order anything for this unit")]
    NotPermitted,
    /// No such supplier.
    #[error("no supplier with this id is known to your organization")]
    UnknownSupplier,
    /// Nothing is bought there now.
    #[error("nothing is bought from this supplier at present")]
    SupplierPaused,
    /// The shop, or the cart, does not allow it.
    #[error("the supplier does not allow this for the cart")]
    OperationNotAllowed,
    /// A requisition is needed, or none.
    #[error("a cart that is changed or looked at belongs to a requisition of the same supplier")]
    BadRequisition,
    /// Who pays is unusable.
    #[error("a cost centre is too long or cannot be shown: it {0}")]
    BadCostCentre(BadText),
    /// No such place.
    #[error("no place with this id is known to your organization")]
    UnknownLocation,
    /// The requisition is no draft any more.
    #[error("the requisition was submitted or is over; withdraw it before changing it in the shop")]
    Locked,
    /// Documents that are not meant must make nothing real.
    #[error("the document says whether it is meant otherwise than the supplier's settings do")]
    ModeMismatch,
    /// Some lines would have to be guessed.
    #[error("{}", told(.0))]
    BadCart(Vec<LineFault>),
    /// Nothing was asked, or it was answered.
    #[error("no empty cart waits for an answer here")]
    NothingAsked,
    /// The document is gone, or cannot be taken after all.
    #[error("no late document waits here, or its time is over")]
    NotRecoverable,
    /// The visit has too many documents.
    #[error("too many documents came for this visit")]
    TooManyDocuments,
    /// The requisition could not be made.
    #[error(transparent)]
    Requisition(requisition::Refusal),
}

fn told(faults: &[LineFault]) -> String {
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("the cart cannot be read: {}", told.join("; "))
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown | Self::UnknownSupplier | Self::NotRecoverable => Kind::NotFound,
            Self::NotAPerson | Self::NotPermitted => Kind::Forbidden,
            Self::SupplierPaused
            | Self::OperationNotAllowed
            | Self::Locked
            | Self::ModeMismatch
            | Self::NothingAsked => Kind::Conflict,
            Self::BadRequisition
            | Self::BadCostCentre(_)
            | Self::UnknownLocation
            | Self::BadCart(_) => Kind::Unacceptable,
            Self::TooManyDocuments => Kind::TooMany,
            Self::Requisition(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "punchout_unknown",
            Self::NotAPerson => "punchout_not_a_person",
            Self::NotPermitted => "punchout_not_permitted",
            Self::UnknownSupplier => "punchout_supplier_unknown",
            Self::SupplierPaused => "punchout_supplier_paused",
            Self::OperationNotAllowed => "operation_not_allowed",
            Self::BadRequisition => "punchout_requisition_invalid",
            Self::BadCostCentre(_) => "punchout_cost_centre_invalid",
            Self::UnknownLocation => "punchout_location_unknown",
            Self::Locked => "requisition_locked",
            Self::ModeMismatch => "deployment_mode_mismatch",
            Self::BadCart(_) => "punchout_cart_invalid",
            Self::NothingAsked => "punchout_nothing_asked",
            Self::NotRecoverable => "punchout_not_recoverable",
            Self::TooManyDocuments => "punchout_too_many_documents",
            Self::Requisition(refusal) => refusal.code(),
        }
    }
}
