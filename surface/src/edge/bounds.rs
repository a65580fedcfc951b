//! The bounds of a request that can be told from its head.

use poem::Request;
use poem::http::{StatusCode, Uri, header};

use super::METHODS;
use crate::catalogue;
use crate::problem::Problem;

const URI_BYTES_MAX: usize = 8 * 1_024;
const HEADERS_MAX: usize = 64;
const HEADERS_BYTES_MAX: usize = 16 * 1_024;
const PARAMETERS_MAX: usize = 32;
const PARAMETER_BYTES_MAX: usize = 1_024;
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Whether a text may be the id of a request.
pub(super) fn is_request_id(text: &str) -> bool {
    (1..=REQUEST_ID_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Holds the head of a request against every bound that does not depend on its route.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    if !METHODS.contains(request.method()) {
        return Err(Problem::new(&catalogue::METHOD_NOT_ALLOWED));
    }
    check_uri(request.uri())?;
    check_headers(request)?;
    let identity = request
        .headers()
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !identity {
        return Err(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE)
            .detail("bodies are taken without a content encoding"));
    }
    Ok(())
}

fn check_uri(uri: &Uri) -> Result<(), Problem> {
    let bytes = uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if bytes > URI_BYTES_MAX {
        return Err(Problem::new(&catalogue::URI_TOO_LONG));
    }
    let mut parameters = 0;
    for parameter in uri.query().unwrap_or_default().split('&') {
        parameters += usize::from(!parameter.is_empty());
        if parameters > PARAMETERS_MAX {
            return Err(invalid("there are more than 32 query parameters"));
        }
        if parameter.len() > PARAMETER_BYTES_MAX {
            return Err(invalid("a query parameter is longer than 1 KiB"));
        }
    }
    Ok(())
}

fn check_headers(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    // As they stand on the wire: name, colon, space, value, line end.
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers.len() > HEADERS_MAX || bytes > HEADERS_BYTES_MAX {
        return Err(Problem::new(&catalogue::HEADERS_TOO_LARGE));
    }
    Ok(())
}

/// Refuses a body that says of itself that it is too large, before a byte of it is read.
pub(super) fn check_declared_length(request: &Request, bytes_max: usize) -> Result<(), Problem> {
    let mut lengths = request.headers().get_all(header::CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return Ok(());
    };
    if lengths.next().is_some() {
        return Err(invalid("Content-Length is sent more than once"));
    }
    let bytes: u64 = length
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| invalid("Content-Length is not a number"))?;
    if usize::try_from(bytes).is_ok_and(|bytes| bytes <= bytes_max) {
        Ok(())
    } else {
        Err(Problem::new(&catalogue::PAYLOAD_TOO_LARGE))
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(&catalogue::INVALID_REQUEST)
        .status_is(StatusCode::BAD_REQUEST)
        .detail(detail)
}
