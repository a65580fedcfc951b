//! A question as a row of recognised pieces: grammar words, names of the vocabulary, codes, dates, and what nobody knows.

mod code;
mod mend;

use habeo_core::time::Day;

use crate::intent::dates::{self, Length, Said};
use crate::intent::numbers;
use crate::intent::synonyms::{self, PHRASE_WORDS_MAX, Sense};
use crate::intent::token::{Token, TokenKind};
use crate::intent::vocabulary::{Hit, Rank, Thing, View};

use code::{TAG_DIGITS_MIN, code};
pub(super) use mend::CURRENCIES;

/// A recognised piece of a question.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a feature of how it was written, independent of the others"
)]
pub(super) struct Lexeme {
    /// What it is.
    pub kind: Kind,
    /// Where it begins in the question, in bytes.
    pub from: usize,
    /// Where it ends.
    pub until: usize,
    /// Its first word as it is compared.
    pub text: String,
    /// As it was written, without the ending of a possessive.
    pub raw: String,
    /// Whether a typing mistake was forgiven.
    pub typo: bool,
    /// Whether it begins with a capital.
    pub capital: bool,
    /// Whether it is somebody's or something's.
    pub possessive: bool,
    /// Whether its last word is a plural.
    pub plural: bool,
    /// How many words it has.
    pub words: usize,
}

/// What a piece is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A word of the grammar.
    Sense(Sense),
    /// A name of the vocabulary, and what it can stand for.
    Names(Vec<Hit>),
    /// A tag, a part of one, or a serial number.
    Code,
    /// Digits.
    Number,
    /// A date.
    Date(Said),
    /// A length of time.
    Length(Length),
    /// A quotation.
    Quoted,
    /// A mail address or account name.
    Mail,
    /// Nothing known.
    Unknown,
    /// A comma and the like.
    Mark(char),
}

impl Lexeme {
    /// The grammar word it is.
    pub(super) fn sense(&self) -> Option<Sense> {
        match self.kind {
            Kind::Sense(sense) => Some(sense),
            _ => None,
        }
    }

    /// Whether it is this grammar word.
    pub(super) fn is(&self, sense: Sense) -> bool {
        self.sense() == Some(sense)
    }
}

/// What stands before somebody's name and is no part of it.
const TITLES: &[&str] = &[
    "dr",
    "prof",
    "professor",
    "mr",
    "mrs",
    "ms",
    "mister",
    "doctor",
];

/// Recognises the pieces of a question, the longest first.
pub(super) fn lexemes(tokens: &[Token], view: &View<'_>, today: Day) -> Vec<Lexeme> {
    let lexer = Lexer {
        tokens,
        view,
        today,
        shouted: tokens
            .iter()
            .filter(|token| token.text.chars().filter(|c| c.is_alphabetic()).count() > 1)
            .all(|token| token.upper),
    };
    let mut found: Vec<Lexeme> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (count, kind, typo) = lexer.next(at, found.last());
        let end = (at + count).min(tokens.len());
        let said = matches!(kind, Kind::Number)
            .then(|| lexer.spoken(at))
            .flatten();
        let mut lexeme = lexer.lexeme(at, end, kind, typo);
        if let Some((_, number)) = said {
            lexeme.text = number.to_string();
        }
        found.push(lexeme);
        at = end;
    }
    found
}

struct Lexer<'a> {
    tokens: &'a [Token],
    view: &'a View<'a>,
    today: Day,
    /// Everything in capitals: then capitals mean nothing.
    shouted: bool,
}

impl Lexer<'_> {
    fn lexeme(&self, at: usize, end: usize, kind: Kind, typo: bool) -> Lexeme {
        let (first, last) = (&self.tokens[at], &self.tokens[end - 1]);
        let mut raw = String::new();
        let mut chunk = None;
        for token in &self.tokens[at..end] {
            if chunk != Some(token.chunk) || token.kind != TokenKind::Word {
                if !raw.is_empty() {
                    raw.push(' ');
                }
                raw.push_str(&token.raw);
            }
            chunk = Some(token.chunk);
        }
        Lexeme {
            kind,
            from: first.from,
            until: last.until,
            text: first.text.clone(),
            raw,
            typo,
            capital: first.capital && !(self.shouted && first.upper && self.tokens.len() > 3),
            possessive: last.possessive,
            plural: last.text != last.stem,
            words: end - at,
        }
    }

    fn next(&self, at: usize, before: Option<&Lexeme>) -> (usize, Kind, bool) {
        let token = &self.tokens[at];
        match token.kind {
            TokenKind::Mark(mark) => return (1, Kind::Mark(mark), false),
            TokenKind::Quoted => return (1, Kind::Quoted, false),
            TokenKind::Mail => return (1, Kind::Mail, false),
            TokenKind::Link => return (1, Kind::Code, false),
            TokenKind::Word => {}
        }
        let run = self.run(at);
        let texts: Vec<&str> = run.iter().map(|token| token.text.as_str()).collect();
        let sense = longest_sense(run);
        if let Some((count, kind)) = self.dated(&texts, at, before)
            && sense.is_none_or(|(length, _)| length <= count)
            && self
                .names(run, before)
                .is_none_or(|(length, _)| length <= count)
        {
            return (count, kind, false);
        }
        if self.is_name_part(at, before) {
            return (1, Kind::Unknown, false);
        }
        let names = self.names(run, before);
        let chunk = self.chunk(at);
        if let Some((count, kind)) = code(chunk, run)
            .filter(|_| names.as_ref().is_none_or(|(count, _)| *count < chunk.len()))
        {
            let known = chunk.len() == 1 && names.is_some();
            if !known {
                return (count, kind, false);
            }
        }
        if let Some((count, kind)) = mend::said_amount(&texts, before) {
            return (count, kind, false);
        }
        if names.as_ref().is_none_or(|(count, _)| *count < 2)
            && sense.is_none_or(|(count, _)| count < 2)
            && let Some((count, kind)) = self.half_mistyped(at)
        {
            return (count, kind, true);
        }
        let sense = sense.or_else(|| plural_noun(token).map(|sense| (1, sense)));
        match (sense, names) {
            (Some((one, sense)), Some((other, hits))) => {
                if other > one || (other == one && self.outweighs(at, &hits)) {
                    return (other, Kind::Names(hits), false);
                }
                return (one, Kind::Sense(sense), false);
            }
            (Some((count, sense)), None) => return (count, Kind::Sense(sense), false),
            (None, Some((count, hits))) => return (count, Kind::Names(hits), false),
            (None, None) => {}
        }
        let counted = token.text.strip_suffix('k').unwrap_or(&token.text);
        if !counted.is_empty() && counted.bytes().all(|b| b.is_ascii_digit()) {
            return (1, Kind::Number, false);
        }
        if let Some(kind) = self.part_of_tag(at) {
            return kind;
        }
        self.corrected(at, before)
            .unwrap_or((1, Kind::Unknown, false))
    }

    /// The words from here to the next mark.
    fn run(&self, at: usize) -> &[Token] {
        const RUN_MAX: usize = 10;
        let end = self.tokens[at..]
            .iter()
            .take(RUN_MAX)
            .take_while(|token| token.kind == TokenKind::Word)
            .count();
        &self.tokens[at..at + end]
    }

    /// The words of the stretch without spaces that begins here.
    fn chunk(&self, at: usize) -> &[Token] {
        let (chunk, raw) = (self.tokens[at].chunk, &self.tokens[at].raw);
        if at > 0 && self.tokens[at - 1].chunk == chunk && self.tokens[at - 1].raw == *raw {
            return &self.tokens[at..=at];
        }
        let end = self.tokens[at..]
            .iter()
            .take_while(|token| token.chunk == chunk && token.raw == *raw)
            .count();
        &self.tokens[at..at + end]
    }

    fn dated(&self, texts: &[&str], at: usize, before: Option<&Lexeme>) -> Option<(usize, Kind)> {
        // "May" is a verb, "march" one too, and three numbers in a row are a date only where they are written as one.
        if matches!(texts[0], "may" | "march" | "mar" | "sun" | "sat")
            && !self.expects_date(at, texts, before)
        {
            return None;
        }
        if texts[0].bytes().all(|b| b.is_ascii_digit())
            && texts
                .get(1)
                .is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
        {
            let joined = self.tokens[at].chunk == self.tokens[at + 1].chunk;
            let grouped = self.tokens[at].raw.contains(['-', '.']) || self.slashed(at);
            if !joined || !grouped {
                return None;
            }
        }
        if let Some((count, said)) = dates::date(texts, self.today) {
            return Some((count, Kind::Date(said)));
        }
        let (count, length) = dates::length(texts)?;
        // "A year" is a length; "one year" too; but "first quarter" and the like are not.
        Some((count, Kind::Length(length)))
    }

    fn slashed(&self, at: usize) -> bool {
        let chunk = self.tokens[at].chunk;
        self.tokens[at..]
            .iter()
            .take(3)
            .all(|token| token.chunk == chunk && token.kind == TokenKind::Word)
    }

    fn expects_date(&self, at: usize, texts: &[&str], before: Option<&Lexeme>) -> bool {
        let led = before.is_some_and(|before| {
            matches!(
                before.sense(),
                Some(
                    Sense::In
                        | Sense::Since
                        | Sense::Before
                        | Sense::After
                        | Sense::Until
                        | Sense::By
                        | Sense::Of
                        | Sense::Last
                        | Sense::Between
                        | Sense::And
                        | Sense::From
                        | Sense::To
                )
            )
        });
        let numbered = texts
            .get(1)
            .is_some_and(|word| numbers::digits(word).is_some());
        numbered
            || (led && (texts.get(1).is_none_or(|next| *next != "i")))
            || (self.tokens[at].capital
                && at > 0
                && before.is_none_or(|before| before.sense().is_some())
                && texts.len() == 1)
    }

    /// A capital beside a capital that nobody knows is a part of a person's name, whatever else the word may mean.
    fn is_name_part(&self, at: usize, before: Option<&Lexeme>) -> bool {
        if self.shouted || !self.tokens[at].capital || self.tokens[at].upper {
            return false;
        }
        let unknown = |token: &Token| {
            token.kind == TokenKind::Word
                && token.capital
                && token.text.bytes().all(|b| !b.is_ascii_digit())
                && synonyms::sense(&token.text).is_none()
                && self
                    .view
                    .longest(&[token.stem.as_str()])
                    .is_none_or(|(_, hits)| hits[0].rank >= Rank::Inner)
                && self.correction(token).is_none()
        };
        let token = &self.tokens[at];
        if TITLES.contains(&token.text.as_str()) {
            return false;
        }
        let named = synonyms::sense(&token.text).is_none() || at > 0;
        let partial = self
            .view
            .longest(&[token.stem.as_str()])
            .is_none_or(|(_, hits)| hits[0].rank > Rank::Exact);
        let whole = self
            .names(self.run(at), before)
            .is_some_and(|(count, _)| count > 1);
        let after = before.is_some_and(|before| {
            matches!(before.kind, Kind::Unknown)
                && before.capital
                && !before.possessive
                && before.until + 1 == token.from
        });
        let behind = self
            .tokens
            .get(at + 1)
            .is_some_and(|next| !token.possessive && unknown(next));
        named && partial && !whole && (after || behind)
    }

    fn names(&self, run: &[Token], before: Option<&Lexeme>) -> Option<(usize, Vec<Hit>)> {
        let stems: Vec<&str> = run.iter().map(|token| token.stem.as_str()).collect();
        let (mut count, mut hits) = self.view.longest(&stems)?;
        let placed = before.is_some_and(|before| {
            matches!(before.sense(), Some(Sense::In | Sense::To | Sense::From))
        });
        let written = count == 1
            && (run[0].upper || placed || run[0].text.bytes().any(|b| b.is_ascii_digit()))
            || count > 1;
        hits.retain(|hit| {
            hit.rank != Rank::Code || written || !matches!(hit.thing, Thing::Place(_))
        });
        if hits.is_empty() {
            return None;
        }
        if hits[0].thing == Thing::Model {
            count += self.narrowed(&run[count..], &mut hits[0]);
        }
        Some((count, hits))
    }

    /// "`MacBook` Pro M3": words behind the name of a family that only some of it have.
    fn narrowed(&self, rest: &[Token], family: &mut Hit) -> usize {
        let mut taken = 0;
        for (at, token) in rest.iter().enumerate() {
            if family.ids.len() < 2 {
                break;
            }
            if let Some(mut narrower) = self.view.narrowed(family, &token.stem) {
                if narrower.ids.len() > 1 {
                    narrower.name = format!("{} {}", family.name, token.raw);
                }
                *family = narrower;
                taken = at + 1;
            } else if !matches!(token.text.as_str(), "inch" | "in" | "the" | "with") {
                break;
            }
        }
        taken
    }

    /// A name that is also a grammar word is the name where it is written as one.
    fn outweighs(&self, at: usize, hits: &[Hit]) -> bool {
        let token = &self.tokens[at];
        // "Its" at the end owns nothing.
        let owns_nothing = token.text == "its"
            && at > 0
            && self
                .tokens
                .get(at + 1)
                .is_none_or(|next| next.kind != TokenKind::Word);
        (token.upper && !self.shouted || owns_nothing) && hits[0].rank <= Rank::Code
    }

    /// "wmk 4217", "WMK 004217 S": a tag typed with spaces.
    fn part_of_tag(&self, at: usize) -> Option<(usize, Kind, bool)> {
        let token = &self.tokens[at];
        let letters = (2..=5).contains(&token.text.len())
            && token.text.bytes().all(|b| b.is_ascii_lowercase());
        let number = self.tokens.get(at + 1)?;
        let digits = number.text.len() >= TAG_DIGITS_MIN
            && number.text.bytes().all(|b| b.is_ascii_digit())
            && number.kind == TokenKind::Word;
        if !letters || !digits || self.correction(token).is_some() {
            return None;
        }
        let check = self.tokens.get(at + 2).is_some_and(|check| {
            check.text.len() == 1
                && check.kind == TokenKind::Word
                && check.text != "a"
                && check.text != "i"
        });
        Some((2 + usize::from(check), Kind::Code, false))
    }
}

/// "Equipments", "informations": nouns that have no plural, except where somebody gives them one.
fn plural_noun(token: &Token) -> Option<Sense> {
    if token.stem == token.text {
        return None;
    }
    synonyms::sense(&token.stem).filter(|sense| {
        matches!(
            sense,
            Sense::Thing
                | Sense::Show
                | Sense::Noun(_)
                | Sense::Holder
                | Sense::Place
                | Sense::Warranty
                | Sense::Cost
                | Sense::History
        )
    })
}

fn longest_sense(run: &[Token]) -> Option<(usize, Sense)> {
    let mut key = String::new();
    let mut ends = Vec::with_capacity(PHRASE_WORDS_MAX);
    for token in run.iter().take(PHRASE_WORDS_MAX) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&token.text);
        ends.push(key.len());
        // A possessive belongs to somebody, so no phrase goes on behind it.
        if token.possessive {
            break;
        }
    }
    (1..=ends.len())
        .rev()
        .find_map(|count| synonyms::sense(&key[..ends[count - 1]]).map(|sense| (count, sense)))
}
