//! What came in, as a page can show it: JSON indented without being changed, everything else as it is, and nothing invisible.

use habeo_core::text::is_printable;

/// The most bytes that are shown of a body.
pub(super) const SHOWN_BYTES_MAX: usize = 64 * 1_024;
/// The deepest JSON that is indented; what is deeper is shown as it came.
const DEPTH_MAX: usize = 32;

/// A body for people, and whether that is all of it.
pub(super) fn shown(body: &[u8]) -> (String, bool) {
    let (part, rest) = body.split_at(body.len().min(SHOWN_BYTES_MAX));
    let text = visible(&String::from_utf8_lossy(part));
    let whole = rest.is_empty();
    match indented(&text).filter(|_| whole) {
        Some(indented) if indented.len() <= 2 * SHOWN_BYTES_MAX => (indented, true),
        _ => (text, whole),
    }
}

/// What a file of it is to be called, by its first character.
pub(super) fn extension(body: &[u8]) -> &'static str {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => "json",
        Some(b'<') => "xml",
        _ => "txt",
    }
}

/// What would not be seen, or would turn what stands beside it around, by its number.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => visible.push(c),
            '\r' => {}
            c if is_printable(c) => visible.push(c),
            c => visible.extend(c.escape_unicode()),
        }
    }
    visible
}

/// JSON with each member on a line of its own, every other character as it came; none where the text does not look like JSON.
fn indented(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut open = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                if open.len() == DEPTH_MAX {
                    return None;
                }
                let close = if c == '{' { '}' } else { ']' };
                out.push(c);
                while letters.next_if(|c| c.is_whitespace()).is_some() {}
                if letters.next_if_eq(&close).is_some() {
                    out.push(close);
                } else {
                    open.push(close);
                    line(&mut out, open.len());
                }
            }
            '}' | ']' => {
                if open.pop() != Some(c) {
                    return None;
                }
                line(&mut out, open.len());
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, open.len());
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    (open.is_empty() && !quoted).then_some(out)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_not_changed() {
        for (text, shown) in [
            ("{}", "{}"),
            ("[ ]", "[]"),
            (
                r#"{"b":1,"a":[1.50,true,{}],"a":"x, {y}: \" z"}"#,
                "{\n  \"b\": 1,\n  \"a\": [\n    1.50,\n    true,\n    {}\n  ],\n  \"a\": \"x, {y}: \\\" z\"\n}",
            ),
            (r#" {"a" : "\\" } "#, "{\n  \"a\": \"\\\\\"\n}"),
        ] {
            assert_eq!(indented(text).as_deref(), Some(shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_shown_as_it_came() {
        let deep = "[".repeat(33) + &"]".repeat(33);
        for text in ["", "a=1&b=2", "<a/>", "{", "{]", "[\"a]", "]", &deep] {
            assert_eq!(indented(text), None, "{text}");
            assert_eq!(shown(text.as_bytes()), (text.to_owned(), true));
        }
    }

    #[test]
    fn what_is_long_is_cut_and_what_is_invisible_is_shown() {
        let long = vec![b'x'; SHOWN_BYTES_MAX + 1];
        let (text, whole) = shown(&long);
        assert_eq!((text.len(), whole), (SHOWN_BYTES_MAX, false));
        let (text, whole) = shown("a\u{202e}b\0c\r\n<\u{ff}".as_bytes());
        assert_eq!(
            (text.as_str(), whole),
            ("a\\u{202e}b\\u{0}c\n<\u{ff}", true)
        );
        assert_eq!(shown(b"\xff{").0, "\u{fffd}{");
        // What would grow beyond measure is not indented.
        let wide = format!("[{}1]", "[],".repeat(SHOWN_BYTES_MAX / 3 - 2));
        let nested = format!("{}{}{}", "[".repeat(31), wide, "]".repeat(31));
        assert!(
            nested.len() <= SHOWN_BYTES_MAX + 62
                && shown(nested.as_bytes()).0.len() <= 2 * SHOWN_BYTES_MAX
        );
    }

    #[test]
    fn files_are_named_by_what_they_look_like() {
        for (body, name) in [
            (" {}", "json"),
            ("\n[", "json"),
            ("<a/>", "xml"),
            ("a=b", "txt"),
            ("", "txt"),
        ] {
            assert_eq!(extension(body.as_bytes()), name, "{body}");
        }
    }
}
