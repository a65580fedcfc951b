//! What the edge tells whoever watches over the server: by route and never by path, and nothing that names an organisation.

use std::time::Duration;

use metrics::SharedString;
use poem::Response;
use poem::http::{Method, StatusCode};

use super::RequestState;
use super::finish::method_name;

/// One answer.
pub(super) fn served(response: &Response, state: &RequestState, method: &Method, took: Duration) {
    let status = response.status();
    let route = match state.shared_pattern() {
        Some(pattern) => SharedString::from_shared(pattern),
        None => SharedString::const_str("-"),
    };
    metrics::counter!(
        "habeo_requests_total",
        "route" => route.clone(),
        "method" => method_name(method),
        "status" => class_of(status),
    )
    .increment(1);
    metrics::histogram!("habeo_request_seconds", "route" => route).record(took.as_secs_f64());
    if status == StatusCode::TOO_MANY_REQUESTS {
        let limiter = if state.caller().is_some() {
            "caller"
        } else {
            "address"
        };
        metrics::counter!("habeo_limiter_refusals_total", "limiter" => limiter).increment(1);
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}
