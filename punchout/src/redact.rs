//! Secrets taken out of documents, before anything of them is stored, shown or logged.
//!
//! What is looked for are letters, not the structure of XML: a document that cannot be read may have a secret in it as well.

use std::borrow::Cow;
use std::ops::Range;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Elements whose content is a secret.
const SECRET_ELEMENTS: &[&str] = &["SharedSecret", "CredentialMac", "DigitalSignature"];
/// Elements whose attribute `number` is one.
const NUMBERED_ELEMENTS: &[&str] = &["PCard", "PaymentToken"];

/// Whether an element of this name has a secret in it, or an attribute that is one.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    matches!(name.len(), 5 | 12 | 13 | 16)
        && (is_one_of(name, SECRET_ELEMENTS) || is_one_of(name, NUMBERED_ELEMENTS))
}

/// Whether a path leads into a secret.
#[must_use]
pub(crate) fn is_within_secret(path: &str) -> bool {
    path.split('/')
        .any(|step| is_secret(step.split('[').next().unwrap_or_default()))
}

/// The document without its secrets; nothing else of it is changed.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut redacted = once(text);
    // In a document that is no XML, what was taken out may have hidden where the next tag begins.
    for _ in 0..PASSES_MAX {
        let more = match once(&redacted) {
            Cow::Owned(more) if more != redacted => more,
            _ => break,
        };
        redacted = Cow::Owned(more);
    }
    redacted
}

/// How often a document is looked through at most.
const PASSES_MAX: usize = 4;

fn once(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    for secret in secrets {
        // What begins within another ends with it, or makes it longer: nothing of either is left.
        if copied == 0 || secret.start >= copied {
            redacted.push_str(&text[copied..secret.start]);
            redacted.push_str(REDACTED);
        }
        copied = copied.max(secret.end);
    }
    redacted.push_str(&text[copied..]);
    Cow::Owned(redacted)
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Where secrets are, in their order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        at += found + 1;
        let Some(name) = name_at(text, at) else {
            continue;
        };
        if is_one_of(name, NUMBERED_ELEMENTS) {
            secrets.extend(number(text, at, tag_end(text, at)));
        } else if is_one_of(name, SECRET_ELEMENTS) {
            let begin = tag_end(text, at);
            if text[..begin].ends_with("/>") {
                continue;
            }
            let end = content_end(text, begin, name);
            if !text[begin..end].trim().is_empty() {
                secrets.push(begin..end);
            }
            at = end;
        }
    }
    // In a document that is no XML, tags may lie in one another.
    secrets.sort_by_key(|secret| secret.start);
    secrets
}

/// The name of the element whose tag begins here, without its prefix.
fn name_at(text: &str, at: usize) -> Option<&str> {
    let rest = &text[at..];
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, ':' | '_' | '-' | '.'))
        .unwrap_or(rest.len());
    let name = rest[..end].rsplit(':').next()?;
    (!name.is_empty()).then_some(name)
}

/// The byte after a tag, quoted texts within passed over; where the next one begins if it does not end before. Of a quote that does not end
/// nothing can be told: then the first end counts.
fn tag_end(text: &str, at: usize) -> usize {
    let mut quote = None;
    for (offset, byte) in text.as_bytes()[at..].iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + offset + 1,
            (None, b'<') => return at + offset,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    let first = text[at..].find('>').filter(|_| quote.is_some());
    first.map_or(text.len(), |offset| at + offset + 1)
}

/// Where the content of an element ends: at its own end tag, not at one that is quoted in it; at the end of the document if there is none.
fn content_end(text: &str, begin: usize, name: &str) -> usize {
    let mut at = begin;
    let mut depth = 1_u32;
    while let Some(found) = text[at..].find('<') {
        let tag = at + found;
        let rest = &text[tag..];
        if rest.starts_with("<![CDATA[") {
            at = rest.find("]]>").map_or(text.len(), |end| tag + end + 3);
            continue;
        }
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(text.len(), |end| tag + end + 3);
            continue;
        }
        at = tag + 1;
        let ends = rest.starts_with("</");
        let named = name_at(text, at + usize::from(ends));
        if !named.is_some_and(|it| it.eq_ignore_ascii_case(name)) {
            continue;
        }
        let end = tag_end(text, at);
        match (ends, text[..end].ends_with("/>")) {
            (true, _) if depth == 1 => return tag,
            (true, _) => depth -= 1,
            (false, false) => depth += 1,
            (false, true) => {}
        }
        at = end;
    }
    text.len()
}

/// The values of the attributes `number` of a tag.
fn number(text: &str, at: usize, end: usize) -> Vec<Range<usize>> {
    const WORD: &str = "number";
    let tag = &text[at..end];
    let lower = tag.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = lower[from..].find(WORD).map(|offset| from + offset) {
        from = offset + WORD.len();
        let alone =
            lower[..offset].ends_with(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''));
        let value = tag[from..].trim_start().strip_prefix('=');
        let Some(value) = value.map(str::trim_start).filter(|_| alone) else {
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = &value[usize::from(quote.is_some())..];
        let length = match quote {
            Some(quote) => inner.find(quote),
            None => inner.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')),
        };
        let start = tag.len() - inner.len();
        // Nothing in a value is a name.
        from = start + length.unwrap_or(inner.len());
        found.push(at + start..at + from);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_taken_out_and_nothing_else() {
        for (text, expected) in [
            ("<a>b</a>", "<a>b</a>"),
            (
                "<SharedSecret>s3cr3t</SharedSecret>",
                "<SharedSecret>[redacted]</SharedSecret>",
            ),
            (
                "<SharedSecret a='>'>s3cr3t</SharedSecret >",
                "<SharedSecret a='>'>[redacted]</SharedSecret >",
            ),
            ("<SharedSecret/><a>b</a>", "<SharedSecret/><a>b</a>"),
            (
                "<sharedsecret>s3cr3t</sharedsecret>",
                "<sharedsecret>[redacted]</sharedsecret>",
            ),
            (
                "<x:SharedSecret>s3cr3t</x:SharedSecret>",
                "<x:SharedSecret>[redacted]</x:SharedSecret>",
            ),
            ("<SharedSecret>s3cr3t", "<SharedSecret>[redacted]"),
            (
                "<SharedSecret>s3<![CDATA[</SharedSecret>]]>cr3t</SharedSecret>b",
                "<SharedSecret>[redacted]</SharedSecret>b",
            ),
            (
                "<SharedSecret>s3<!--</SharedSecret>-->cr3t</SharedSecret>b",
                "<SharedSecret>[redacted]</SharedSecret>b",
            ),
            (
                "<SharedSecret><SharedSecret>s3</SharedSecret>cr3t</SharedSecret>b",
                "<SharedSecret>[redacted]</SharedSecret>b",
            ),
            (
                "<CredentialMac type='x'>s3cr3t</CredentialMac>",
                "<CredentialMac type='x'>[redacted]</CredentialMac>",
            ),
            (
                "<DigitalSignature><a>s3cr3t</a></DigitalSignature>",
                "<DigitalSignature>[redacted]</DigitalSignature>",
            ),
            (
                "<PCard number=\"s3cr3t\" expiration=\"2030-01-01\"/>",
                "<PCard number=\"[redacted]\" expiration=\"2030-01-01\"/>",
            ),
            (
                "<PCard name='number' number = 's3cr3t'>",
                "<PCard name='number' number = '[redacted]'>",
            ),
            ("<Phone number='1'/>", "<Phone number='1'/>"),
            (
                "<PCard number=\" number=1\"/>",
                "<PCard number=\"[redacted]\"/>",
            ),
            (
                "<PCard a=\"<PCard number='1'\" number='2'/>",
                "<PCard a=\"<PCard number='[redacted]'\" number='[redacted]'/>",
            ),
            (
                "<PCard x=\"><SharedSecret>s3cr3t</SharedSecret>",
                "<PCard x=\"><SharedSecret>[redacted]</SharedSecret>",
            ),
            (
                "<SharedSecret a=\">s3cr3t</SharedSecret>",
                "<SharedSecret a=\">[redacted]</SharedSecret>",
            ),
            (
                "<!-- <SharedSecret>s3cr3t</SharedSecret> -->",
                "<!-- <SharedSecret>[redacted]</SharedSecret> -->",
            ),
        ] {
            assert_eq!(redact(text), expected);
            assert_eq!(redact(expected), expected);
        }
    }

    proptest! {
        /// Wherever a secret stands, it is gone, and what is around it is as it was.
        #[test]
        fn no_secret_is_left(before in "[a-z<>&;'\" ]{0,20}", secret in "[A-Z0-9]{6,12}", after in "[a-z<>&;'\" /]{0,20}") {
            let text = format!("{before}<SharedSecret>{secret}</SharedSecret>{after}");
            prop_assert!(!redact(&text).contains(&secret));
            prop_assert!(redact(&text).starts_with(&before));
        }

        /// No text makes it panic.
        #[test]
        fn any_text_is_taken(text in "(<|>|/|'|\"|=|SharedSecret|PCard|number|<!--|-->|<!\\[CDATA\\[|\\]\\]>|ü| ){0,24}") {
            let once = redact(&text).into_owned();
            prop_assert!(redact(&once).len() <= once.len() + REDACTED.len() * 8);
        }

        /// Nor does one in which tags, quotes and names lie in one another.
        #[test]
        fn nested_texts_are_taken(text in "(<PCard|<PaymentToken| number=|number ='|\"|'|=|1| number=1|/>|>|<SharedSecret>|</SharedSecret>|ü ){0,24}") {
            let once = redact(&text).into_owned();
            prop_assert!(once.len() <= text.len() + REDACTED.len() * 24);
        }

        /// A number is gone, whatever stands before it in its tag.
        #[test]
        fn no_number_is_left(before in "( a='b'| c=\"d\"| number=\" number=1\"|\n){0,6}", number in "[2-9]{12,16}") {
            let text = format!("<PCard{before} number=\"{number}\"/>");
            prop_assert!(!redact(&text).contains(&number));
        }
    }

    /// A look to the end of the text for each tag would take minutes here.
    #[test]
    fn many_tags_cost_no_more_than_other_text() {
        for tag in [
            "<PCard",
            "<PCard \"",
            "<PCard '\" ",
            "<SharedSecret",
            "<SharedSecret \"'",
        ] {
            let many = tag.repeat(4 * 1024 * 1024 / tag.len());
            assert!(redact(&many).len() <= many.len() + REDACTED.len());
        }
    }
}
