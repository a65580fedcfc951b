//! Texts of others, made fit to be kept and shown: bounded, without controls and marks of direction, links only where they are safe to follow.

use habeo_core::text::{is_printable, line};

/// The most characters of a title.
pub const TITLE_CHARS_MAX: usize = 300;
/// The most characters of a name, a model, an address.
pub const NAME_CHARS_MAX: usize = 255;
/// The most characters of a vendor's key for something.
pub const ID_CHARS_MAX: usize = 200;
/// The most characters of a link.
pub const URL_CHARS_MAX: usize = 2_048;
/// The most characters of a code, such as a tag or a serial number.
pub const CODE_CHARS_MAX: usize = 100;
/// The most characters of a key by which an item is known.
pub const KEY_CHARS_MAX: usize = 255;

const HTTPS: &str = "https://";

/// A line of text: blanks and ends of lines as one blank, what cannot be printed left out, cut to its length. Blank is none.
#[must_use]
pub fn clean(text: &str, chars_max: usize) -> Option<String> {
    let mut kept = String::with_capacity(text.len().min(chars_max.saturating_mul(4)));
    for c in text.chars() {
        if c.is_whitespace() {
            if !kept.ends_with(' ') {
                kept.push(' ');
            }
        } else if is_printable(c) {
            kept.push(c);
        }
    }
    let whole = line(&kept, usize::MAX).ok()?;
    let cut: String = whole.chars().take(chars_max).collect();
    Some(cut.trim_end().to_owned())
}

/// Whether a text is one line of which everything can be seen.
#[must_use]
pub fn is_printable_line(text: &str) -> bool {
    text.chars().all(is_printable)
}

/// A vendor's key for something. One that is too long or has blanks is none: cut, it would be another's.
#[must_use]
pub fn id(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= ID_CHARS_MAX
        && text.chars().all(|c| is_printable(c) && !c.is_whitespace());
    (fits && !text.is_empty()).then(|| text.to_owned())
}

/// A link: https only, with a host and nobody's name in front of it.
#[must_use]
pub fn url(text: &str) -> Option<String> {
    let text = text.trim();
    let printable = text
        .chars()
        .all(|c| is_printable(c) && !c.is_whitespace() && !matches!(c, '<' | '>' | '"' | '\\'));
    let begins = text
        .get(..HTTPS.len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(HTTPS));
    if !begins || !printable || text.chars().count() > URL_CHARS_MAX {
        return None;
    }
    let rest = &text[HTTPS.len()..];
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = !host.is_empty() && !host.starts_with(':') && !host.contains('@');
    named.then(|| format!("{HTTPS}{rest}"))
}

/// Digits only, as the number of a radio is compared.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (1..=CODE_CHARS_MAX)
        .contains(&digits.len())
        .then_some(digits)
}

/// The address of a network interface as twelve lower-case digits; none where it is no address, or that of no interface.
#[must_use]
pub fn mac(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | '.' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let address = kept.len() == 12 && kept.chars().all(|c| c.is_ascii_hexdigit());
    let nobody = kept.chars().all(|c| c == '0') || kept.chars().all(|c| c == 'f');
    (address && !nobody).then_some(kept)
}

/// The key of an item. Blanks become `_`; what is too long or has other characters than those of ASCII is known by its hash.
#[must_use]
pub fn key(text: &str) -> String {
    let key: String = text
        .chars()
        .map(|c| if c.is_whitespace() { '_' } else { c })
        .collect();
    if key.len() <= KEY_CHARS_MAX && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return key;
    }
    let vendor = key.split(':').next().filter(|name| name.len() < 20);
    let vendor = vendor.filter(|name| name.bytes().all(|byte| byte.is_ascii_graphic()));
    let hash = crate::verify::sha256_hex(text.as_bytes());
    format!("{}:key:{hash}", vendor.unwrap_or("other"))
}

/// Which words of a title could be tags: capital letters or digits with a hyphen between them, some of each, five at most.
#[must_use]
pub fn tags_in(title: &str) -> Vec<String> {
    const TAGS_MAX: usize = 5;
    let could_be = |word: &&str| {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let whole = word.split('-').all(|part| !part.is_empty());
        word.len() <= 40 && word.contains('-') && whole && letters >= 1 && digits >= 2
    };
    let mut found: Vec<String> = Vec::new();
    for word in title
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .map(|word| word.trim_matches('-'))
        .filter(could_be)
    {
        let word = word.to_ascii_uppercase();
        if !found.contains(&word) && found.len() < TAGS_MAX {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_show_what_they_are() {
        for (text, kept) in [
            (" a\tb\r\n c ", Some("a b c")),
            ("evil\u{202E}txt", Some("eviltxt")),
            ("\u{0}\u{7}", None),
            ("   ", None),
            ("e\u{301}", Some("é")),
        ] {
            assert_eq!(clean(text, 10).as_deref(), kept, "{text:?}");
        }
        assert_eq!(
            clean(&"é".repeat(400), 300).map(|text| text.chars().count()),
            Some(300)
        );
    }

    #[test]
    fn only_safe_links_are_links() {
        for (text, taken) in [
            ("https://westmark.example/a?b#c", true),
            ("HTTPS://westmark.example", true),
            ("http://westmark.example", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///path", false),
            ("https://user@westmark.example/", false),
            ("https://westmark.example/ b", false),
            ("https://westmark.example/\"onclick", false),
            ("", false),
        ] {
            assert_eq!(url(text).is_some(), taken, "{text}");
        }
        assert_eq!(
            url("HTTPS://a.example"),
            Some("https://a.example".to_owned())
        );
        assert_eq!(
            url(&format!("https://a.example/{}", "a".repeat(3_000))),
            None
        );
    }

    #[test]
    fn keys_have_no_blanks_and_are_bounded() {
        assert_eq!(key("jamf:9:a b"), "jamf:9:a_b");
        let long = key(&format!("graph:{}", "x".repeat(300)));
        assert!(
            long.starts_with("graph:key:") && long.len() < KEY_CHARS_MAX,
            "{long}"
        );
        assert_ne!(long, key(&format!("graph:{}", "x".repeat(301))));
        assert!(key("ü").starts_with("other:key:"));
    }

    #[test]
    fn addresses_of_interfaces_have_one_form() {
        for (text, kept) in [
            ("A4:83:E7:11:22:33", Some("a483e7112233")),
            ("a483.e711.2233", Some("a483e7112233")),
            ("A483E7112233", Some("a483e7112233")),
            ("00:00:00:00:00:00", None),
            ("A4:83:E7", None),
            ("Ä483E7112233", None),
            ("", None),
        ] {
            assert_eq!(mac(text).as_deref(), kept, "{text}");
        }
        assert_eq!(
            digits("35 123456 789012 3").as_deref(),
            Some("351234567890123")
        );
    }

    #[test]
    fn words_that_could_be_tags_are_found_in_titles() {
        assert_eq!(
            tags_in("Battery of wm-004417 (WM-004417-S) swollen"),
            ["WM-004417", "WM-004417-S"]
        );
        assert!(tags_in("follow-up on room 12-").is_empty());
        assert_eq!(tags_in("A-10 A-11 A-12 A-13 A-14 A-15 A-16").len(), 5);
    }
}
