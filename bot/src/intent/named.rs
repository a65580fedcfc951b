//! What names become: ids of the vocabulary, phrases that somebody else resolves, and references to assets.

use std::fmt;

use habeo_core::text;
use serde::{Deserialize, Serialize};

use super::bounds;
use super::filter::Filter;

/// One line of at most `CHARS` characters, as somebody wrote it: a name to look up, a code, a word to search.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phrase<const CHARS: usize = { bounds::PHRASE_CHARS_MAX }>(String);

impl<const CHARS: usize> Phrase<CHARS> {
    /// Parses: printable, not empty, not too long.
    pub fn parse(text: &str) -> Result<Self, text::BadText> {
        text::line(text, CHARS).map(Self)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const CHARS: usize> TryFrom<String> for Phrase<CHARS> {
    type Error = text::BadText;

    fn try_from(text: String) -> Result<Self, text::BadText> {
        Self::parse(&text)
    }
}

impl<const CHARS: usize> From<Phrase<CHARS>> for String {
    fn from(phrase: Phrase<CHARS>) -> Self {
        phrase.0
    }
}

impl<const CHARS: usize> fmt::Display for Phrase<CHARS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a word of the vocabulary stands for: one id, or the ids of a family such as all models called "`MacBook`".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Id: Deserialize<'de>"))]
pub struct Named<Id> {
    /// The organisation's own name for it, for answers; the ids decide.
    pub name: Phrase,
    /// Any of these.
    #[serde(deserialize_with = "bounds::ids")]
    pub ids: Vec<Id>,
}

impl<Id: Copy> Named<Id> {
    /// The id, where there is exactly one.
    #[must_use]
    pub fn only(&self) -> Option<Id> {
        match self.ids.as_slice() {
            [id] => Some(*id),
            _ => None,
        }
    }
}

/// Which asset is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AssetRef {
    /// A tag, a part of a tag or a serial number, as it was written.
    Code(Phrase),
    /// The one asset of the last answer: "it".
    Last,
    /// A row of the last answer, counted from 1: "the second one".
    Row(#[serde(deserialize_with = "bounds::row")] u16),
    /// All rows of the last answer: "them".
    AllRows,
    /// The asset that this describes, if there is only one: "Keller's laptop".
    Described(Box<Filter>),
}
