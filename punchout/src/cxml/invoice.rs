//! What is charged: `InvoiceDetailRequest`, as far as it says prices and serial numbers. Nothing is paid by it here.

use std::collections::HashSet;

use crate::code::Code;
use crate::exact::Exact;
use crate::moment::Moment;
use crate::unit::Measure;

use super::address::Text;
use super::envelope::moment;
use super::item::{ItemId, PriceBasis};
use super::money::{Money, Weight, bad_number};
use super::order_reference::{OrderReference, order_id_info, order_reference};
use super::serial::{PIECES_MAX, usable};
use super::walk::{Step, Tag, Walk};

/// What an invoice is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It charges.
    #[default]
    Standard,
    /// It gives back; amounts or quantities are below zero.
    CreditMemo,
    /// It charges once more.
    DebitMemo,
    /// It gives back some lines.
    LineLevelCreditMemo,
    /// It charges some lines once more.
    LineLevelDebitMemo,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// The supplier's number for it.
    pub id: String,
    /// Its date.
    pub dated: Option<Moment>,
    /// What it is.
    pub purpose: Purpose,
    /// Whether it takes back the invoice of its number.
    pub is_withdrawal: bool,
    /// What it charges, by order.
    pub orders: Vec<InvoiceOrder>,
    /// Before tax and shipping.
    pub subtotal: Option<Money>,
    /// Tax.
    pub tax: Option<Money>,
    /// Shipping.
    pub shipping: Option<Money>,
    /// All together.
    pub net: Option<Money>,
    /// What is to be paid.
    pub due: Option<Money>,
}

/// What is charged of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceOrder {
    /// The order. It may be named by its document only, or not at all.
    pub order: OrderReference,
    /// The items; none where only sums are charged.
    pub items: Vec<InvoiceItem>,
}

/// An item of an invoice. One line of an order may be in several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceItem {
    /// Its number in the invoice.
    pub invoice_line_number: Option<String>,
    /// The number of the order's line, where it is said.
    pub line_number: Option<String>,
    /// How many; below zero where something is given back.
    pub quantity: Exact,
    /// Of what unit.
    pub unit: Measure,
    /// What one costs.
    pub unit_price: Option<Money>,
    /// For what the price is, if it is not for one unit.
    pub price_basis: Option<PriceBasis>,
    /// What the supplier knows it by.
    pub item: Option<ItemId>,
    /// What it is.
    pub description: Option<String>,
    /// The manufacturer's number for it.
    pub manufacturer_part: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<Text>,
    /// Serial numbers.
    pub serials: Vec<String>,
    /// What the item comes to.
    pub subtotal: Option<Money>,
}

/// The element `InvoiceDetailRequest` that is open.
pub(crate) fn invoice<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Invoice>> {
    let mut invoice = None;
    let mut orders = Vec::new();
    let mut sums = Sums::default();
    let mut seen = [false; 2];
    let mut lines = 0;
    while let Some(child) = walk.child()? {
        match child.name() {
            "InvoiceDetailRequestHeader" if walk.once(&mut seen[0], &child) => {
                invoice = header(walk, &child)?;
            }
            "InvoiceDetailSummary" if walk.once(&mut seen[1], &child) => sums = summary(walk)?,
            "InvoiceDetailRequestHeader" | "InvoiceDetailSummary" => walk.skip()?,
            "InvoiceDetailOrder" | "InvoiceDetailHeaderOrder" => {
                orders.push(order(walk, &child, &mut lines)?);
            }
            _ => walk.unknown(&child)?,
        }
    }
    let [has_header, has_summary] = seen;
    if !has_header {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no InvoiceDetailRequestHeader".to_owned()
        });
    }
    // Nothing is paid by it here, so what it comes to need not be said.
    if !has_summary {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no InvoiceDetailSummary".to_owned()
        });
    }
    Ok(invoice.map(|invoice: Invoice| Invoice {
        orders,
        subtotal: sums.subtotal,
        tax: sums.tax,
        shipping: sums.shipping,
        net: sums.net,
        due: sums.due,
        ..invoice
    }))
}

fn header<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Invoice>> {
    let id = tag.some("invoiceID");
    if id.is_none() {
        walk.notes
            .error(Code::MissingAttribute, tag.spot_of("invoiceID"), || {
                "is missing".to_owned()
            });
    }
    let dated = moment(walk, tag, "invoiceDate", true);
    let purpose = match tag.attribute("purpose").map(str::trim) {
        Some("creditMemo") => Purpose::CreditMemo,
        Some("debitMemo") => Purpose::DebitMemo,
        Some("lineLevelCreditMemo") => Purpose::LineLevelCreditMemo,
        Some("lineLevelDebitMemo") => Purpose::LineLevelDebitMemo,
        _ => Purpose::Standard,
    };
    // Partners, terms and the like are for whoever pays.
    walk.skip()?;
    Ok(id.map(|id| Invoice {
        id,
        dated,
        purpose,
        is_withdrawal: tag.attribute("operation").map(str::trim) == Some("delete"),
        orders: Vec::new(),
        subtotal: None,
        tax: None,
        shipping: None,
        net: None,
        due: None,
    }))
}

#[derive(Default)]
struct Sums {
    subtotal: Option<Money>,
    tax: Option<Money>,
    shipping: Option<Money>,
    net: Option<Money>,
    due: Option<Money>,
}

fn summary(walk: &mut Walk<'_>) -> Step<Sums> {
    let mut sums = Sums::default();
    while let Some(child) = walk.child()? {
        let into = match child.name() {
            "SubtotalAmount" => &mut sums.subtotal,
            "Tax" => &mut sums.tax,
            "ShippingAmount" => &mut sums.shipping,
            "NetAmount" => &mut sums.net,
            "DueAmount" => &mut sums.due,
            _ => {
                walk.skip()?;
                continue;
            }
        };
        *into = walk.money_within(&child, Weight::Informs)?;
    }
    Ok(sums)
}

fn order<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, lines: &mut usize) -> Step<InvoiceOrder> {
    let mut order = OrderReference::default();
    let mut items = Vec::new();
    while let Some(child) = walk.child()? {
        match child.name() {
            "InvoiceDetailOrderInfo" => order.filled_by(order_info(walk)?),
            "InvoiceDetailItem" if walk.has_room(*lines, &child) => {
                *lines += 1;
                items.extend(item(walk, &child)?);
            }
            _ => walk.skip()?,
        }
    }
    if order.is_empty() {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "names no order".to_owned()
        });
    }
    Ok(InvoiceOrder { order, items })
}

fn order_info(walk: &mut Walk<'_>) -> Step<OrderReference> {
    let mut order = OrderReference::default();
    while let Some(child) = walk.child()? {
        match child.name() {
            "OrderReference" => order.filled_by(order_reference(walk, &child)?),
            "OrderIDInfo" => order.filled_by(order_id_info(walk, &child)?),
            _ => walk.skip()?,
        }
    }
    Ok(order)
}

fn item<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<InvoiceItem>> {
    let quantity = signed(walk, tag);
    let mut item = InvoiceItem {
        invoice_line_number: tag.some("invoiceLineNumber"),
        line_number: None,
        quantity: quantity
            .clone()
            .unwrap_or_else(|| Exact::of(rust_decimal::Decimal::ZERO)),
        unit: walk.tolerance.units.read(""),
        unit_price: None,
        price_basis: None,
        item: None,
        description: None,
        manufacturer_part: None,
        manufacturer: None,
        serials: Vec::new(),
        subtotal: None,
    };
    let mut measured = false;
    while let Some(child) = walk.child()? {
        match child.name() {
            "UnitOfMeasure" => {
                measured = true;
                item.unit = walk.measure(&child)?;
            }
            // One that cannot be read is not the price that was ordered at.
            "UnitPrice" => item.unit_price = walk.money_within(&child, Weight::Decides)?,
            "PriceBasisQuantity" => item.price_basis = walk.price_basis(&child)?,
            "InvoiceDetailItemReference" => reference(walk, &child, &mut item)?,
            "SubtotalAmount" => item.subtotal = walk.money_within(&child, Weight::Informs)?,
            _ => walk.skip()?,
        }
    }
    if !measured {
        walk.notes.warn(Code::MissingElement, tag.spot(), || {
            "has no UnitOfMeasure".to_owned()
        });
    }
    check_serials(walk, &item, tag);
    Ok(quantity.map(|_| item))
}

fn signed<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Option<Exact> {
    let spot = tag.spot_of("quantity");
    let Some(text) = tag.attribute("quantity") else {
        walk.notes
            .error(Code::MissingAttribute, spot, || "is missing".to_owned());
        return None;
    };
    let read = Exact::amount(text);
    if let Err(wrong) = read {
        walk.notes
            .error(Code::BadQuantity, spot, || bad_number(text, wrong));
    }
    read.ok()
}

fn reference<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>, item: &mut InvoiceItem) -> Step<()> {
    item.line_number = tag.some("lineNumber");
    let mut serials: Vec<String> = tag
        .attribute("serialNumber")
        .and_then(usable)
        .into_iter()
        .collect();
    while let Some(child) = walk.child()? {
        match child.name() {
            "ItemID" => item.item = Some(walk.item_id(&child, Weight::Informs)?),
            "Description" => {
                let description = walk.description(&child)?;
                item.description
                    .get_or_insert_with(|| description.shown().to_owned());
            }
            "ManufacturerPartID" => item.manufacturer_part = walk.some_text()?,
            "ManufacturerName" => item.manufacturer = walk.some_named(&child)?,
            "SerialNumber" => serials.extend(usable(&walk.text()?)),
            "Country"
            | "Classification"
            | "SupplierBatchID"
            | "InvoiceDetailItemReferenceIndustry" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    let part = item.item.as_ref().map(|it| it.part.as_str());
    let parts = || part.into_iter().chain(item.manufacturer_part.as_deref());
    let known = item.serials.iter().map(|it| it.to_ascii_lowercase());
    let mut known: HashSet<String> = known.collect();
    serials.retain(|serial| {
        !parts().any(|it| it.eq_ignore_ascii_case(serial))
            && known.len() < PIECES_MAX
            && known.insert(serial.to_ascii_lowercase())
    });
    item.serials.append(&mut serials);
    Ok(())
}

fn check_serials<'a>(walk: &mut Walk<'a>, item: &InvoiceItem, tag: &Tag<'a>) {
    let told = item.serials.len();
    let expected = super::line::pieces(&item.quantity, &item.unit).map(|it| it as usize);
    if told > 0 && expected != Some(told) {
        walk.notes.warn(Code::SerialCountMismatch, tag.spot(), || {
            format!("names {told} serial numbers for another number of pieces")
        });
    }
}
