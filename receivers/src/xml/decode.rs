//! From bytes to text: by the byte order mark, else by what the declaration says, else UTF-8.

use std::borrow::Cow;

use super::error::{Code, Error};

/// In how many bytes the declaration is looked for.
const DECLARATION_BYTES_MAX: usize = 256;

/// What windows-1252 has where ISO 8859-1 has controls; the five that it does not have stay controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The text of a document, without a byte order mark and without blanks in front.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0, b'<', 0, ..] => utf16(bytes, u16::from_be_bytes)?,
        [b'<', 0, _, 0, ..] => utf16(bytes, u16::from_le_bytes)?,
        _ => declared(bytes)?,
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start()),
        Cow::Owned(text) => Cow::Owned(text.trim_start().to_owned()),
    };
    if text.is_empty() {
        return Err(Error::nowhere(Code::EmptyDocument, "there is no document"));
    }
    Ok(text)
}

/// A declaration that can be read byte by byte cannot be one of UTF-16: then it is wrong, and the text UTF-8.
fn declared(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let Some(encoding) = declared_encoding(bytes) else {
        return utf8(bytes);
    };
    match encoding.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "utf-16le" | "utf-16be" => utf8(bytes),
        "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" => Ok(single(bytes, char::from)),
        "windows-1252" | "cp1252" => Ok(single(bytes, |byte| match byte {
            0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
            _ => char::from(byte),
        })),
        _ => Err(Error::nowhere(
            Code::BadEncoding,
            "the document is in an encoding that is not known here",
        )),
    }
}

/// What the declaration says, in lower case.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = bytes[start..].strip_prefix(b"<?xml")?;
    let rest = &rest[..rest.len().min(DECLARATION_BYTES_MAX)];
    let end = rest.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&rest[..end]).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let quoted = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = quoted[1..].split_once(quote)?;
    Some(name.trim().to_ascii_lowercase())
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|_| Error::nowhere(Code::BadEncoding, "the document is not UTF-8"))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, Error> {
    let broken = || Error::nowhere(Code::BadEncoding, "the document is not UTF-16");
    if !bytes.len().is_multiple_of(2) {
        return Err(broken());
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| broken())
}

fn single(bytes: &[u8], character: impl Fn(u8) -> char) -> Cow<'static, str> {
    bytes
        .iter()
        .map(|byte| character(*byte))
        .collect::<String>()
        .into()
}
