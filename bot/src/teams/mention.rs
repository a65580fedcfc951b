//! What somebody said, without the bot's own name and the markup around it.

use serde_json::Value;

use super::activity::Activity;

/// How much is read of what somebody writes, more than any question has: a crab has four bytes.
const TEXT_BYTES_MAX: usize = 64 * 1_024;
/// How much is read of a message in markup.
const MARKUP_BYTES_MAX: usize = 16 * 1_024;
/// How many mentions are read, and how long one may be.
const MENTIONS_MAX: usize = 50;
const WRITTEN_BYTES_MAX: usize = 1_024;

/// The question in an activity's text: the bot's mentions taken out, other people's kept as their names, white space as one.
#[must_use]
pub fn question(activity: &Activity) -> String {
    let text = activity.text.as_deref().unwrap_or_default();
    let mut text = beginning(text, TEXT_BYTES_MAX).to_owned();
    let own = activity.own_id();
    for (id, written) in mentions(activity) {
        if id == own && !own.is_empty() {
            text = text.replace(&written, " ");
        } else {
            // What is between the tags is the name as it was shown.
            text = text.replace(&written, &without_tags(&written));
        }
    }
    // Plain text may hold what looks like an entity and is none; only the space that Teams itself writes is always one.
    if activity.text_format.as_deref() == Some("plain") {
        text = text.replace("&nbsp;", " ");
    } else {
        text = decoded(&text);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a message in markup, as it comes with an action on a message: without tags, entities read.
#[must_use]
pub fn from_markup(markup: &str) -> String {
    decoded(&without_tags(beginning(markup, MARKUP_BYTES_MAX)))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn mentions(activity: &Activity) -> Vec<(String, String)> {
    let entities = activity.entities.as_deref().unwrap_or_default();
    let mention = |entity: &Value| {
        let is_mention = entity.get("type")?.as_str()? == "mention";
        let id = entity.pointer("/mentioned/id")?.as_str()?.to_owned();
        let written = entity.get("text")?.as_str()?.to_owned();
        let usable = !written.is_empty() && written.len() <= WRITTEN_BYTES_MAX;
        (is_mention && usable).then_some((id, written))
    };
    let mentions = entities.iter().filter_map(mention);
    mentions.take(MENTIONS_MAX).collect()
}

/// The beginning of a text, at most so many bytes of whole characters.
fn beginning(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Everything that is not between `<` and the next `>`; a tag leaves a space. What only looks like the beginning of one stays.
fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let mut closes = true;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        kept.push_str(before);
        let is_tag =
            tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        // Where no tag is closed any more none will be, so that what is left is looked through once.
        let end = if is_tag && closes {
            tag.find('>')
        } else {
            None
        };
        closes &= !is_tag || end.is_some();
        if let Some(end) = end {
            kept.push(' ');
            rest = &tag[end + 1..];
        } else {
            kept.push('<');
            rest = &tag[1..];
        }
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

/// Reads entities once. What an entity stands for is not read again.
fn decoded(text: &str) -> String {
    const NAMED: [(&str, &str); 6] = [
        ("&nbsp;", " "),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
    ];
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        let (before, entity) = rest.split_at(start);
        read.push_str(before);
        if let Some((name, stands_for)) = NAMED.iter().find(|(name, _)| entity.starts_with(name)) {
            read.push_str(stands_for);
            rest = &entity[name.len()..];
        } else if let Some((c, len)) = numeric(entity) {
            read.push(c);
            rest = &entity[len..];
        } else {
            read.push('&');
            rest = &entity[1..];
        }
    }
    read.push_str(rest);
    read
}

/// A reference such as `&#39;` or `&#x27;`, and how long it is.
fn numeric(entity: &str) -> Option<(char, usize)> {
    let end = entity.bytes().take(10).position(|b| b == b';')?;
    let digits = entity[..end].strip_prefix("&#")?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some((char::from_u32(number)?, end + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BOT: &str = "28:bot";

    fn asked(text: &str, format: &str, mentioned: &[(&str, &str)]) -> String {
        let entities: Vec<Value> = mentioned
            .iter()
            .map(|(id, written)| json!({"type": "mention", "mentioned": {"id": id}, "text": written}))
            .collect();
        let activity = json!({"type": "message", "text": text, "textFormat": format, "recipient": {"id": BOT}, "entities": entities});
        question(&serde_json::from_value(activity).expect("an activity"))
    }

    #[test]
    fn the_bots_own_name_is_no_part_of_a_question() {
        let own = (BOT, "<at>Habeo Copilot</at>");
        assert_eq!(
            asked("<at>Habeo Copilot</at> where is HB-1?", "plain", &[own]),
            "where is HB-1?"
        );
        assert_eq!(
            asked(
                "<at>Habeo Copilot</at>&nbsp;mine <at>Habeo Copilot</at>",
                "plain",
                &[own]
            ),
            "mine"
        );
        let attributed = (BOT, r#"<at id="0">Habeo</at>"#);
        assert_eq!(
            asked(r#"<at id="0">Habeo</at> due"#, "plain", &[attributed]),
            "due"
        );
        let odd = (BOT, "<at>A&B <x></at>");
        assert_eq!(asked("<at>A&B <x></at> due", "plain", &[odd]), "due");
    }

    #[test]
    fn other_people_stay_in_the_question() {
        let own = (BOT, "<at>Habeo</at>");
        let other = ("29:priya", "<at>Priya N.</at>");
        assert_eq!(
            asked(
                "<at>Habeo</at> what has <at>Priya N.</at>?",
                "plain",
                &[own, other]
            ),
            "what has Priya N.?"
        );
        assert_eq!(
            asked("<at>Nobody</at> x", "plain", &[]),
            "<at>Nobody</at> x"
        );
    }

    #[test]
    fn entities_are_read_where_the_text_is_not_plain() {
        assert_eq!(
            asked("a &lt;b&gt; &amp;amp; &#39;c&#x27;", "xml", &[]),
            "a <b> &amp; 'c'"
        );
        assert_eq!(asked("a &lt;b&gt;", "plain", &[]), "a &lt;b&gt;");
        assert_eq!(asked("a\u{a0}b&nbsp;c\n d", "plain", &[]), "a b c d");
        assert_eq!(
            asked("&#xFFFFFF; &#; & &x", "xml", &[]),
            "&#xFFFFFF; &#; & &x"
        );
    }

    #[test]
    fn markup_of_a_message_is_not_repeated() {
        let markup = r#"<p>Where is <b>WMK-1</b>?</p><script>x</script><img src="a>b"> 3 < 4"#;
        assert_eq!(from_markup(markup), r#"Where is WMK-1 ? x b"> 3 < 4"#);
        assert_eq!(from_markup("&lt;b&gt;"), "<b>");
        assert_eq!(from_markup(&"<".repeat(10_000)), "<".repeat(10_000));
        assert_eq!(from_markup("a <b <c <d"), "a <b <c <d");
    }

    /// Each would take minutes if every mark were looked for to the end, or every mention through the whole.
    #[test]
    fn hostile_texts_are_read_in_a_moment() {
        let began = std::time::Instant::now();
        for mark in ["<", "<a", "</", "&", "&#", "<a>", "<at>"] {
            let text = mark.repeat(500 * 1_024 / mark.len());
            assert!(from_markup(&text).len() <= MARKUP_BYTES_MAX);
            assert!(without_tags(&text).len() <= text.len());
            let mentions: Vec<(&str, &str)> = vec![("29:other", mark); 5_000];
            assert!(asked(&text, "xml", &mentions).len() <= text.len());
        }
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
