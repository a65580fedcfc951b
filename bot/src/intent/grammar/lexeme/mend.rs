//! What was not written as it is known: mistyped words, and amounts in words.

use super::{Kind, Lexeme, Lexer, longest_sense};
use crate::intent::numbers;
use crate::intent::synonyms::{self, Sense, Verb};
use crate::intent::token::Token;
use crate::intent::vocabulary::{Thing, stem};

/// The fewest letters of a mistyped maker.
const MAKER_CHARS_MIN: usize = 5;

/// What amounts of money are counted in.
pub(in crate::intent::grammar) const CURRENCIES: &[&str] = &[
    "dollar", "dollars", "usd", "bucks", "euro", "euros", "eur", "pounds", "gbp",
];

impl Lexer<'_> {
    /// A number in words that begins here.
    pub(super) fn spoken(&self, at: usize) -> Option<(usize, i64)> {
        let run = self.run(at);
        let texts: Vec<&str> = run.iter().map(|token| token.text.as_str()).collect();
        numbers::spoken(&texts)
    }

    pub(super) fn correction(&self, token: &Token) -> Option<&str> {
        if self.view.knows(&token.stem) {
            return None;
        }
        self.view.nearest(&token.text).or_else(|| {
            // A plural is mistyped as its singular is, and names are kept in the singular.
            (token.stem != token.text)
                .then(|| self.view.nearest(&token.stem))
                .flatten()
        })
    }

    /// "Old mian": a name whose second word is mistyped, where its first is another word by itself.
    pub(super) fn half_mistyped(&self, at: usize) -> Option<(usize, Kind)> {
        let run = self.run(at);
        let second = run.get(1)?;
        if run[0].possessive
            || second.possessive
            || second.text.len() < 4
            || !self.view.knows(&run[0].stem)
            || longest_sense(&run[1..]).is_some()
            || self.view.longest(&[second.stem.as_str()]).is_some()
        {
            return None;
        }
        let mended = self.correction(second)?;
        let pair = [run[0].stem.as_str(), &stem(mended)];
        let (count, hits) = self.view.longest(&pair)?;
        (count == 2).then_some((2, Kind::Names(hits)))
    }

    /// A mistyped word, read as the known word that is nearest; never where a name must stand.
    pub(super) fn corrected(
        &self,
        at: usize,
        before: Option<&Lexeme>,
    ) -> Option<(usize, Kind, bool)> {
        let token = &self.tokens[at];
        let person_expected = before.is_some_and(|before| {
            matches!(
                before.sense(),
                Some(
                    Sense::With
                        | Sense::By
                        | Sense::To
                        | Sense::For
                        | Sense::Do
                        | Sense::Verb(Verb::Give)
                )
            ) || (matches!(before.kind, Kind::Unknown) && before.capital)
        });
        let destined = before.is_some_and(|before| before.is(Sense::For) || before.is(Sense::To));
        let counts = numbers::cardinal(&token.text).is_some();
        if token.possessive || counts || person_expected && (token.capital || !destined) {
            return None;
        }
        let stretched = squeezed(&token.text);
        let mended = match stretched.as_deref() {
            Some(plain) => plain,
            None => self.correction(token)?,
        };
        let lengthened = stretched.is_none()
            && token.text.len() > mended.len()
            && token.text.starts_with(mended);
        let mut run: Vec<Token> = self.run(at).to_vec();
        mended.clone_into(&mut run[0].text);
        run[0].stem = stem(mended);
        // The rest of the phrase may be mistyped too, but one mistake in a phrase is enough to forgive.
        let sense = longest_sense(&run);
        let names = self.names(&run, before);
        match (sense, names) {
            (Some((one, _)), Some((other, hits))) if other > one => {
                Some((other, Kind::Names(hits), true))
            }
            // Behind "to" stands a name rather than a mistyped word of the grammar.
            (Some(_), _) if destined => None,
            // "Mateo" is no "mate" with a letter too many.
            (Some((_, Sense::Noise)), _) if lengthened => None,
            // Short words are too near to short names of makers.
            (None, Some((_, hits)))
                if hits[0].thing == Thing::Maker && token.text.len() < MAKER_CHARS_MIN =>
            {
                None
            }
            (Some((count, sense)), _) => Some((count, Kind::Sense(sense), true)),
            (None, Some((count, hits))) => Some((count, Kind::Names(hits), true)),
            (None, None) => None,
        }
    }
}

/// "Five hundred dollars", "worth ten thousand": an amount, because money is spoken of.
pub(super) fn said_amount(texts: &[&str], before: Option<&Lexeme>) -> Option<(usize, Kind)> {
    numbers::cardinal(texts[0])?;
    let (count, _) = numbers::spoken(texts)?;
    let money = texts
        .get(count)
        .is_some_and(|next| CURRENCIES.contains(next));
    let priced = before.is_some_and(|before| {
        ["cost", "worth", "valu", "pric", "expens", "dear", "cheap"]
            .iter()
            .any(|word| before.raw.contains(word))
    });
    let large = texts[..count]
        .iter()
        .any(|word| matches!(*word, "thousand" | "grand" | "hundred" | "million"));
    let bounded = before.is_some_and(|before| {
        [Sense::MoreThan, Sense::LessThan, Sense::Between]
            .iter()
            .any(|sense| before.is(*sense))
    });
    (money || large && (priced || bounded)).then_some((count, Kind::Number))
}

/// "Alll", "pleeease": no word has a letter three times in a row. It stands once, or twice where that is a word of the grammar.
fn squeezed(text: &str) -> Option<String> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, count)) if *last == c => *count += 1,
            _ => runs.push((c, 1)),
        }
    }
    let stretched = |(c, count): &(char, usize)| c.is_alphabetic() && *count > 2;
    if !runs.iter().any(stretched) {
        // "Hoow": a letter typed twice.
        let once: String = runs.iter().map(|(c, _)| *c).collect();
        return (once != text && (once == "how" || synonyms::sense(&once).is_some()))
            .then_some(once);
    }
    let kept = |most: usize| -> String {
        runs.iter()
            .flat_map(|run| {
                let count = if stretched(run) { most } else { run.1 };
                std::iter::repeat_n(run.0, count)
            })
            .collect()
    };
    let twice = kept(2);
    Some(if synonyms::sense(&twice).is_some() {
        twice
    } else {
        kept(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretched_words_are_squeezed() {
        assert_eq!(squeezed("alll").as_deref(), Some("all"));
        assert_eq!(squeezed("pleeease").as_deref(), Some("please"));
        assert_eq!(squeezed("hoow").as_deref(), Some("how"));
        assert_eq!(squeezed("whoo").as_deref(), Some("who"));
        assert_eq!(squeezed("laptop"), None);
    }
}
