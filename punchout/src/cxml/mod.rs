//! Documents of cXML, typed, both ways.
//!
//! Readers stand on the safe reader of `habeo_receivers`. They take children in any order, every element that came after cXML 1.2.014, and
//! whatever suppliers do differently as long as nothing has to be guessed; they collect what is wrong and what is odd, each with its place.
//! Writers write in the order of the definition, cXML 1.2.014.

pub mod address;
pub(crate) mod bundle;
pub mod cart;
pub mod confirmation;
pub mod envelope;
pub mod invoice;
pub mod item;
pub mod line;
pub mod money;
pub mod order_reference;
pub mod profile;
pub mod receipt;
pub mod request;
pub mod response;
pub mod serial;
pub mod ship_notice;
mod walk;
pub mod write;

use std::borrow::Cow;

use crate::limits::Tolerance;

pub use self::cart::peek_buyer_cookie;
pub use crate::redact::redact;

/// The document as it is read: repaired, where the supplier is let do so.
pub(crate) fn repaired<'t>(text: &'t str, tolerance: &Tolerance) -> Cow<'t, str> {
    if tolerance.repairs_html_entities {
        crate::entities::repair(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// As much of a text from outside as a message quotes.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", money::shorten(&shown))
}
