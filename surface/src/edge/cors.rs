//! Pages of other origins: a fixed list of those whose scripts may read our answers.
//!
//! Cookies are never sent along: what a script of another origin shows is a bearer token that it was given. A preflight is answered before
//! anybody is authenticated, because browsers send it without credentials.

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match, x-request-id";
/// What a script may read besides the few that it always may.
const EXPOSED: &str = "etag, link, ratelimit, ratelimit-policy, retry-after, x-ratelimit-limit, x-ratelimit-remaining, \
                       x-ratelimit-reset, x-request-id";
/// How long a browser may keep what a preflight said, in seconds.
const KEPT_SECONDS: &str = "7200";

/// The origin of the request, where it is one of the list.
pub(super) fn allowed(request: &Request, origins: &[HeaderValue]) -> Option<HeaderValue> {
    let mut named = request.headers().get_all(header::ORIGIN).iter();
    let origin = named.next()?;
    (named.next().is_none() && origins.contains(origin)).then(|| origin.clone())
}

/// The answer to a preflight, if the request is one of an origin of the list. To others it is a method like any.
pub(super) fn preflight(request: &Request, origin: Option<&HeaderValue>) -> Option<Response> {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && request.data::<super::Refused>().is_none();
    if !asks || origin.is_none() {
        return None;
    }
    let response = Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
        .header(header::ACCESS_CONTROL_MAX_AGE, KEPT_SECONDS);
    Some(response.finish())
}

/// Says who may read the answer.
pub(super) fn complete(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
}
