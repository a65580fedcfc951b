//! What a question was read as, how surely, and from which of its words.

use serde::{Deserialize, Serialize};

use super::Intent;

/// What a question was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What is wanted.
    pub intent: Intent,
    /// How surely.
    pub sureness: Sureness,
    /// What was recognised, in the order of the question.
    pub understood: Vec<Piece>,
    /// Words that were not.
    pub unknown: Vec<String>,
    /// What it may mean instead: complete intents, the likeliest first, at most three.
    pub alternatives: Vec<Intent>,
}

/// How surely a question was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    /// Not: the intent is [`Intent::Unclear`].
    Unsure,
    /// Well enough to answer a question with; the answer should repeat what it took it for.
    Likely,
    /// Every word has its place.
    Sure,
}

/// A stretch of the question and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins, in bytes.
    pub from: usize,
    /// Where it ends, in bytes.
    pub until: usize,
    /// As it was written.
    pub text: String,
    /// What it was taken for.
    pub taken: Taken,
}

/// What a stretch of a question was taken for; the text is the full name of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A unit.
    Unit(String),
    /// A place.
    Place(String),
    /// A category.
    Category(String),
    /// A maker.
    Maker(String),
    /// A model or a family of models.
    Model(String),
    /// A state, a date, a number or another condition.
    Condition(String),
    /// A tag or serial number.
    Code(String),
    /// Somebody's name.
    Person(String),
    /// Words to search for.
    Words(String),
    /// What is wanted: a list, a number, a change.
    Wish(String),
}

impl Taken {
    /// In words: "the unit Biology".
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Unit(name) => format!("the unit {name}"),
            Self::Place(name) => format!("the place {name}"),
            Self::Category(name) => format!("the category {name}"),
            Self::Maker(name) => format!("the maker {name}"),
            Self::Model(name) => format!("the model {name}"),
            Self::Condition(what) => what.clone(),
            Self::Code(code) => format!("the code {code}"),
            Self::Person(name) => format!("somebody called {name}"),
            Self::Words(words) => format!("the words \u{201C}{words}\u{201D}"),
            Self::Wish(wish) => wish.clone(),
        }
    }
}

impl Reading {
    /// What was recognised, as one sentence for people; none when nothing was.
    #[must_use]
    pub fn understood_in_words(&self) -> Option<String> {
        let parts: Vec<String> = self
            .understood
            .iter()
            .map(|piece| {
                format!(
                    "\u{201C}{}\u{201D} as {}",
                    piece.text,
                    piece.taken.in_words()
                )
            })
            .collect();
        (!parts.is_empty()).then(|| format!("I took {}.", parts.join(", ")))
    }
}
