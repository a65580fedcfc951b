//! How shipments, confirmations and invoices name the order that they are about.

use crate::moment::Moment;

use super::envelope::moment;
use super::walk::{Step, Tag, Walk};

/// Which order is meant: by its number, else by the document that placed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderReference {
    /// The buyer's number.
    pub order_id: Option<String>,
    /// When it was placed.
    pub order_date: Option<Moment>,
    /// The payload id of the document that placed it.
    pub payload_id: Option<String>,
}

impl OrderReference {
    /// Whether it names no order.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.order_id.is_none() && self.payload_id.is_none()
    }

    /// What is not said yet is taken from another.
    pub(crate) fn filled_by(&mut self, other: Self) {
        self.order_id = self.order_id.take().or(other.order_id);
        self.order_date = self.order_date.take().or(other.order_date);
        self.payload_id = self.payload_id.take().or(other.payload_id);
    }
}

/// The element `OrderReference` that is open.
pub(crate) fn order_reference<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<OrderReference> {
    let mut reference = OrderReference {
        order_id: tag.some("orderID"),
        order_date: moment(walk, tag, "orderDate", false),
        payload_id: None,
    };
    while let Some(child) = walk.child()? {
        match child.name() {
            "DocumentReference" => {
                reference.payload_id = child.some("payloadID");
                walk.skip()?;
            }
            _ => walk.unknown(&child)?,
        }
    }
    Ok(reference)
}

/// The element `OrderIDInfo` that is open, which names an order without the document that placed it.
pub(crate) fn order_id_info<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<OrderReference> {
    let reference = OrderReference {
        order_id: tag.some("orderID"),
        order_date: moment(walk, tag, "orderDate", false),
        payload_id: None,
    };
    walk.skip()?;
    Ok(reference)
}
