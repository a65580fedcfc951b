//! The known word that a mistyped one is nearest to.

use std::collections::HashSet;

/// The fewest letters of a word that may be mistyped; shorter ones are too near to each other.
const CHARS_MIN: usize = 4;
/// From this length on two mistakes are forgiven.
const TWO_MISTAKES_CHARS: usize = 8;
/// The longest word that is looked at.
const CHARS_MAX: usize = 24;

/// Known words, by length. A question looks at each word of about its length once, and at most of them only through their letters.
#[derive(Debug, Default)]
pub(in crate::intent) struct Nearest {
    by_length: Vec<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    word: String,
    letters: u32,
}

impl Nearest {
    /// Keeps the words that consist of letters only: a digit more or less is another number, not a mistake.
    pub(in crate::intent) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut by_length: Vec<Vec<Known>> = (0..=CHARS_MAX).map(|_| Vec::new()).collect();
        let distinct: HashSet<&str> = words.collect();
        let mut distinct: Vec<&str> = distinct.into_iter().collect();
        distinct.sort_unstable();
        for word in distinct {
            if word.len() <= CHARS_MAX
                && word.len() >= CHARS_MIN
                && word.bytes().all(|b| b.is_ascii_lowercase())
            {
                by_length[word.len()].push(Known {
                    word: word.to_owned(),
                    letters: letters(word),
                });
            }
        }
        Self { by_length }
    }

    /// The one known word that is nearer than all others, if it is near enough.
    pub(in crate::intent) fn find(&self, word: &str) -> Option<&str> {
        if word.len() < CHARS_MIN
            || word.len() > CHARS_MAX
            || !word.bytes().all(|b| b.is_ascii_lowercase())
        {
            return None;
        }
        let mistakes = if word.len() >= TWO_MISTAKES_CHARS {
            2
        } else {
            1
        };
        let own = letters(word);
        let mut best: Option<(usize, &str)> = None;
        let mut tied = false;
        let mut dropped = false;
        for length in word.len() - mistakes..=(word.len() + mistakes).min(CHARS_MAX) {
            for known in &self.by_length[length] {
                // One mistake changes at most two letters of the set.
                if (known.letters ^ own).count_ones() as usize > 2 * mistakes
                    || !same_start(&known.word, word)
                {
                    continue;
                }
                let distance = strsim::osa_distance(&known.word, word);
                if distance > mistakes {
                    continue;
                }
                // Of equals the one is meant of which letters were only left out or swapped: "tablt" is no "table".
                let drops =
                    is_within(word, &known.word) || (known.letters == own && length == word.len());
                match best {
                    Some((nearest, _)) if distance > nearest => {}
                    Some((nearest, _)) if distance == nearest && dropped && !drops => {}
                    Some((nearest, _)) if distance == nearest && dropped == drops => tied = true,
                    _ => {
                        best = Some((distance, &known.word));
                        tied = false;
                        dropped = drops;
                    }
                }
            }
        }
        best.filter(|_| !tied).map(|(_, word)| word)
    }
}

/// Whether these letters occur in that word in the same order.
fn is_within(letters: &str, word: &str) -> bool {
    let mut rest = word.bytes();
    letters
        .bytes()
        .all(|letter| rest.any(|other| other == letter))
}

fn letters(word: &str) -> u32 {
    word.bytes().fold(0, |set, b| set | 1 << (b - b'a'))
}

/// People get the first letter right, or swap it with the second.
fn same_start(known: &str, word: &str) -> bool {
    let (known, word) = (known.as_bytes(), word.as_bytes());
    known[0] == word[0] || (known[0] == word[1] && known[1] == word[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_forgiven_by_length() {
        let known = Nearest::new(["laptop", "biology", "missing", "chemistry", "hall"].into_iter());
        for (typed, meant) in [
            ("laptpo", Some("laptop")),
            ("biolgy", Some("biology")),
            ("mising", Some("missing")),
            ("chemisty", Some("chemistry")),
            ("chmisrty", Some("chemistry")),
            ("hale", Some("hall")),
            ("xiology", None),
            ("lap", None),
        ] {
            assert_eq!(known.find(typed), meant, "{typed}");
        }
    }

    #[test]
    fn a_tie_is_no_answer() {
        let known = Nearest::new(["cart", "card"].into_iter());
        assert_eq!(known.find("carx"), None);
        let known = Nearest::new(["table", "tablet"].into_iter());
        assert_eq!(known.find("tablt"), Some("tablet"));
        let known = Nearest::new(["main", "mean"].into_iter());
        assert_eq!(known.find("mian"), Some("main"));
    }
}
