//! A question taken apart into words, codes, quotations and marks, each with its place in what was written.

use habeo_core::text;

use super::bounds::{PHRASE_CHARS_MAX, QUESTION_CHARS_MAX, TOKENS_MAX};
use super::contractions::{contraction, shorthand};
use super::vocabulary::stem;

/// A word or mark of a question.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As it is compared: folded to lower case without accents.
    pub text: String,
    /// The same without a plural's ending.
    pub stem: String,
    /// As it was written, without marks and the ending of a possessive.
    pub raw: String,
    /// Where it begins in the question, in bytes.
    pub from: usize,
    /// Where it ends.
    pub until: usize,
    /// Which stretch without spaces it belongs to: several words of one hyphenated name share it.
    pub chunk: usize,
    /// Whether it begins with a capital.
    pub capital: bool,
    /// Whether it is written in capitals only.
    pub upper: bool,
    /// Whether it ends in an apostrophe's "s".
    pub possessive: bool,
    /// What sort of token.
    pub kind: TokenKind,
}

/// What sort of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word or number.
    Word,
    /// A comma, colon, question mark and the like.
    Mark(char),
    /// What stood in quotation marks.
    Quoted,
    /// A mail address or the name of an account.
    Mail,
    /// A web address.
    Link,
}

/// A question that is longer than anybody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// Takes a question apart. What cannot be printed separates words.
pub(super) fn tokens(question: &str) -> Result<Vec<Token>, TooLong> {
    if question.len() > 4 * QUESTION_CHARS_MAX || question.chars().count() > QUESTION_CHARS_MAX {
        return Err(TooLong);
    }
    let mut found = Vec::new();
    let mut chunk = 0;
    let mut rest = 0;
    while let Some(from) = next_start(question, rest) {
        let until;
        if let Some(end) = quotation(question, from) {
            until = end;
            quoted(question, from, until, chunk, &mut found);
        } else {
            until = chunk_end(question, from);
            chunked(question, from, until, chunk, &mut found);
        }
        chunk += 1;
        rest = until;
        if found.len() > TOKENS_MAX {
            return Err(TooLong);
        }
    }
    Ok(found)
}

fn separates(c: char) -> bool {
    c.is_whitespace() || !text::is_printable(c)
}

fn next_start(question: &str, from: usize) -> Option<usize> {
    question[from..].find(|c| !separates(c)).map(|at| from + at)
}

fn chunk_end(question: &str, from: usize) -> usize {
    question[from..]
        .find(separates)
        .map_or(question.len(), |at| from + at)
}

/// The end of a quotation that begins here and is closed.
fn quotation(question: &str, from: usize) -> Option<usize> {
    let mut chars = question[from..].chars();
    let close = match chars.next()? {
        '"' => '"',
        '\u{201C}' | '\u{201E}' => '\u{201D}',
        '\u{00AB}' => '\u{00BB}',
        '`' => '`',
        _ => return None,
    };
    let open = question[from..].chars().next()?.len_utf8();
    let inside = &question[from + open..];
    let at = inside.find(close)?;
    (!inside[..at].trim().is_empty()).then(|| from + open + at + close.len_utf8())
}

fn quoted(question: &str, from: usize, until: usize, chunk: usize, found: &mut Vec<Token>) {
    let written = &question[from..until];
    let inside = written
        .trim_matches(|c| {
            matches!(
                c,
                '"' | '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{00AB}' | '\u{00BB}' | '`'
            )
        })
        .trim();
    let raw: String = inside.chars().filter(|c| text::is_printable(*c)).collect();
    let folded: Vec<String> = text::words(&raw).collect();
    found.push(Token {
        text: folded.join(" "),
        stem: folded.join(" "),
        raw,
        from,
        until,
        chunk,
        capital: false,
        upper: false,
        possessive: false,
        kind: TokenKind::Quoted,
    });
}

const fn is_mark(c: char) -> bool {
    matches!(
        c,
        ',' | ';'
            | ':'
            | '?'
            | '!'
            | '.'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '\u{2026}'
            | '*'
            | '~'
            | '|'
            | '\u{2013}'
            | '\u{2014}'
            | '\u{00BF}'
    )
}

fn chunked(question: &str, from: usize, until: usize, chunk: usize, found: &mut Vec<Token>) {
    let written = &question[from..until];
    let lower = written.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        found.push(special(written, from, chunk, TokenKind::Link));
        return;
    }
    let outer = |c: char| {
        is_mark(c)
            || matches!(
                c,
                '"' | '\'' | '\u{2018}' | '\u{201C}' | '\u{201D}' | '`' | '_'
            )
    };
    let head = written.len() - written.trim_start_matches(outer).len();
    let trimmed = written.trim_matches(outer);
    if trimmed.is_empty() {
        marks(written, from, chunk, found);
        return;
    }
    marks(&written[..head], from, chunk, found);
    let start = from + head;
    if let Some(long) = shorthand(&trimmed.to_lowercase()) {
        let end = start + trimmed.len();
        found.push(word_token(long, trimmed, start, end, chunk, false));
        marks(&question[end..until], end, chunk, found);
        return;
    }
    if trimmed.contains('@') && trimmed.chars().count() > 1 {
        found.push(special(trimmed, start, chunk, TokenKind::Mail));
    } else if let Some(amount) = thousands(trimmed) {
        found.push(word_token(
            &amount,
            trimmed,
            start,
            start + trimmed.len(),
            chunk,
            false,
        ));
    } else {
        words_of(trimmed, start, chunk, found);
    }
    let tail = start + trimmed.len();
    let initial = trimmed.chars().count() == 1
        && trimmed.chars().all(char::is_uppercase)
        && &question[tail..until] == ".";
    if !initial {
        marks(&question[tail..until], tail, chunk, found);
    }
}

/// "$10,000" without its comma.
fn thousands(written: &str) -> Option<String> {
    let bare = written.trim_start_matches(['$', '\u{20AC}', '\u{A3}']);
    let groups: Vec<&str> = bare.split(',').collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let grouped = groups.len() > 1
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups[0].len() <= 3;
    (grouped && groups.iter().all(digits)).then(|| groups.concat())
}

fn special(written: &str, from: usize, chunk: usize, kind: TokenKind) -> Token {
    Token {
        text: written.to_lowercase(),
        stem: written.to_lowercase(),
        raw: written.to_owned(),
        from,
        until: from + written.len(),
        chunk,
        capital: false,
        upper: false,
        possessive: false,
        kind,
    }
}

fn marks(written: &str, from: usize, chunk: usize, found: &mut Vec<Token>) {
    for (at, c) in written.char_indices().filter(|(_, c)| is_mark(*c)) {
        found.push(Token {
            text: c.to_string(),
            stem: c.to_string(),
            raw: c.to_string(),
            from: from + at,
            until: from + at + c.len_utf8(),
            chunk,
            capital: false,
            upper: false,
            possessive: false,
            kind: TokenKind::Mark(c),
        });
    }
}

/// The words of a chunk: a contraction's, a hyphenated name's, or one.
fn words_of(written: &str, from: usize, chunk: usize, found: &mut Vec<Token>) {
    // A comma or a slash between letters separates as a space would: "laptops,monitors".
    let mut at = 0;
    for part in written.split_inclusive([
        ',', ';', '/', '+', '&', '(', ')', '=', '<', '>', '|', '"', '?', '!', '\u{2026}',
        '\u{2014}', '\u{2013}', ':',
    ]) {
        let word = part.trim_end_matches([
            ',', ';', '/', '+', '&', '(', ')', '=', '<', '>', '|', '"', '?', '!', '\u{2026}',
            '\u{2014}', '\u{2013}', ':',
        ]);
        if !word.is_empty() {
            word_of(word, from + at, chunk, found);
        }
        let tail = &part[word.len()..];
        marks(tail, from + at + word.len(), chunk, found);
        at += part.len();
    }
}

fn word_of(written: &str, from: usize, chunk: usize, found: &mut Vec<Token>) {
    let plain: String = written
        .chars()
        .map(|c| {
            if matches!(c, '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{00B4}') {
                '\''
            } else {
                c
            }
        })
        .collect();
    let apostrophe = plain.contains('\'');
    let joined: String = text::words(&plain.replace('\'', ""))
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(long) = contraction(&joined, apostrophe) {
        for word in long.split(' ') {
            found.push(word_token(
                word,
                written,
                from,
                from + written.len(),
                chunk,
                false,
            ));
        }
        return;
    }
    let (body, possessive) = match plain
        .strip_suffix("'s")
        .or_else(|| plain.strip_suffix("'S"))
    {
        Some(body) => (body.to_owned(), true),
        None if plain.ends_with("s'") => (plain[..plain.len() - 1].to_owned(), true),
        None => (plain.clone(), false),
    };
    // "It's" is "it is"; somebody's is somebody's.
    if possessive
        && matches!(
            body.to_lowercase().as_str(),
            "it" | "he"
                | "she"
                | "there"
                | "here"
                | "this"
                | "these"
                | "what"
                | "who"
                | "where"
                | "when"
                | "how"
                | "that"
        )
    {
        let short: String = text::words(&body).collect();
        found.push(word_token(
            &short,
            &body,
            from,
            from + written.len(),
            chunk,
            false,
        ));
        found.push(word_token(
            "is",
            "is",
            from,
            from + written.len(),
            chunk,
            false,
        ));
        return;
    }
    let parts: Vec<String> = text::words(&body.replace('\'', ""))
        .filter(|word| word.chars().count() <= PHRASE_CHARS_MAX)
        .collect();
    let last = parts.len().saturating_sub(1);
    for (at, part) in parts.iter().enumerate() {
        found.push(word_token(
            part,
            &body,
            from,
            from + written.len(),
            chunk,
            possessive && at == last,
        ));
    }
}

fn word_token(
    word: &str,
    written: &str,
    from: usize,
    until: usize,
    chunk: usize,
    possessive: bool,
) -> Token {
    let letters: Vec<char> = written.chars().filter(|c| c.is_alphabetic()).collect();
    Token {
        text: word.to_owned(),
        stem: stem(word),
        raw: written.to_owned(),
        from,
        until,
        chunk,
        capital: letters.first().is_some_and(|c| c.is_uppercase()),
        upper: letters.len() > 1 && letters.iter().all(|c| c.is_uppercase()),
        possessive,
        kind: TokenKind::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(question: &str) -> Vec<String> {
        tokens(question)
            .expect("short enough")
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn contractions_are_taken_apart_and_possessives_noted() {
        assert_eq!(
            texts("who's got Keller\u{2019}s laptop?"),
            ["who", "is", "got", "keller", "laptop", "?"]
        );
        assert!(tokens("Keller's").expect("short")[0].possessive);
        assert_eq!(texts("it's lost"), ["it", "is", "lost"]);
    }

    #[test]
    fn codes_and_quotations_stay_together() {
        let found = tokens("WMK-004217-S \"cracked hinge\"").expect("short");
        assert!(
            found[..3]
                .iter()
                .all(|token| token.chunk == 0 && token.raw == "WMK-004217-S")
        );
        assert_eq!(
            (found[3].kind, found[3].raw.as_str()),
            (TokenKind::Quoted, "cracked hinge")
        );
    }

    #[test]
    fn what_cannot_be_printed_separates() {
        assert_eq!(texts("lap\u{202E}tops\u{0}in"), ["lap", "tops", "in"]);
        assert!(tokens(&"a".repeat(10_000)).is_err());
        assert!(tokens(&"? ".repeat(900)).is_err());
    }
}
