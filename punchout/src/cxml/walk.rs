//! Walking through a document: children in whatever order, what is not known passed over and counted, what is odd noted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use habeo_receivers::xml::{self, Element, Error, Part, Reader};

use crate::code::Code;
use crate::finding::{Finding, Notes, Read, Spot};
use crate::limits::{IDENTIFIER_CHARS_MAX, Tolerance};
use crate::redact;

/// What a step through a document yields, or why nothing more can be read.
pub(crate) type Step<T> = Result<T, Error>;

/// How many names of elements that were passed over are told.
const NAMES_TOLD_MAX: usize = 8;

/// Why reading ended. Nobody is told, because nobody waits; the log may say it.
const NOBODY_WAITS: &str = "it was not read to its end, because nobody waited for it any more";

/// Elements that came after cXML 1.2.014 where this program reads.
const NEWER: &[&str] = &[
    "AssetInfo",
    "AttachmentReference",
    "Batch",
    "BillTo",
    "BlanketItemDetail",
    "BuyerPartID",
    "Correspondent",
    "DateInfo",
    "Dimension",
    "ExpectedLimit",
    "IdReference",
    "Indicator",
    "ItemDetailIndustry",
    "ItemInIndustry",
    "IUIDInfo",
    "Modifications",
    "Municipality",
    "OverallLimit",
    "Period",
    "PriceBasisQuantity",
    "ScheduleLine",
    "TaxAdjustmentAmount",
    "PaymentToken",
    "ReferenceDocumentInfo",
    "LegalEntity",
    "OrganizationalUnit",
];

/// The beginning of an element, and where it is.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    element: Element<'a>,
    pub at: usize,
}

impl<'a> Tag<'a> {
    pub fn name(&self) -> &'a str {
        self.element.name
    }

    pub fn spot(&self) -> Spot {
        Spot::new(self.at)
    }

    /// The place of an attribute, or where it should be.
    pub fn spot_of(&self, name: &'static str) -> Spot {
        let found = self.element.attributes.iter().find(|it| it.name == name);
        Spot::attribute(found.map_or(self.at, |it| it.at), name)
    }

    /// An attribute as it is written, references resolved.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.element.attribute(name)
    }

    /// An attribute without blanks around it; an empty one is none.
    pub fn some(&self, name: &str) -> Option<String> {
        self.attribute(name).and_then(some)
    }
}

/// What is read of an element that may hold anything.
#[derive(Debug)]
pub(crate) struct Any<'a> {
    /// All text within, in its order.
    pub text: Cow<'a, str>,
    /// What is written within.
    pub raw: &'a str,
    /// Whether there are elements within.
    pub has_elements: bool,
}

/// A walk through one document.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    reader: Reader<'a>,
    pub notes: Notes,
    pub tolerance: &'a Tolerance,
    /// How many elements that hold secrets were passed.
    pub secrets: usize,
    newer: BTreeMap<&'a str, usize>,
    unknown: BTreeMap<&'a str, usize>,
}

impl<'a> Walk<'a> {
    pub fn new(text: &'a str, tolerance: &'a Tolerance) -> Step<Self> {
        Ok(Self {
            reader: Reader::new(text, tolerance.limits.xml())?,
            notes: Notes::default(),
            tolerance,
            secrets: 0,
            newer: BTreeMap::new(),
            unknown: BTreeMap::new(),
        })
    }

    fn part(&mut self) -> Step<Option<Part<'a>>> {
        if self.tolerance.stop.is_given() {
            return Err(Error::nowhere(xml::Code::LimitExceeded, NOBODY_WAITS));
        }
        let part = self.reader.next_part()?;
        if let Some(Part::Start(element)) = &part
            && redact::is_secret(element.name)
        {
            self.secrets += 1;
        }
        Ok(part)
    }

    /// The next child of the element that is open; none at its end. Text between children means nothing.
    pub fn child(&mut self) -> Step<Option<Tag<'a>>> {
        loop {
            match self.part()? {
                Some(Part::Start(element)) => {
                    let at = self.reader.at();
                    return Ok(Some(Tag { element, at }));
                }
                Some(Part::Text(_)) => {}
                Some(Part::End(_)) | None => return Ok(None),
            }
        }
    }

    /// The next child of an element with text between its children, which is gathered.
    pub fn mixed(&mut self, gathered: &mut String) -> Step<Option<Tag<'a>>> {
        loop {
            match self.part()? {
                Some(Part::Start(element)) => {
                    let at = self.reader.at();
                    return Ok(Some(Tag { element, at }));
                }
                Some(Part::Text(text)) => gathered.push_str(&text),
                Some(Part::End(_)) | None => return Ok(None),
            }
        }
    }

    /// The text of the element that is open, up to its end. Elements within are none of it.
    pub fn text(&mut self) -> Step<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        loop {
            match self.part()? {
                Some(Part::Text(piece)) => join(&mut text, piece),
                Some(Part::Start(element)) => {
                    self.count_unknown(element.name);
                    self.skip()?;
                }
                Some(Part::End(_)) | None => return Ok(text),
            }
        }
    }

    /// The same without blanks around it; none if it is empty.
    pub fn some_text(&mut self) -> Step<Option<String>> {
        Ok(some(&self.text()?))
    }

    /// An identifier: without blanks around it, and cut off where it is too long.
    pub fn identifier(&mut self, tag: &Tag<'a>) -> Step<String> {
        let text = self.text()?;
        Ok(self.bounded(&text, tag.spot()))
    }

    /// An attribute that is an identifier; empty if it is missing.
    pub fn identifier_of(&mut self, tag: &Tag<'a>, name: &'static str) -> String {
        match tag.attribute(name) {
            Some(text) => self.bounded(text, tag.spot_of(name)),
            None => String::new(),
        }
    }

    fn bounded(&mut self, text: &str, spot: Spot) -> String {
        let text = text.trim();
        if text.len() <= IDENTIFIER_CHARS_MAX {
            return text.to_owned();
        }
        if let Some((end, _)) = text.char_indices().nth(IDENTIFIER_CHARS_MAX) {
            self.notes.warn(Code::LimitExceeded, spot, || {
                format!("is longer than {IDENTIFIER_CHARS_MAX} characters; the rest was cut off")
            });
            return text[..end].to_owned();
        }
        text.to_owned()
    }

    /// Everything within the element that is open, up to its end.
    pub fn any(&mut self) -> Step<Any<'a>> {
        let start = self.reader.tag_end();
        let mut text = Cow::Borrowed("");
        let mut depth = 0_usize;
        let mut has_elements = false;
        loop {
            match self.part()? {
                Some(Part::Text(piece)) => join(&mut text, piece),
                Some(Part::Start(_)) => {
                    depth += 1;
                    has_elements = true;
                }
                Some(Part::End(_)) if depth > 0 => depth -= 1,
                Some(Part::End(_)) | None => {
                    let raw = self.reader.document().get(start..self.reader.at());
                    return Ok(Any {
                        text,
                        raw: raw.unwrap_or_default(),
                        has_elements,
                    });
                }
            }
        }
    }

    /// Passes over the element that is open.
    pub fn skip(&mut self) -> Step<()> {
        let mut depth = 0_usize;
        loop {
            match self.part()? {
                Some(Part::Start(_)) => depth += 1,
                Some(Part::End(_)) if depth > 0 => depth -= 1,
                Some(Part::End(_)) | None => return Ok(()),
                Some(Part::Text(_)) => {}
            }
        }
    }

    /// Passes over an element that is not read, and counts it.
    pub fn unknown(&mut self, tag: &Tag<'a>) -> Step<()> {
        self.count_unknown(tag.name());
        self.skip()
    }

    /// Counts an element that is read though it came after cXML 1.2.014.
    pub fn newer(&mut self, tag: &Tag<'a>) {
        *self.newer.entry(tag.name()).or_default() += 1;
    }

    fn count_unknown(&mut self, name: &'a str) {
        let counts = if NEWER.contains(&name) {
            &mut self.newer
        } else {
            &mut self.unknown
        };
        *counts.entry(name).or_default() += 1;
    }

    /// What is written from a tag to where the walk is.
    pub fn raw(&self, tag: &Tag<'a>) -> &'a str {
        let end = self.reader.tag_end();
        self.reader.document().get(tag.at..end).unwrap_or_default()
    }

    pub fn doctype(&self) -> Option<&str> {
        self.reader.doctype()
    }

    /// Reads up to the end of the document, which nothing may follow but blanks.
    pub fn end(&mut self) -> Step<()> {
        while self.part()?.is_some() {}
        Ok(())
    }

    /// Whether an element stands for the first time; a second one is an error.
    pub fn once(&mut self, seen: &mut bool, tag: &Tag<'a>) -> bool {
        if *seen {
            let spot = tag.spot();
            self.notes
                .error(Code::DuplicateElement, spot, || "stands twice".to_owned());
        }
        !std::mem::replace(seen, true)
    }

    /// What came of the walk: the document, or none if errors were noted, or why nothing more can be read.
    pub fn finish<T>(mut self, read: Step<Option<T>>) -> Read<T> {
        tell(&mut self.notes, Code::NewerElements, &self.newer);
        tell(&mut self.notes, Code::UnknownElements, &self.unknown);
        let text = self.reader.document();
        let outcome = match read {
            Ok(Some(value)) => Ok(value),
            Ok(None) if self.notes.refuses() => return self.notes.finish(text, Ok(())).map_err(),
            Ok(None) => Err(Finding::nowhere(
                Code::MissingElement,
                "the document is not complete",
            )),
            Err(error) => Err(Finding::of_xml(text, &error)),
        };
        self.notes.finish(text, outcome)
    }
}

impl Read<()> {
    /// One of another document, of which there is none because of errors.
    fn map_err<T>(self) -> Read<T> {
        Read {
            outcome: match self.outcome {
                Err(errors) => Err(errors),
                Ok(()) => Err(Vec::new()),
            },
            warnings: self.warnings,
        }
    }
}

fn join<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if text.is_empty() {
        *text = piece;
    } else {
        text.to_mut().push_str(&piece);
    }
}

/// A text without blanks around it; an empty one is none.
pub(crate) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn tell(notes: &mut Notes, code: Code, counts: &BTreeMap<&str, usize>) {
    if counts.is_empty() {
        return;
    }
    let total: usize = counts.values().sum();
    let names: Vec<&str> = counts.keys().copied().take(NAMES_TOLD_MAX).collect();
    let more = if counts.len() > names.len() {
        ", …"
    } else {
        ""
    };
    notes.warn_of_all(code, || {
        format!("{total} elements: {}{more}", names.join(", "))
    });
}
