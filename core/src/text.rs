//! Texts that are parsed once and valid ever after, and the folding by which they are compared and found.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Why a text was not accepted. The value itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters than the field takes.
    #[error("must not be longer than {0} characters")]
    TooLong(usize),
    /// Control, bidirectional or zero-width characters.
    #[error("must not contain control or invisible characters")]
    Unprintable,
    /// Characters outside the field's alphabet.
    #[error("contains a character that is not allowed here")]
    Alphabet,
}

/// Whether a character may appear in a line of text, and is shown where one is: no controls, no bidirectional marks, nothing of zero width, and
/// no other end of a line than a line feed.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{061C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{2029}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'))
}

/// A single line: trimmed, NFC, printable, with at most `chars_max` characters.
pub fn line(text: &str, chars_max: usize) -> Result<String, BadText> {
    bounded(text, chars_max, is_printable)
}

/// Several lines: as [`line()`], with tab and line feed allowed.
pub fn lines(text: &str, chars_max: usize) -> Result<String, BadText> {
    bounded(text, chars_max, |c| {
        matches!(c, '\t' | '\n') || is_printable(c)
    })
}

fn bounded(
    text: &str,
    chars_max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<String, BadText> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(BadText::Empty);
    }
    if text.chars().count() > chars_max {
        return Err(BadText::TooLong(chars_max));
    }
    if !text.chars().all(allowed) {
        return Err(BadText::Unprintable);
    }
    Ok(text)
}

/// The form in which codes are compared: NFKC, upper case, without spaces and `-`, `_`, `.`, `/`.
///
/// Computed here and stored beside the original, because the engines' own case folding differs. What cannot be printed is left out: no code
/// has it, and PostgreSQL takes no NUL.
#[must_use]
pub fn fold_code(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_uppercase)
        .filter(|c| is_printable(*c) && !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '/'))
        .collect()
}

/// The words of a text as they are searched: NFKC without accents, lower case, split at everything that is neither letter nor digit.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let folded: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    words.into_iter()
}

macro_rules! code_text {
    ($($(#[$meta:meta])* $name:ident, $chars_max:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name { raw: String, folded: String }

        impl $name {
            /// The most characters it can have.
            pub const CHARS_MAX: usize = $chars_max;

            /// Parses: a printable line that has at least one letter or digit.
            pub fn parse(text: &str) -> Result<Self, BadText> {
                let raw = line(text, Self::CHARS_MAX)?;
                let folded = fold_code(&raw);
                if !folded.chars().any(char::is_alphanumeric) {
                    return Err(BadText::Alphabet);
                }
                Ok(Self { raw, folded })
            }

            /// As it was given, for display.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.raw
            }

            /// As it is compared; see [`fold_code`].
            #[must_use]
            pub fn folded(&self) -> &str {
                &self.folded
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadText;

            fn try_from(text: String) -> Result<Self, BadText> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadText;

            fn from_str(text: &str) -> Result<Self, BadText> {
                Self::parse(text)
            }
        }

        crate::store::text_column!($name);

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.raw
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.raw)
            }
        }
    )*};
}

code_text! {
    /// What is printed on an asset's label, such as `WMK-004217-S`. Unique in its organisation by its folded form, for ever.
    Tag, 64;
    /// A manufacturer's serial number.
    Serial, 128;
}

impl Tag {
    /// Writes the tag of a namespace and number, with its check character: `WMK`, 4217 → `WMK-004217-S`.
    #[must_use]
    pub fn issue(namespace: &str, number: u32) -> Self {
        let body = format!("{namespace}{number:06}");
        let check = check_character(&body).unwrap_or('?');
        let raw = format!("{namespace}-{number:06}-{check}");
        Self {
            folded: fold_code(&raw),
            raw,
        }
    }

    /// Whether a folded code has the shape of a tag of this namespace but a check character that does not belong to it.
    #[must_use]
    pub fn is_misread(folded: &str, namespace: &str) -> bool {
        let Some(rest) = folded.strip_prefix(namespace) else {
            return false;
        };
        let Some((at, check)) = rest.char_indices().last() else {
            return false;
        };
        let digits = &rest[..at];
        (6..=9).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && check_character(&folded[..namespace.len() + at]) != Some(check)
    }
}

impl Serial {
    /// Whether this is what a maker leaves in the firmware when it has no serial number, or too little to identify anything.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        const LEFT_IN_FIRMWARE: [&str; 9] = [
            "TOBEFILLEDBYOEM",
            "TOBEFILLED",
            "DEFAULTSTRING",
            "SYSTEMSERIALNUMBER",
            "NOTSPECIFIED",
            "NOTAPPLICABLE",
            "UNKNOWN",
            "NONE",
            "CHASSISSERIALNUMBER",
        ];
        const VIRTUAL: [&str; 4] = ["VMWARE", "PARALLELS", "VIRTUALBOX", "QEMU"];
        const CHARS_MIN: usize = 5;
        let folded = self.folded.as_str();
        let first = folded.chars().next();
        folded.chars().count() < CHARS_MIN
            || folded.chars().all(|c| Some(c) == first)
            || LEFT_IN_FIRMWARE.contains(&folded)
            || VIRTUAL.iter().any(|prefix| folded.starts_with(prefix))
    }
}

/// The check character of ISO 7064 mod 37,36 over `0-9A-Z`; none when another character occurs.
#[must_use]
pub fn check_character(body: &str) -> Option<char> {
    const MODULUS: u32 = 36;
    let mut product = MODULUS;
    for c in body.chars() {
        let value = match c {
            '0'..='9' | 'A'..='Z' => c.to_digit(36)?,
            _ => return None,
        };
        let sum = (product + value) % MODULUS;
        product = (if sum == 0 { MODULUS } else { sum }) * 2 % (MODULUS + 1);
    }
    char::from_digit((MODULUS + 1 - product) % MODULUS, 36).map(|c| c.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_product_page_has_its_check_character() {
        assert_eq!(Tag::issue("WMK", 4217).as_str(), "WMK-004217-S");
    }

    #[test]
    fn check_characters_agree_with_published_ones() {
        // ISO 7064 mod 37,36 as used by the Global Release Identifier (GRid) and by livestock tags.
        assert_eq!(check_character("A12425GABC1234002"), Some('M'));
        assert_eq!(check_character("lower"), None);
    }

    #[test]
    fn one_wrong_character_or_swap_is_noticed() {
        let good = fold_code("WMK-004217-S");
        assert!(!Tag::is_misread(&good, "WMK"));
        for bad in [
            "WMK-004218-S",
            "WMK-004127-S",
            "WMK-004217-T",
            "WMK-400217-S",
        ] {
            assert!(Tag::is_misread(&fold_code(bad), "WMK"), "{bad}");
        }
        // Other shapes and namespaces are legacy tags: unknown perhaps, misread never.
        for other in ["WMK-12-S", "OLD-004217-S", "WMK", "WMK-ABCDEF-S", ""] {
            assert!(!Tag::is_misread(&fold_code(other), "WMK"), "{other}");
        }
    }

    #[test]
    fn folding_brings_spellings_together() {
        for same in [
            "WMK-004217-S",
            "wmk 004217 s",
            "WMK_004217/S",
            " wmk.004217-s ",
        ] {
            assert_eq!(fold_code(same), "WMK004217S", "{same}");
        }
        assert_eq!(fold_code("ＷＭＫ"), "WMK");
    }

    #[test]
    fn words_lose_case_and_accents() {
        assert_eq!(
            words("Zoë's MacBook-Pro 14″").collect::<Vec<_>>(),
            ["zoe", "s", "macbook", "pro", "14"]
        );
    }

    #[test]
    fn placeholders_are_recognised() {
        for text in [
            "To be filled by O.E.M.",
            "Default string",
            "None",
            "0",
            "0000000",
            "ABC",
            "VMware-56 4d",
        ] {
            assert!(
                Serial::parse(text).expect("printable").is_placeholder(),
                "{text}"
            );
        }
        assert!(
            !Serial::parse("C02XG0FDJGH5")
                .expect("printable")
                .is_placeholder()
        );
    }

    #[test]
    fn what_cannot_be_seen_is_not_printable() {
        let unseen = [
            '\0',
            '\t',
            '\n',
            '\u{7F}',
            '\u{85}',
            '\u{61C}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{200E}',
            '\u{200F}',
            '\u{2028}',
            '\u{2029}',
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2061}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{FEFF}',
            '\u{FFF9}',
            '\u{FFFB}',
            '\u{E0001}',
            '\u{E007F}',
        ];
        for c in unseen {
            assert!(!is_printable(c), "{c:?}");
        }
        for c in "aé漢\u{301}🙂 \u{A0}-\u{2010}\u{202F}\u{FFFD}".chars() {
            assert!(is_printable(c), "{c:?}");
        }
    }

    #[test]
    fn unprintable_and_overlong_texts_are_refused() {
        assert_eq!(line("a\u{202E}b", 10), Err(BadText::Unprintable));
        assert_eq!(line("a\nb", 10), Err(BadText::Unprintable));
        assert_eq!(lines("a\nb", 10).as_deref(), Ok("a\nb"));
        assert_eq!(line("   ", 10), Err(BadText::Empty));
        assert_eq!(line("abcdef", 5), Err(BadText::TooLong(5)));
        assert_eq!(Tag::parse("---"), Err(BadText::Alphabet));
    }
}
