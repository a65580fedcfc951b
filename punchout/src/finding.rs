//! What was found in a document, with its place: errors, because of which it is refused, and warnings, because of which nothing is.

use std::fmt;

use habeo_receivers::xml::{self, Place};

use crate::code::Code;
use crate::redact;

/// The most errors, and the most warnings, that are kept of one document.
pub const FINDINGS_MAX: usize = 50;
/// The most warnings of one code of which each has its place; of the others is told how many there are.
const WARNINGS_OF_A_CODE_MAX: usize = 8;
/// The most characters of an excerpt.
pub const EXCERPT_CHARS_MAX: usize = 80;

/// Something that is wrong with a document, or odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its stable name.
    pub code: Code,
    /// What it is, in words, for whoever looks after the supplier. No secrets, but texts of the document.
    pub message: String,
    /// Line and column from 1, and the path, such as `/cXML/Message/PunchOutOrderMessage/ItemIn[2]/@quantity`. Nowhere for what is the whole
    /// document's, or that of the way it came.
    pub place: Option<Place>,
    /// What stands there, secrets taken out.
    pub excerpt: Option<String>,
}

impl Finding {
    /// What is the whole document's, or that of the way it came.
    #[must_use]
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            excerpt: None,
        }
    }

    /// A fault of the XML.
    #[must_use]
    pub fn of_xml(text: &str, error: &xml::Error) -> Self {
        let excerpt = error.at.map(|at| excerpt(text, at, error.place.as_ref()));
        let message = match (&excerpt, Code::from(error.code)) {
            (Some(excerpt), Code::UndeclaredEntity) => {
                let name: String = excerpt.chars().take_while(|c| *c != ';').collect();
                format!("{}: {name}; is not declared", error.why)
            }
            _ => error.why.to_owned(),
        };
        Self {
            code: error.code.into(),
            message,
            place: error.place.clone(),
            excerpt,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code)?;
        if let Some(place) = &self.place {
            write!(f, "line {}, column {}: ", place.line, place.column)?;
        }
        f.write_str(&self.message)
    }
}

/// What came of reading a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The document; or why it is refused, which is at least one error and at most [`FINDINGS_MAX`].
    pub outcome: Result<T, Vec<Finding>>,
    /// What is odd about it, refused or not; at most [`FINDINGS_MAX`].
    pub warnings: Vec<Finding>,
}

impl<T> Read<T> {
    /// One that is refused for one reason.
    #[must_use]
    pub fn refused(finding: Finding) -> Self {
        Self {
            outcome: Err(vec![finding]),
            warnings: Vec::new(),
        }
    }

    /// The same of something else.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Read<U> {
        Read {
            outcome: self.outcome.map(into),
            warnings: self.warnings,
        }
    }

    /// The codes of the warnings, in their order.
    #[must_use]
    pub fn warned(&self) -> Vec<Code> {
        self.warnings.iter().map(|finding| finding.code).collect()
    }

    /// The codes of the errors, in their order.
    #[must_use]
    pub fn refusals(&self) -> Vec<Code> {
        let errors = self.outcome.as_ref().err();
        errors
            .into_iter()
            .flatten()
            .map(|finding| finding.code)
            .collect()
    }
}

/// What was found so far: offsets only, since places are looked for when somebody is to be told.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    errors: Vec<Note>,
    warnings: Vec<Note>,
}

#[derive(Debug)]
struct Note {
    code: Code,
    at: Option<usize>,
    attribute: Option<&'static str>,
    /// What is said of the element or attribute that is named before it.
    says: String,
    /// How many more there are of the code that are not kept.
    more: usize,
}

/// Where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The byte of the document.
    pub at: usize,
    /// The attribute, where it is one or should be.
    pub attribute: Option<&'static str>,
}

impl Spot {
    pub const fn new(at: usize) -> Self {
        Self {
            at,
            attribute: None,
        }
    }

    pub const fn attribute(at: usize, name: &'static str) -> Self {
        Self {
            at,
            attribute: Some(name),
        }
    }
}

impl Notes {
    /// Notes why the document is refused.
    pub fn error(&mut self, code: Code, spot: Spot, says: impl FnOnce() -> String) {
        push(&mut self.errors, code, Some(spot), says);
    }

    /// Notes why the document is refused, unless the same was noted before.
    pub fn error_once(&mut self, code: Code, spot: Spot, says: impl FnOnce() -> String) {
        if !self.errors.iter().any(|note| note.code == code) {
            self.error(code, spot, says);
        }
    }

    /// Notes what is odd.
    pub fn warn(&mut self, code: Code, spot: Spot, says: impl FnOnce() -> String) {
        push_some(&mut self.warnings, code, spot, says);
    }

    /// Notes what is odd about the whole document.
    pub fn warn_of_all(&mut self, code: Code, says: impl FnOnce() -> String) {
        push(&mut self.warnings, code, None, says);
    }

    /// Notes why the whole document is refused.
    pub fn error_of_all(&mut self, code: Code, says: impl FnOnce() -> String) {
        push(&mut self.errors, code, None, says);
    }

    pub fn refuses(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The same of a table: what was noted as bytes are lines of it.
    pub fn finish_table<T>(self, value: Option<T>) -> Read<T> {
        let errors: Vec<Finding> = self.errors.into_iter().map(of_row).collect();
        Read {
            outcome: value.filter(|_| errors.is_empty()).ok_or(errors),
            warnings: self.warnings.into_iter().map(of_row).collect(),
        }
    }

    /// The same of a form, whose fields are named in what is said.
    pub fn finish_fields<T>(self, value: Option<T>) -> Read<T> {
        let plain = |mut note: Note| {
            note.tell_more();
            Finding::nowhere(note.code, note.says)
        };
        let errors: Vec<Finding> = self.errors.into_iter().map(plain).collect();
        let outcome = match value {
            Some(value) if errors.is_empty() => Ok(value),
            _ => Err(errors),
        };
        Read {
            outcome,
            warnings: self.warnings.into_iter().map(plain).collect(),
        }
    }

    /// Looks for the places of what was noted.
    pub fn finish<T>(self, text: &str, outcome: Result<T, Finding>) -> Read<T> {
        let mut errors = found(text, self.errors);
        let warnings = found(text, self.warnings);
        let outcome = match outcome {
            Ok(value) if errors.is_empty() => Ok(value),
            Ok(_) => Err(errors),
            Err(error) => {
                // What made reading on impossible is told even if it is one too many.
                errors.truncate(FINDINGS_MAX - 1);
                errors.push(error);
                Err(errors)
            }
        };
        Read { outcome, warnings }
    }
}

fn of_row(mut note: Note) -> Finding {
    note.tell_more();
    let Some(line) = note.at else {
        return Finding::nowhere(note.code, note.says);
    };
    let column = note
        .attribute
        .map_or(String::new(), |it| format!(", {it},"));
    Finding {
        code: note.code,
        message: format!("the row{column} {}", note.says),
        place: Some(Place {
            line,
            column: 1,
            path: note.attribute.map_or(String::new(), |it| format!("/{it}")),
        }),
        excerpt: None,
    }
}

impl Note {
    fn tell_more(&mut self) {
        if self.more > 0 {
            let says = std::mem::take(&mut self.says);
            self.says = format!("{says}; the same {} times more", self.more);
        }
    }
}

fn push(notes: &mut Vec<Note>, code: Code, spot: Option<Spot>, says: impl FnOnce() -> String) {
    if notes.len() < FINDINGS_MAX {
        notes.push(Note {
            code,
            at: spot.map(|spot| spot.at),
            attribute: spot.and_then(|spot| spot.attribute),
            says: says(),
            more: 0,
        });
    }
}

/// So that one fault of every line does not crowd out the others.
fn push_some(notes: &mut Vec<Note>, code: Code, spot: Spot, says: impl FnOnce() -> String) {
    let alike = notes.iter().filter(|note| note.code == code).count();
    if alike < WARNINGS_OF_A_CODE_MAX {
        push(notes, code, Some(spot), says);
    } else if let Some(last) = notes.iter_mut().rfind(|note| note.code == code) {
        last.more += 1;
    }
}

fn found(text: &str, notes: Vec<Note>) -> Vec<Finding> {
    let mut ats: Vec<usize> = notes.iter().filter_map(|note| note.at).collect();
    ats.sort_unstable();
    ats.dedup();
    let places = Place::of_all(text, &ats);
    let place = |at: usize| {
        let found = ats.binary_search(&at).ok()?;
        places.get(found).cloned()
    };
    let finding = |mut note: Note| {
        note.tell_more();
        let Some((at, mut place)) = note.at.and_then(|at| Some((at, place(at)?))) else {
            return Finding::nowhere(note.code, note.says);
        };
        let excerpt = excerpt(text, at, Some(&place));
        if let Some(attribute) = note.attribute {
            place.path.push_str("/@");
            place.path.push_str(attribute);
        }
        Finding {
            code: note.code,
            message: format!("{} {}", tail(&place.path), note.says),
            place: Some(place),
            excerpt: Some(excerpt),
        }
    };
    notes.into_iter().map(finding).collect()
}

/// The end of a path, from the line it is in.
fn tail(path: &str) -> &str {
    let lines = [
        "/ItemIn",
        "/ShipNoticeItem",
        "/ConfirmationItem",
        "/InvoiceDetailItem",
        "/ReceiptItem",
    ];
    let from_line = lines
        .iter()
        .filter_map(|line| path.find(line))
        .min()
        .map(|at| at + 1);
    let from_parent = || path.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
    &path[from_line.unwrap_or_else(from_parent)..]
}

/// What stands at a byte of a document, on its line, secrets taken out.
fn excerpt(text: &str, at: usize, place: Option<&Place>) -> String {
    if place.is_some_and(|place| redact::is_within_secret(&place.path)) {
        return redact::REDACTED.to_owned();
    }
    let mut start = at.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    // As much more as a secret may need to be recognized, so that no part of one is shown.
    let stretch: String = text[start..].chars().take(EXCERPT_CHARS_MAX * 4).collect();
    let shown = redact::redact(&stretch);
    let line = shown.lines().next().unwrap_or_default();
    line.chars().take(EXCERPT_CHARS_MAX).collect()
}
