//! The bounds of questions and intents, checked where an intent is read from JSON, because not every intent was made here.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// The most characters of a question that is read at all; notes are the longest things people say.
pub const QUESTION_CHARS_MAX: usize = 2_000;
/// The most words and marks of a question.
pub const TOKENS_MAX: usize = 400;
/// The most characters of a name or a code.
pub const PHRASE_CHARS_MAX: usize = 200;
/// The most characters of a note: what the ledger takes as a remark.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// The most things a list within an intent can have: units, places, assets, words.
pub const LIST_MAX: usize = 50;
/// The most ids that one name can stand for: the models of a family, the rooms of one number.
pub const IDS_MAX: usize = 500;
/// The most meanings that are offered where one is in doubt.
pub const ALTERNATIVES_MAX: usize = 3;
/// The highest row of an answer that can be referred to.
pub const ROW_MAX: u16 = 1_000;

/// Reads a list of at most [`LIST_MAX`] things; a longer one is refused before it is held.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(AtMost::<T, LIST_MAX>(PhantomData))
}

/// Reads a list of at most [`IDS_MAX`] things.
pub(super) fn ids<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(AtMost::<T, IDS_MAX>(PhantomData))
}

struct AtMost<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AtMost<T, MAX> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = seq.next_element()? {
            if found.len() == MAX {
                return Err(de::Error::invalid_length(MAX + 1, &self));
            }
            found.push(item);
        }
        Ok(found)
    }
}

/// Reads a row number from 1 to [`ROW_MAX`].
pub(super) fn row<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let row = u16::deserialize(deserializer)?;
    if (1..=ROW_MAX).contains(&row) {
        Ok(row)
    } else {
        Err(de::Error::custom(format_args!(
            "a row is a number from 1 to {ROW_MAX}"
        )))
    }
}
