//! What a supplier says of an order before shipping it: `ConfirmationRequest`.

use crate::code::Code;
use crate::exact::Exact;
use crate::moment::Moment;
use crate::unit::Measure;

use super::envelope::moment;
use super::item::{Extrinsic, PriceBasis};
use super::line::{self, Detail};
use super::money::{Money, Weight};
use super::order_reference::{OrderReference, order_reference};
use super::walk::{Step, Tag, Walk, some};

/// What is said of an order, or of a part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As ordered. Of a whole order, this and the next two replace all that was said before.
    Accept,
    /// Of a whole order: as ordered but for some lines.
    Except,
    /// Not at all.
    Reject,
    /// Every line is said.
    AllDetail,
    /// Some lines are said; prices and items may be others.
    Detail,
    /// Later.
    Backordered,
    /// To be paid before.
    RequestToPay,
    /// This replaces what was said before.
    Replace,
    /// Nobody knows.
    Unknown,
}

impl Verdict {
    fn read(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "accept" => Self::Accept,
            "except" => Self::Except,
            "reject" => Self::Reject,
            "allDetail" => Self::AllDetail,
            "detail" => Self::Detail,
            "backordered" | "backordred" => Self::Backordered,
            "requestToPay" => Self::RequestToPay,
            "replace" => Self::Replace,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }

    /// Whether one of a whole order replaces all confirmations before it.
    #[must_use]
    pub const fn replaces_all(self) -> bool {
        matches!(self, Self::Accept | Self::Except | Self::Reject)
    }
}

/// A confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The supplier's number for it; it may be missing.
    pub id: Option<String>,
    /// Of the order as a whole.
    pub verdict: Verdict,
    /// Whether it replaces an earlier one of the same number.
    pub is_update: bool,
    /// When it was said.
    pub noticed: Option<Moment>,
    /// The number of an invoice that goes with it.
    pub invoice_id: Option<String>,
    /// The order.
    pub order: OrderReference,
    /// Lines of the order that something is said of.
    pub items: Vec<Item>,
    /// What the supplier remarks.
    pub comments: Vec<String>,
}

/// A line of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the order.
    pub line_number: String,
    /// How many it is about.
    pub quantity: Exact,
    /// Of what unit.
    pub unit: Measure,
    /// What is said of how many; together as many as the item.
    pub statuses: Vec<Status>,
}

/// What is said of a part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What.
    pub verdict: Verdict,
    /// Of how many.
    pub quantity: Exact,
    /// Of what unit.
    pub unit: Measure,
    /// When it leaves.
    pub ships: Option<Moment>,
    /// When it arrives.
    pub arrives: Option<Moment>,
    /// Another price than ordered: a person decides.
    pub price: Option<Money>,
    /// For what that price is, if it is said and not for one unit.
    pub price_basis: Option<PriceBasis>,
    /// Another item than ordered: a person decides.
    pub substitute: Option<Substitute>,
    /// What the supplier remarks.
    pub comments: Vec<String>,
    /// What cXML has no element for.
    pub extrinsics: Vec<Extrinsic>,
}

/// What comes in place of what was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitute {
    /// What the supplier knows it by.
    pub part: String,
    /// What it is.
    pub description: Option<String>,
    /// What it costs.
    pub price: Option<Money>,
    /// For what the price is, if it is not for one unit.
    pub price_basis: Option<PriceBasis>,
    /// The manufacturer's number for it.
    pub manufacturer_part: Option<String>,
    /// The manufacturer.
    pub manufacturer: Option<String>,
}

/// The element `ConfirmationRequest` that is open.
pub(crate) fn confirmation<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Confirmation>> {
    let mut header = None;
    let mut order = OrderReference::default();
    let mut items = Vec::new();
    let mut seen = [false; 2];
    while let Some(child) = walk.child()? {
        match child.name() {
            "ConfirmationHeader" if walk.once(&mut seen[0], &child) => {
                header = self::header(walk, &child)?;
            }
            "OrderReference" if walk.once(&mut seen[1], &child) => {
                order = order_reference(walk, &child)?;
            }
            "OrderIDInfo" => order.filled_by(super::order_reference::order_id_info(walk, &child)?),
            "ConfirmationItem" if walk.has_room(items.len(), &child) => {
                items.extend(item(walk, &child)?);
            }
            "ConfirmationHeader" | "OrderReference" | "ConfirmationItem" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    if !seen[0] {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no ConfirmationHeader".to_owned()
        });
    }
    walk.require_order(&order, tag);
    Ok(header.map(|header: Confirmation| Confirmation {
        order,
        items,
        ..header
    }))
}

fn header<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Confirmation>> {
    let verdict = verdict(walk, tag);
    let mut confirmation = Confirmation {
        id: tag.some("confirmID"),
        verdict: verdict.unwrap_or(Verdict::Unknown),
        is_update: tag.attribute("operation") == Some("update"),
        noticed: moment(walk, tag, "noticeDate", true),
        invoice_id: tag.some("invoiceID"),
        order: OrderReference::default(),
        items: Vec::new(),
        comments: Vec::new(),
    };
    while let Some(child) = walk.child()? {
        match child.name() {
            "Comments" => confirmation.comments.extend(some(&walk.any()?.text)),
            "DocumentReference" | "Total" | "Shipping" | "Tax" | "Contact" | "Hazard"
            | "Extrinsic" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    Ok(verdict.map(|_| confirmation))
}

fn verdict(walk: &mut Walk<'_>, tag: &Tag<'_>) -> Option<Verdict> {
    let said = tag.attribute("type");
    let verdict = said.and_then(Verdict::read);
    if verdict.is_none() {
        walk.notes
            .error(Code::MissingAttribute, tag.spot_of("type"), || {
                "is missing or none that is known".to_owned()
            });
    }
    verdict
}

fn item<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Item>> {
    let quantity = walk.quantity(tag, "quantity");
    let line_number = walk.order_line(tag);
    let (mut unit, mut statuses) = (None, Vec::new());
    while let Some(child) = walk.child()? {
        match child.name() {
            "UnitOfMeasure" => unit = Some(walk.measure(&child)?),
            "ConfirmationStatus" => statuses.extend(status(walk, &child)?),
            "Contact" | "Hazard" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    let (Some(quantity), Some(line_number)) = (quantity, line_number) else {
        return Ok(None);
    };
    let unit = walk.unit_or_none(unit, tag);
    Ok(Some(Item {
        line_number,
        quantity,
        unit,
        statuses,
    }))
}

fn status<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Status>> {
    let (quantity, verdict) = (walk.quantity(tag, "quantity"), verdict(walk, tag));
    let ships = moment(walk, tag, "shipmentDate", false);
    let arrives = moment(walk, tag, "deliveryDate", false);
    let (mut unit, mut price, mut price_basis, mut substitute) = (None, None, None, None);
    let (mut comments, mut extrinsics) = (Vec::new(), Vec::new());
    while let Some(child) = walk.child()? {
        match child.name() {
            "UnitOfMeasure" => unit = Some(walk.measure(&child)?),
            // One that cannot be read is not the price that was ordered at.
            "UnitPrice" => price = walk.money_within(&child, Weight::Decides)?,
            "PriceBasisQuantity" => price_basis = walk.price_basis(&child)?,
            "ItemIn" => substitute = self::substitute(walk)?,
            "Comments" => comments.extend(some(&walk.any()?.text)),
            "Extrinsic" => walk.extrinsic(&child, &mut extrinsics)?,
            "Tax" | "Shipping" | "SupplierBatchID" => walk.skip()?,
            _ => walk.unknown(&child)?,
        }
    }
    let (Some(quantity), Some(verdict)) = (quantity, verdict) else {
        return Ok(None);
    };
    let unit = walk.unit_or_none(unit, tag);
    Ok(Some(Status {
        verdict,
        quantity,
        unit,
        ships,
        arrives,
        price,
        price_basis,
        substitute,
        comments,
        extrinsics,
    }))
}

fn substitute(walk: &mut Walk<'_>) -> Step<Option<Substitute>> {
    let (mut part, mut detail) = (None, Detail::default());
    while let Some(child) = walk.child()? {
        match child.name() {
            "ItemID" => part = Some(walk.item_id(&child, Weight::Decides)?.part),
            "ItemDetail" => detail = line::detail(walk, &child)?,
            _ => walk.skip()?,
        }
    }
    let description = detail.descriptions.first().map(|it| it.shown().to_owned());
    Ok(part.map(|part| Substitute {
        part,
        description,
        price: detail.unit_price,
        price_basis: detail.price_basis,
        manufacturer_part: detail.manufacturer_part,
        manufacturer: detail.manufacturer.map(|it| it.text),
    }))
}

impl<'a> Walk<'a> {
    /// Whether a document may have one more line. The first that it may not have is an error.
    pub fn has_room(&mut self, lines: usize, tag: &Tag<'a>) -> bool {
        let most = self.tolerance.limits.lines;
        if lines >= most {
            self.notes.error_once(Code::LimitExceeded, tag.spot(), || {
                format!("is one line more than the {most} that are taken")
            });
        }
        lines < most
    }

    /// The number of a line of the order. None is an error: nothing else says which line is meant.
    pub fn order_line(&mut self, tag: &Tag<'a>) -> Option<String> {
        let number = tag.some("lineNumber");
        if number.is_none() {
            self.notes
                .error(Code::MissingAttribute, tag.spot_of("lineNumber"), || {
                    "is missing; it says which line of the order is meant".to_owned()
                });
        }
        number
    }

    pub fn unit_or_none(&mut self, unit: Option<Measure>, tag: &Tag<'a>) -> Measure {
        unit.unwrap_or_else(|| {
            self.notes.warn(Code::MissingElement, tag.spot(), || {
                "has no UnitOfMeasure".to_owned()
            });
            self.tolerance.units.read("")
        })
    }

    /// An order has to be named.
    pub fn require_order(&mut self, order: &OrderReference, tag: &Tag<'a>) {
        if order.is_empty() {
            self.notes.error(Code::MissingElement, tag.spot(), || {
                "names no order: it has no OrderReference with an orderID or a payloadID".to_owned()
            });
        }
    }
}
