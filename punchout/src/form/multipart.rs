//! Forms posted as `multipart/form-data` (RFC 7578), as far as browsers write them.

use crate::code::Code;
use crate::finding::Finding;

use super::Field;

/// The most bytes of a boundary (RFC 2046).
const BOUNDARY_BYTES_MAX: usize = 70;
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
    let mut delimiter = b"--".to_vec();
    delimiter.extend_from_slice(boundary);
    let mut fields = Vec::new();
    let Some(mut rest) = after_delimiter(body, &delimiter, true) else {
        let says = "the form does not have the boundary that it names";
        return Err(Finding::nowhere(Code::NoDocumentField, says));
    };
    while !rest.starts_with(b"--") && fields.len() <= most {
        rest = skip_line_end(rest);
        let end = next_delimiter(rest, &delimiter);
        fields.extend(field(&rest[..end]));
        match after_delimiter(&rest[end..], &delimiter, false) {
            Some(after) => rest = after,
            None => break,
        }
    }
    Ok(fields)
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
    let (head, body) = if part.starts_with(b"\r\n") || part.starts_with(b"\n") {
        return None;
    } else if let Some(at) = find(part, b"\r\n\r\n") {
        (&part[..at], &part[at + 4..])
    } else {
        let at = find(part, b"\n\n")?;
        (&part[..at], &part[at + 2..])
    };
    if head.len() > HEADER_BYTES_MAX {
        return None;
    }
    let head = String::from_utf8_lossy(head);
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.to_owned())
        })
    };
    let name = parameter(&header("content-disposition")?, "name")?;
    let encoding = header("content-transfer-encoding").unwrap_or_default();
    let value = if encoding.trim().eq_ignore_ascii_case("base64") {
        super::unwrap::lenient_base64(body).map_or_else(|| body.to_vec(), |(bytes, _)| bytes)
    } else {
        body.to_vec()
    };
    Some(Field { name, value })
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    find(bytes, what).is_some()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}
