//! Purchase orders: what was ordered of an approved requisition, what the supplier says of it, which assets it becomes, and who received them.
//!
//! An order is built by folding its facts, one after the other (`fold`). What suppliers send is taken in first and read afterwards
//! ([`document`]): every report is decided against the order as it is, and deciding it again changes nothing.

mod aboard;
mod assets;
mod cleaned;
pub mod command;
pub mod decide;
pub mod document;
pub mod event;
mod fold;
pub mod give_up;
pub mod letter;
pub mod lineage;
mod paid;
mod parts;
pub mod price;
pub(crate) mod project;
pub mod receive;
mod refusal;
pub mod report;
pub mod sending;
pub mod serial;
pub mod store;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use refusal::Refusal;
use report::{Answer, ItemAnswer, Operation, Said, Source, Substitute};

use crate::closed_set::closed_set;
use crate::exact::Exact;
use crate::id::{
    AssetId, CategoryId, LocationId, ManufacturerId, ModelId, OrderId, PersonId, RequisitionId,
    RequisitionLineId, ShipmentId, SupplierDocumentId, SupplierId, UnitId,
};
use crate::requisition::decide::Decider;
use crate::text::Serial;
use crate::time::{Day, Timestamp};

/// The most lines of an order.
pub const LINES_MAX: usize = 5_000;
/// The most pieces of a line that become assets without anybody's answer: what is bought by the thousand is seldom labelled one by one.
pub const PIECES_UNASKED_MAX: i64 = 1_000;
/// The most pieces of a line, whatever is answered.
pub const PIECES_MAX: i64 = 10_000;

closed_set! {
    /// How far an order is.
    Status {
        /// Something is still to come, or to be decided.
        Open = "open",
        /// Everything that was to come is here.
        Complete = "complete",
        /// Nothing of it is wanted any more, or the supplier sends none of it.
        Cancelled = "cancelled",
    }
    /// How far a line is.
    LineState {
        /// As ordered.
        Open = "open",
        /// Somebody has to decide something first.
        Stopped = "stopped",
        /// The supplier does not send it.
        Rejected = "rejected",
        /// It is not wanted any more.
        Cancelled = "cancelled",
    }
    /// Why a line is stopped.
    StopCause {
        /// It is to be sent at another price.
        Price = "price",
        /// Something else is to be sent.
        Substitution = "substitution",
        /// It was invoiced at another price.
        InvoicePrice = "invoice_price",
    }
    /// How far one piece of a line is.
    UnitState {
        /// Ordered.
        Expected = "expected",
        /// On its way.
        Shipped = "shipped",
        /// Here.
        Received = "received",
        /// Not to come any more.
        Cancelled = "cancelled",
    }
    /// How far a version of an order is on its way to the supplier.
    Transmission {
        /// In the outbox.
        Waiting = "waiting",
        /// The supplier has taken it in.
        Accepted = "accepted",
        /// The supplier has it and says more later.
        Awaiting = "awaiting",
        /// Somebody between has passed it on.
        Forwarded = "forwarded",
        /// The supplier does not take it.
        Refused = "refused",
        /// The supplier could not be reached for as long as it was tried.
        GivenUp = "given_up",
    }
    /// How far a shipment is.
    ShipmentState {
        /// The supplier says that it is on its way.
        Announced = "announced",
        /// The supplier has taken that back.
        Withdrawn = "withdrawn",
    }
}

/// An order with everything that its rules ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its place in lists: the ledger index of its first entry.
    pub seq: i64,
    /// Its number in the organisation, without gaps.
    pub number: i64,
    /// The number as it is written: `PO-000123`.
    pub po_no: String,
    /// Of which requisition.
    pub requisition: RequisitionId,
    /// From whom.
    pub supplier: SupplierId,
    /// For which unit.
    pub unit: UnitId,
    /// Where it is to go.
    pub location: Option<LocationId>,
    /// The site of that.
    pub site: Option<LocationId>,
    /// ISO 4217.
    pub currency: String,
    /// How far it is.
    pub status: Status,
    /// What the supplier last said of the whole.
    pub answer: Option<Answer>,
    /// The supplier's number for it.
    pub supplier_order: Option<String>,
    /// Who placed it.
    pub placed_by: Option<PersonId>,
    /// When.
    pub placed_at: Timestamp,
    /// When something last happened to it.
    pub changed_at: Timestamp,
    /// Its lines, by their numbers, which never change.
    pub lines: BTreeMap<i64, Line>,
    /// The pieces that are assets, by line and place in it.
    pub units: BTreeMap<(i64, i64), Unit>,
    /// What is on its way.
    pub shipments: BTreeMap<ShipmentId, Shipment>,
    /// What was sent to the supplier, by version.
    pub versions: BTreeMap<i64, Version>,
    /// Which piece an asset is.
    by_asset: HashMap<AssetId, (i64, i64)>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which of the requisition's lines it is.
    pub of: RequisitionLineId,
    /// The supplier's part number.
    pub part: String,
    /// The maker's part number.
    pub maker_part: Option<String>,
    /// What it is.
    pub description: String,
    /// How much.
    pub quantity: Exact,
    /// In which unit, as the supplier calls it.
    pub unit: String,
    /// How many pieces one of the unit is; none where nobody knows.
    pub pieces_per_unit: Option<Exact>,
    /// How many pieces become assets; none while somebody has to say.
    pub pieces: Option<i64>,
    /// At which price.
    pub price: Said,
    /// At which price somebody agreed to it: the one it was ordered at, or another that was accepted since. What documents say is compared with
    /// this one, so that what is let pass does not add up.
    pub agreed: Said,
    /// What one piece costs, in minor units.
    pub cost_minor: Option<i64>,
    /// Which category its assets have.
    pub category: CategoryId,
    /// Which model.
    pub model: Option<ModelId>,
    /// Who made them, where there is no model.
    pub maker: Option<ManufacturerId>,
    /// How far it is.
    pub state: LineState,
    /// What has to be decided.
    pub stop: Option<Stop>,
    /// What the supplier last said of it.
    pub answer: Option<ItemAnswer>,
    /// When it is to be here, as the supplier last said.
    pub promised_on: Option<Day>,
}

impl Line {
    /// The numbers that all of its pieces have in common.
    pub fn part_numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.part.as_str()).chain(self.maker_part.as_deref())
    }

    /// How many pieces all of it is; none where nobody knows.
    fn all_pieces(&self) -> Option<Exact> {
        Some(Exact::whole(u32::try_from(self.pieces?).ok()?))
    }

    /// Whether anything of it is still to come.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        matches!(self.state, LineState::Open | LineState::Stopped)
    }
}

/// What has to be decided about a line before it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Why.
    pub cause: StopCause,
    /// Which document says so.
    pub document: SupplierDocumentId,
    /// The other price, as it would stand in the order's place; none where it cannot be compared with the order's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Said>,
    /// Whether somebody here has entered that, because what was said cannot be compared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_entered: bool,
    /// The other price as the document says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<SaidPrice>,
    /// The other product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Substitute>,
    /// The number of the invoice that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Who has accepted it already, where more than one person has to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted_by: Vec<Decider>,
}

/// A price with the unit that it is for, as a document says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaidPrice {
    /// The price.
    pub price: Said,
    /// The unit.
    pub unit: String,
}

impl Stop {
    /// Whether a price has to be entered before it can be accepted.
    #[must_use]
    pub const fn needs_price(&self) -> bool {
        self.price.is_none() && self.said.is_some()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// One piece of a line, which is an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which asset.
    pub asset: AssetId,
    /// How far it is.
    pub state: UnitState,
    /// With which shipment it comes, or came.
    pub shipment: Option<ShipmentId>,
    /// Its serial number, as the supplier announced or somebody scanned it.
    pub serial: Option<Serial>,
    /// Where the announced one stood; none for one that was scanned.
    pub source: Option<Source>,
    /// The label that the supplier says it has.
    pub tag: Option<String>,
    /// Where it is to go, as far as the supplier's words name a place that is known here.
    pub place: Option<LocationId>,
    /// The code on the box it is in.
    pub container: Option<String>,
    /// A serial number announced for it that another asset has.
    pub conflict: Option<String>,
    /// Whether its shipment was withdrawn after it had been received.
    pub is_contradicted: bool,
    /// On which invoice it stands.
    pub invoice: Option<String>,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// Who received it.
    pub received_by: Option<PersonId>,
}

impl Unit {
    /// Whether it is still to come.
    #[must_use]
    pub const fn is_coming(&self) -> bool {
        matches!(self.state, UnitState::Expected | UnitState::Shipped)
    }
}

/// What is on its way of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The supplier's number of it.
    pub reference: String,
    /// How far it is.
    pub state: ShipmentState,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
    /// When it is to be here.
    pub expected_at: Option<Timestamp>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's numbers.
    pub tracking: Vec<String>,
    /// Which document last spoke of it.
    pub document: SupplierDocumentId,
}

/// One version of an order as it is sent. What a repetition says is the same: payload id, instant and lines are fixed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Whether it is the first, takes its predecessor's place, or takes the order back.
    pub operation: Operation,
    /// The name of its document, for ever.
    pub payload_id: String,
    /// When it was made; the document's instant at every attempt.
    pub made_at: Timestamp,
    /// The lines as they are to be sent.
    pub lines: Vec<SentLine>,
    /// How far it is.
    pub transmission: Transmission,
    /// What the supplier answered.
    pub code: Option<i64>,
    /// When that was.
    pub settled_at: Option<Timestamp>,
}

/// A line as a version of an order states it. Everything else of it is the requisition's, which does not change any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentLine {
    /// Its number.
    pub line: i64,
    /// Which of the requisition's lines it is.
    pub of: RequisitionLineId,
    /// The supplier's part number, which a substitution may have changed.
    pub part: String,
    /// How much.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// At which price.
    pub price: Said,
}

/// How an order's number is written.
#[must_use]
pub fn po_no(number: i64) -> String {
    format!("PO-{number:06}")
}

impl Order {
    /// The units of a line, in their order.
    pub fn units_of(&self, line: i64) -> impl Iterator<Item = ((i64, i64), &Unit)> {
        let of_line = self.units.range((line, i64::MIN)..=(line, i64::MAX));
        of_line.map(|(place, unit)| (*place, unit))
    }

    /// Whether something of a line can still be taken back: what is here cannot.
    #[must_use]
    pub fn can_cancel(&self, number: i64) -> bool {
        let Some(line) = self.lines.get(&number) else {
            return false;
        };
        let mut units = self.units_of(number).peekable();
        line.state != LineState::Cancelled
            && (units.peek().is_none() || units.any(|(_, unit)| unit.is_coming()))
    }

    /// The last version, which is the one that holds.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.versions.keys().next_back().copied().unwrap_or(0)
    }

    /// The lines as they are to be sent now.
    #[must_use]
    pub fn sent_lines(&self) -> Vec<SentLine> {
        let wanted = self.lines.iter().filter(|(_, line)| line.is_wanted());
        wanted
            .map(|(number, line)| SentLine {
                line: *number,
                of: line.of,
                part: line.part.clone(),
                quantity: line.quantity,
                unit: line.unit.clone(),
                price: line.price.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_six_digits_at_least() {
        assert_eq!(po_no(123), "PO-000123");
        assert_eq!(po_no(1_234_567), "PO-1234567");
    }
}
