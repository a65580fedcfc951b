//! Texts in tables that spreadsheets open: what would be taken for a formula is marked as text, and the mark is taken off again.

use std::borrow::Cow;

/// Whether a spreadsheet takes a text that begins so for something to be computed.
const fn begins_a_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0' | '＝' | '＋' | '－' | '＠'
    )
}

/// Whether the mark is needed. A text that begins with marks of its own before such a character gets one more, so that taking one off gives back
/// what was there.
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'')
        .chars()
        .next()
        .is_some_and(begins_a_formula)
}

/// A text as it is written into a table: with a leading `'` where a spreadsheet would compute it.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text as it was before [`guarded`].
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_come_back() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r", "\n", "\0", "＝1", "＋1", "－1", "＠A",
        ] {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in [
            "", "a", "1", "'", "''", "'a", "a=1", "'=1", "''=1", "'''", " =1", "=", "'@", "-",
        ] {
            assert_eq!(unguarded(&guarded(text)), text, "{text:?}");
        }
        assert_eq!(guarded("plain"), "plain");
        assert_eq!(unguarded("'quoted'"), "'quoted'");
    }
}
