//! The fields of a form, their values as bytes, since only the document itself says what they mean.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::code::Code;
use crate::finding::Finding;
use crate::limits::Limits;

use super::multipart;

/// The most fields of a form: as many as a cart by OCI may have.
const FIELDS_PER_LINE: usize = 64;
/// Fields beside those of lines.
const FIELDS_BESIDE: usize = 256;

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name; bytes that are no UTF-8 are replaced.
    pub name: String,
    /// Its value.
    pub value: Vec<u8>,
}

/// Whether bytes are a document themselves: a byte order mark, or a tag after blanks.
pub(super) fn is_document(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [&[0xEF, 0xBB, 0xBF], &[0xFE, 0xFF], &[0xFF, 0xFE]];
    let first = bytes.trim_ascii_start();
    let unmarked = first.first() == Some(&b'<') || first.starts_with(&[0, b'<']);
    unmarked || marks.iter().any(|mark| first.starts_with(mark))
}

/// The fields of a form that was posted in either way. A body that claims none is taken for the usual one.
pub fn fields(
    body: &[u8],
    content_type: Option<&str>,
    limits: &Limits,
) -> Result<Vec<Field>, Finding> {
    let most = limits
        .lines
        .saturating_mul(FIELDS_PER_LINE)
        .saturating_add(FIELDS_BESIDE);
    let found = match multipart::boundary(content_type, body) {
        Some(boundary) => multipart::fields(body, &boundary, most)?,
        None => urlencoded(body, most),
    };
    if found.len() > most {
        let says = format!("the form has more than {most} fields");
        return Err(Finding::nowhere(Code::LimitExceeded, says));
    }
    Ok(found)
}

/// One more than is allowed is enough to know that there are too many.
fn urlencoded(body: &[u8], most: usize) -> Vec<Field> {
    let pairs = body.split(|byte| *byte == b'&');
    pairs
        .filter(|pair| !pair.is_empty())
        .take(most.saturating_add(1))
        .map(|pair| {
            let end = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = match end {
                Some(end) => (&pair[..end], &pair[end + 1..]),
                None => (pair, &pair[pair.len()..]),
            };
            Field {
                name: String::from_utf8_lossy(&decoded(name)).into_owned(),
                value: decoded(value),
            }
        })
        .collect()
}

/// A plus is a blank, and an escape that is none is left as it is, as browsers do.
fn decoded(text: &[u8]) -> Vec<u8> {
    let blanks: Cow<'_, [u8]> = if text.contains(&b'+') {
        let plain = text
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte });
        Cow::Owned(plain.collect())
    } else {
        Cow::Borrowed(text)
    };
    percent_decode(&blanks).collect()
}
