//! The supplier's own staff: which orders came in, and what the buyer is told of them.

use askama::Template;
use poem::Response;
use poem::http::StatusCode;
use secrecy::ExposeSecret as _;
use url::Url;

use super::super::catalogue::{self, SUPPLIER};
use super::super::confirm::{Confirmation, Fate};
use super::super::decimal::Decimal;
use super::super::invoice::{self, Purpose};
use super::super::order::Order;
use super::super::send::{self, NotSent, Sent};
use super::super::ship::{self, Notice, SerialPlace, Shipment};
use super::super::vendor::{Received, Vendor};
use super::{field, message, page, see_other};

#[derive(Debug, Template)]
#[template(path = "simulator/office.html")]
struct Office {
    title: &'static str,
    documents: String,
    orders: Vec<OrderView>,
    sent: Vec<Sent>,
    received: Vec<Received>,
}

#[derive(Debug)]
struct OrderView {
    order: Order,
    lines: Vec<LineView>,
}

#[derive(Debug)]
struct LineView {
    number: u32,
    part: String,
    description: String,
    quantity: String,
    unit: String,
    price: String,
    open: String,
}

/// Everything, the newest first.
pub fn show(vendor: &Vendor) -> Response {
    let state = vendor.state();
    let office = Office {
        title: SUPPLIER,
        documents: state
            .documents
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        orders: state.orders.iter().rev().map(view).collect(),
        sent: state
            .sent
            .iter()
            .rev()
            .map(|sent| shown(vendor, sent))
            .collect(),
        received: state.received.iter().rev().cloned().collect(),
    };
    drop(state);
    page(StatusCode::OK, &office)
}

/// Does what a button says.
pub async fn act(vendor: &Vendor, act: &str, fields: &[(String, String)]) -> Response {
    let order = field(fields, "order").unwrap_or_default();
    let sent = match act {
        "documents" => return documents(vendor, fields),
        "confirm" => match confirmation(vendor, order, fields) {
            Some(confirmation) => send::confirm(vendor, order, &confirmation).await,
            None => {
                return message(
                    StatusCode::BAD_REQUEST,
                    "This cannot be said of this order.",
                );
            }
        },
        "ship" => match shipment(vendor, order, fields) {
            Some(shipment) => send::ship(vendor, order, shipment).await,
            None => return message(StatusCode::BAD_REQUEST, "There is nothing to be sent."),
        },
        "invoice" => match bill(vendor, order, fields) {
            Some(invoice) => send::invoice(vendor, order, invoice).await,
            None => {
                return message(
                    StatusCode::BAD_REQUEST,
                    "Nothing of this order was sent yet.",
                );
            }
        },
        "status" => {
            let code = field(fields, "code")
                .and_then(|code| code.parse().ok())
                .unwrap_or(200);
            send::status(vendor, order, code, "The order is in the warehouse.").await
        }
        "again" => send::again(vendor, field(fields, "payload_id").unwrap_or_default()).await,
        _ => return message(StatusCode::NOT_FOUND, "There is no such page."),
    };
    match sent {
        Ok(_) => see_other("/office".to_owned()),
        Err(NotSent::UnknownOrder | NotSent::UnknownDocument) => {
            message(StatusCode::NOT_FOUND, "This is not known any more.")
        }
        Err(refusal) => message(StatusCode::BAD_REQUEST, &refusal.to_string()),
    }
}

fn documents(vendor: &Vendor, fields: &[(String, String)]) -> Response {
    let address = field(fields, "address").and_then(|text| Url::parse(text).ok());
    match address.filter(|url| matches!(url.scheme(), "http" | "https")) {
        Some(address) => {
            vendor.state().documents = Some(address);
            see_other("/office".to_owned())
        }
        None => message(StatusCode::BAD_REQUEST, "This is no address of the web."),
    }
}

fn confirmation(vendor: &Vendor, id: &str, fields: &[(String, String)]) -> Option<Confirmation> {
    let order = vendor.order(id, |order| order.clone())?;
    match field(fields, "answer")? {
        "accept" => return Some(Confirmation::accept()),
        "reject" => return Some(Confirmation::reject()),
        _ => {}
    }
    let number = field(fields, "line")?.parse().ok()?;
    let line = order.line(number)?;
    let fate = match field(fields, "answer")? {
        "price" => Fate::Priced(field(fields, "price")?.parse().ok()?),
        "substitute" => Fate::Replaced(catalogue::by_part(field(fields, "part")?)?),
        "back-order" => Fate::BackOrdered(21),
        "reject-line" => Fate::Rejected,
        _ => return None,
    };
    Some(Confirmation::by_line().line(number, line.quantity, fate))
}

/// What the form says is sent: its quantities, or the last shipment once more.
fn shipment(vendor: &Vendor, id: &str, fields: &[(String, String)]) -> Option<Shipment> {
    let order = vendor.order(id, |order| order.clone())?;
    let notice = match field(fields, "notice") {
        Some("update") => Notice::Update,
        Some("delete") => Notice::Delete,
        _ => Notice::New,
    };
    let place = match field(fields, "serials") {
        Some("packaging") => SerialPlace::Packaging,
        Some("extrinsic") => SerialPlace::Extrinsic,
        Some("nowhere") => SerialPlace::Nowhere,
        _ => SerialPlace::Asset,
    };
    if notice == Notice::Delete {
        return Some(order.shipments.last()?.clone().again_as(notice));
    }
    let quantities = order.lines.iter().filter_map(|line| {
        let quantity: Decimal = field(fields, &format!("line-{}", line.number))?
            .parse()
            .ok()?;
        quantity
            .is_positive()
            .then(|| ship::packed(vendor, line, quantity))
    });
    let shipment = Shipment {
        lines: quantities.collect(),
        ..Shipment::default()
    };
    let earlier = order
        .shipments
        .last()
        .and_then(|shipment| shipment.id.clone());
    let id = if notice == Notice::Update {
        Some(earlier?)
    } else {
        None
    };
    // Without a line the document would mean the whole order.
    (!shipment.lines.is_empty()).then(|| Shipment {
        id,
        ..shipment.serials_in(place).again_as(notice)
    })
}

fn bill(vendor: &Vendor, id: &str, fields: &[(String, String)]) -> Option<invoice::Invoice> {
    let purpose = match field(fields, "purpose") {
        Some("credit") => Purpose::CreditMemo,
        Some("line-credit") => Purpose::LineCredit,
        _ => Purpose::Standard,
    };
    let invoice = vendor.order(id, |order| invoice::of_shipped(order, purpose))?;
    (!invoice.lines.is_empty()).then_some(invoice)
}

/// A document as it was sent, its secret aside: pages are shown to others.
fn shown(vendor: &Vendor, sent: &Sent) -> Sent {
    let secret = vendor.settings.secret_to_buyer.expose_secret();
    let body = sent.body.replace(secret, "(the secret)");
    Sent {
        body,
        ..sent.clone()
    }
}

fn view(order: &Order) -> OrderView {
    let lines = order.lines.iter().map(|line| LineView {
        number: line.number,
        part: line.part.clone(),
        description: line.description.clone(),
        quantity: line.quantity.to_string(),
        unit: line.unit.clone(),
        price: format!("{} {}", line.unit_price.money(), line.currency),
        open: order.open_quantity(line).to_string(),
    });
    OrderView {
        lines: lines.collect(),
        order: order.clone(),
    }
}
