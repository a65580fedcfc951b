//! The form that comes back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use sha2::{Digest as _, Sha256};

use crate::code::Code;
use crate::cxml::cart::{Allowed, Cart, Quote};
use crate::cxml::envelope::{Envelope, Mode};
use crate::finding::{Finding, Notes, Read, Spot};
use crate::form::{Field, fields};
use crate::limits::{Limits, Tolerance};

use super::item;

/// A form that came back.
#[derive(Debug, Clone)]
pub struct Returned {
    /// Its fields as text, in their order.
    pub fields: Vec<(String, String)>,
    /// SHA-256 of names and values: the same cart twice is known by it.
    pub hash: [u8; 32],
    /// What is odd about the way by which it came.
    pub warnings: Vec<Finding>,
}

impl Returned {
    /// A field that is none of an item, such as the one that has the session's key where the shop took the way back apart.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Takes a body apart. Texts are ISO 8859-1 unless the form or its type says otherwise, or they cannot be that.
pub fn open(body: &[u8], content_type: Option<&str>, limits: &Limits) -> Result<Returned, Finding> {
    if body.len() > limits.body_bytes {
        let says = format!("the body is larger than {} bytes", limits.body_bytes);
        return Err(Finding::nowhere(Code::BodyTooLarge, says));
    }
    let fields = fields(body, content_type, limits)?;
    let said = said_encoding(&fields, content_type);
    let mut odd = false;
    let read: Vec<(String, String)> = fields
        .into_iter()
        .map(|field| {
            let text = decoded(&field.value, said, &mut odd);
            (field.name, text)
        })
        .collect();
    let mut warnings = Vec::new();
    if odd {
        let says = "the form is UTF-8 and does not say so";
        warnings.push(Finding::nowhere(Code::NonAsciiInUrlencoded, says));
    }
    let mut hash = Sha256::new();
    for (name, value) in &read {
        for text in [name, value] {
            hash.update(text.len().to_be_bytes());
            hash.update(text.as_bytes());
        }
    }
    Ok(Returned {
        fields: read,
        hash: hash.finalize().into(),
        warnings,
    })
}

fn said_encoding(fields: &[Field], content_type: Option<&str>) -> Option<&'static Encoding> {
    let mut named = fields.iter();
    let of_form = named
        .find(|field| field.name.eq_ignore_ascii_case("http_content_charset"))
        .and_then(|field| Encoding::for_label(field.value.trim_ascii()));
    let of_type = || {
        let (_, label) = content_type?.split_once("charset=")?;
        let label = label.split(';').next()?.trim().trim_matches('"');
        Encoding::for_label(label.as_bytes())
    };
    of_form.or_else(of_type)
}

fn decoded(value: &[u8], said: Option<&'static Encoding>, odd: &mut bool) -> String {
    let read = |encoding: &'static Encoding| {
        encoding
            .decode_without_bom_handling_and_without_replacement(value)
            .map(Cow::into_owned)
    };
    if let Some(text) = said.and_then(read) {
        return text;
    }
    match std::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        Ok(text) => {
            *odd = true;
            text.to_owned()
        }
        Err(_) => read(WINDOWS_1252).unwrap_or_else(|| UTF_8.decode(value).0.into_owned()),
    }
}

/// The items of the form as a cart. `session` is what the session is known by.
#[must_use]
pub fn read(returned: &Returned, session: &str, tolerance: &Tolerance) -> Read<Cart> {
    let mut notes = Notes::default();
    let items = items(returned, &mut notes);
    let most = tolerance.limits.lines;
    if items.len() > most {
        notes.error_of_all(Code::LimitExceeded, || {
            format!("the cart has more than the {most} lines that are taken")
        });
        return notes.finish_fields(None);
    }
    let mut lines = Vec::with_capacity(items.len());
    let mut quote = None;
    for (at, (index, fields)) in items.iter().enumerate() {
        quote = quote.or_else(|| fields.get("EXT_QUOTE_ID").map(|it| it.trim().to_owned()));
        lines.extend(item::line(*index, at + 1, fields, tolerance, &mut notes));
    }
    let spots: Vec<Spot> = lines.iter().map(|line| Spot::new(line.position)).collect();
    crate::cxml::bundle::count(&mut lines, &spots, &mut notes);
    crate::cxml::cart::check_lines(&mut notes, tolerance, &lines, &spots);
    notes.finish_fields(Some(Cart {
        envelope: Envelope {
            payload_id: String::new(),
            timestamp: None,
            version: None,
            doctype_version: None,
            lang: None,
            header: None,
            mode: Mode::Production,
            in_reply_to: None,
        },
        buyer_cookie: session.to_owned(),
        status: None,
        allowed: Allowed::Create,
        quote: Quote::Final,
        sourcing: None,
        supplier_order: quote.filter(|it| !it.is_empty()),
        total: None,
        ship_to: None,
        shipping: None,
        tax: None,
        lines,
    }))
}

/// The fields of one item, by their names.
pub(super) type Fields<'a> = BTreeMap<String, Cow<'a, str>>;
/// Fields of which two that differ would have to be guessed between.
const DECISIVE: &[&str] = &[
    "QUANTITY",
    "PRICE",
    "PRICEUNIT",
    "CURRENCY",
    "UNIT",
    "VENDORMAT",
    "EXT_PRODUCT_ID",
];
/// A row of a long text that is as long as rows can be goes on in the next; a shorter one is a line of its own.
const ROW_CHARS: usize = 132;
/// The most bytes of all rows of an item together.
const ROWS_BYTES_MAX: usize = 64 * 1024;
/// The field whose rows may come one by one.
const ROWS: &str = "LONGTEXT";

/// The items by their numbers, in the order of these; gaps end nothing.
fn items<'a>(returned: &'a Returned, notes: &mut Notes) -> BTreeMap<u32, Fields<'a>> {
    let mut items: BTreeMap<u32, Fields<'a>> = BTreeMap::new();
    // Of which items the last row was as long as rows can be.
    let mut full: BTreeMap<u32, bool> = BTreeMap::new();
    for (name, value) in &returned.fields {
        let Some((field, index)) = item::named(name) else {
            continue;
        };
        match items.entry(index).or_default().entry(field) {
            Entry::Vacant(free) => {
                if free.key() == ROWS {
                    full.insert(index, is_full(value));
                }
                free.insert(value.into());
            }
            Entry::Occupied(mut taken) if taken.key() == ROWS => {
                let goes_on = full.insert(index, is_full(value)).unwrap_or(false);
                if !append(taken.get_mut(), value, goes_on) {
                    notes.warn(Code::LimitExceeded, Spot::new(index as usize), || {
                        format!("more than {ROWS_BYTES_MAX} bytes of {ROWS} are left out")
                    });
                }
            }
            Entry::Occupied(taken) if taken.get() != value => {
                let says = || format!("{} stands twice", crate::cxml::quoted(name));
                if DECISIVE.contains(&taken.key().as_str()) {
                    notes.error_of_all(Code::DuplicateElement, says);
                } else {
                    let spot = Spot::new(index as usize);
                    let says = || format!("{}; the first one counts", says());
                    notes.warn(Code::DuplicateElement, spot, says);
                }
            }
            Entry::Occupied(_) => {}
        }
    }
    items
}

fn is_full(row: &str) -> bool {
    !row.is_empty() && row.chars().count().is_multiple_of(ROW_CHARS)
}

/// Adds a row. False where there is too much already.
fn append(rows: &mut Cow<'_, str>, row: &str, goes_on: bool) -> bool {
    if rows.len() + row.len() >= ROWS_BYTES_MAX {
        return false;
    }
    let rows = rows.to_mut();
    if !goes_on {
        rows.push('\n');
    }
    rows.push_str(row);
    true
}
