//! Elements, attributes and texts, escaped.

use std::borrow::Cow;
use std::io::Write as _;

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use habeo_receivers::xml::is_legal;

/// The address of the definition that is written. It is never fetched, by us at least.
const DOCTYPE: &str = r#"cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd""#;
/// Memory takes whatever is written.
const INFALLIBLE: &str = "writing to memory does not fail";

/// Writes a document into memory.
pub struct Pen {
    writer: Writer<Vec<u8>>,
}

impl Pen {
    /// With nothing written.
    #[must_use]
    pub fn fragment() -> Self {
        Self {
            writer: Writer::new(Vec::new()),
        }
    }

    /// With the declaration and the DOCTYPE written.
    #[must_use]
    pub fn document() -> Self {
        let mut pen = Self::fragment();
        pen.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        pen.raw("\n");
        pen.event(Event::DocType(BytesText::from_escaped(DOCTYPE)));
        pen.raw("\n");
        pen
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect(INFALLIBLE);
    }

    /// Begins an element. Attributes without a value are left out.
    pub fn begin(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.event(Event::Start(tag(name, attributes)));
    }

    /// Ends it.
    pub fn end(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.event(Event::Empty(tag(name, attributes)));
    }

    /// An element with a text in it.
    pub fn leaf(&mut self, name: &str, attributes: &[(&str, Option<&str>)], text: &str) {
        self.begin(name, attributes);
        self.text(text);
        self.end(name);
    }

    /// A text beside elements.
    pub fn text(&mut self, text: &str) {
        self.event(Event::Text(BytesText::from_escaped(escaped(text))));
    }

    /// What is written already, byte for byte.
    pub fn raw(&mut self, text: &str) {
        self.writer
            .get_mut()
            .write_all(text.as_bytes())
            .expect(INFALLIBLE);
    }

    /// What was written.
    #[must_use]
    pub fn into_text(self) -> String {
        String::from_utf8(self.writer.into_inner()).expect("only texts were written")
    }
}

fn tag<'a>(name: &'a str, attributes: &[(&str, Option<&str>)]) -> BytesStart<'a> {
    let mut tag = BytesStart::new(name);
    for (name, value) in attributes {
        if let Some(value) = value {
            tag.push_attribute(Attribute {
                key: QName(name),
                value: escaped(value),
            });
        }
    }
    tag
}

/// A text as it is written, in elements and in attributes: a carriage return would be read as a line feed, and both, like tabs, as blanks in
/// attributes, so that all three are written as references. Line feeds of elements could stand as they are, but the same text is the same then.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'' | 0..0x20 | 0xEF);
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            c if is_legal(c) => escaped.push(c),
            _ => {}
        }
    }
    Cow::Owned(escaped)
}
