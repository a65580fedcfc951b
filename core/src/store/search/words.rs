//! Words as they are indexed and searched, and the tokens that stand for people.

use crate::id::PersonId;
use crate::text;

/// The most characters of a word that count. PostgreSQL takes no longer words than 2,046 bytes, and compatibility forms make one letter many.
const WORD_CHARS_MAX: usize = 64;
/// What a token begins with, and no word.
pub(super) const TOKEN_MARK: char = '_';

/// The token of a holder. It begins with a character that no word has, so that no searched prefix meets it.
pub(crate) fn holder_token(person: PersonId) -> String {
    format!("{TOKEN_MARK}p{}", person.uuid().simple())
}

/// The words of a text as far as they count.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text::words(text).map(|mut word| {
        if let Some((end, _)) = word.char_indices().nth(WORD_CHARS_MAX) {
            word.truncate(end);
        }
        word
    })
}

/// The distinct words of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    pub fn of(text: &str) -> Self {
        let mut words: Vec<String> = words(text).collect();
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    /// These words and those of a text that [`Self::to_string`] wrote.
    pub fn and(mut self, others: &str) -> Self {
        self.0.extend(
            others
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(ToOwned::to_owned),
        );
        self.0.sort_unstable();
        self.0.dedup();
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}
