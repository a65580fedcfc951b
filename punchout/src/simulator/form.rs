//! The form that carries a cart: as a page shows it, and as the bytes that a browser makes of it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use url::Url;

use super::cart::{self, Leaving};
use super::oci;
use super::quirk::Quirk;
use super::session::{Origin, Session};
use super::settings::Encoding;
use super::vendor::Vendor;

/// Characters in a line of base64 as mail has it.
const BASE64_LINE: usize = 76;
/// What parts a form into its fields. Nothing that we send holds it.
const BOUNDARY: &str = "----LarkmoorFormBoundary7MA4YWxk";

/// A form that a page of the shop shows, and the browser posts to the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartForm {
    /// Where it goes.
    pub action: Url,
    /// In which window.
    pub target: Option<String>,
    /// `application/x-www-form-urlencoded` or `multipart/form-data`.
    pub enctype: &'static str,
    /// In which characters.
    pub charset: &'static str,
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// The document where no form goes around it, as no browser posts it.
    bare: Option<String>,
}

/// What arrives at the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Where.
    pub url: Url,
    /// As what.
    pub content_type: String,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The form of a session; nothing where there is no way back.
pub(super) fn form(vendor: &Vendor, session: &Session, leaving: Leaving) -> Option<CartForm> {
    let action = session.origin.address()?.clone();
    if let Origin::Oci { target, .. } = &session.origin {
        let fields = if leaving == Leaving::WithCart {
            oci::fields(session)
        } else {
            Vec::new()
        };
        return Some(plain_form(action, target.clone(), fields));
    }
    let document = cart::document(vendor, session, leaving)?;
    let mut fields = vec![field(vendor, &document)];
    if vendor.has(Quirk::ExtraFields) {
        fields.insert(
            0,
            (
                "oracleCart".to_owned(),
                "<?xml version=\"1.0\"?><cart/>".to_owned(),
            ),
        );
        fields.push(("submit".to_owned(), "Return cart".to_owned()));
    }
    let mut form = plain_form(action, None, fields);
    if vendor.has(Quirk::Multipart) {
        form.enctype = "multipart/form-data";
    }
    if vendor.has(Quirk::Latin1) {
        form.charset = "iso-8859-1";
    }
    form.bare = vendor.has(Quirk::BareDocument).then_some(document);
    Some(form)
}

fn plain_form(action: Url, target: Option<String>, fields: Vec<(String, String)>) -> CartForm {
    CartForm {
        action,
        target,
        enctype: "application/x-www-form-urlencoded",
        charset: "utf-8",
        fields,
        bare: None,
    }
}

fn field(vendor: &Vendor, document: &str) -> (String, String) {
    let crossed = vendor.has(Quirk::CrossedFields);
    let is_base64 = vendor.settings.encoding == Encoding::Base64;
    let name = if is_base64 == crossed {
        "cXML-urlencoded"
    } else {
        "cXML-base64"
    };
    let name = match () {
        () if vendor.has(Quirk::OddField) => "cxml".to_owned(),
        () if vendor.has(Quirk::LowercaseField) => name.to_lowercase(),
        () => name.to_owned(),
    };
    let value = if is_base64 {
        in_base64(vendor, document)
    } else {
        in_text(vendor, document)
    };
    (name, value)
}

/// The document as text: in ASCII as the guide wants it, or as it comes.
fn in_text(vendor: &Vendor, document: &str) -> String {
    let text = if vendor.has(Quirk::RawUtf8) || vendor.has(Quirk::Latin1) {
        document.to_owned()
    } else {
        ascii(document)
    };
    match () {
        () if vendor.has(Quirk::DoubleEncoded) => {
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        }
        () if vendor.has(Quirk::DoubleEscaped) => {
            quick_xml::escape::escape(text.as_str()).into_owned()
        }
        () => text,
    }
}

fn in_base64(vendor: &Vendor, document: &str) -> String {
    let encoded = STANDARD.encode(document);
    match () {
        () if vendor.has(Quirk::TwiceBase64) => STANDARD.encode(encoded),
        () if vendor.has(Quirk::UrlSafeBase64) => URL_SAFE.encode(document),
        () if vendor.has(Quirk::SpacedBase64) => encoded.replace('+', " "),
        () if vendor.has(Quirk::DamagedBase64) => in_lines(encoded.trim_end_matches('=')),
        () => encoded,
    }
}

fn in_lines(text: &str) -> String {
    let lines = text.as_bytes().chunks(BASE64_LINE);
    lines.fold(String::new(), |mut all, line| {
        write!(all, "{}\r\n", String::from_utf8_lossy(line)).expect("a string takes everything");
        all
    })
}

/// Numeric references for everything that is not ASCII. They mean the same wherever such characters stand in our documents.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            out.push(character);
        } else if character != '\u{feff}' {
            write!(out, "&#{};", u32::from(character)).expect("a string takes everything");
        }
    }
    out
}

impl CartForm {
    /// What a browser makes of it.
    #[must_use]
    pub fn posted(&self) -> Posted {
        let (content_type, body) = match &self.bare {
            Some(document) => (
                "text/xml; charset=UTF-8".to_owned(),
                document.clone().into_bytes(),
            ),
            None if self.enctype == "multipart/form-data" => self.multipart(),
            None => (self.enctype.to_owned(), self.urlencoded()),
        };
        Posted {
            url: self.action.clone(),
            content_type,
            body,
        }
    }

    fn urlencoded(&self) -> Vec<u8> {
        let encoded = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(&self.bytes(text)).collect()
        };
        let pairs = self
            .fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        pairs.collect::<Vec<_>>().join("&").into_bytes()
    }

    fn multipart(&self) -> (String, Vec<u8>) {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(&self.bytes(value));
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    /// A value's bytes: line ends as forms have them, and references for what the character set does not know.
    fn bytes(&self, text: &str) -> Vec<u8> {
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        if self.charset == "utf-8" {
            return text.into_bytes();
        }
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match (u8::try_from(u32::from(character)), windows_1252(character)) {
                (_, Some(byte)) => bytes.push(byte),
                (Ok(byte), None) if !(0x80..0xa0).contains(&byte) => bytes.push(byte),
                _ => bytes.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes()),
            }
        }
        bytes
    }
}

/// What browsers take for Latin-1 has quotes and dashes where Latin-1 has control characters. These are the ones in our catalogue.
const fn windows_1252(character: char) -> Option<u8> {
    match character {
        '‘' => Some(0x91),
        '’' => Some(0x92),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '–' => Some(0x96),
        '€' => Some(0x80),
        _ => None,
    }
}
