//! Forms with a file in them, and of one known size at most: `multipart/form-data`, as browsers send it.

use habeo_core::web_session;
use poem::http::{StatusCode, header};
use poem::{Error, FromRequest, Request, RequestBody, Result};

use crate::cookie::Cookie;
use crate::visitor::{console, stale};

/// The largest file.
pub(crate) const FILE_BYTES_MAX: usize = 1_024 * 1_024;
/// The largest form: a file that is sent once more in base64, and room for the rest.
pub(crate) const FORM_BYTES_MAX: usize = FILE_BYTES_MAX / 3 * 4 + 64 * 1_024;
/// The most fields.
const FIELDS_MAX: usize = 16;

/// The fields of a form that our own page has given to this very browser, and its files, by their names.
#[derive(Debug, Default)]
pub(crate) struct Uploaded(Vec<(String, Vec<u8>)>);

impl Uploaded {
    /// What a field or a file holds; nothing where it is missing or empty.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.0.iter().filter(|(known, _)| known == name);
        let value = fields.next().map(|(_, value)| value.as_slice());
        value.filter(|value| !value.is_empty())
    }

    /// A field as text.
    pub(crate) fn text(&self, name: &str) -> &str {
        let text = self.bytes(name).map(std::str::from_utf8);
        text.and_then(std::result::Result::ok).unwrap_or_default()
    }
}

impl<'a> FromRequest<'a> for Uploaded {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self> {
        let https = console(request)?.is_https();
        let kind = request.headers().get(header::CONTENT_TYPE);
        let boundary = kind.and_then(|kind| boundary(kind.to_str().ok()?));
        let bytes = body.take()?.into_bytes_limit(FORM_BYTES_MAX).await?;
        let fields = boundary.and_then(|boundary| fields(&bytes, &boundary));
        let form = Self(fields.ok_or_else(|| Error::from_status(StatusCode::BAD_REQUEST))?);
        let genuine = [Cookie::Session, Cookie::Browser]
            .into_iter()
            .filter_map(|cookie| cookie.read(request.headers(), https))
            .any(|cookie| web_session::is_form_token(cookie, form.text("csrf")));
        if genuine { Ok(form) } else { Err(stale()) }
    }
}

/// What parts the fields, from the type that a browser names.
fn boundary(kind: &str) -> Option<String> {
    let (essence, parameters) = kind.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters
        .split(';')
        .filter_map(|it| it.trim().split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let value = value.trim_matches('"');
    ((1..=70).contains(&value.len())).then(|| value.to_owned())
}

fn fields(bytes: &[u8], boundary: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut rest = bytes.strip_prefix(first.as_bytes())?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        if fields.len() == FIELDS_MAX {
            return None;
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let head = find(rest, b"\r\n\r\n")?;
        let name = name(std::str::from_utf8(&rest[..head]).ok()?)?;
        rest = &rest[head + 4..];
        let end = find(rest, between.as_bytes())?;
        fields.push((name, rest[..end].to_vec()));
        rest = &rest[end + between.len()..];
    }
    Some(fields)
}

/// The name of a field, from what stands above its value.
fn name(head: &str) -> Option<String> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, disposition) =
        lines.find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    let mut parameters = disposition
        .split(';')
        .filter_map(|it| it.trim().split_once('='));
    let (_, value) = parameters.find(|(name, _)| *name == "name")?;
    Some(value.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_with_files_are_read() {
        let kind = "multipart/form-data; boundary=----x1";
        let boundary = boundary(kind).expect("a boundary");
        let body = "------x1\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n------x1\r\n\
            Content-Disposition: form-data; name=\"table\"; filename=\"a;b.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n1,2\r\n\r\n------x1--\r\n";
        let form = Uploaded(fields(body.as_bytes(), &boundary).expect("fields"));
        assert_eq!(form.text("csrf"), "abc");
        assert_eq!(form.bytes("table"), Some(&b"a,b\r\n1,2\r\n"[..]));
        assert_eq!(form.bytes("other"), None);
    }

    #[test]
    fn what_is_no_such_form_is_none() {
        for kind in [
            "text/csv",
            "multipart/form-data",
            "multipart/mixed; boundary=x",
        ] {
            assert_eq!(boundary(kind), None, "{kind}");
        }
        for body in [
            "",
            "--x",
            "--x\r\n",
            "--x\r\nname: y\r\n\r\nz\r\n--x--",
            "--y--",
        ] {
            assert_eq!(fields(body.as_bytes(), "x"), None, "{body:?}");
        }
        assert_eq!(fields(b"--x--", "x"), Some(Vec::new()));
    }
}
