//! What the supplier wants to be paid for, and what it pays back.

use super::cart::described;
use super::catalogue::CURRENCY;
use super::confirm::{reference, unit_price};
use super::decimal::Decimal;
use super::element::Element;
use super::envelope::moment;
use super::order::{Order, OrderLine};
use super::vendor::Vendor;

/// An invoice, or a credit.
#[derive(Debug, Clone, Default)]
pub struct Invoice {
    /// Its number; the simulator gives one where there is none.
    pub id: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its lines.
    pub lines: Vec<Billed>,
    /// The tax on all of it.
    pub tax: Decimal,
}

/// What an invoice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To be paid.
    #[default]
    Standard,
    /// Money back: the amounts are negative.
    CreditMemo,
    /// Goods taken back: the quantities are negative.
    LineCredit,
}

/// A line of an invoice.
#[derive(Debug, Clone)]
pub struct Billed {
    /// The order's number of the line.
    pub line: u32,
    /// How much; it is turned round where something is credited.
    pub quantity: Decimal,
    /// Another price than ordered.
    pub unit_price: Option<Decimal>,
    /// The serial numbers of what is billed.
    pub serials: Vec<String>,
}

impl Invoice {
    /// An invoice of nothing so far.
    #[must_use]
    pub fn of(purpose: Purpose) -> Self {
        Self {
            purpose,
            ..Self::default()
        }
    }

    /// The same with a line.
    #[must_use]
    pub fn line(
        mut self,
        line: u32,
        quantity: Decimal,
        serials: impl IntoIterator<Item = String>,
    ) -> Self {
        self.lines.push(Billed {
            line,
            quantity,
            unit_price: None,
            serials: serials.into_iter().collect(),
        });
        self
    }

    /// The same under a number.
    #[must_use]
    pub fn numbered(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }
}

/// All that was sent of an order.
pub(super) fn of_shipped(order: &Order, purpose: Purpose) -> Invoice {
    let serials = |number: u32| {
        let packed = order.shipments.iter().flat_map(|shipment| &shipment.lines);
        let units = packed
            .filter(move |packed| packed.line == number)
            .flat_map(|packed| &packed.units);
        units.filter_map(|piece| piece.serial.clone())
    };
    let shipped = order.shipped();
    let lines = shipped.into_iter().map(|(line, quantity)| Billed {
        line,
        quantity,
        unit_price: None,
        serials: serials(line).collect(),
    });
    Invoice {
        lines: lines.collect(),
        ..Invoice::of(purpose)
    }
}

/// The document. The invoice has its number by now.
pub(super) fn document(vendor: &Vendor, order: &Order, invoice: &Invoice) -> Element {
    let (amounts, _) = invoice.purpose.signs();
    let billed: Vec<(&OrderLine, &Billed)> = invoice
        .lines
        .iter()
        .filter_map(|billed| Some((order.line(billed.line)?, billed)))
        .collect();
    let subtotal: Decimal = billed
        .iter()
        .map(|(line, billed)| amount(line, billed))
        .sum();
    let info = Element::new("InvoiceDetailOrderInfo").holding(reference(order));
    let items = (1_u32..)
        .zip(&billed)
        .map(|(number, (line, billed))| item(invoice.purpose, number, line, billed));
    let currency = billed
        .first()
        .map_or(CURRENCY, |(line, _)| line.currency.as_str());
    let sign = |value: Decimal| if amounts.is_positive() { value } else { -value };
    let summary = Element::new("InvoiceDetailSummary")
        .holding(sum("SubtotalAmount", sign(subtotal), currency))
        .holding(sum("Tax", sign(invoice.tax), currency).holding(described("")))
        .holding(sum("NetAmount", sign(subtotal + invoice.tax), currency));
    Element::new("InvoiceDetailRequest")
        .holding(header(vendor, order, invoice))
        .holding(
            Element::new("InvoiceDetailOrder")
                .holding(info)
                .holding_all(items),
        )
        .holding(summary)
}

impl Purpose {
    /// The signs of amounts and of quantities.
    const fn signs(self) -> (Decimal, Decimal) {
        let (plus, minus) = (Decimal::whole(1), Decimal::whole(-1));
        match self {
            Self::Standard => (plus, plus),
            Self::CreditMemo => (minus, plus),
            Self::LineCredit => (minus, minus),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::CreditMemo => "creditMemo",
            Self::LineCredit => "lineLevelCreditMemo",
        }
    }
}

fn header(vendor: &Vendor, order: &Order, invoice: &Invoice) -> Element {
    let credited = order
        .invoices
        .last()
        .filter(|_| invoice.purpose != Purpose::Standard);
    let contact = Element::new("Contact")
        .with("role", "remitTo")
        .holding(Element::text("Name", super::catalogue::SUPPLIER).with("xml:lang", "en-US"));
    Element::new("InvoiceDetailRequestHeader")
        .with("invoiceID", invoice.id.as_deref().unwrap_or_default())
        .with("purpose", invoice.purpose.word())
        .with("operation", "new")
        .with("invoiceDate", moment(vendor.settings.clock.now()))
        .holding(Element::new("InvoiceDetailHeaderIndicator"))
        .holding(Element::new("InvoiceDetailLineIndicator"))
        .holding(Element::new("InvoicePartner").holding(contact))
        .holding_all(
            credited.map(|document| {
                Element::new("DocumentReference").with("payloadID", document.as_str())
            }),
        )
}

fn item(purpose: Purpose, number: u32, line: &OrderLine, billed: &Billed) -> Element {
    let (amounts, quantities) = purpose.signs();
    let about = Element::new("InvoiceDetailItemReference")
        .with("lineNumber", line.number.to_string())
        .holding(
            Element::new("ItemID").holding(Element::text("SupplierPartID", line.part.as_str())),
        )
        .holding(described(&line.description))
        .holding_all(
            billed
                .serials
                .iter()
                .map(|serial| Element::text("SerialNumber", serial.as_str())),
        );
    Element::new("InvoiceDetailItem")
        .with("invoiceLineNumber", number.to_string())
        .with("quantity", billed.quantity.times(quantities).to_string())
        .holding(Element::text("UnitOfMeasure", line.unit.as_str()))
        .holding(unit_price(price(line, billed), &line.currency))
        .holding(about)
        .holding(sum(
            "SubtotalAmount",
            amount(line, billed).times(amounts),
            &line.currency,
        ))
}

fn price(line: &OrderLine, billed: &Billed) -> Decimal {
    billed.unit_price.unwrap_or(line.unit_price)
}

fn amount(line: &OrderLine, billed: &Billed) -> Decimal {
    price(line, billed).times(billed.quantity)
}

fn sum(name: &str, amount: Decimal, currency: &str) -> Element {
    Element::new(name).holding(Element::text("Money", amount.money()).with("currency", currency))
}
