//! What is answered, in parts that every chat can show: plain texts only, each surface escapes for itself.

use std::collections::BTreeMap;

mod bound;
mod form;
mod plain;

pub use bound::{
    BUTTONS_MAX, CELL_CHARS_MAX, FACTS_MAX, LABEL_CHARS_MAX, PARTS_MAX, ROWS_MAX, TEXT_CHARS_MAX,
    shortened,
};
pub use form::{Choice, ChoiceOf, Field, FieldError, FieldKind, Form, FormKind};

/// An answer, of no platform's shape.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// All of it as plain text: for notifications, for screen readers, and where nothing richer can be shown.
    pub text: String,
    /// The same in parts.
    pub parts: Vec<Part>,
    /// What can be done next.
    pub buttons: Vec<Button>,
    /// Whether only the asker may see it.
    pub private: bool,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A short title.
    Heading(String),
    /// A paragraph.
    Text(Vec<Span>),
    /// Names with values.
    Facts(Vec<(String, String)>),
    /// A list.
    Rows(Vec<Row>),
    /// What would change, or has changed: whole. A surface that cannot show all of it shows nothing that would confirm it.
    Changes(Vec<Change>),
    /// What the same changes are of: whole, like these.
    Names(Vec<String>),
    /// A quieter line.
    Note(String),
}

/// A stretch of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// As it is.
    Plain(String),
    /// Stressed.
    Strong(String),
    /// Leading somewhere.
    Link {
        /// What is shown.
        label: String,
        /// Where it leads.
        url: String,
    },
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// What it is about.
    pub title: String,
    /// What is to be said about it.
    pub detail: String,
    /// Where there is more.
    pub url: Option<String>,
    /// What can be done with it.
    pub buttons: Vec<Button>,
}

/// One thing that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of what: the asset and which of its facts.
    pub subject: String,
    /// What it is.
    pub before: String,
    /// What it will be.
    pub after: String,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it does.
    pub act: Act,
    /// How it looks.
    pub style: Style,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Comes back to [`crate::engine::Engine::press`], opaque in between and at most [`PRESS_BYTES_MAX`] long.
    Press(String),
    /// Opens an address.
    Open(String),
    /// Opens a form, with some of its fields filled in.
    Form(FormKind, BTreeMap<String, String>),
}

/// The most bytes that a button carries.
pub const PRESS_BYTES_MAX: usize = 1_500;

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Like any other.
    #[default]
    Plain,
    /// As what is most likely wanted.
    Primary,
    /// As what should be thought about.
    Danger,
}

/// What somebody sees before they have asked anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Home {
    /// Who is greeted.
    pub title: String,
    /// What concerns them.
    pub sections: Vec<Section>,
    /// What can be done.
    pub buttons: Vec<Button>,
}

/// One list of a [`Home`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// What the rows are.
    pub title: String,
    /// What to say when there are none.
    pub empty: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Something that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// A few words for it.
    pub title: String,
    /// The question in full.
    pub message: String,
}

impl Reply {
    /// A private answer of these parts and buttons, within the bounds, with its plain text.
    #[must_use]
    pub fn new(parts: Vec<Part>, buttons: Vec<Button>) -> Self {
        let (parts, buttons) = bound::bounded(parts, buttons);
        Self {
            text: plain::text(&parts, &buttons),
            parts,
            buttons,
            private: true,
        }
    }

    /// A private answer of one sentence.
    #[must_use]
    pub fn sentence(text: impl Into<String>) -> Self {
        Self::new(vec![Part::text(text)], Vec::new())
    }

    /// The same answer for everybody to see.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.private = false;
        self
    }
}

impl Part {
    /// A paragraph of plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(vec![Span::Plain(text.into())])
    }
}

impl Button {
    /// A button that comes back.
    #[must_use]
    pub fn press(label: impl Into<String>, press: String) -> Self {
        Self {
            label: label.into(),
            act: Act::Press(press),
            style: Style::Plain,
        }
    }

    /// A button that opens an address.
    #[must_use]
    pub fn open(label: impl Into<String>, url: String) -> Self {
        Self {
            label: label.into(),
            act: Act::Open(url),
            style: Style::Plain,
        }
    }

    /// The same button in another style.
    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}
