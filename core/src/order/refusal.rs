//! Why something asked of an order is refused, in words for whoever asked.

use crate::asset;
use crate::explain::{Explain, Kind};
use crate::text::Serial;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such order, as far as the caller may know.
    #[error("no purchase order with this id is visible to you")]
    Unknown,
    /// The caller may not do this there.
    #[error("your role does not permit this for purchase orders of this unit")]
    NotPermitted,
    /// No such requisition, as far as the caller may know.
    #[error("no requisition with this id is visible to you")]
    RequisitionUnknown,
    /// Nobody has approved it, or it was ordered before.
    #[error("only an approved requisition can be ordered, and only once")]
    NotApproved,
    /// Its prices are a draft.
    #[error("the supplier's offer is a draft; it has to be returned from the shop as final first")]
    QuotePending,
    /// It has no lines, or too many.
    #[error("a purchase order has 1 to {} lines", super::LINES_MAX)]
    BadCount,
    /// Nobody buys there at the moment.
    #[error("this supplier is paused or removed")]
    SupplierInactive,
    /// Nothing real is bought there.
    #[error("this supplier is for testing, and nothing real is ordered there")]
    SupplierTest,
    /// There is no such line.
    #[error("the purchase order has no line {0}")]
    LineUnknown(i64),
    /// Nothing waits for a decision there.
    #[error("line {0} does not wait for a decision")]
    NotStopped(i64),
    /// Nobody accepts what is their own.
    #[error(
        "somebody else accepts this: you wanted, changed or handed in what is ordered, or placed the order"
    )]
    Own,
    /// The second yes is another person's, by another's right.
    #[error(
        "you accepted this for line {0} already, or somebody in whose place you would; another person has to"
    )]
    AlreadyAccepted(i64),
    /// What the supplier says cannot be compared with the order.
    #[error(
        "the supplier's price of line {0} is in another currency or for another unit; enter what one of the ordered unit costs"
    )]
    PriceNeeded(i64),
    /// Somebody has answered before.
    #[error("it is already known how many pieces line {0} is")]
    PiecesKnown(i64),
    /// An answer by which the pieces are no whole number, or too many.
    #[error(
        "line {line} would not be a whole number of pieces between 0 and {}",
        super::PIECES_MAX
    )]
    BadPieces {
        /// Which line.
        line: i64,
    },
    /// All of it is here already.
    #[error("all that was to come of line {0} was received already and cannot be taken back")]
    AlreadyReceived(i64),
    /// More is to be received than was ordered.
    #[error("line {line} is {ordered} pieces, and none of them is still to be received")]
    OverReceipt {
        /// Which line.
        line: i64,
        /// How many pieces it is.
        ordered: i64,
    },
    /// Nobody has said how many pieces the line is.
    #[error("say first how many pieces line {0} is")]
    PiecesUnknown(i64),
    /// Neither the serial number nor the label says of which line it is.
    #[error("say of which line it is: the purchase order still expects pieces of several")]
    LineNeeded,
    /// Nothing is expected any more.
    #[error("nothing of this purchase order is still to be received")]
    NothingExpected,
    /// What is left of the line was announced with other serial numbers.
    #[error(
        "serial number {serial} was not announced; what is still to come of line {line} was announced with others. Confirm that it came instead of one of them"
    )]
    NotAnnounced {
        /// Which line.
        line: i64,
        /// The number that was scanned.
        serial: Serial,
    },
    /// Nothing of the line is still to come with the shipment that was scanned.
    #[error(
        "nothing more of line {0} was announced with this shipment; confirm that it came with it all the same"
    )]
    NotInShipment(i64),
    /// Nothing tells which piece it is.
    #[error(
        "scan the serial number of what came of line {0}, or say that it has none, or that it is as it was announced"
    )]
    SerialNeeded(i64),
    /// What was scanned as a serial number is none.
    #[error("{0} is not a serial number")]
    SerialUnusable(String),
    /// It stands twice in one receipt.
    #[error("serial number {0} was scanned twice")]
    SerialTwice(Serial),
    /// Nothing, or too much, is to be received at once.
    #[error("a receipt has 1 to {} pieces", super::receive::UNITS_MAX)]
    BadReceipt,
    /// No such shipment of this order.
    #[error("the purchase order has no such shipment")]
    ShipmentUnknown,
    /// There is no such version, or it is not on its way.
    #[error("this version of the purchase order is not on its way to the supplier")]
    NotWaiting,
    /// It cannot be sent again.
    #[error("only what the supplier refused or could not be reached with is sent again")]
    NotFailed,
    /// A rule of assets says no.
    #[error("{0}")]
    Asset(asset::decide::Refusal),
}

impl From<asset::decide::Refusal> for Refusal {
    fn from(refusal: asset::decide::Refusal) -> Self {
        Self::Asset(refusal)
    }
}

impl Explain for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown | Self::RequisitionUnknown | Self::ShipmentUnknown => Kind::NotFound,
            Self::NotPermitted | Self::Own => Kind::Forbidden,
            Self::NotApproved
            | Self::QuotePending
            | Self::SupplierInactive
            | Self::SupplierTest
            | Self::AlreadyAccepted(_)
            | Self::NotInShipment(_)
            | Self::NotStopped(_)
            | Self::PiecesKnown(_)
            | Self::AlreadyReceived(_)
            | Self::OverReceipt { .. }
            | Self::PiecesUnknown(_)
            | Self::NothingExpected
            | Self::NotAnnounced { .. }
            | Self::NotWaiting
            | Self::NotFailed => Kind::Conflict,
            Self::BadCount
            | Self::LineUnknown(_)
            | Self::BadPieces { .. }
            | Self::LineNeeded
            | Self::PriceNeeded(_)
            | Self::SerialNeeded(_)
            | Self::SerialUnusable(_)
            | Self::SerialTwice(_)
            | Self::BadReceipt => Kind::Unacceptable,
            Self::Asset(refusal) => refusal.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "order_unknown",
            Self::NotPermitted => "order_not_permitted",
            Self::RequisitionUnknown => "order_requisition_unknown",
            Self::NotApproved => "order_not_approved",
            Self::QuotePending => "order_quote_pending",
            Self::BadCount => "order_count_invalid",
            Self::SupplierInactive => "order_supplier_inactive",
            Self::SupplierTest => "order_supplier_test",
            Self::Own => "order_own",
            Self::AlreadyAccepted(_) => "order_already_accepted",
            Self::PriceNeeded(_) => "order_price_needed",
            Self::NotInShipment(_) => "order_not_in_shipment",
            Self::SerialNeeded(_) => "order_serial_needed",
            Self::LineUnknown(_) => "order_line_unknown",
            Self::NotStopped(_) => "order_line_not_stopped",
            Self::PiecesKnown(_) => "order_pieces_known",
            Self::BadPieces { .. } => "order_pieces_invalid",
            Self::AlreadyReceived(_) => "order_already_received",
            Self::OverReceipt { .. } => "order_over_receipt",
            Self::PiecesUnknown(_) => "order_pieces_unknown",
            Self::LineNeeded => "order_line_needed",
            Self::NothingExpected => "order_nothing_expected",
            Self::NotAnnounced { .. } => "order_serial_not_announced",
            Self::SerialUnusable(_) => "order_serial_unusable",
            Self::SerialTwice(_) => "order_serial_twice",
            Self::BadReceipt => "order_receipt_invalid",
            Self::ShipmentUnknown => "order_shipment_unknown",
            Self::NotWaiting => "order_not_waiting",
            Self::NotFailed => "order_not_failed",
            Self::Asset(refusal) => refusal.code(),
        }
    }
}
