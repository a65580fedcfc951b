//! What suppliers' systems send: confirmations, shipments, invoices, and what became of something that was queued.

use crate::code::Code;
use crate::finding::{Finding, Read};
use crate::form::Opened;
use crate::limits::Tolerance;

use super::confirmation::{Confirmation, confirmation};
use super::envelope::{self, Envelope};
use super::invoice::{Invoice, invoice};
use super::receipt::{Receipt, receipt};
use super::repaired;
use super::response::{Status, status};
use super::ship_notice::{ShipNotice, ship_notice};
use super::walk::{Step, Tag, Walk};

/// What is asked for or told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// What is said of an order.
    Confirmation(Confirmation),
    /// What is on its way.
    ShipNotice(ShipNotice),
    /// What is charged.
    Invoice(Invoice),
    /// What was received.
    Receipt(Receipt),
    /// What became of a document that was queued.
    StatusUpdate(StatusUpdate),
    /// What is taken here.
    Profile,
}

impl Body {
    /// The name of its element.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Confirmation(_) => "ConfirmationRequest",
            Self::ShipNotice(_) => "ShipNoticeRequest",
            Self::Invoice(_) => "InvoiceDetailRequest",
            Self::Receipt(_) => "ReceiptRequest",
            Self::StatusUpdate(_) => "StatusUpdateRequest",
            Self::Profile => "ProfileRequest",
        }
    }
}

/// What became of a document that was queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusUpdate {
    /// The payload id of that document.
    pub payload_id: Option<String>,
    /// What became of it.
    pub status: Status,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is around it. Its sender is whoever has to be authenticated.
    pub envelope: Envelope,
    /// What is asked for or told.
    pub body: Body,
}

/// Reads what is around a document and nothing else, so that its sender is known before anything they say is read.
#[must_use]
pub fn peek(opened: &Opened, tolerance: &Tolerance) -> Read<Envelope> {
    let text = crate::entities::repair(&opened.text);
    let mut walk = match Walk::new(&text, tolerance) {
        Ok(walk) => walk,
        Err(error) => return Read::refused(Finding::of_xml(&text, &error)),
    };
    let read = head(&mut walk);
    walk.finish(read)
}

fn head(walk: &mut Walk<'_>) -> Step<Option<Envelope>> {
    let Some(mut envelope) = envelope::root(walk)? else {
        return Ok(None);
    };
    while let Some(tag) = walk.child()? {
        if tag.name() == "Header" {
            envelope.header = Some(envelope::header(walk, &tag)?);
            return Ok(Some(envelope));
        }
        walk.skip()?;
    }
    walk.notes.error_of_all(Code::MissingElement, || {
        "the document has no Header".to_owned()
    });
    Ok(None)
}

/// Reads a request of a supplier.
#[must_use]
pub fn read(opened: &Opened, tolerance: &Tolerance) -> Read<Request> {
    read_text(&opened.text, tolerance)
}

/// The same of a text.
#[must_use]
pub fn read_text(text: &str, tolerance: &Tolerance) -> Read<Request> {
    let text = repaired(text, tolerance);
    let mut walk = match Walk::new(&text, tolerance) {
        Ok(walk) => walk,
        Err(error) => return Read::refused(Finding::of_xml(&text, &error)),
    };
    let read = document(&mut walk);
    walk.finish(read)
}

fn document(walk: &mut Walk<'_>) -> Step<Option<Request>> {
    let Some(mut envelope) = envelope::root(walk)? else {
        return Ok(None);
    };
    let mut body = None;
    let mut seen = [false; 2];
    while let Some(tag) = walk.child()? {
        match tag.name() {
            "Header" if walk.once(&mut seen[0], &tag) => {
                envelope.header = Some(envelope::header(walk, &tag)?);
            }
            "Request" if walk.once(&mut seen[1], &tag) => {
                envelope.mode = envelope::mode(&tag);
                body = request(walk, &tag)?;
            }
            "Header" | "Request" | "ds:Signature" | "Signature" => walk.skip()?,
            "Message" | "Response" => {
                walk.notes.error(Code::WrongDocumentType, tag.spot(), || {
                    "came; expected a Request".to_owned()
                });
                walk.skip()?;
            }
            _ => walk.unknown(&tag)?,
        }
    }
    walk.end()?;
    for (seen, name) in seen.into_iter().zip(["Header", "Request"]) {
        if !seen && !walk.notes.refuses() {
            walk.notes.error_of_all(Code::MissingElement, || {
                format!("the document has no {name}")
            });
        }
    }
    Ok(body.map(|body| Request { envelope, body }))
}

fn request<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<Body>> {
    let mut body = None;
    let mut seen = false;
    while let Some(child) = walk.child()? {
        if !walk.once(&mut seen, &child) {
            walk.skip()?;
            continue;
        }
        body = match child.name() {
            "ConfirmationRequest" => confirmation(walk, &child)?.map(Body::Confirmation),
            "ShipNoticeRequest" => ship_notice(walk, &child)?.map(Body::ShipNotice),
            "InvoiceDetailRequest" => invoice(walk, &child)?.map(Body::Invoice),
            "ReceiptRequest" => receipt(walk, &child)?.map(Body::Receipt),
            "StatusUpdateRequest" => status_update(walk, &child)?.map(Body::StatusUpdate),
            "ProfileRequest" => {
                walk.skip()?;
                Some(Body::Profile)
            }
            name => {
                walk.notes.error(Code::WrongDocumentType, tag.spot(), || {
                    format!("with {name} came, which is not taken here")
                });
                walk.skip()?;
                None
            }
        };
    }
    if !seen {
        walk.notes
            .error(Code::MissingElement, tag.spot(), || "is empty".to_owned());
    }
    Ok(body)
}

fn status_update<'a>(walk: &mut Walk<'a>, tag: &Tag<'a>) -> Step<Option<StatusUpdate>> {
    let (mut payload_id, mut read) = (None, None);
    let mut seen = false;
    while let Some(child) = walk.child()? {
        match child.name() {
            "DocumentReference" => {
                payload_id = child.some("payloadID");
                walk.skip()?;
            }
            "Status" if walk.once(&mut seen, &child) => read = status(walk, &child)?,
            _ => walk.skip()?,
        }
    }
    if !seen {
        walk.notes.error(Code::MissingElement, tag.spot(), || {
            "has no Status".to_owned()
        });
    }
    Ok(read.map(|status| StatusUpdate { payload_id, status }))
}
