//! Texts as a card shows them: what somebody wrote must not become markup.

/// A text for an element that reads Markdown. Tags and serial numbers stay as they are; only what would change how they are shown is escaped.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 8);
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            // A single line break is none in Markdown.
            written.push_str("\n\n");
        }
        line_into(&mut written, line);
    }
    // The one thing that a backslash does not stop: dates written as functions.
    while written.contains("{{") {
        written = written.replace("{{", "{ {");
    }
    written
}

fn line_into(written: &mut String, line: &str) {
    let begins = line.trim_start();
    let digits = begins.bytes().take_while(u8::is_ascii_digit).count();
    let is_list = begins.starts_with(['-', '+', '#', '=']) && !begins.starts_with("--")
        || begins.starts_with("--")
        || digits > 0 && begins[digits..].starts_with(['.', ')']);
    let mark = begins.len() - if digits > 0 && is_list { digits } else { 0 };
    let escaped_at = line.len() - mark;
    for (at, c) in line.char_indices() {
        let always = matches!(
            c,
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '`' | '~' | '|'
        );
        if always || is_list && at == escaped_at {
            written.push('\\');
        }
        written.push(c);
    }
}

/// A text for a preview, which reads a little HTML and knows no escape that every client honours.
#[must_use]
pub fn untagged(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '\n' => ' ',
            c => c,
        })
        .collect::<String>()
        .replace('&', "＆")
}

/// An address that may be opened: https, or http where the installation itself has no other.
#[must_use]
pub fn opens(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.chars().all(|c| !c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_it_was_written() {
        for (text, expected) in [
            ("WMK-004217-S", "WMK-004217-S"),
            ("a *b* _c_", r"a \*b\* \_c\_"),
            ("[x](https://evil.example)", r"\[x\](https://evil.example)"),
            ("<at>Priya</at>", r"\<at\>Priya\</at\>"),
            ("- item", r"\- item"),
            ("# head", r"\# head"),
            ("12. twelve", r"12\. twelve"),
            ("12.5 kg", r"12\.5 kg"),
            ("{{DATE(2026-01-01)}}", "{ {DATE(2026-01-01)}}"),
            ("{{{x", "{ { {x"),
            (r"back\slash", r"back\\slash"),
            ("one\ntwo", "one\n\ntwo"),
            ("--- rule", r"\--- rule"),
            ("", ""),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }

    #[test]
    fn previews_have_no_tags() {
        assert_eq!(untagged("<b>a & b</b>\nc"), "‹b›a ＆ b‹/b› c");
    }

    #[test]
    fn only_web_addresses_are_opened() {
        assert!(opens("https://habeo.example.edu/a"));
        for bad in ["javascript:alert(1)", "data:x", "https://a\nb", "", "/a"] {
            assert!(!opens(bad), "{bad}");
        }
    }
}
