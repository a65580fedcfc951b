//! Facts about visits to suppliers' shops. What went to and fro is kept beside the ledger; entries hold its hash.

use serde::{Deserialize, Serialize};

use super::{Late, Outcome};
use crate::id::{PersonId, PunchoutDocumentId, RequisitionId, SupplierId};
use crate::requisition::event::Purpose;
use crate::supplier::Operation;
use crate::time::Timestamp;

/// What happened to a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum PunchoutEvent {
    /// Somebody went there.
    #[serde(rename = "punchout.started")]
    Started {
        /// To whose shop.
        supplier: SupplierId,
        /// Who.
        person: PersonId,
        /// For whom and where.
        purpose: Purpose,
        /// To do what.
        operation: Operation,
        /// With which requisition.
        requisition: Option<RequisitionId>,
        /// Until when a return is taken by itself.
        expires_at: Timestamp,
    },
    /// They came back.
    #[serde(rename = "punchout.returned")]
    Returned {
        /// SHA-256 of the document, as it was decoded.
        document_hash: String,
        /// What it made.
        outcome: Outcome,
        /// The requisitions that it made or changed.
        requisitions: Vec<RequisitionId>,
        /// The document that had come too late, where its owner had it taken after all.
        recovered: Option<PunchoutDocumentId>,
    },
    /// A document came that was not taken.
    #[serde(rename = "punchout.not_taken")]
    NotTaken {
        /// Why.
        why: Late,
        /// SHA-256 of it.
        document_hash: String,
    },
    /// Its owner said whether the lines of a cart that came back empty go.
    #[serde(rename = "punchout.answered")]
    Answered {
        /// What followed.
        outcome: Outcome,
    },
    /// It came to nothing.
    #[serde(rename = "punchout.closed")]
    Closed,
}
