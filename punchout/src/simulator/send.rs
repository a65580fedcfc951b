//! Telling the buyer, and what the buyer said to it.

use std::fmt;

use url::Url;

use super::confirm::{self, Confirmation};
use super::element::{self, Element};
use super::envelope::{self, Module};
use super::invoice::{self, Invoice};
use super::order::Order;
use super::receive::status_text;
use super::ship::{self, Notice, Shipment};
use super::vendor::Vendor;

/// An answer is read so far and no further.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// A document that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What it is, `ShipNoticeRequest` for example.
    pub kind: &'static str,
    /// The order that it is about.
    pub order: String,
    /// Its name.
    pub payload_id: String,
    /// Its text.
    pub body: String,
    /// What came back.
    pub outcome: Outcome,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A status, as the protocol has it.
    Status {
        /// 200 for example.
        code: u16,
        /// Its words, with what follows them.
        text: String,
    },
    /// Something that is no such answer.
    NotCxml {
        /// The status of HTTP.
        http: u16,
    },
    /// Nothing.
    Unreachable(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code, text } => write!(f, "{code} {text}"),
            Self::NotCxml { http } => write!(f, "no cXML came back, but HTTP {http}"),
            Self::Unreachable(why) => write!(f, "not reachable: {why}"),
        }
    }
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// There is no such order.
    #[error("there is no such order")]
    UnknownOrder,
    /// There is no such document.
    #[error("there is no such document")]
    UnknownDocument,
    /// A line that the order does not have.
    #[error("the order has no line {0}")]
    UnknownLine(u32),
    /// Nobody said where the buyer takes documents.
    #[error("it is not known where the buyer takes documents")]
    NoAddress,
}

/// Says something to an order.
pub(super) async fn confirm(
    vendor: &Vendor,
    id: &str,
    confirmation: &Confirmation,
) -> Result<Sent, NotSent> {
    let order = known(vendor, id)?;
    if let confirm::Answer::ByLine(lines) = &confirmation.answer {
        has_lines(&order, lines.iter().map(|(number, _)| *number))?;
    }
    let content = confirm::document(vendor, &order, confirmation);
    send(
        vendor,
        &order,
        "ConfirmationRequest",
        content,
        Module::Fulfill,
    )
    .await
}

/// Sends something off, or says something else of what was sent off.
pub(super) async fn ship(
    vendor: &Vendor,
    id: &str,
    mut shipment: Shipment,
) -> Result<Sent, NotSent> {
    let order = known(vendor, id)?;
    has_lines(&order, shipment.lines.iter().map(|packed| packed.line))?;
    let number = shipment
        .id
        .get_or_insert_with(|| format!("SHP-{}", vendor.next()))
        .clone();
    let content = ship::document(vendor, &order, &shipment);
    vendor.order(id, |order| {
        order
            .shipments
            .retain(|known| known.id.as_deref() != Some(&number));
        if shipment.notice != Notice::Delete {
            order.shipments.push(shipment);
        }
    });
    send(
        vendor,
        &order,
        "ShipNoticeRequest",
        content,
        Module::Fulfill,
    )
    .await
}

/// Asks to be paid.
pub(super) async fn invoice(
    vendor: &Vendor,
    id: &str,
    mut invoice: Invoice,
) -> Result<Sent, NotSent> {
    let order = known(vendor, id)?;
    has_lines(&order, invoice.lines.iter().map(|billed| billed.line))?;
    invoice
        .id
        .get_or_insert_with(|| format!("INV-{}", vendor.next()));
    let content = invoice::document(vendor, &order, &invoice);
    let sent = send(
        vendor,
        &order,
        "InvoiceDetailRequest",
        content,
        Module::Invoice,
    )
    .await?;
    vendor.order(id, |order| order.invoices.push(sent.payload_id.clone()));
    Ok(sent)
}

/// Says how far an order that was only accepted has come.
pub(super) async fn status(
    vendor: &Vendor,
    id: &str,
    code: u16,
    detail: &str,
) -> Result<Sent, NotSent> {
    let order = known(vendor, id)?;
    let reference = Element::new("DocumentReference").with("payloadID", order.payload_id.as_str());
    let status = Element::text("Status", detail)
        .with("code", code.to_string())
        .with("text", status_text(code))
        .with("xml:lang", "en-US");
    let content = Element::new("StatusUpdateRequest")
        .holding(reference)
        .holding(status);
    send(vendor, &order, "StatusUpdateRequest", content, Module::Base).await
}

/// Sends the very same bytes once more.
pub(super) async fn again(vendor: &Vendor, payload_id: &str) -> Result<Sent, NotSent> {
    let earlier = vendor
        .state()
        .sent
        .iter()
        .rev()
        .find(|sent| sent.payload_id == payload_id)
        .cloned();
    let earlier = earlier.ok_or(NotSent::UnknownDocument)?;
    let address = vendor.state().documents.clone().ok_or(NotSent::NoAddress)?;
    let outcome = posted(vendor, address, earlier.body.clone()).await;
    Ok(kept(vendor, Sent { outcome, ..earlier }))
}

fn known(vendor: &Vendor, id: &str) -> Result<Order, NotSent> {
    vendor
        .order(id, |order| order.clone())
        .ok_or(NotSent::UnknownOrder)
}

fn has_lines(order: &Order, mut numbers: impl Iterator<Item = u32>) -> Result<(), NotSent> {
    match numbers.find(|number| order.line(*number).is_none()) {
        Some(number) => Err(NotSent::UnknownLine(number)),
        None => Ok(()),
    }
}

async fn send(
    vendor: &Vendor,
    order: &Order,
    kind: &'static str,
    content: Element,
    module: Module,
) -> Result<Sent, NotSent> {
    let address = vendor.state().documents.clone().ok_or(NotSent::NoAddress)?;
    let request = envelope::request(vendor, &order.buyer, &order.mode, content);
    let payload_id = request
        .attribute("payloadID")
        .unwrap_or_default()
        .to_owned();
    let body = envelope::written(vendor, request, module);
    let outcome = posted(vendor, address, body.clone()).await;
    let order = order.id.clone();
    Ok(kept(
        vendor,
        Sent {
            kind,
            order,
            payload_id,
            body,
            outcome,
        },
    ))
}

fn kept(vendor: &Vendor, sent: Sent) -> Sent {
    vendor.state().keep_sent(sent.clone());
    sent
}

async fn posted(vendor: &Vendor, address: Url, body: String) -> Outcome {
    let request = vendor
        .client
        .post(address)
        .header("content-type", "text/xml; charset=UTF-8")
        .body(body);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Outcome::Unreachable(error.without_url().to_string()),
    };
    let http = response.status().as_u16();
    match bounded(response).await {
        Ok(bytes) => understood(&bytes).unwrap_or(Outcome::NotCxml { http }),
        Err(error) => Outcome::Unreachable(error.without_url().to_string()),
    }
}

async fn bounded(mut response: reqwest::Response) -> reqwest::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
            break;
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn understood(bytes: &[u8]) -> Option<Outcome> {
    let document = element::read(bytes).ok()?;
    let status = document.root.at("Response/Status")?;
    let detail = status.content();
    let words = [status.attribute("text").unwrap_or_default(), detail.trim()];
    let words: Vec<&str> = words.into_iter().filter(|text| !text.is_empty()).collect();
    Some(Outcome::Status {
        code: status.attribute("code")?.parse().ok()?,
        text: words.join(": "),
    })
}
