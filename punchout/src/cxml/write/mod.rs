//! Writing documents, in the order of cXML 1.2.014.
//!
//! What is written is a text with a declaration and a DOCTYPE, without which some suppliers refuse it; send it as UTF-8 without a byte order
//! mark. Characters that XML does not have are left out of texts.

mod answer;
mod item;
mod order;
mod pen;
mod setup;

use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;

use crate::moment;
use crate::redact::REDACTED;

use self::pen::Pen;
use super::address::{Address, Contact, Postal, Text};
use super::envelope::Mode;
use super::money::Money;

pub use self::answer::{profile_request, profile_response, response, response_saying};
pub use self::item::{Composed, Distribution, ItemOut, NotKept, Repriced, Segment, What};
pub use self::order::{Charge, Order, OrderKind, order};
pub use self::setup::{Operation, Setup, setup};

/// The version that is written.
pub const VERSION: &str = "1.2.014";
/// The language of texts that do not say their own.
const LANG: &str = "en-US";

/// What is around a document that is sent.
#[derive(Debug)]
pub struct Outgoing {
    /// The document's name, unique for ever: `time.process.random@host`. The same when it is sent again.
    pub payload_id: String,
    /// When it was made. The same when it is sent again.
    pub timestamp: OffsetDateTime,
    /// On whose behalf, as domain and identity.
    pub from: (String, String),
    /// To whom, in the supplier's own spelling.
    pub to: (String, String),
    /// Who sends it, in the supplier's own spelling.
    pub sender: (String, String),
    /// What proves the sender to the supplier. It is in the document that is written.
    pub secret: SecretString,
    /// This program.
    pub user_agent: String,
    /// Whether it is meant.
    pub mode: Mode,
}

/// How a document without a header, an answer, is known.
#[derive(Debug, Clone)]
pub struct AnswerId {
    /// The document's name, unique for ever.
    pub payload_id: String,
    /// When it was made.
    pub timestamp: OffsetDateTime,
}

/// A request with its envelope; `within` writes what is asked.
fn request(outgoing: &Outgoing, within: impl FnOnce(&mut Pen)) -> String {
    let mut pen = Pen::document();
    let timestamp = moment::write(outgoing.timestamp);
    root(&mut pen, &outgoing.payload_id, &timestamp);
    pen.begin("Header", &[]);
    party(&mut pen, "From", &outgoing.from);
    party(&mut pen, "To", &outgoing.to);
    pen.begin("Sender", &[]);
    pen.begin("Credential", &[("domain", Some(&outgoing.sender.0))]);
    pen.leaf("Identity", &[], &outgoing.sender.1);
    pen.leaf("SharedSecret", &[], outgoing.secret.expose_secret());
    pen.end("Credential");
    pen.leaf("UserAgent", &[], &outgoing.user_agent);
    pen.end("Sender");
    pen.end("Header");
    pen.begin(
        "Request",
        &[("deploymentMode", Some(outgoing.mode.as_str()))],
    );
    within(&mut pen);
    pen.end("Request");
    pen.end("cXML");
    pen.into_text()
}

/// The document of ours as it is kept: without what proves us. It is written with [`REDACTED`] as the secret.
#[must_use]
pub fn without_secret() -> SecretString {
    SecretString::from(REDACTED)
}

/// A document that was written so, with what proves us.
#[must_use]
pub fn with_secret(text: &str, secret: &SecretString) -> String {
    let leaf = |secret: &SecretString| {
        let mut pen = Pen::fragment();
        pen.leaf("SharedSecret", &[], secret.expose_secret());
        pen.into_text()
    };
    // The header comes first: what follows may have come from a shop, and had a secret of its own taken out.
    text.replacen(&leaf(&without_secret()), &leaf(secret), 1)
}

fn root(pen: &mut Pen, payload_id: &str, timestamp: &str) {
    let attributes = [
        ("version", Some(VERSION)),
        ("payloadID", Some(payload_id)),
        ("timestamp", Some(timestamp)),
        ("xml:lang", Some(LANG)),
    ];
    pen.begin("cXML", &attributes);
}

fn party(pen: &mut Pen, element: &str, (domain, identity): &(String, String)) {
    pen.begin(element, &[]);
    pen.begin("Credential", &[("domain", Some(domain))]);
    pen.leaf("Identity", &[], identity);
    pen.end("Credential");
    pen.end(element);
}

fn money(pen: &mut Pen, money: &Money) {
    let currency = money.currency.as_str();
    pen.leaf("Money", &[("currency", Some(currency))], &amount(money));
}

/// An element with money in it.
fn priced(pen: &mut Pen, element: &str, value: &Money) {
    pen.begin(element, &[]);
    money(pen, value);
    pen.end(element);
}

/// Two places, and more where there are more.
fn amount(money: &Money) -> String {
    let mut value = money.amount.value();
    if value.scale() < 2 {
        value.rescale(2);
    }
    value.to_string()
}

/// A text with its language, which the definition wants of every name and description.
fn text(pen: &mut Pen, element: &str, text: &Text) {
    let lang = text.lang.as_deref().unwrap_or(LANG);
    pen.leaf(element, &[("xml:lang", Some(lang))], &text.text);
}

fn address(pen: &mut Pen, element: &str, address: &Address) {
    pen.begin(element, &[]);
    let attributes = [
        ("isoCountryCode", address.country_code.as_deref()),
        ("addressID", address.id.as_deref()),
    ];
    pen.begin("Address", &attributes);
    text(pen, "Name", &address.name);
    if let Some(postal) = &address.postal {
        self::postal(pen, postal);
    }
    if let Some(email) = &address.email {
        pen.leaf("Email", &[], email);
    }
    pen.end("Address");
    pen.end(element);
}

fn postal(pen: &mut Pen, postal: &Postal) {
    pen.begin("PostalAddress", &[]);
    for name in &postal.deliver_to {
        pen.leaf("DeliverTo", &[], name);
    }
    // One is owed.
    if postal.streets.is_empty() {
        pen.leaf("Street", &[], "");
    }
    for street in &postal.streets {
        pen.leaf("Street", &[], street);
    }
    pen.leaf("City", &[], &postal.city);
    for (element, value) in [
        ("State", &postal.state),
        ("PostalCode", &postal.postal_code),
    ] {
        if let Some(value) = value {
            pen.leaf(element, &[], value);
        }
    }
    let code = [("isoCountryCode", Some(postal.country_code.as_str()))];
    pen.leaf("Country", &code, &postal.country);
    pen.end("PostalAddress");
}

fn contact(pen: &mut Pen, contact: &Contact) {
    let attributes = [
        ("role", contact.role.as_deref()),
        ("addressID", contact.address_id.as_deref()),
    ];
    pen.begin("Contact", &attributes);
    text(pen, "Name", &contact.name);
    for email in &contact.emails {
        pen.leaf("Email", &[], email);
    }
    pen.end("Contact");
}

fn extrinsics(pen: &mut Pen, extrinsics: &[(String, String)]) {
    for (name, value) in extrinsics {
        pen.leaf("Extrinsic", &[("name", Some(name))], value);
    }
}
