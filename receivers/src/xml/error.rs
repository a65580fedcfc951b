//! Why a document cannot be read, and where that is.

use std::fmt;

use super::place;

/// The kinds of faults of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The bytes are not text in the encoding that the document says, or in one that is known.
    BadEncoding,
    /// There is nothing.
    EmptyDocument,
    /// The grammar of XML is broken.
    NotWellFormed,
    /// A DOCTYPE declares something itself.
    DoctypeInternalSubset,
    /// A DOCTYPE stands where none may.
    DoctypeMisplaced,
    /// An entity other than the five of XML.
    UndeclaredEntity,
    /// A character that XML does not have.
    IllegalCharacter,
    /// Two attributes of one name.
    DuplicateAttribute,
    /// Something is larger, deeper or more than it may be.
    LimitExceeded,
    /// Something stands after the root.
    TrailingContent,
    /// An element does not end.
    UnclosedElement,
}

impl Code {
    /// Its stable spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadEncoding => "bad_encoding",
            Self::EmptyDocument => "empty_document",
            Self::NotWellFormed => "not_well_formed",
            Self::DoctypeInternalSubset => "doctype_internal_subset",
            Self::DoctypeMisplaced => "doctype_misplaced",
            Self::UndeclaredEntity => "undeclared_entity",
            Self::IllegalCharacter => "illegal_character",
            Self::DuplicateAttribute => "duplicate_attribute",
            Self::LimitExceeded => "limit_exceeded",
            Self::TrailingContent => "trailing_content",
            Self::UnclosedElement => "unclosed_element",
        }
    }
}

/// A place in a document, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// Counted in characters, from 1.
    pub column: usize,
    /// Which elements it is in, such as `/cXML/Message/ItemIn[2]`.
    pub path: String,
}

impl Place {
    /// The place of a byte of a document. Counted only when somebody asks, by reading once more up to there.
    #[must_use]
    pub fn of(text: &str, at: usize) -> Self {
        let path = place::paths(text, &[at]).pop().unwrap_or_default();
        let mut lines = Lines {
            text,
            byte: 0,
            line: 1,
        };
        lines.place(at, path)
    }

    /// The places of several bytes, in the order of the document, for the price of one.
    #[must_use]
    pub fn of_all(text: &str, ats: &[usize]) -> Vec<Self> {
        let mut lines = Lines {
            text,
            byte: 0,
            line: 1,
        };
        let paths = place::paths(text, ats);
        ats.iter()
            .zip(paths)
            .map(|(at, path)| lines.place(*at, path))
            .collect()
    }
}

/// Lines counted up to a byte.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    fn place(&mut self, at: usize, path: String) -> Place {
        let mut at = at.min(self.text.len()).max(self.byte);
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        self.line += self.text[self.byte..at].matches('\n').count();
        self.byte = at;
        let line_at = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let column = self.text[line_at..at].chars().count() + 1;
        Place {
            line: self.line,
            column,
            path,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, ", in {}", self.path)?;
        }
        Ok(())
    }
}

/// Why a document cannot be read. It quotes nothing of it beyond names of elements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}{}", place.as_ref().map_or(String::new(), |place| format!(" at {place}")))]
pub struct Error {
    /// The kind of fault.
    pub code: Code,
    /// What it is, in words.
    pub why: &'static str,
    /// Where; nowhere for what is the whole document's.
    pub place: Option<Place>,
    /// The same as a byte of the document.
    pub at: Option<usize>,
}

impl Error {
    /// A fault of the whole document.
    #[must_use]
    pub const fn nowhere(code: Code, why: &'static str) -> Self {
        Self {
            code,
            why,
            place: None,
            at: None,
        }
    }

    /// A fault at a byte of a document.
    #[must_use]
    pub fn at(text: &str, at: usize, code: Code, why: &'static str) -> Self {
        Self {
            code,
            why,
            place: Some(Place::of(text, at)),
            at: Some(at),
        }
    }
}
