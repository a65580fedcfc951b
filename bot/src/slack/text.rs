//! Texts on their way out and in: escaped, cut, and freed of what only Slack's client understands.

/// Writes a plain text so that Slack shows it and reads nothing into it: no mention, no link, no tag. Control characters and marks that
/// turn the direction of writing are left out, for a text may come from anybody.
#[must_use]
pub fn escape(plain: &str) -> String {
    let mut text = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            letter if is_shown(letter) => text.push(letter),
            _ => {}
        }
    }
    text
}

/// Leaves a text as it is but for what must not be shown. For `plain_text`, which Slack does not read.
#[must_use]
pub fn shown(plain: &str) -> String {
    plain.chars().filter(|letter| is_shown(*letter)).collect()
}

/// The escaped text within a number of characters; what is cut ends in an ellipsis and in no half entity.
#[must_use]
pub fn escape_within(plain: &str, letters_max: usize) -> String {
    let whole = escape(plain);
    if whole.chars().count() <= letters_max {
        return whole;
    }
    let mut text = String::new();
    let mut letters = 1;
    for letter in plain.chars() {
        let escaped = escape(letter.encode_utf8(&mut [0; 4]));
        letters += escaped.chars().count();
        if letters > letters_max {
            break;
        }
        text.push_str(&escaped);
    }
    text.push('…');
    text
}

/// The escaped text in as many pieces as it takes, each within a number of characters and with no half entity. They end where lines or words
/// do, as far as there are any.
#[must_use]
pub fn escape_in_pieces(plain: &str, letters_max: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut letters) = (String::new(), 0);
    // Where the piece could end, in bytes and in letters: behind the last blank.
    let mut end = None;
    for letter in plain.chars() {
        let escaped = escape(letter.encode_utf8(&mut [0; 4]));
        let more = escaped.chars().count();
        while letters + more > letters_max && letters > 0 {
            let (bytes, kept) = end.take().unwrap_or((piece.len(), letters));
            let rest = piece.split_off(bytes);
            pieces.push(std::mem::replace(&mut piece, rest));
            letters -= kept;
        }
        piece.push_str(&escaped);
        letters += more;
        if matches!(letter, ' ' | '\n') {
            end = Some((piece.len(), letters));
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// A text within a number of characters; what is cut ends in an ellipsis.
#[must_use]
pub fn cut(text: &str, letters_max: usize) -> String {
    if text.chars().count() <= letters_max {
        return text.to_owned();
    }
    let kept = letters_max.saturating_sub(1);
    text.chars().take(kept).chain(['…']).collect()
}

/// What somebody said to us: without our own mention, with other mentions and links as readable words, entities resolved.
#[must_use]
pub fn spoken(text: &str, bot_user: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        words.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find('>') else {
            break;
        };
        words.push_str(&readable(&rest[1..end], bot_user));
        rest = &rest[end + 1..];
    }
    words.push_str(rest);
    unescape(&words).trim().to_owned()
}

/// What stands between angle brackets, as a person would have written it.
fn readable(inner: &str, bot_user: &str) -> String {
    let (target, label) = match inner.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (inner, None),
    };
    match target.split_at_checked(1) {
        Some(("@", user)) if user == bot_user => String::new(),
        Some(("@", user)) => format!("@{}", label.unwrap_or(user)),
        Some(("#", channel)) => format!("#{}", label.unwrap_or(channel)),
        Some(("!", special)) => label.unwrap_or(special).to_owned(),
        // A link that Slack has made of a word keeps the word; any other keeps where it leads.
        _ => match label {
            Some(label) if target.ends_with(label) => label.to_owned(),
            _ => target.trim_start_matches("mailto:").to_owned(),
        },
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn is_shown(letter: char) -> bool {
    letter == '\n' || habeo_core::text::is_printable(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_slack_would_act_on_survives() {
        assert_eq!(
            escape("<!channel> R&D <@U1>"),
            "&lt;!channel&gt; R&amp;D &lt;@U1&gt;"
        );
        assert_eq!(escape("a\u{202e}b\u{0}\u{200b}c\nd"), "abc\nd");
        assert_eq!(shown("<b>\u{2067}"), "<b>");
        for unseen in [
            '\u{200c}',
            '\u{2028}',
            '\u{2062}',
            '\u{fffa}',
            '\u{e0041}',
            '\u{61c}',
        ] {
            assert_eq!(escape(&format!("a{unseen}b")), "ab", "{unseen:?}");
        }
    }

    #[test]
    fn cutting_keeps_within_and_breaks_no_entity() {
        assert_eq!(cut("Zoë", 3), "Zoë");
        assert_eq!(cut("Zoë!", 3), "Zo…");
        assert_eq!(escape_within("a&b", 7), "a&amp;b");
        assert_eq!(escape_within("a&b", 6), "a…");
        assert_eq!(escape_within("a&bcd", 7), "a&amp;…");
        for letters in 1..40 {
            let text = escape_within("<&>".repeat(9).as_str(), letters);
            assert!(text.chars().count() <= letters, "{text}");
        }
    }

    #[test]
    fn what_is_said_in_pieces_is_said_whole() {
        assert_eq!(escape_in_pieces("one two three", 8), ["one two ", "three"]);
        assert_eq!(escape_in_pieces("abcdefg", 3), ["abc", "def", "g"]);
        assert_eq!(escape_in_pieces("", 3), Vec::<String>::new());
        let text = "R&D <a> b\n".repeat(90);
        for letters in 5..60 {
            let pieces = escape_in_pieces(&text, letters);
            assert!(pieces.iter().all(|piece| piece.chars().count() <= letters));
            // A piece of blanks alone would be no block.
            let said = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(said(&pieces.concat()), said(&escape(&text)), "{letters}");
        }
    }

    #[test]
    fn what_was_said_reads_as_it_was_meant() {
        for (text, said) in [
            ("<@U0BOT> where is HB-1?", "where is HB-1?"),
            ("<@U0BOT|habeo>  hi", "hi"),
            (
                "ask <@U2|ada> in <#C1|it-ops> <!here>",
                "ask @ada in #it-ops here",
            ),
            ("what has <@U2>?", "what has @U2?"),
            (
                "who has <https://hb.example/a/1>",
                "who has https://hb.example/a/1",
            ),
            ("see <http://wmk.example|wmk.example>", "see wmk.example"),
            (
                "see <https://evil.example|HB-1>",
                "see https://evil.example",
            ),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("R&amp;D &lt;3 &amp;lt;", "R&D <3 &lt;"),
            ("5 < 6", "5 < 6"),
            ("", ""),
        ] {
            assert_eq!(spoken(text, "U0BOT"), said, "{text}");
        }
    }
}
