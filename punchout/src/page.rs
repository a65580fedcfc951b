//! Pages for people who come from a shop, or go there: no session is looked at, no script runs, nobody frames them.

use poem::Response;
use poem::http::{StatusCode, header};

/// What such a page may do: have our style, and lead on.
pub(crate) const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page, or a plain sentence where it cannot be rendered.
pub(crate) fn html(
    status: StatusCode,
    rendered: Result<String, askama::Error>,
    policy: &str,
) -> Response {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store");
    match rendered {
        Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            response
                .content_type("text/plain; charset=utf-8")
                .body("Something failed on our side; go back to Habeo and look whether your cart is there.")
        }
    }
}
