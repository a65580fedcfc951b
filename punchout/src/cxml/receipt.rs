//! What a hub says was received: `ReceiptRequest`, as far as it names pieces.

use crate::code::Code;

use super::order_reference::{OrderReference, order_id_info, order_reference};
use super::serial::{Piece, Source};
use super::ship_notice::piece;
use super::walk::{Step, Tag, Walk};

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the receipt.
    pub id: Option<String>,
    /// Its lines.
    pub items: Vec<Item>,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The order.
    pub order: OrderReference,
    /// The number of the order's line, where it is said.
    pub line_number: Option<String>,
    /// The pieces that are told apart.
    pub pieces: Vec<Piece>,
}

/// The element `ReceiptRequest` that is open.
pub(crate) fn receipt<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Receipt>> {
    let mut receipt = Receipt {
        id: None,
        items: Vec::new(),
    };
    let mut seen = false;
    while let Some(child) = walk.child()? {
        match child.name() {
            "ReceiptRequestHeader" => {
                receipt.id = child.some("receiptID");
                walk.skip()?;
            }
            "ReceiptOrder" => {
                seen = true;
                order(walk, &mut receipt.items)?;
            }
            "Total" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    if !seen {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no ReceiptOrder".to_owned()
        });
    }
    Ok(Some(receipt))
}

fn order(walk: &mut Walk<'_>, into: &mut Vec<Item>) -> Step<()> {
    let mut order = OrderReference::default();
    let first = into.len();
    while let Some(child) = walk.child()? {
        match child.name() {
            "ReceiptOrderInfo" => {
                while let Some(child) = walk.child()? {
                    match child.name() {
                        "OrderReference" => order.filled_by(order_reference(walk, &child)?),
                        "OrderIDInfo" => order.filled_by(order_id_info(walk, &child)?),
                        _ => walk.skip()?,
                    }
                }
            }
            "ReceiptItem" if walk.has_room(into.len(), &child) => into.push(item(walk)?),
            _ => walk.skip()?,
        }
    }
    for item in &mut into[first..] {
        item.order = order.clone();
    }
    Ok(())
}

fn item(walk: &mut Walk<'_>) -> Step<Item> {
    let mut item = Item {
        order: OrderReference::default(),
        line_number: None,
        pieces: Vec::new(),
    };
    while let Some(child) = walk.child()? {
        match child.name() {
            "ReceiptItemReference" => {
                item.line_number = child.some("lineNumber");
                walk.skip()?;
            }
            "AssetInfo" => item.pieces.extend(piece(walk, &child, Source::Receipt)?),
            _ => walk.skip()?,
        }
    }
    Ok(item)
}
