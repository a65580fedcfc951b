//! Purchase orders: taken in once, whatever often they are sent.

use sha2::{Digest as _, Sha256};

use super::catalogue::{self, CURRENCY};
use super::decimal::Decimal;
use super::element::Element;
use super::receive::{Envelope, Good, Refusal};
use super::settings::Identity;
use super::ship::{self, Shipment};
use super::vendor::{ByLine, State, Vendor};

/// An order as the supplier has it.
#[derive(Debug, Clone)]
pub struct Order {
    /// The buyer's number.
    pub id: String,
    /// The name of the document that it was last said by.
    pub payload_id: String,
    /// The buyer's date.
    pub date: String,
    /// The buyer's count of versions, where it counts.
    pub version: Option<String>,
    /// Who ordered.
    pub buyer: Identity,
    /// `production` or `test`.
    pub mode: String,
    /// Whether the buyer took it back.
    pub is_cancelled: bool,
    /// What is ordered.
    pub lines: Vec<OrderLine>,
    /// What the buyer was told that it was sent, in order.
    pub shipments: Vec<Shipment>,
    /// The names of invoices that were sent.
    pub invoices: Vec<String>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// The buyer's number of the line.
    pub number: u32,
    /// The supplier's number of the product.
    pub part: String,
    /// The supplier's mark on the line.
    pub auxiliary: Option<String>,
    /// How much.
    pub quantity: Decimal,
    /// By which unit.
    pub unit: String,
    /// The price of one.
    pub unit_price: Decimal,
    /// In which currency.
    pub currency: String,
    /// What it is.
    pub description: String,
}

impl Order {
    /// A line by its number.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&OrderLine> {
        self.lines.iter().find(|line| line.number == number)
    }

    /// What was sent of each line so far.
    #[must_use]
    pub(super) fn shipped(&self) -> ByLine<Decimal> {
        let mut sum = ByLine::new();
        for packed in self.shipments.iter().flat_map(|shipment| &shipment.lines) {
            let Some(line) = self.line(packed.line) else {
                continue;
            };
            let so_far = sum.entry(packed.line).or_insert(Decimal::ZERO);
            *so_far = *so_far + ship::in_ordered_unit(line, packed);
        }
        sum
    }

    /// What is still to be sent of a line.
    #[must_use]
    pub fn open_quantity(&self, line: &OrderLine) -> Decimal {
        let shipped = self.shipped().get(&line.number).copied();
        (line.quantity - shipped.unwrap_or_default()).max(Decimal::ZERO)
    }
}

impl OrderLine {
    /// Whether each piece of it has a serial number.
    #[must_use]
    pub fn has_serials(&self) -> bool {
        catalogue::by_part(&self.part).is_some_and(|product| product.serial)
    }
}

/// What was answered to a document, so that the same document gets the same answer.
#[derive(Debug)]
pub(super) struct Answered {
    payload_id: String,
    digest: [u8; 32],
    outcome: Result<u16, Refusal>,
}

/// Takes an order in, changes it or takes it back.
pub(super) fn take(
    vendor: &Vendor,
    envelope: Envelope,
    body: &[u8],
    request: &Element,
) -> Result<Good, Refusal> {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let mut state = vendor.state();
    if let Some(earlier) = state
        .answers
        .iter()
        .find(|known| known.payload_id == envelope.payload_id)
    {
        if earlier.digest != digest {
            return Err(Refusal::new(
                409,
                "another document came under this payloadID",
            ));
        }
        return earlier.outcome.clone().map(|code| Good {
            code,
            payload: None,
        });
    }
    let payload_id = envelope.payload_id.clone();
    let outcome = match state.order_status {
        // What goes wrong on our side is no answer that binds us: the next attempt is looked at anew.
        Some(code) if code >= 500 => {
            return Err(Refusal::new(code, "the warehouse does not answer"));
        }
        Some(code) if code >= 300 => Err(Refusal::new(code, "the order is not accepted")),
        wanted => carried_out(&mut state, envelope, request).map(|()| wanted.unwrap_or(200)),
    };
    state.keep_answer(Answered {
        payload_id,
        digest,
        outcome: outcome.clone(),
    });
    outcome.map(|code| Good {
        code,
        payload: None,
    })
}

fn carried_out(state: &mut State, envelope: Envelope, request: &Element) -> Result<(), Refusal> {
    let header = request
        .at("OrderRequestHeader")
        .ok_or_else(|| missing("OrderRequestHeader"))?;
    let id = header
        .attribute("orderID")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| missing("orderID"))?;
    match header.attribute("type").unwrap_or("new") {
        "new" => {
            if state.order(id).is_some() {
                return Err(Refusal::new(
                    409,
                    format!("the order {id} is known already"),
                ));
            }
            let order = read(envelope, header, request)?;
            state.keep_order(order);
        }
        "update" => {
            let order = read(envelope, header, request)?;
            let known = replaced(state, header, id)?;
            let (shipments, invoices) = (known.shipments.clone(), known.invoices.clone());
            *known = Order {
                shipments,
                invoices,
                ..order
            };
        }
        "delete" => {
            let known = replaced(state, header, id)?;
            if !known.shipments.is_empty() {
                return Err(Refusal::new(409, "something of it was sent already"));
            }
            known.is_cancelled = true;
            known.payload_id = envelope.payload_id;
        }
        other => {
            return Err(Refusal::new(
                400,
                format!("orders of the type {other:?} are not known"),
            ));
        }
    }
    Ok(())
}

/// The order that a later document means: it has to name the document before it.
fn replaced<'a>(
    state: &'a mut State,
    header: &Element,
    id: &str,
) -> Result<&'a mut Order, Refusal> {
    let earlier = header
        .at("DocumentReference")
        .and_then(|reference| reference.attribute("payloadID"))
        .ok_or_else(|| missing("DocumentReference"))?;
    let known = state.order(id).filter(|order| order.payload_id == earlier);
    let known =
        known.ok_or_else(|| Refusal::new(417, format!("no order {id} came as {earlier}")))?;
    if known.is_cancelled {
        return Err(Refusal::new(409, "the order was taken back"));
    }
    Ok(known)
}

fn read(envelope: Envelope, header: &Element, request: &Element) -> Result<Order, Refusal> {
    for needed in ["Total/Money", "BillTo/Address"] {
        header.at(needed).ok_or_else(|| missing(needed))?;
    }
    let date = header
        .attribute("orderDate")
        .ok_or_else(|| missing("orderDate"))?;
    let lines: Vec<OrderLine> = request.all("ItemOut").map(line).collect::<Result<_, _>>()?;
    if lines.is_empty() {
        return Err(missing("ItemOut"));
    }
    Ok(Order {
        id: header.attribute("orderID").unwrap_or_default().to_owned(),
        payload_id: envelope.payload_id,
        date: date.to_owned(),
        version: header.attribute("orderVersion").map(ToOwned::to_owned),
        buyer: envelope.buyer,
        mode: envelope.mode,
        is_cancelled: false,
        lines,
        shipments: Vec::new(),
        invoices: Vec::new(),
    })
}

fn line(item: &Element) -> Result<OrderLine, Refusal> {
    let number = item
        .attribute("lineNumber")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| missing("ItemOut/@lineNumber"))?;
    let wrong = |what: &str| Refusal::new(400, format!("line {number}: {what}"));
    let part = item
        .words("ItemID/SupplierPartID")
        .ok_or_else(|| wrong("no SupplierPartID"))?;
    catalogue::by_part(&part).ok_or_else(|| wrong("this part is not sold here"))?;
    let decimal = |text: Option<String>, what| {
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| wrong(what))
    };
    let quantity: Decimal = decimal(
        item.attribute("quantity").map(ToOwned::to_owned),
        "no quantity",
    )?;
    if !quantity.is_positive() {
        return Err(wrong("the quantity is nothing"));
    }
    let money = item.at("ItemDetail/UnitPrice/Money");
    Ok(OrderLine {
        number,
        part,
        auxiliary: item
            .at("ItemID/SupplierPartAuxiliaryID")
            .map(Element::content),
        quantity,
        unit: item
            .words("ItemDetail/UnitOfMeasure")
            .ok_or_else(|| wrong("no UnitOfMeasure"))?,
        unit_price: decimal(money.map(Element::content), "no UnitPrice")?,
        currency: money
            .and_then(|money| money.attribute("currency"))
            .unwrap_or(CURRENCY)
            .to_owned(),
        description: item.words("ItemDetail/Description").unwrap_or_default(),
    })
}

fn missing(what: &str) -> Refusal {
    Refusal::new(400, format!("{what} is missing"))
}
