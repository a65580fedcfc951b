//! The safe reader of XML from outside: events, never a tree; no entities, nothing fetched, everything bounded.
//!
//! The reader underneath checks that tags match and that attributes are not doubled, and little else. What a document owes besides is checked
//! here: one root and nothing after it, names and characters that XML has, a DOCTYPE that declares nothing, references that mean a character.

mod chars;
mod decode;
mod error;
mod place;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use quick_xml::XmlVersion;
use quick_xml::escape::EscapeError;
use quick_xml::events::attributes::{AttrError, Attributes};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

pub use self::chars::{first_illegal, is_legal};
pub use self::decode::decode;
pub use self::error::{Code, Error, Place};

/// The most bytes of a name.
const NAME_BYTES_MAX: usize = 256;

/// How large a document, and what is in it, may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub document_bytes: usize,
    /// Elements within one another.
    pub depth: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Bytes of the value of an attribute, as it is written.
    pub attribute_bytes: usize,
    /// Bytes of the text of one element, that of the elements within not counted.
    pub text_bytes: usize,
    /// Tags, texts, references, comments and instructions together.
    pub events: usize,
}

impl Limits {
    /// Those of documents of procurement.
    pub const PROCUREMENT: Self = Self {
        document_bytes: 4 * 1024 * 1024,
        depth: 64,
        attributes: 64,
        attribute_bytes: 8 * 1024,
        text_bytes: 256 * 1024,
        events: 1_000_000,
    };
    /// Those of reports, which are as deep as their counterparts in JSON.
    pub const REPORT: Self = Self {
        document_bytes: 2 * 1024 * 1024,
        depth: crate::json::DEPTH_MAX,
        events: 200_000,
        ..Self::PROCUREMENT
    };
}

/// What a document is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// An element begins.
    Start(Element<'a>),
    /// The text up to the next tag, in one piece: references are resolved, comments left out.
    Text(Cow<'a, str>),
    /// An element ends.
    End(&'a str),
}

/// The beginning of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its name, with its prefix.
    pub name: &'a str,
    /// Its attributes, in their order.
    pub attributes: Vec<Attribute<'a>>,
}

/// An attribute of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name, with its prefix.
    pub name: &'a str,
    /// Its value, references resolved; borrowed where there are none.
    pub value: Cow<'a, str>,
    /// The byte of the document at which its name begins.
    pub at: usize,
}

impl Element<'_> {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_ref())
    }
}

/// Reads a document part by part. After an error nothing more is to be expected of it.
pub struct Reader<'a> {
    text: &'a str,
    limits: Limits,
    inner: quick_xml::Reader<&'a [u8]>,
    open: Vec<Open<'a>>,
    rooted: bool,
    doctype: Option<Cow<'a, str>>,
    events: usize,
    gathered: Option<(usize, Cow<'a, str>)>,
    held: Option<(usize, Part<'a>)>,
    at: usize,
}

/// An element that has not ended.
struct Open<'a> {
    name: &'a str,
    text_bytes: usize,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({} of {} bytes)", self.at, self.text.len())
    }
}

impl<'a> Reader<'a> {
    /// A reader of a document that was [decoded](decode()).
    pub fn new(text: &'a str, limits: Limits) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{FEFF}');
        if text.len() > limits.document_bytes {
            return Err(Error::nowhere(
                Code::LimitExceeded,
                "the document is too large",
            ));
        }
        if let Some(at) = chars::first_illegal(text) {
            let why = "a character that XML does not have";
            return Err(Error::at(text, at, Code::IllegalCharacter, why));
        }
        let mut inner = quick_xml::Reader::from_str(text);
        let config = inner.config_mut();
        config.check_comments = true;
        config.expand_empty_elements = true;
        Ok(Self {
            text,
            limits,
            inner,
            open: Vec::new(),
            rooted: false,
            doctype: None,
            events: 0,
            gathered: None,
            held: None,
            at: 0,
        })
    }

    /// The next part; none at the end of a whole document.
    pub fn next_part(&mut self) -> Result<Option<Part<'a>>, Error> {
        if let Some((at, part)) = self.held.take() {
            self.at = at;
            return Ok(Some(part));
        }
        loop {
            let at = self.position();
            let event = self
                .inner
                .read_event()
                .map_err(|error| self.broken(&error))?;
            self.events += 1;
            if self.events > self.limits.events {
                return Err(self.fault(at, Code::LimitExceeded, "the document has too many parts"));
            }
            match event {
                Event::Eof => return self.end(at),
                Event::Start(start) => {
                    let element = self.begin(at, &start)?;
                    return Ok(Some(self.after_text(at, Part::Start(element))));
                }
                Event::End(_) => {
                    let name = self.open.pop().map_or("", |open| open.name);
                    return Ok(Some(self.after_text(at, Part::End(name))));
                }
                other => self.between(at, other)?,
            }
        }
    }

    /// The whole document, without a byte order mark. The bytes told by [`at`](Self::at) and [`tag_end`](Self::tag_end) are those of this text.
    #[must_use]
    pub const fn document(&self) -> &'a str {
        self.text
    }

    /// The byte at which the part begins that was read last.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The byte after the tag that was read last. Of a text, that after the tag which ended it.
    #[must_use]
    pub fn tag_end(&self) -> usize {
        self.position()
    }

    /// What the DOCTYPE says, once it was passed. It is for people to look at: nothing may follow from it.
    #[must_use]
    pub fn doctype(&self) -> Option<&str> {
        self.doctype.as_deref()
    }

    /// Where the part is that was read last.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(self.text, self.at)
    }

    /// What is neither a tag nor the end.
    fn between(&mut self, at: usize, event: Event<'a>) -> Result<(), Error> {
        let ill = |why| Err(self.fault(at, Code::NotWellFormed, why));
        match event {
            Event::Text(text) if self.open.is_empty() => self.outside(at, &text),
            Event::Text(text) if text.contains("]]>") => {
                ill("the end of a CDATA section in a text")
            }
            Event::Text(text) => self.gather(at, text.xml10_content()),
            Event::CData(_) | Event::GeneralRef(_) if self.open.is_empty() => self.outside(at, "&"),
            Event::CData(text) => self.gather(at, text.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = self.resolve(at, &reference)?;
                self.gather(at, resolved)
            }
            Event::PI(instruction) if instruction.target().eq_ignore_ascii_case("xml") => {
                ill("a declaration that is none")
            }
            Event::PI(_) | Event::Comment(_) => Ok(()),
            Event::Decl(declaration) => self.declared(at, &declaration),
            Event::DocType(content) => self.typed(at, content.into_inner()),
            Event::Start(_) | Event::Empty(_) | Event::End(_) | Event::Eof => {
                ill("a tag where none was expected")
            }
        }
    }

    fn end(&self, at: usize) -> Result<Option<Part<'a>>, Error> {
        if !self.open.is_empty() {
            return Err(self.fault(at, Code::UnclosedElement, "an element does not end"));
        }
        if !self.rooted {
            return Err(self.fault(at, Code::NotWellFormed, "there is no element"));
        }
        Ok(None)
    }

    fn begin(&mut self, at: usize, start: &BytesStart<'_>) -> Result<Element<'a>, Error> {
        if self.open.is_empty() && self.rooted {
            return Err(self.fault(at, Code::TrailingContent, "a second root"));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.fault(
                at,
                Code::LimitExceeded,
                "elements lie too deep in one another",
            ));
        }
        let length = start.name().0.len();
        let name = self.text.get(at + 1..at + 1 + length).unwrap_or_default();
        self.named(at, name)?;
        let attributes = self.attributes(at, length)?;
        self.rooted = true;
        self.open.push(Open {
            name,
            text_bytes: 0,
        });
        Ok(Element { name, attributes })
    }

    /// Taken from the document itself, so that values are borrowed from it.
    fn attributes(&self, at: usize, name_bytes: usize) -> Result<Vec<Attribute<'a>>, Error> {
        let end = self.position().saturating_sub(1);
        let tag = self.text.get(at + 1..end).unwrap_or_default();
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let mut attributes = Vec::new();
        if tag.len() == name_bytes {
            return Ok(attributes);
        }
        for attribute in Attributes::new(tag, name_bytes) {
            let attribute = attribute.map_err(|error| self.no_attribute(at, &error))?;
            if attributes.len() >= self.limits.attributes {
                return Err(self.fault(at, Code::LimitExceeded, "too many attributes"));
            }
            if attributes.is_empty() {
                attributes.reserve_exact(4);
            }
            attributes.push(self.attribute(attribute.key.0, attribute.value)?);
        }
        Ok(attributes)
    }

    fn attribute(&self, name: &'a str, value: Cow<'a, str>) -> Result<Attribute<'a>, Error> {
        let at = self.offset_of(name);
        self.named(at, name)?;
        if value.len() > self.limits.attribute_bytes {
            return Err(self.fault(at, Code::LimitExceeded, "an attribute is too long"));
        }
        if !chars::needs_normalizing(&value) {
            return Ok(Attribute { name, value, at });
        }
        if value.contains('<') {
            let why = "the beginning of a tag in an attribute";
            return Err(self.fault(at, Code::NotWellFormed, why));
        }
        let raw = quick_xml::events::attributes::Attribute {
            key: quick_xml::name::QName(name),
            value: value.clone(),
        };
        let read = raw
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| self.broken_at(self.offset_of_reference(at, &value, &error), &error))?
            .into_owned();
        if chars::first_illegal(&read).is_some() {
            let why = "a reference to no character of XML";
            return Err(self.fault(at, Code::IllegalCharacter, why));
        }
        let value = Cow::Owned(read);
        Ok(Attribute { name, value, at })
    }

    fn no_attribute(&self, at: usize, error: &AttrError) -> Error {
        let (code, offset) = match error {
            AttrError::Duplicated(offset, _) => (Code::DuplicateAttribute, *offset),
            AttrError::ExpectedEq(offset)
            | AttrError::ExpectedValue(offset)
            | AttrError::UnquotedValue(offset)
            | AttrError::ExpectedQuote(offset, _) => (Code::NotWellFormed, *offset),
        };
        // Told within the tag, whose name begins after its `<`.
        let why = "an attribute that is none, or a second one of its name";
        self.fault(at + 1 + offset, code, why)
    }

    /// Where a part of the document begins.
    fn offset_of(&self, part: &str) -> usize {
        part.as_ptr().addr() - self.text.as_ptr().addr()
    }

    /// Where the reference is that an attribute cannot have.
    fn offset_of_reference(&self, at: usize, value: &str, error: &quick_xml::Error) -> usize {
        match error {
            quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(range, _)) => {
                // The range is that of the name, which an ampersand precedes.
                (self.offset_of(value) + range.start).saturating_sub(1)
            }
            _ => at,
        }
    }

    fn named(&self, at: usize, name: &str) -> Result<(), Error> {
        if name.len() > NAME_BYTES_MAX {
            return Err(self.fault(at, Code::LimitExceeded, "a name is too long"));
        }
        if chars::is_name(name) {
            return Ok(());
        }
        Err(self.fault(at, Code::NotWellFormed, "a name that is none"))
    }

    fn resolve(&self, at: usize, reference: &BytesRef<'_>) -> Result<Cow<'a, str>, Error> {
        if let Some(text) = quick_xml::escape::resolve_xml_entity(reference) {
            return Ok(text.into());
        }
        if !reference.is_char_ref() {
            return Err(self.fault(
                at,
                Code::UndeclaredEntity,
                "an entity that XML does not have",
            ));
        }
        match reference.resolve_char_ref() {
            Ok(Some(c)) if chars::is_legal(c) => Ok(c.to_string().into()),
            _ => Err(self.fault(
                at,
                Code::IllegalCharacter,
                "a reference to no character of XML",
            )),
        }
    }

    fn gather(&mut self, at: usize, piece: Cow<'a, str>) -> Result<(), Error> {
        let text_bytes = self.limits.text_bytes;
        if let Some(open) = self.open.last_mut() {
            open.text_bytes += piece.len();
            if open.text_bytes > text_bytes {
                return Err(self.fault(at, Code::LimitExceeded, "a text is too long"));
            }
        }
        match &mut self.gathered {
            Some((_, text)) => text.to_mut().push_str(&piece),
            None => self.gathered = Some((at, piece)),
        }
        Ok(())
    }

    /// The text first, if there was one, and the tag that ended it the next time.
    fn after_text(&mut self, at: usize, part: Part<'a>) -> Part<'a> {
        self.at = at;
        match self.gathered.take() {
            Some((text_at, text)) if !text.is_empty() => {
                self.held = Some((at, part));
                self.at = text_at;
                Part::Text(text)
            }
            _ => part,
        }
    }

    fn outside(&self, at: usize, text: &str) -> Result<(), Error> {
        if text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n')) {
            return Ok(());
        }
        let code = if self.rooted {
            Code::TrailingContent
        } else {
            Code::NotWellFormed
        };
        Err(self.fault(at, code, "a text outside the root"))
    }

    fn declared(&self, at: usize, declaration: &BytesDecl<'_>) -> Result<(), Error> {
        let version = declaration.version();
        if at == 0 && version.is_ok_and(|version| version.starts_with("1.")) {
            return Ok(());
        }
        Err(self.fault(
            at,
            Code::NotWellFormed,
            "a declaration that is none, or not at the beginning",
        ))
    }

    fn typed(&mut self, at: usize, content: Cow<'a, str>) -> Result<(), Error> {
        if content.contains('[') {
            let why = "a DOCTYPE that declares something itself";
            return Err(self.fault(at, Code::DoctypeInternalSubset, why));
        }
        let written = self
            .text
            .get(at..)
            .is_some_and(|rest| rest.starts_with("<!DOCTYPE"));
        if self.rooted || self.doctype.is_some() || !written || !chars::is_doctype(&content) {
            let why = "a DOCTYPE that is none, or a second one, or not before the root";
            return Err(self.fault(at, Code::DoctypeMisplaced, why));
        }
        self.doctype = Some(content);
        Ok(())
    }

    fn position(&self) -> usize {
        usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX)
    }

    fn fault(&self, at: usize, code: Code, why: &'static str) -> Error {
        Error::at(self.text, at, code, why)
    }

    fn broken(&self, error: &quick_xml::Error) -> Error {
        let at = usize::try_from(self.inner.error_position()).unwrap_or(usize::MAX);
        self.broken_at(at, error)
    }

    fn broken_at(&self, at: usize, error: &quick_xml::Error) -> Error {
        match error {
            quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(..)) => self.fault(
                at,
                Code::UndeclaredEntity,
                "an entity that XML does not have",
            ),
            quick_xml::Error::Escape(EscapeError::InvalidCharRef(_)) => self.fault(
                at,
                Code::IllegalCharacter,
                "a reference to no character of XML",
            ),
            _ => self.fault(at, Code::NotWellFormed, "not well-formed"),
        }
    }
}
