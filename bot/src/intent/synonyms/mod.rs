//! What words mean: one table of phrases for grammar, one of everyday names for things.

mod everyday;
mod sense;
mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(super) use everyday::EVERYDAY;
pub(super) use sense::{Sense, Verb};
use table::TABLE;

/// The most words of a phrase of the table.
pub(super) const PHRASE_WORDS_MAX: usize = 7;

static SENSES: LazyLock<HashMap<&'static str, Sense>> = LazyLock::new(|| {
    TABLE
        .iter()
        .flat_map(|(sense, phrases)| phrases.iter().map(|phrase| (*phrase, *sense)))
        .collect()
});

/// What a phrase means, written in lower case with single spaces.
pub(super) fn sense(phrase: &str) -> Option<Sense> {
    SENSES.get(phrase).copied()
}

/// All words of the tables, for the correction of typing mistakes.
pub(super) fn words<'a>() -> impl Iterator<Item = &'a str> {
    let phrases = TABLE.iter().flat_map(|(_, phrases)| phrases.iter());
    let said = EVERYDAY.iter().flat_map(|(said, _)| said.iter());
    phrases.chain(said).flat_map(|phrase| phrase.split(' '))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_phrase_stands_in_one_row_only_and_is_folded() {
        let mut seen = HashSet::new();
        for phrase in TABLE.iter().flat_map(|(_, phrases)| phrases.iter()) {
            assert!(seen.insert(*phrase), "{phrase} stands in two rows");
            let words: Vec<String> = habeo_core::text::words(phrase).collect();
            assert_eq!(words.join(" "), *phrase);
            assert!(words.len() <= PHRASE_WORDS_MAX, "{phrase}");
        }
    }
}
