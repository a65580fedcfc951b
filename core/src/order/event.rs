//! Facts about orders. Each says everything its projection needs, so that a rebuild asks nobody; no name of a person is in any.

use serde::{Deserialize, Serialize};

use super::report::{
    Answer, ConfirmedItem, ItemAnswer, Kind, Operation, Purpose, Said, Source, Substitute,
};
use super::{Stop, Transmission, is_false};
use crate::exact::Exact;
use crate::id::{
    AssetId, CategoryId, LocationId, ManufacturerId, ModelId, OrderId, PersonId, RequisitionId,
    RequisitionLineId, ShipmentId, SupplierDocumentId, SupplierId, UnitId,
};
use crate::text::Serial;
use crate::time::{Day, Timestamp};

/// What happened to an order, or to a document of a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum OrderEvent {
    /// It was placed.
    #[serde(rename = "order.placed")]
    Placed(Box<Placed>),
    /// Further lines of it: an entry holds only so much.
    #[serde(rename = "order.lines_added")]
    LinesAdded {
        /// They follow the last.
        lines: Vec<PlacedLine>,
    },
    /// A version of it was made, to be sent.
    #[serde(rename = "order.versioned")]
    Versioned {
        /// Which, from 1.
        version: i64,
        /// What it is.
        operation: Operation,
        /// The name of its document. Its lines are those that are wanted now.
        payload_id: String,
    },
    /// The supplier answered to a version, or could not be reached.
    #[serde(rename = "order.sent")]
    Sent {
        /// Which version.
        version: i64,
        /// What follows.
        transmission: Transmission,
        /// The code of the answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<i64>,
    },
    /// It is known how many pieces lines are, and which assets they are.
    #[serde(rename = "order.lines_expected")]
    LinesExpected {
        /// Which lines; one with many pieces stands there several times.
        lines: Vec<ExpectedLine>,
    },
    /// The same of one line: how it was said at first.
    #[serde(rename = "order.expected")]
    Expected {
        /// Which line.
        line: i64,
        /// How many pieces one of the line's unit is.
        #[serde(skip_serializing_if = "Option::is_none")]
        pieces_per_unit: Option<Exact>,
        /// What one piece costs, in minor units.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_minor: Option<i64>,
        /// How many pieces it is.
        pieces: i64,
        /// The assets, one for each piece; empty where none are kept of it.
        assets: Vec<AssetId>,
        /// Which of the pieces is the first of these.
        first: i64,
    },
    /// The supplier said what it does of the order.
    #[serde(rename = "order.confirmed")]
    Confirmed(Confirmed),
    /// The supplier, or somebody between, said how far it is.
    #[serde(rename = "order.status_said")]
    StatusSaid {
        /// Which document says so.
        document: SupplierDocumentId,
        /// Which version it is about.
        version: i64,
        /// The code.
        code: i64,
        /// What follows for the transmission.
        transmission: Transmission,
    },
    /// Something of it is on its way; whatever was said of this shipment before does not hold any more.
    #[serde(rename = "order.shipped")]
    Shipped(Box<Shipped>),
    /// A shipment was taken back.
    #[serde(rename = "order.shipment_withdrawn")]
    ShipmentWithdrawn {
        /// Which document says so.
        document: SupplierDocumentId,
        /// Which shipment.
        shipment: ShipmentId,
        /// What was to come with it and is expected again.
        freed: Vec<AssetId>,
        /// What came with it and is here all the same.
        contradicted: Vec<AssetId>,
        /// Which part of the fact this is, from 0: an entry holds only so much.
        #[serde(default, skip_serializing_if = "is_first")]
        part: i64,
    },
    /// It was invoiced, or money was given back.
    #[serde(rename = "order.invoiced")]
    Invoiced(Invoiced),
    /// A line must not go on before somebody has decided.
    #[serde(rename = "order.line_stopped")]
    LineStopped {
        /// Which line.
        line: i64,
        /// Why.
        stop: Stop,
    },
    /// What a line was stopped for does not hold any more: it goes on as before.
    #[serde(rename = "order.line_released")]
    LineReleased {
        /// Which line.
        line: i64,
        /// Which document says so; none where somebody here does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<SupplierDocumentId>,
    },
    /// Somebody accepted what a line was stopped for, and somebody else has to as well.
    #[serde(rename = "order.line_approved")]
    LineApproved {
        /// Which line.
        line: i64,
        /// In whose place, where it is another's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<PersonId>,
        /// The price that they entered, because what was said cannot be compared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        price: Option<Said>,
    },
    /// Somebody accepted what a line was stopped for.
    #[serde(rename = "order.line_accepted")]
    LineAccepted {
        /// Which line.
        line: i64,
        /// The price from now on.
        #[serde(skip_serializing_if = "Option::is_none")]
        price: Option<Said>,
        /// What one piece costs, in minor units.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_minor: Option<i64>,
        /// What is sent from now on.
        #[serde(skip_serializing_if = "Option::is_none")]
        substitute: Option<Substitute>,
    },
    /// A price within what is tolerated took the place of another.
    #[serde(rename = "order.line_repriced")]
    LineRepriced {
        /// Which line.
        line: i64,
        /// The price from now on.
        price: Said,
        /// What one piece costs, in minor units.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_minor: Option<i64>,
    },
    /// A line is not wanted any more.
    #[serde(rename = "order.line_cancelled")]
    LineCancelled {
        /// Which line. What is still to come of it does not come any more.
        line: i64,
        /// How much of it stays, where some of it was received.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quantity: Option<Exact>,
    },
    /// Pieces of it are here.
    #[serde(rename = "order.received")]
    Received {
        /// Which, in the order in which they were scanned.
        units: Vec<ReceivedUnit>,
    },
    /// A document of a supplier was taken in.
    #[serde(rename = "order.document_taken")]
    DocumentTaken {
        /// Whose.
        supplier: SupplierId,
        /// What sort.
        kind: Kind,
        /// The supplier's name for it.
        payload_id: String,
        /// SHA-256 of what came, in hexadecimal.
        digest: String,
        /// What came under this name before and was not taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<SupplierDocumentId>,
    },
    /// It was read, and what it says was done or refused.
    #[serde(rename = "order.document_settled")]
    DocumentSettled {
        /// Whether it was done.
        applied: bool,
        /// Which orders it is about.
        orders: Vec<OrderId>,
        /// What is odd about it, or why it was refused.
        findings: Vec<Finding>,
    },
}

/// An order as it is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// Its number.
    pub number: i64,
    /// Of which requisition.
    pub requisition: RequisitionId,
    /// From whom.
    pub supplier: SupplierId,
    /// For which unit.
    pub unit: UnitId,
    /// Where it is to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    /// The site of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<LocationId>,
    /// ISO 4217.
    pub currency: String,
    /// The supplier's number for it, where its quote had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_order: Option<String>,
    /// Its lines, from 1.
    pub lines: Vec<PlacedLine>,
}

/// A line as it is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedLine {
    /// Which of the requisition's lines.
    pub of: RequisitionLineId,
    /// The supplier's part number.
    pub part: String,
    /// The maker's part number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maker_part: Option<String>,
    /// What it is.
    pub description: String,
    /// How much.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// At which price.
    pub price: Said,
    /// Which category its assets have.
    pub category: CategoryId,
    /// Which model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// Who made them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maker: Option<ManufacturerId>,
}

/// The pieces of a line, or some of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpectedLine {
    /// Which line.
    pub line: i64,
    /// How many pieces one of the line's unit is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces_per_unit: Option<Exact>,
    /// What one piece costs, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_minor: Option<i64>,
    /// How many pieces it is.
    pub pieces: i64,
    /// The assets, one for each piece; empty where none are kept of it.
    pub assets: Vec<AssetId>,
    /// Which of the pieces is the first of these.
    pub first: i64,
}

/// What a supplier says that it does of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmed {
    /// Which document says so.
    pub document: SupplierDocumentId,
    /// Of the whole.
    pub answer: Answer,
    /// Its number for what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its number for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier_order: Option<String>,
    /// Whether everything said before does not hold any more.
    pub replaces: bool,
    /// What it says of lines, as it said it.
    pub items: Vec<ConfirmedItem>,
    /// What follows for lines.
    pub lines: Vec<LineAnswer>,
    /// Which part of the fact this is, from 0: an entry holds only so much.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: i64,
}

/// What a confirmation means for a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineAnswer {
    /// Which line.
    pub line: i64,
    /// What is said of it; where of its parts several things are, the one that needs attention most.
    pub answer: ItemAnswer,
    /// When it is to be here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_on: Option<Day>,
}

/// What of an order is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipped {
    /// Which document says so.
    pub document: SupplierDocumentId,
    /// Which shipment.
    pub shipment: ShipmentId,
    /// The supplier's number of it.
    pub reference: String,
    /// Whether it has not left yet.
    #[serde(default, skip_serializing_if = "is_not")]
    pub planned: bool,
    /// When it left, or will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    /// When it is to be here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// Who carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's numbers.
    pub tracking: Vec<String>,
    /// What of which lines, as it was said.
    pub items: Vec<Quantity>,
    /// The pieces that come with it, and what was said of them.
    pub units: Vec<Announced>,
    /// Pieces that do not come with it any more.
    pub freed: Vec<AssetId>,
    /// Which part of the fact this is, from 0: an entry holds only so much.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: i64,
}

/// How much of a line a document speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// Which line.
    pub line: i64,
    /// How much.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// At which price, where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Said>,
}

/// What a supplier says of one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announced {
    /// Which asset it is.
    pub asset: AssetId,
    /// Its serial number, where it is to be believed; what it was before where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// Where that stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// A serial number that is another asset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    /// Its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Where it is to go, where that is a place that is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<LocationId>,
    /// The code on its box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

/// What a supplier wants to be paid for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoiced {
    /// Which document says so.
    pub document: SupplierDocumentId,
    /// The invoice's number.
    pub reference: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether an earlier one of this number is taken back.
    pub operation: Operation,
    /// What of which lines, as it was said.
    pub items: Vec<Quantity>,
    /// The pieces that stand on it.
    pub units: Vec<InvoicedUnit>,
    /// Which part of the fact this is, from 0: an entry holds only so much.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: i64,
}

/// A piece that stands on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoicedUnit {
    /// Which asset it is.
    pub asset: AssetId,
    /// A serial number that it did not have before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
}

/// A piece that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedUnit {
    /// Which asset it is.
    pub asset: AssetId,
    /// The serial number that was found on it; what was announced stands as it was where nobody has read one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// Whether somebody said that it has none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub serial_waived: bool,
}

/// Something odd about a document, or why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The stable code.
    pub code: super::decide::Code,
    /// About which line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
    /// What it is about: an order's number, a serial number, a quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_first(part: &i64) -> bool {
    *part == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_not(it: &bool) -> bool {
    !*it
}
