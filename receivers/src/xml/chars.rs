//! The characters and names of XML 1.0.

/// How many bytes are looked through at a time: enough for the machine to take them together.
const STRIDE: usize = 128;

/// Where the first character is that XML does not have. In UTF-8 these are some control characters, which are one byte each, and U+FFFE and
/// U+FFFF, which begin with the byte EF.
#[must_use]
pub fn first_illegal(text: &str) -> Option<usize> {
    let mut before = 0;
    for stride in text.as_bytes().chunks(STRIDE) {
        // Counted and not looked for, which would be one byte after another.
        let odd = stride
            .iter()
            .map(|byte| u8::from(is_odd(*byte)))
            .sum::<u8>()
            > 0;
        if odd && let Some(found) = first_illegal_near(text, before, before + stride.len()) {
            return Some(found);
        }
        before += stride.len();
    }
    None
}

/// Whether a byte may begin a character that XML does not have.
const fn is_odd(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0C | 0x0E..=0x1F | 0xEF)
}

/// The same, character by character, among those that begin within a stretch.
fn first_illegal_near(text: &str, start: usize, end: usize) -> Option<usize> {
    let start = (start..end).find(|at| text.is_char_boundary(*at))?;
    let mut chars = text[start..].char_indices();
    chars
        .find(|(at, c)| start + at >= end || !is_legal(*c))
        .map(|(at, _)| start + at)
        .filter(|at| *at < end)
}

/// Whether the value of an attribute reads otherwise than it is written, or is wrong.
#[must_use]
pub fn needs_normalizing(value: &str) -> bool {
    value
        .bytes()
        .any(|byte| matches!(byte, b'&' | b'<' | b'\n' | b'\r' | b'\t'))
}

/// Whether XML has this character.
#[must_use]
pub const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether this is a name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    if text.is_ascii() {
        let mut bytes = text.bytes();
        return bytes.next().is_some_and(begins_ascii) && bytes.all(continues_ascii);
    }
    let mut chars = text.chars();
    chars.next().is_some_and(begins_name) && chars.all(continues_name)
}

/// Whether this is what a DOCTYPE says that names a definition elsewhere, or none.
#[must_use]
pub fn is_doctype(content: &str) -> bool {
    let name_end = content.find(is_space).unwrap_or(content.len());
    let (name, rest) = content.split_at(name_end);
    let rest = rest.trim_start_matches(is_space);
    let literals = if rest.is_empty() {
        Some((rest, 0))
    } else if let Some(rest) = rest.strip_prefix("SYSTEM") {
        Some((rest, 1))
    } else {
        rest.strip_prefix("PUBLIC").map(|rest| (rest, 2))
    };
    let Some((mut rest, count)) = literals else {
        return false;
    };
    for _ in 0..count {
        match literal(rest) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    is_name(name) && rest.chars().all(is_space)
}

/// What stands after blanks and a quoted text.
fn literal(text: &str) -> Option<&str> {
    let quoted = text.trim_start_matches(is_space);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (_, after) = quoted[1..].split_once(quote)?;
    (quoted.len() < text.len()).then_some(after)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

const fn begins_ascii(byte: u8) -> bool {
    matches!(byte, b':' | b'_' | b'A'..=b'Z' | b'a'..=b'z')
}

const fn continues_ascii(byte: u8) -> bool {
    begins_ascii(byte) || matches!(byte, b'-' | b'.' | b'0'..=b'9')
}

const fn begins_name(c: char) -> bool {
    matches!(c,
        ':' | '_' | 'A'..='Z' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

const fn continues_name(c: char) -> bool {
    begins_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
