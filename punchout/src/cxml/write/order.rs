//! Ordering, and changing and cancelling what was ordered: `OrderRequest`.

use time::OffsetDateTime;

use crate::cxml::address::{Address, Contact, Text};
use crate::cxml::money::Money;
use crate::moment;

use super::item::{ItemOut, NotKept};
use super::pen::Pen;
use super::{Outgoing, address, contact, extrinsics, money, priced, request, text};

/// What an order is to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKind {
    /// There is none before it.
    New,
    /// It replaces the one of this payload id, and is whole.
    Update {
        /// The payload id of the document that placed the order it replaces.
        replaces: String,
    },
    /// It cancels the one of this payload id.
    Delete {
        /// The payload id of the document that placed it.
        replaces: String,
    },
}

impl OrderKind {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        }
    }

    fn replaces(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Update { replaces } | Self::Delete { replaces } => Some(replaces),
        }
    }
}

/// What is charged beside the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// How much.
    pub money: Money,
    /// What for.
    pub description: Text,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Our number for it.
    pub id: String,
    /// When it was placed.
    pub date: OffsetDateTime,
    /// What it is to those before it.
    pub kind: OrderKind,
    /// Which version of it, from 1; raised with every update.
    pub version: u32,
    /// The number of the requisition.
    pub requisition_id: Option<String>,
    /// What it comes to.
    pub total: Money,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// Who pays.
    pub bill_to: Address,
    /// What shipping costs.
    pub shipping: Option<Charge>,
    /// Tax.
    pub tax: Option<Charge>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// What the supplier should know.
    pub comments: Option<String>,
    /// The supplier's number for its quote, as it came with the cart.
    pub supplier_order: Option<String>,
    /// What cXML has no element for.
    pub extrinsics: Vec<(String, String)>,
    /// The items; the definition wants one at least.
    pub items: Vec<ItemOut>,
}

/// Writes the order. There is a secret in it.
pub fn order(outgoing: &Outgoing, order: &Order) -> Result<String, NotKept> {
    let items: Vec<_> = order
        .items
        .iter()
        .map(ItemOut::prepared)
        .collect::<Result<_, _>>()?;
    Ok(request(outgoing, |pen| {
        pen.begin("OrderRequest", &[]);
        header(pen, order);
        for (item, prepared) in order.items.iter().zip(&items) {
            item.write(pen, prepared);
        }
        pen.end("OrderRequest");
    }))
}

fn header(pen: &mut Pen, order: &Order) {
    let (date, version) = (moment::write(order.date), order.version.to_string());
    let attributes = [
        ("orderID", Some(order.id.as_str())),
        ("orderDate", Some(date.as_str())),
        ("type", Some(order.kind.as_str())),
        ("orderVersion", Some(version.as_str())),
        ("requisitionID", order.requisition_id.as_deref()),
    ];
    pen.begin("OrderRequestHeader", &attributes);
    priced(pen, "Total", &order.total);
    if let Some(ship_to) = &order.ship_to {
        address(pen, "ShipTo", ship_to);
    }
    address(pen, "BillTo", &order.bill_to);
    for (element, value) in [("Shipping", &order.shipping), ("Tax", &order.tax)] {
        if let Some(value) = value {
            charge(pen, element, value);
        }
    }
    order.contacts.iter().for_each(|it| contact(pen, it));
    if let Some(comments) = &order.comments {
        pen.leaf("Comments", &[("xml:lang", Some(super::LANG))], comments);
    }
    if let Some(payload_id) = order.kind.replaces() {
        pen.empty("DocumentReference", &[("payloadID", Some(payload_id))]);
    }
    if let Some(quote) = &order.supplier_order {
        pen.empty("SupplierOrderInfo", &[("orderID", Some(quote))]);
    }
    extrinsics(pen, &order.extrinsics);
    pen.end("OrderRequestHeader");
}

fn charge(pen: &mut Pen, element: &str, charge: &Charge) {
    pen.begin(element, &[]);
    money(pen, &charge.money);
    text(pen, "Description", &charge.description);
    pen.end(element);
}
