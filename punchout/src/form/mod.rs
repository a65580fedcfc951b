//! How documents arrive: the field of a form that a browser posted, a bare document, encoded once, twice or wrongly.
//!
//! Nothing of HTTP is known here but the type that a body claims, and that is believed only where the content does not show better.

mod fields;
mod multipart;
mod unwrap;

use sha2::{Digest as _, Sha256};

use crate::code::Code;
use crate::finding::Finding;
use crate::limits::Limits;

pub use self::fields::{Field, fields};

/// The way by which a document came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The field for base64.
    Base64,
    /// The field for plain text.
    Urlencoded,
    /// A field of another name.
    OtherField,
    /// The body itself. Whoever posted it so was no form in a browser.
    Bare,
}

/// A document as text, and how it came.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The decoded document. It may have secrets in it: [`redact`](crate::redact::redact) before it is stored.
    pub text: String,
    /// The way by which it came.
    pub via: Via,
    /// What is odd about that way.
    pub warnings: Vec<Finding>,
    /// SHA-256 of the decoded document: the same cart twice is known by it.
    pub hash: [u8; 32],
}

impl Opened {
    /// A document that came as the text it is.
    #[must_use]
    pub fn of(text: String, via: Via, warnings: Vec<Finding>) -> Self {
        let hash = Sha256::digest(text.as_bytes()).into();
        Self {
            text,
            via,
            warnings,
            hash,
        }
    }

    /// Whether a form in a browser posted it, so that a page is answered and not a document.
    #[must_use]
    pub fn is_by_form(&self) -> bool {
        self.via != Via::Bare
    }
}

/// Why there is no document in a body.
pub type Trouble = Finding;

/// Finds the document in a body. `content_type` is what the request says, whole; it may be missing.
pub fn open(body: &[u8], content_type: Option<&str>, limits: &Limits) -> Result<Opened, Trouble> {
    bounded(body, limits)?;
    if let Some(root) = multipart::root(content_type, body) {
        let mut warnings = Vec::new();
        let text = unwrap::document(&root, None, &mut warnings)?;
        return within(Opened::of(text, Via::Bare, warnings), limits);
    }
    if fields::is_document(body) {
        let mut warnings = Vec::new();
        let text = unwrap::document(body, None, &mut warnings)?;
        return within(Opened::of(text, Via::Bare, warnings), limits);
    }
    let fields = fields(body, content_type, limits)?;
    let (field, via) = chosen(&fields)?;
    let mut warnings = Vec::new();
    if via == Via::OtherField {
        let says = format!(
            "the document came in the field {}; expected cXML-urlencoded or cXML-base64",
            crate::cxml::quoted(&field.name)
        );
        warnings.push(Finding::nowhere(Code::NonstandardFieldName, says));
    }
    let text = match via {
        Via::Base64 => unwrap::base64_field(&field.value, &mut warnings)?,
        _ => unwrap::text_field(&field.value, &mut warnings)?,
    };
    within(Opened::of(text, via, warnings), limits)
}

fn bounded(body: &[u8], limits: &Limits) -> Result<(), Trouble> {
    if body.len() > limits.body_bytes {
        let says = format!("the body is larger than {} bytes", limits.body_bytes);
        return Err(Finding::nowhere(Code::BodyTooLarge, says));
    }
    if body.trim_ascii().is_empty() {
        return Err(Finding::nowhere(
            Code::EmptyDocument,
            "there is nothing in the body",
        ));
    }
    Ok(())
}

fn within(opened: Opened, limits: &Limits) -> Result<Opened, Trouble> {
    if opened.text.len() > limits.document_bytes {
        let says = format!(
            "the document is larger than {} bytes",
            limits.document_bytes
        );
        return Err(Finding::nowhere(Code::LimitExceeded, says));
    }
    Ok(opened)
}

/// The field with the document: the one for base64 before the one for text before those of other names. An empty one is none.
fn chosen(fields: &[Field]) -> Result<(&Field, Via), Trouble> {
    const OTHERS: &[&str] = &[
        "cxml",
        "xml",
        "punchoutordermessage",
        "cxml-message",
        "cxmldata",
    ];
    let of = |names: &[&str]| {
        fields.iter().find(|field| {
            let name = field.name.trim();
            let known = names.iter().any(|it| it.eq_ignore_ascii_case(name));
            known && !field.value.trim_ascii().is_empty()
        })
    };
    let field = of(&["cxml-base64"])
        .map(|field| (field, Via::Base64))
        .or_else(|| of(&["cxml-urlencoded"]).map(|field| (field, Via::Urlencoded)))
        .or_else(|| of(OTHERS).map(|field| (field, Via::OtherField)));
    field.ok_or_else(|| {
        Finding::nowhere(
            Code::NoDocumentField,
            "no field of the form holds a document; expected cXML-urlencoded or cXML-base64",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is attached is passed over, whatever stands first.
    #[test]
    fn a_document_with_attachments_is_its_root() {
        let xml = "<?xml version=\"1.0\"?><cXML/>";
        let pdf = "--b\r\nContent-Type: application/pdf\r\nContent-ID: <bill@shop.example>\r\n\r\n%PDF <cXML>\r\n";
        let document = format!(
            "--b\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <main@shop.example>\r\n\r\n{xml}\r\n"
        );
        let plain = "multipart/related; type=\"text/xml\"; boundary=\"b\"";
        let started = format!("{plain}; start=\"<main@shop.example>\"");
        for (kind, body) in [
            (plain, format!("{document}{pdf}--b--\r\n")),
            (&started, format!("preamble\r\n{pdf}{document}--b--\r\n")),
            (&started, format!("--b\r\n\r\n{xml}\r\n{pdf}--b--\r\n")),
        ] {
            let opened = open(body.as_bytes(), Some(kind), &Limits::default()).expect("a document");
            assert_eq!(
                (opened.text.as_str(), opened.via),
                (xml, Via::Bare),
                "{body}"
            );
        }
        let nothing = open(b"--x\r\n\r\nnothing", Some(plain), &Limits::default());
        assert!(nothing.is_err());
    }
}
