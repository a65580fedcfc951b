//! Compressing answers where it helps: JSON of some size, for clients who take it.
//!
//! Pages are left alone: beside a secret of the page, what a stranger makes us repeat could be told apart by its compressed length.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::Response;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};

/// Below this the work costs more than the bytes.
const BYTES_MIN: usize = 1_024;
const MEDIA_TYPES: [&str; 2] = ["application/json", "application/problem+json"];

/// Compresses an answer, if it is one that gains by it and the client takes it.
pub(super) async fn compress(response: Response, wanted: bool) -> Response {
    let (mut parts, body) = response.into_parts();
    if !varies(parts.status, &parts.headers) {
        return Response::from_parts(parts, body);
    }
    // Also on the answers that are not compressed: the next client's may be.
    let vary = HeaderValue::from_static("Accept-Encoding");
    parts.headers.append(header::VARY, vary);
    if !wanted || parts.status == StatusCode::NOT_MODIFIED || body.is_empty() {
        return Response::from_parts(parts, body);
    }
    // What is JSON here was made in memory, so reading it waits for nothing.
    let Ok(plain) = body.into_bytes().await else {
        return Response::from_parts(parts, ().into());
    };
    let packed = (plain.len() >= BYTES_MIN).then(|| pack(&plain)).flatten();
    let Some(packed) = packed else {
        return Response::from_parts(parts, plain.into());
    };
    let gzip = HeaderValue::from_static("gzip");
    parts.headers.insert(header::CONTENT_ENCODING, gzip);
    parts.headers.remove(header::CONTENT_LENGTH);
    weaken_tag(&mut parts.headers);
    Response::from_parts(parts, packed.into())
}

/// Whether an answer of its kind is compressed for some.
fn varies(status: StatusCode, headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) || names_encoding(headers) {
        return false;
    }
    // 304 stands for an answer that had a type.
    if status == StatusCode::NOT_MODIFIED {
        return headers.contains_key(header::ETAG);
    }
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    media_type.is_some_and(|media_type| MEDIA_TYPES.contains(&media_type))
}

/// Whether whoever made the answer has chosen an encoding already.
fn names_encoding(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::VARY)
        .iter()
        .any(|value| value.as_bytes().eq_ignore_ascii_case(b"accept-encoding"))
}

fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

/// A strong tag promises the same bytes; these are others with the same meaning. Known tags are compared weakly.
fn weaken_tag(headers: &mut HeaderMap) {
    let weak = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .filter(|tag| tag.starts_with('"'))
        .and_then(|tag| HeaderValue::try_from(format!("W/{tag}")).ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}
