//! How failures are spelled: problem documents where nothing else was promised, and the forms of the surfaces that promised another.

use habeo_core::time::Timestamp;
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::catalogue::public::PUBLIC;
use crate::problem::Problem;

/// A spelling of failures.
#[derive(Debug, Clone, Copy)]
pub enum Spelling {
    /// RFC 9457.
    Problem,
    /// `{"error", "message", …}`, as `/public/v1` does.
    Plain,
    /// RFC 6749, section 5.2, with the text once more as `message`.
    OAuth,
    /// `{"success": false, "error": {"code", "message"}}`, as `/v1` does.
    Control,
    /// A form of its own, of a protocol that this crate does not know: from the problem, the request's id and the time. What it has no answer for is a
    /// problem document.
    Own(fn(&Problem, &str, Timestamp) -> Option<Response>),
}

/// A code of our own that the plain spelling keeps, or the one that it has for the status.
fn plain_code(problem: &Problem) -> &'static str {
    let code = problem.code();
    if PUBLIC.iter().any(|entry| entry.code == code) {
        return code;
    }
    match problem.status_code() {
        StatusCode::UNAUTHORIZED => "invalid_token",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::NOT_ACCEPTABLE => "not_acceptable",
        StatusCode::CONFLICT if code == "idempotency_key_reused" => "idempotency_conflict",
        StatusCode::CONFLICT => "conflict",
        StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::UNPROCESSABLE_ENTITY => "validation_failed",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_client_error() => "invalid_request",
        _ => "internal_error",
    }
}

/// `{"error", "message", …}`. What is wrong with a parameter is `param`, what is wrong with a body `fields`.
pub(crate) fn plain(problem: &Problem) -> Value {
    let mut wire = Map::from_iter([
        ("error".to_owned(), plain_code(problem).into()),
        ("message".to_owned(), problem.message().into()),
    ]);
    let faults = problem.errors();
    match (problem.status_code(), faults.first()) {
        (StatusCode::BAD_REQUEST, Some(fault)) => {
            wire.insert("param".to_owned(), fault.field.clone().into());
        }
        (StatusCode::UNPROCESSABLE_ENTITY, Some(_)) => {
            wire.insert("fields".to_owned(), json!(faults));
        }
        _ => {}
    }
    wire.extend(problem.extra().clone());
    wire.into()
}

/// RFC 6749 has a word for most of what can be wrong; what happened before a request was read as one of OAuth is told in the same way.
pub(crate) fn oauth(problem: &Problem) -> Value {
    let code = problem.code();
    let error = match problem.status_code() {
        _ if PUBLIC.iter().any(|entry| entry.code == code) => code,
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_client_error() => "invalid_request",
        _ => "server_error",
    };
    json!({"error": error, "error_description": problem.message(), "message": problem.message()})
}

/// `{"success": false, "error": {"code", "message", "fields"?}}`: the four codes that were promised, and others of their kind.
pub(crate) fn control(problem: &Problem) -> Value {
    let code = match problem.status_code() {
        StatusCode::UNAUTHORIZED => "INVALID_API_KEY",
        StatusCode::FORBIDDEN => "MISSING_SCOPE",
        StatusCode::NOT_FOUND => "RESOURCE_NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::NOT_ACCEPTABLE => "NOT_ACCEPTABLE",
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UNSUPPORTED_MEDIA_TYPE",
        StatusCode::UNPROCESSABLE_ENTITY => "VALIDATION_FAILED",
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        _ if problem.code() == "body_invalid" => "INVALID_JSON",
        status if status.is_client_error() => "INVALID_REQUEST",
        _ => "INTERNAL_ERROR",
    };
    let mut error = json!({"code": code, "message": problem.message()});
    if !problem.errors().is_empty() {
        error["fields"] = json!(problem.errors());
    }
    json!({"success": false, "error": error})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::problem::FieldFault;

    #[test]
    fn house_codes_have_a_plain_word() {
        for (problem, wire) in [
            (
                Problem::parameter("limit", "invalid", "is not a number"),
                json!({"error": "invalid_request", "message": "the parameter `limit` is not a number", "param": "limit"}),
            ),
            (
                Problem::new(&catalogue::ROUTE_UNKNOWN).detail("nothing"),
                json!({"error": "not_found", "message": "nothing"}),
            ),
            (
                Problem::new(&catalogue::BODY_INVALID)
                    .status_is(StatusCode::UNPROCESSABLE_ENTITY)
                    .detail("no")
                    .field(FieldFault::new("url", "invalid", "is no address")),
                json!({"error": "validation_failed", "message": "no", "fields": [{"field": "url", "code": "invalid", "message": "is no address"}]}),
            ),
            (
                Problem::new(&catalogue::public::NOT_IMPLEMENTED)
                    .detail("later")
                    .with("ticket", "MFG-1"),
                json!({"error": "not_implemented", "message": "later", "ticket": "MFG-1"}),
            ),
            (
                Problem::internal("a secret of ours"),
                json!({"error": "internal_error", "message": catalogue::INTERNAL_ERROR.about}),
            ),
        ] {
            assert_eq!(plain(&problem), wire);
        }
    }

    #[test]
    fn oauth_says_everything_twice() {
        for (problem, error) in [
            (
                Problem::new(&catalogue::public::INVALID_GRANT),
                "invalid_grant",
            ),
            (
                Problem::new(&catalogue::PAYLOAD_TOO_LARGE),
                "invalid_request",
            ),
            (
                Problem::new(&catalogue::UNAVAILABLE),
                "temporarily_unavailable",
            ),
            (Problem::internal("x"), "server_error"),
        ] {
            let wire = oauth(&problem);
            assert_eq!(wire["error"], error);
            assert_eq!(wire["error_description"], wire["message"]);
        }
    }
}
