//! Forms posted as `multipart/form-data` (RFC 7578), as far as browsers write them, and documents with attachments (RFC 2387).

use std::borrow::Cow;

use crate::code::Code;
use crate::finding::Finding;

use super::Field;

/// The most bytes of a boundary (RFC 2046).
const BOUNDARY_BYTES_MAX: usize = 70;
/// The most parts of a body with attachments.
const PARTS_MAX: usize = 64;
/// The most bytes of the headers of one part.
const HEADER_BYTES_MAX: usize = 4 * 1024;

/// The boundary that the type names; where it names none, the one with which the body begins. None if it is no such form.
pub(super) fn boundary(content_type: Option<&str>, body: &[u8]) -> Option<Vec<u8>> {
    let content_type = content_type.unwrap_or_default().trim();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let says_so = kind.eq_ignore_ascii_case("multipart/form-data");
    if says_so && let Some(named) = parameter(content_type, "boundary") {
        return Some(named.into_bytes());
    }
    let line = body
        .trim_ascii_start()
        .split(|byte| *byte == b'\n')
        .next()?;
    let line = line.trim_ascii_end().strip_prefix(b"--")?;
    let is_boundary = !line.is_empty()
        && line.len() <= BOUNDARY_BYTES_MAX
        && line.iter().all(u8::is_ascii_graphic)
        && (says_so
            || contains(body, b"ontent-disposition:")
            || contains(body, b"ontent-Disposition:"));
    is_boundary.then(|| line.to_vec())
}

/// The value of a parameter such as `name="x"`, quoted or not.
fn parameter(header: &str, name: &str) -> Option<String> {
    for part in header.split(';').skip(1) {
        let Some((key, value)) = part.split_once('=') else {
            continue;
        };
        if key.trim().eq_ignore_ascii_case(name) {
            let value = value.trim();
            let quoted = value.strip_prefix('"');
            let value = quoted.map_or(value, |it| it.strip_suffix('"').unwrap_or(it));
            return (!value.is_empty()).then(|| value.to_owned());
        }
    }
    None
}

/// The parts as fields. The last one may lack its end.
pub(super) fn fields(body: &[u8], boundary: &[u8], most: usize) -> Result<Vec<Field>, Finding> {
    let parts = parts(body, boundary, most).ok_or_else(|| {
        let says = "the form does not have the boundary that it names";
        Finding::nowhere(Code::NoDocumentField, says)
    })?;
    Ok(parts.into_iter().filter_map(field).collect())
}

/// The document of a body that has attachments beside it (`multipart/related`, RFC 2387): the part that the type names as the first, else the first.
pub(super) fn root(content_type: Option<&str>, body: &[u8]) -> Option<Vec<u8>> {
    let content_type = content_type?.trim();
    let kind = content_type.split(';').next()?.trim();
    let is_compound = ["multipart/related", "multipart/mixed"]
        .iter()
        .any(|one| one.eq_ignore_ascii_case(kind));
    if !is_compound {
        return None;
    }
    let boundary = parameter(content_type, "boundary")?;
    let parts = parts(body, boundary.as_bytes(), PARTS_MAX)?;
    let start = parameter(content_type, "start");
    let named = start.and_then(|start| {
        let is_start = |part: &&[u8]| {
            let id = Part::of(part).and_then(|part| part.header("content-id"));
            id.is_some_and(|id| id.trim() == start)
        };
        parts.iter().copied().find(is_start)
    });
    let part = named.or_else(|| parts.first().copied())?;
    Some(Part::of(part)?.value())
}

/// What stands between the boundaries, with its headers; none where there is no boundary. At most one part more than so many.
fn parts<'a>(body: &'a [u8], boundary: &[u8], most: usize) -> Option<Vec<&'a [u8]>> {
    let mut delimiter = b"--".to_vec();
    delimiter.extend_from_slice(boundary);
    let mut parts = Vec::new();
    let mut rest = after_delimiter(body, &delimiter, true)?;
    while !rest.starts_with(b"--") && parts.len() <= most {
        rest = skip_line_end(rest);
        let end = next_delimiter(rest, &delimiter);
        parts.push(&rest[..end]);
        match after_delimiter(&rest[end..], &delimiter, false) {
            Some(after) => rest = after,
            None => break,
        }
    }
    Some(parts)
}

/// What follows a delimiter; the first one may stand at the very beginning.
fn after_delimiter<'a>(bytes: &'a [u8], delimiter: &[u8], first: bool) -> Option<&'a [u8]> {
    let at = if first {
        find(bytes, delimiter)?
    } else {
        next_delimiter(bytes, delimiter) + line_end(&bytes[next_delimiter(bytes, delimiter)..])
    };
    bytes.get(at..)?.strip_prefix(delimiter)
}

/// Where the line end before the next delimiter is; the end of the bytes if there is none.
fn next_delimiter(bytes: &[u8], delimiter: &[u8]) -> usize {
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], delimiter) {
        let at = from + found;
        if bytes[..at].ends_with(b"\r\n") {
            return at - 2;
        }
        if at == 0 || bytes[..at].ends_with(b"\n") {
            return at.saturating_sub(1);
        }
        from = at + 1;
    }
    bytes.len()
}

fn line_end(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") {
        2
    } else {
        usize::from(bytes.starts_with(b"\n"))
    }
}

fn skip_line_end(bytes: &[u8]) -> &[u8] {
    let blanks = bytes
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let rest = &bytes[blanks..];
    &rest[line_end(rest)..]
}

/// The name and the value of a part.
fn field(part: &[u8]) -> Option<Field> {
    let part = Part::of(part)?;
    let name = parameter(&part.header("content-disposition")?, "name")?;
    Some(Field {
        name,
        value: part.value(),
    })
}

/// A part, taken apart.
struct Part<'a> {
    head: Cow<'a, str>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn of(part: &'a [u8]) -> Option<Self> {
        let (head, body) = if part.starts_with(b"\r\n") || part.starts_with(b"\n") {
            (&part[..0], skip_line_end(part))
        } else if let Some(at) = find(part, b"\r\n\r\n") {
            (&part[..at], &part[at + 4..])
        } else {
            let at = find(part, b"\n\n")?;
            (&part[..at], &part[at + 2..])
        };
        (head.len() <= HEADER_BYTES_MAX).then(|| Self {
            head: String::from_utf8_lossy(head),
            body,
        })
    }

    fn header(&self, wanted: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.to_owned())
        })
    }

    fn value(&self) -> Vec<u8> {
        let encoding = self.header("content-transfer-encoding").unwrap_or_default();
        if encoding.trim().eq_ignore_ascii_case("base64") {
            let decoded = super::unwrap::lenient_base64(self.body);
            decoded.map_or_else(|| self.body.to_vec(), |(bytes, _)| bytes)
        } else {
            self.body.to_vec()
        }
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    find(bytes, what).is_some()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}
