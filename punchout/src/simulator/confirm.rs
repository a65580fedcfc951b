//! What the supplier says to an order: yes, no, later, at another price, or something else instead.

use super::catalogue::{CURRENCY, Product};
use super::decimal::Decimal;
use super::element::Element;
use super::order::{Order, OrderLine};
use super::vendor::Vendor;
use super::{cart, envelope};

/// A confirmation.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Its number; the simulator gives one where there is none.
    pub id: Option<String>,
    /// Whether it takes the place of an earlier one of this number.
    pub is_update: bool,
    /// What it says.
    pub answer: Answer,
}

/// What a confirmation says.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Everything as ordered.
    Accept,
    /// Nothing of it.
    Reject,
    /// Line by line, in the parts of each.
    ByLine(Vec<(u32, Vec<Part>)>),
}

/// What becomes of a part of a line.
#[derive(Debug, Clone)]
pub struct Part {
    /// Of how much of it.
    pub quantity: Decimal,
    /// What.
    pub fate: Fate,
}

/// What becomes of something that was ordered.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It comes as ordered.
    Accepted,
    /// It comes at another price.
    Priced(Decimal),
    /// Another product comes instead.
    Replaced(&'static Product),
    /// It comes after so many days.
    BackOrdered(u32),
    /// It does not come.
    Rejected,
}

impl Confirmation {
    /// Everything as ordered.
    #[must_use]
    pub const fn accept() -> Self {
        Self {
            id: None,
            is_update: false,
            answer: Answer::Accept,
        }
    }

    /// Nothing of it.
    #[must_use]
    pub const fn reject() -> Self {
        Self {
            id: None,
            is_update: false,
            answer: Answer::Reject,
        }
    }

    /// Line by line; those that are not named are not spoken of.
    #[must_use]
    pub const fn by_line() -> Self {
        Self {
            id: None,
            is_update: false,
            answer: Answer::ByLine(Vec::new()),
        }
    }

    /// Something about a part of a line.
    #[must_use]
    pub fn line(mut self, number: u32, quantity: Decimal, fate: Fate) -> Self {
        let part = Part { quantity, fate };
        let mut lines = match self.answer {
            Answer::ByLine(lines) => lines,
            Answer::Accept | Answer::Reject => Vec::new(),
        };
        match lines.iter_mut().find(|(known, _)| *known == number) {
            Some((_, parts)) => parts.push(part),
            None => lines.push((number, vec![part])),
        }
        self.answer = Answer::ByLine(lines);
        self
    }

    /// The same under a number.
    #[must_use]
    pub fn numbered(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// The same in the place of an earlier one.
    #[must_use]
    pub const fn updating(mut self) -> Self {
        self.is_update = true;
        self
    }
}

/// The document.
pub(super) fn document(vendor: &Vendor, order: &Order, confirmation: &Confirmation) -> Element {
    let now = envelope::moment(vendor.settings.clock.now());
    let id = confirmation
        .id
        .clone()
        .unwrap_or_else(|| format!("C-{}", vendor.next()));
    let (kind, lines): (_, &[_]) = match &confirmation.answer {
        Answer::Accept => ("accept", &[]),
        Answer::Reject => ("reject", &[]),
        Answer::ByLine(lines) => ("detail", lines),
    };
    let header = Element::new("ConfirmationHeader")
        .with("confirmID", id)
        .with(
            "operation",
            if confirmation.is_update {
                "update"
            } else {
                "new"
            },
        )
        .with("type", kind)
        .with("noticeDate", now);
    let items = lines
        .iter()
        .filter_map(|(number, parts)| Some(item(vendor, order.line(*number)?, parts)));
    Element::new("ConfirmationRequest")
        .holding(header)
        .holding(reference(order))
        .holding_all(items)
}

/// Which order is meant.
pub(super) fn reference(order: &Order) -> Element {
    Element::new("OrderReference")
        .with("orderID", order.id.as_str())
        .with("orderDate", order.date.as_str())
        .holding(Element::new("DocumentReference").with("payloadID", order.payload_id.as_str()))
}

fn item(vendor: &Vendor, line: &OrderLine, parts: &[Part]) -> Element {
    Element::new("ConfirmationItem")
        .with("quantity", line.quantity.to_string())
        .with("lineNumber", line.number.to_string())
        .holding(Element::text("UnitOfMeasure", line.unit.as_str()))
        .holding_all(parts.iter().map(|part| status(vendor, line, part)))
}

fn status(vendor: &Vendor, line: &OrderLine, part: &Part) -> Element {
    let now = vendor.settings.clock.now();
    let kind = match part.fate {
        Fate::Accepted => "accept",
        Fate::Priced(_) | Fate::Replaced(_) => "detail",
        Fate::BackOrdered(_) => "backordered",
        Fate::Rejected => "reject",
    };
    let mut status = Element::new("ConfirmationStatus")
        .with("quantity", part.quantity.to_string())
        .with("type", kind);
    if let Fate::BackOrdered(days) = part.fate {
        status = status.with(
            "shipmentDate",
            envelope::moment(now.plus_days(i64::from(days))),
        );
    }
    let status = status.holding(Element::text("UnitOfMeasure", line.unit.as_str()));
    match &part.fate {
        Fate::Priced(price) => status.holding(unit_price(*price, &line.currency)),
        Fate::Replaced(product) => status.holding(substitute(part.quantity, line, product)),
        Fate::Accepted | Fate::BackOrdered(_) | Fate::Rejected => status,
    }
}

pub(super) fn unit_price(price: Decimal, currency: &str) -> Element {
    let money = Element::text("Money", price.money()).with("currency", currency);
    Element::new("UnitPrice").holding(money)
}

fn substitute(quantity: Decimal, line: &OrderLine, product: &Product) -> Element {
    let id = Element::new("ItemID").holding(Element::text("SupplierPartID", product.part));
    let detail = Element::new("ItemDetail")
        .holding(unit_price(product.unit_price(), CURRENCY))
        .holding(cart::described(product.description))
        .holding(Element::text("UnitOfMeasure", product.unit))
        .holding(Element::text("Classification", product.unspsc).with("domain", "UNSPSC"));
    Element::new("ItemIn")
        .with("quantity", quantity.to_string())
        .with("lineNumber", line.number.to_string())
        .holding(id)
        .holding(detail)
}
