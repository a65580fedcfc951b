//! Facts about requisitions. Lines are kept beside the ledger; entries hold how many there are, what they cost and the digest of all of it.

use serde::{Deserialize, Serialize};

use crate::exact::Exact;
use crate::id::{LocationId, OrderId, PersonId, PunchoutId, SupplierId, UnitId};
use crate::supplier::Operation;

/// What a requisition says after a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    /// How many lines.
    pub lines: i64,
    /// What they cost together.
    pub total: Exact,
    /// SHA-256 of everything that an approval is of.
    pub digest: String,
}

/// What the supplier says of its offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// From which visit it is.
    pub session: PunchoutId,
    /// What may be done with it in the shop.
    pub allowed: Operation,
    /// Whether its prices are a draft.
    pub quote_pending: bool,
    /// The supplier's number for it.
    pub supplier_order: Option<String>,
}

/// For whom and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purpose {
    /// For which unit.
    pub unit: UnitId,
    /// Where it is to be sent.
    pub location: Option<LocationId>,
    /// Who pays.
    pub cost_centre: Option<String>,
}

/// What happened to a requisition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum RequisitionEvent {
    /// It came about.
    #[serde(rename = "requisition.created")]
    Created {
        /// Its number.
        number: i64,
        /// From whom something is wanted.
        supplier: SupplierId,
        /// Who wants it.
        requester: PersonId,
        /// For whom and where.
        purpose: Purpose,
        /// In what it is paid.
        currency: String,
        /// What the supplier says.
        offer: Offer,
        /// What it says.
        sum: Sum,
    },
    /// It was changed in the shop.
    #[serde(rename = "requisition.edited")]
    Edited {
        /// What the supplier says now.
        offer: Offer,
        /// What it says now.
        sum: Sum,
        /// Who changed it; what a browser brings is recorded by nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    /// Some of its lines were changed or taken away here.
    #[serde(rename = "requisition.lines_changed")]
    LinesChanged {
        /// What it says now.
        sum: Sum,
    },
    /// It is for another unit, place or cost centre. What was approved is not any more.
    #[serde(rename = "requisition.assigned")]
    Assigned {
        /// For whom and where now.
        purpose: Purpose,
        /// The digest now.
        digest: String,
        /// How many people have to approve it now; none as long as it is a draft.
        approvals_needed: Option<i64>,
    },
    /// It waits for approval.
    #[serde(rename = "requisition.submitted")]
    Submitted {
        /// Of what.
        digest: String,
        /// How many people have to approve it.
        approvals_needed: i64,
    },
    /// Somebody approved it.
    #[serde(rename = "requisition.approved")]
    Approved {
        /// What exactly.
        digest: String,
        /// In whose place, where it is another's.
        on_behalf_of: Option<PersonId>,
        /// Whether nobody else has to.
        complete: bool,
    },
    /// Somebody said no. Why is the remark.
    #[serde(rename = "requisition.rejected")]
    Rejected {
        /// To what exactly.
        digest: String,
        /// In whose place, where it is another's.
        on_behalf_of: Option<PersonId>,
    },
    /// Whoever wanted it does not any more.
    #[serde(rename = "requisition.withdrawn")]
    Withdrawn,
    /// It is a draft again.
    #[serde(rename = "requisition.reopened")]
    Reopened,
    /// It was ordered.
    #[serde(rename = "requisition.ordered")]
    Ordered {
        /// By which order.
        order: OrderId,
        /// What exactly.
        digest: String,
    },
}
