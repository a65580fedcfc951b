//! The envelope of the supplier's documents: declaration, DOCTYPE, header, and the ways to get them wrong.

use habeo_core::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::element::{Element, Node};
use super::quirk::Quirk;
use super::settings::Identity;
use super::vendor::Vendor;

/// Which collection of declarations a document is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// Sessions, carts, orders, updates of status.
    Base,
    /// Confirmations and shipments.
    Fulfill,
    /// Invoices.
    Invoice,
}

impl Module {
    const fn system(self) -> &'static str {
        match self {
            Self::Base => "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd",
            Self::Fulfill => "http://xml.cxml.org/schemas/cXML/1.2.050/Fulfill.dtd",
            Self::Invoice => "http://xml.cxml.org/schemas/cXML/1.2.020/InvoiceDetail.dtd",
        }
    }
}

/// An instant as the guide wants it: seconds, and an offset with a colon. `Z` is forbidden.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{seconds}+00:00")
}

/// An empty document with a payload id and the present instant.
pub(super) fn sheet(vendor: &Vendor) -> Element {
    let now = vendor.settings.clock.now();
    Element::new("cXML")
        .with("version", "1.2.014")
        .with("payloadID", vendor.payload_id())
        .with("timestamp", moment(now))
        .with("xml:lang", "en-US")
}

/// An answer: its status, and what goes with a good one.
pub(super) fn response(
    vendor: &Vendor,
    code: u16,
    text: &str,
    detail: &str,
    payload: Option<Element>,
) -> Element {
    let mut status = Element::new("Status")
        .with("code", code.to_string())
        .with("text", text);
    if !detail.is_empty() {
        status.nodes.push(Node::Text(detail.to_owned()));
    }
    let body = Element::new("Response")
        .holding(status)
        .holding_all(payload);
    sheet(vendor).holding(body)
}

/// A request from server to server, with the secret that proves its sender.
pub(super) fn request(vendor: &Vendor, buyer: &Identity, mode: &str, content: Element) -> Element {
    let secret = Some(&vendor.settings.secret_to_buyer);
    let body = Element::new("Request")
        .with("deploymentMode", mode)
        .holding(content);
    sheet(vendor)
        .holding(header(vendor, buyer, secret))
        .holding(body)
}

/// Who writes to whom.
pub(super) fn header(vendor: &Vendor, buyer: &Identity, secret: Option<&SecretString>) -> Element {
    let supplier = &vendor.settings.supplier;
    let proof = secret.map(|secret| Element::text("SharedSecret", secret.expose_secret()));
    let sender = credential(supplier).holding_all(proof);
    Element::new("Header")
        .holding(Element::new("From").holding(credential(supplier)))
        .holding(Element::new("To").holding(credential(buyer)))
        .holding(
            Element::new("Sender")
                .holding(sender)
                .holding(Element::text("UserAgent", "Larkmoor storefront 3.2")),
        )
}

fn credential(of: &Identity) -> Element {
    Element::new("Credential")
        .with("domain", of.domain.as_str())
        .holding(Element::text("Identity", of.name.as_str()))
}

/// The whole document as text, with what the shop gets wrong on purpose.
pub(super) fn written(vendor: &Vendor, mut root: Element, module: Module) -> String {
    let has = |quirk| vendor.has(quirk);
    root.visit(&mut |element| spoil(vendor, element));
    if root.at("Message").is_some() {
        root.visit(&mut |element| misname(vendor, element));
    }
    if has(Quirk::LowercaseRoot) {
        "cxml".clone_into(&mut root.name);
    }
    let mut text = String::new();
    if has(Quirk::ByteOrderMark) {
        text.push('\u{feff}');
    }
    if has(Quirk::BlankLinesFirst) {
        text.push_str("\n\n");
    } else if !has(Quirk::NoDeclaration) {
        text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    if has(Quirk::InternalSubset) {
        text.push_str("<!DOCTYPE cXML [<!ENTITY shop \"Larkmoor\">]>\n");
    } else if !has(Quirk::NoDoctype) {
        text.extend(["<!DOCTYPE cXML SYSTEM \"", module.system(), "\">\n"]);
    }
    text + &root.written()
}

/// What is wrong with documents of every sort.
fn spoil(vendor: &Vendor, element: &mut Element) {
    for (name, value) in &mut element.attributes {
        let is_date = name.eq_ignore_ascii_case("timestamp") || name.ends_with("Date");
        if is_date {
            *value = date(vendor, value);
        }
    }
    if element.name == "Sender" && vendor.has(Quirk::NoUserAgent) {
        element.without("UserAgent");
    }
    if vendor.has(Quirk::Cdata) {
        in_sections(element);
    }
    language(vendor, element);
}

/// What is wrong with the identities of carts. Between servers they would have to be right.
fn misname(vendor: &Vendor, element: &mut Element) {
    if element.name == "Header" && vendor.has(Quirk::SwappedHeader) {
        for node in &mut element.nodes {
            if let Node::Element(party) = node {
                match party.name.as_str() {
                    "From" => "To".clone_into(&mut party.name),
                    "To" => "From".clone_into(&mut party.name),
                    _ => {}
                }
            }
        }
    }
    if element.name == "Credential" && vendor.has(Quirk::UnknownIdentities) {
        element.attributes = vec![("domain".to_owned(), String::new())];
        element.nodes = vec![Node::Element(Element::text("Identity", "Unknown"))];
    }
}

/// A date in one of the spellings that occur.
fn date(vendor: &Vendor, proper: &str) -> String {
    let local = proper.get(..19).unwrap_or(proper);
    let spellings = [
        (Quirk::ColonlessOffset, format!("{local}-0500")),
        (Quirk::Zulu, format!("{local}Z")),
        (Quirk::SpacedDate, local.replace('T', " ")),
        (Quirk::NoOffset, local.to_owned()),
        (Quirk::DateOnly, local.get(..10).unwrap_or(local).to_owned()),
        (Quirk::WordDate, "last Tuesday".to_owned()),
    ];
    let wanted = spellings.into_iter().find(|(quirk, _)| vendor.has(*quirk));
    wanted.map_or_else(|| proper.to_owned(), |(_, spelled)| spelled)
}

fn language(vendor: &Vendor, element: &mut Element) {
    if vendor.has(Quirk::NoLanguage) {
        element.attributes.retain(|(name, _)| name != "xml:lang");
    }
    if vendor.has(Quirk::UnderscoreLanguage) {
        for (name, value) in &mut element.attributes {
            if name == "xml:lang" {
                *value = value.replace('-', "_");
            }
        }
    }
}

/// The last word in a section of its own, so that a reader has to put the parts together.
fn in_sections(element: &mut Element) {
    let nodes = std::mem::take(&mut element.nodes);
    for node in nodes {
        match node {
            Node::Text(text) => {
                let at = text.trim_end().rfind(' ').map_or(0, |at| at + 1);
                let (before, last) = text.split_at(at);
                if !before.is_empty() {
                    element.nodes.push(Node::Text(before.to_owned()));
                }
                element.nodes.push(Node::Cdata(last.to_owned()));
            }
            other => element.nodes.push(other),
        }
    }
}
