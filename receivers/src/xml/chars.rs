//! The characters and names of XML 1.0.

/// Where the first character is that XML does not have.
#[must_use]
pub fn first_illegal(text: &str) -> Option<usize> {
    text.char_indices()
        .find(|(_, c)| !is_legal(*c))
        .map(|(at, _)| at)
}

/// Whether XML has this character.
#[must_use]
pub const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether this is a name.
#[must_use]
pub fn is_name(text: &str) -> bool {
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
