//! What suppliers say of orders, in no protocol's form. Texts are as they came, trimmed; what a document does not say is none.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::exact::Exact;
use crate::time::{Day, Timestamp};

closed_set! {
    /// What sort of document a supplier sends.
    Kind {
        /// What it says to an order.
        Confirmation = "confirmation",
        /// How far an order is.
        StatusUpdate = "status_update",
        /// What is on its way.
        ShipNotice = "ship_notice",
        /// What it wants to be paid.
        Invoice = "invoice",
        /// What somebody between says has come.
        Receipt = "receipt",
        /// What is not taken: it cannot be read, is of another sort, or comes when it must not.
        NotTaken = "not_taken",
    }
    /// What a confirmation says of a whole order.
    Answer {
        /// All of it as ordered.
        Accept = "accept",
        /// All of it, with the details in the lines.
        AllDetail = "all_detail",
        /// Some lines in detail; the others as they were.
        Detail = "detail",
        /// Later.
        Backordered = "backordered",
        /// All of it but the lines named.
        Except = "except",
        /// None of it.
        Reject = "reject",
        /// In place of everything said so far.
        Replace = "replace",
        /// To be paid before it is sent.
        RequestToPay = "request_to_pay",
    }
    /// What a confirmation says of some of a line.
    ItemAnswer {
        /// As ordered.
        Accept = "accept",
        /// As ordered, with all details.
        AllDetail = "all_detail",
        /// With what is said beside it.
        Detail = "detail",
        /// Later.
        Backordered = "backordered",
        /// Not.
        Reject = "reject",
        /// It does not know yet.
        Unknown = "unknown",
        /// To be paid before it is sent.
        RequestToPay = "request_to_pay",
    }
    /// Whether a document is new, or takes the place of an earlier one, or takes it back.
    Operation {
        /// New.
        New = "new",
        /// Complete, in place of the earlier one.
        Update = "update",
        /// The earlier one does not hold any more.
        Delete = "delete",
    }
    /// Where in a document a serial number stood, the most trusted first.
    Source {
        /// With the item, one entry per piece.
        Item = "item",
        /// With the item's packaging.
        Packaging = "packaging",
        /// In free words beside the item.
        ItemWords = "item_words",
        /// In free words of a notice that has one item only.
        NoticeWords = "notice_words",
        /// In an invoice.
        Invoice = "invoice",
        /// In a receipt of somebody between.
        Receipt = "receipt",
    }
    /// What an invoice is for.
    Purpose {
        /// To be paid.
        Standard = "standard",
        /// Money back.
        CreditMemo = "credit_memo",
        /// Money more.
        DebitMemo = "debit_memo",
        /// Money back for lines.
        LineLevelCreditMemo = "line_level_credit_memo",
        /// Money more for lines.
        LineLevelDebitMemo = "line_level_debit_memo",
    }
}

/// What one document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// What the supplier says to an order.
    Confirmation(Confirmation),
    /// How far an order is.
    StatusUpdate(StatusUpdate),
    /// What is on its way.
    ShipNotice(ShipNotice),
    /// What it wants to be paid.
    Invoice(Invoice),
    /// What somebody between says has come.
    Receipt(Receipt),
}

impl Report {
    /// What sort it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Confirmation(_) => Kind::Confirmation,
            Self::StatusUpdate(_) => Kind::StatusUpdate,
            Self::ShipNotice(_) => Kind::ShipNotice,
            Self::Invoice(_) => Kind::Invoice,
            Self::Receipt(_) => Kind::Receipt,
        }
    }
}

/// How a document names an order: by our number, or by the document in which it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrderRef {
    /// Our number, such as `PO-000123`.
    pub po_no: Option<String>,
    /// The payload id of the order's document.
    pub payload_id: Option<String>,
}

/// What a supplier says to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Which order.
    pub order: OrderRef,
    /// Its own number for what it says.
    pub reference: Option<String>,
    /// What it says of the whole.
    pub answer: Answer,
    /// Whether this is in place of what it said under the same number.
    pub operation: Operation,
    /// Its number for the order.
    pub supplier_order: Option<String>,
    /// What it says of lines.
    pub items: Vec<ConfirmedItem>,
}

/// What a confirmation says of some of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedItem {
    /// Of which line.
    pub line: i64,
    /// Of how much of it.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// What.
    pub answer: ItemAnswer,
    /// Another price than the one ordered at.
    pub price: Option<Said>,
    /// Another product than the one ordered.
    pub substitute: Option<Substitute>,
    /// When it leaves there.
    pub ships_on: Option<Day>,
    /// When it is to be here.
    pub delivers_on: Option<Day>,
}

/// A price as a document says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The amount.
    pub amount: Exact,
    /// ISO 4217.
    pub currency: String,
    /// How much of the price's unit one of the item's unit is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Exact>,
    /// For how much of the price's unit it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Exact>,
}

/// A product in the place of the one ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Substitute {
    /// The supplier's part number.
    pub part: String,
    /// What it is.
    pub description: Option<String>,
    /// The maker's part number.
    pub maker_part: Option<String>,
    /// Who makes it.
    pub maker: Option<String>,
}

/// How far an order is, as the supplier or somebody between says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// Which order.
    pub order: OrderRef,
    /// The code, as answers to documents have it.
    pub code: i64,
}

/// What is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipNotice {
    /// The supplier's number of the shipment; none where it gave none.
    pub reference: Option<String>,
    /// Whether it is new.
    pub operation: Operation,
    /// Whether it has not left yet: it is expected, and not on its way.
    #[serde(default)]
    pub planned: bool,
    /// When it left, or will.
    pub shipped_at: Option<Timestamp>,
    /// When it is to be here.
    pub expected_at: Option<Timestamp>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's numbers.
    pub tracking: Vec<String>,
    /// What of which orders.
    pub portions: Vec<Portion>,
}

/// What of one order is on its way. Without any item, all of it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// Which order.
    pub order: OrderRef,
    /// What of it.
    pub items: Vec<ShippedItem>,
}

/// What of one line is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShippedItem {
    /// Of which line.
    pub line: i64,
    /// How much.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// The part number, where it is said.
    pub part: Option<String>,
    /// The maker's part number, where it is said.
    #[serde(default)]
    pub maker_part: Option<String>,
    /// Who makes it, where it is said.
    #[serde(default)]
    pub maker: Option<String>,
    /// The code on the box, where all of it is in one.
    #[serde(default)]
    pub container: Option<String>,
    /// The first day of the warranty of every piece of which nothing else is said.
    #[serde(default)]
    pub warranty_starts_on: Option<Day>,
    /// The last day of it.
    #[serde(default)]
    pub warranty_ends_on: Option<Day>,
    /// What is said of single pieces, in their order.
    pub pieces: Vec<Piece>,
}

/// What a document says of one piece.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Piece {
    /// Its serial number.
    pub serial: Option<String>,
    /// Where that stood; beside the item where nothing is said.
    pub source: Option<Source>,
    /// The label that the supplier has fixed.
    pub tag: Option<String>,
    /// Where it is to go, in the supplier's words.
    pub place: Option<String>,
    /// The code on the box it is in.
    pub container: Option<String>,
    /// The first day of its warranty.
    #[serde(default)]
    pub warranty_starts_on: Option<Day>,
    /// The last day of its warranty.
    pub warranty_ends_on: Option<Day>,
    /// Addresses of its network interfaces, as they are written.
    #[serde(default)]
    pub macs: Vec<String>,
    /// Its IMEIs, as they are written.
    #[serde(default)]
    pub imeis: Vec<String>,
    /// Its name in the network.
    #[serde(default)]
    pub hostname: Option<String>,
}

/// What a supplier wants to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its number.
    pub reference: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it is new or taken back.
    pub operation: Operation,
    /// For what of which orders.
    pub items: Vec<InvoicedItem>,
    /// Orders that are named without an item: one that is taken back need not say what stood on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderRef>,
}

/// What an invoice says of some of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicedItem {
    /// Of which order.
    pub order: OrderRef,
    /// Of which line.
    pub line: i64,
    /// How much; less than nothing where it is given back.
    pub quantity: Exact,
    /// In which unit.
    pub unit: String,
    /// At which price.
    pub price: Option<Said>,
    /// Serial numbers, as they are written.
    pub serials: Vec<String>,
}

/// What somebody between says has come. Nothing is received by it here: that is for whoever scans it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What of which orders.
    pub items: Vec<ReceivedItem>,
}

/// What a receipt says of some of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedItem {
    /// Of which order.
    pub order: OrderRef,
    /// Of which line.
    pub line: i64,
    /// Serial numbers, as they are written.
    pub serials: Vec<String>,
}
