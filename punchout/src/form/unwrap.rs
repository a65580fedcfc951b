//! From the value of a field to the text of a document, through whatever it was wrapped in.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use percent_encoding::percent_decode_str;

use crate::code::Code;
use crate::entities;
use crate::finding::Finding;

use super::fields::is_document;

/// In how many bytes the declaration is looked for.
const DECLARATION_BYTES_MAX: usize = 256;

/// Strict but for the padding, which is put right before.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// What the field for base64 holds.
pub(super) fn base64_field(value: &[u8], warnings: &mut Vec<Finding>) -> Result<String, Finding> {
    if is_document(value) {
        double_encoded(warnings, "the field for base64 holds plain XML");
        return document(value, None, warnings);
    }
    let Some((bytes, repaired)) = lenient_base64(value) else {
        return Err(Finding::nowhere(
            Code::BadBase64,
            "the field for base64 holds something else",
        ));
    };
    if let Some(why) = repaired {
        warnings.push(Finding::nowhere(Code::Base64Repaired, why));
    }
    if is_document(&bytes) {
        return document(&bytes, None, warnings);
    }
    if let Some((inner, _)) = lenient_base64(&bytes).filter(|(inner, _)| is_document(inner)) {
        double_encoded(warnings, "the document was encoded in base64 twice");
        return document(&inner, None, warnings);
    }
    let text = document(&bytes, None, warnings)?;
    Ok(once_more(text, warnings))
}

/// What the field for text holds. What the document says of its encoding means nothing there.
pub(super) fn text_field(value: &[u8], warnings: &mut Vec<Finding>) -> Result<String, Finding> {
    if !is_document(value)
        && let Some((bytes, _)) = lenient_base64(value).filter(|(bytes, _)| is_document(bytes))
    {
        double_encoded(warnings, "the field for text holds base64");
        return document(&bytes, None, warnings);
    }
    let text = if std::str::from_utf8(value).is_ok() || marked(value).is_some() {
        document(value, Some(UTF_8), warnings)?
    } else {
        document(value, Some(WINDOWS_1252), warnings)?
    };
    if !value.is_ascii() {
        let says = "the field for text should be ASCII, with references for all other characters";
        warnings.push(Finding::nowhere(Code::NonAsciiInUrlencoded, says));
    }
    Ok(once_more(text, warnings))
}

/// One step more where a document was encoded twice.
fn once_more(text: String, warnings: &mut Vec<Finding>) -> String {
    let begins = |what: &str| {
        let start = text.get(..what.len());
        start.is_some_and(|it| it.eq_ignore_ascii_case(what))
    };
    if begins("%3C") || begins("%EF%BB%BF%3C") {
        double_encoded(warnings, "the document was URL-encoded twice");
        let blanks = text.replace('+', " ");
        let bytes: Vec<u8> = percent_decode_str(&blanks).collect();
        return decoded(&bytes, UTF_8).map_or(text, trimmed);
    }
    if begins("&lt;") || begins("&#60;") || begins("&#x3c;") {
        double_encoded(warnings, "the document was escaped once more");
        return trimmed(entities::shown(&text));
    }
    text
}

fn double_encoded(warnings: &mut Vec<Finding>, says: &str) {
    warnings.push(Finding::nowhere(Code::DoubleEncoded, says));
}

/// Bytes of a document as text, without a byte order mark and blanks in front. The encoding is that of the mark, else the one that is given,
/// else what the declaration says, else UTF-8.
pub(super) fn document(
    bytes: &[u8],
    given: Option<&'static Encoding>,
    warnings: &mut Vec<Finding>,
) -> Result<String, Finding> {
    let bytes = match marked(bytes.trim_ascii_start()) {
        Some(_) => bytes.trim_ascii_start(),
        None => bytes,
    };
    let (encoding, mark) = marked(bytes).unwrap_or((given.unwrap_or(UTF_8), 0));
    let bytes = &bytes[mark..];
    let encoding = match (mark, given) {
        (0, None) => declared(bytes)?,
        _ => encoding,
    };
    let text = match decoded(bytes, encoding) {
        Some(text) => text,
        // A declaration that is wrong about UTF-8 is read by what old systems write.
        None if encoding == UTF_8 && mark == 0 => {
            let says = "the document says or means UTF-8 and is not; it was read as windows-1252";
            warnings.push(Finding::nowhere(Code::NonAsciiInUrlencoded, says));
            decoded(bytes, WINDOWS_1252).unwrap_or_default()
        }
        None => {
            let says = format!("the document is not {}", encoding.name());
            return Err(Finding::nowhere(Code::BadEncoding, says));
        }
    };
    let text = trimmed(text);
    if text.is_empty() {
        return Err(Finding::nowhere(
            Code::EmptyDocument,
            "there is no document",
        ));
    }
    Ok(text)
}

fn trimmed(text: Cow<'_, str>) -> String {
    let begun = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if begun.len() == text.len() {
        return text.into_owned();
    }
    begun.to_owned()
}

/// The encoding of a byte order mark and its length; UTF-16 shows itself without one, too.
fn marked(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some((UTF_8, 3)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0, b'<', 0, ..] => Some((UTF_16BE, 0)),
        [b'<', 0, _, 0, ..] => Some((UTF_16LE, 0)),
        _ => None,
    }
}

fn decoded<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Option<Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

/// What the declaration says. One that can be read byte by byte cannot be one of UTF-16: then it is wrong, and the text UTF-8.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Finding> {
    if let Some((utf16, _)) = marked(bytes) {
        return Ok(utf16);
    }
    let Some(label) = label(bytes) else {
        return Ok(UTF_8);
    };
    if label.starts_with("utf-16") || label.starts_with("utf16") || label == "ucs-2" {
        return Ok(UTF_8);
    }
    match Encoding::for_label(label.as_bytes()) {
        // ASCII is a part of both; what is more than ASCII is likelier UTF-8.
        Some(encoding) if label.contains("ascii") && std::str::from_utf8(bytes).is_ok() => {
            let _ = encoding;
            Ok(UTF_8)
        }
        Some(encoding) => Ok(encoding),
        None => {
            let says = "the document says that it is in an encoding that is not known";
            Err(Finding::nowhere(Code::BadEncoding, says))
        }
    }
}

fn label(bytes: &[u8]) -> Option<String> {
    let rest = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let rest = &rest[..rest.len().min(DECLARATION_BYTES_MAX)];
    let end = rest.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&rest[..end]).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let quoted = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = quoted[1..].split_once(quote)?;
    Some(name.trim().to_ascii_lowercase())
}

/// Base64 however it is written: broken into lines, with another alphabet, with pluses that became blanks, without or with too little
/// padding. What had to be repaired is told; line ends need no repair.
pub(super) fn lenient_base64(value: &[u8]) -> Option<(Vec<u8>, Option<&'static str>)> {
    let lines = value.trim_ascii_start();
    let ends = lines
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let (value, blanks) = trailing(&lines[..lines.len() - ends]);
    let mut repaired = None;
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    let mut before = None;
    // Blanks are looked at a run at a time: what is beside a run is beside each of them.
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\r' | b'\n' | b'\t' => {}
            b' ' => {
                let more = after.iter().take_while(|byte| **byte == b' ').count();
                rest = &after[more..];
                // A blank beside a line end is none of the value; any other was a plus.
                if !is_line_end(before) && !is_line_end(rest.first()) {
                    repaired = Some("pluses of the base64 had become blanks");
                    plain.extend(std::iter::repeat_n(b'+', more + 1));
                }
            }
            b'-' | b'_' => {
                repaired.get_or_insert("the base64 was in the alphabet for addresses");
                plain.push(if *byte == b'-' { b'+' } else { b'/' });
            }
            other => plain.push(*other),
        }
        before = Some(byte);
    }
    // Blanks at the very end were pluses if with them it is whole.
    if plain.len() % 4 != 0 && (plain.len() + blanks) % 4 == 0 && !plain.ends_with(b"=") {
        repaired = Some("pluses of the base64 had become blanks");
        plain.extend(std::iter::repeat_n(b'+', blanks));
    }
    let padding = plain.iter().rev().take_while(|byte| **byte == b'=').count();
    plain.truncate(plain.len() - padding);
    if plain.is_empty() || plain.len() % 4 == 1 {
        return None;
    }
    if padding != (4 - plain.len() % 4) % 4 {
        repaired.get_or_insert("the padding of the base64 was wrong");
    }
    Some((BASE64.decode(&plain).ok()?, repaired))
}

/// A value without the blanks at its end, and how many these are.
fn trailing(value: &[u8]) -> (&[u8], usize) {
    let blanks = value.iter().rev().take_while(|byte| **byte == b' ').count();
    (value[..value.len() - blanks].trim_ascii_end(), blanks)
}

fn is_line_end(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\r' | b'\n'))
}
