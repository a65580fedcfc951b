//! What every answer carries, and the line that the log gets of it.

use std::time::Duration;

use poem::Response;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::{REQUEST_ID, RequestState, Settings, all_methods, allow_header};
use crate::caller::Rate;
use crate::openapi::RoutePattern;

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=()",
    ),
];
/// What a handler may say differently: pages have another policy, documents may be kept.
const UNLESS_SET: [(HeaderName, &str); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
];
const TWO_YEARS: &str = "max-age=63072000; includeSubDomains";

/// Completes an answer.
pub(super) async fn complete(
    response: &mut Response,
    state: &RequestState,
    settings: &Settings,
    route: Option<&RoutePattern>,
) {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(header::ALLOW)
    {
        let allow = route.and_then(RoutePattern::allow);
        allow_header(response, allow.unwrap_or_else(all_methods));
    }
    let rate = rate_of(response.status(), state).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(state.request_id()) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in UNLESS_SET {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if settings.https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(TWO_YEARS),
        );
    }
    if let Some(rate) = rate {
        rate.report.write(headers);
    }
}

/// Answers of 304 are free: what they cost is given back before the headers are written.
async fn rate_of(status: StatusCode, state: &RequestState) -> Option<Rate> {
    let rate = state.take_rate()?;
    match &rate.refund {
        Some((limiter, key)) if status == StatusCode::NOT_MODIFIED => Some(Rate {
            report: limiter.refund(*key).await,
            refund: None,
        }),
        _ => Some(rate),
    }
}

/// Writes the access log: the pattern of the route and never its path or query, which name things.
pub(super) fn log(response: &Response, state: &RequestState, method: &Method, took: Duration) {
    let caller = state.caller();
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        method = method_name(method),
        route = state.pattern().unwrap_or("-"),
        status = response.status().as_u16(),
        duration_ms,
        request.id = state.request_id(),
        org.id = caller.map(|caller| caller.org.to_string()),
        person.id = caller
            .and_then(|caller| caller.person)
            .map(|id| id.to_string()),
        app_install.id = caller
            .and_then(|caller| caller.install)
            .map(|id| id.to_string()),
        impersonator = caller.and_then(|caller| caller.impersonator.as_deref()),
        code = state.code(),
        reason = state.reason(),
        "request served"
    );
}

/// A method outside the known ones is a text of the client's choosing.
pub(super) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
