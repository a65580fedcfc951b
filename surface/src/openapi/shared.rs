//! The parts that all operations of a document share: failures and the headers every answer carries.

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

/// How a surface spells a failure. Each of our documents has one spelling for all of its failures.
#[derive(Debug, Clone)]
pub struct FailureShape {
    /// The name of the schema among the components.
    pub name: &'static str,
    /// The media type of the answer.
    pub media_type: &'static str,
    /// The schema itself.
    pub schema: Value,
}

impl FailureShape {
    /// Problem details of RFC 9457 with the members Habeo adds.
    #[must_use]
    pub fn problem() -> Self {
        let text = |description: &str| json!({"type": "string", "description": description});
        let fault = json!({
            "type": "object",
            "required": ["field", "code", "message"],
            "properties": {
                "field": text("The field or parameter at fault."),
                "code": text("What is wrong with it, for programs."),
                "message": text("What is wrong with it, for people."),
            },
        });
        let schema = json!({
            "type": "object",
            "description": "Why a request was not fulfilled.",
            "required": ["type", "title", "status", "code", "requestId"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference", "description": "The address of a text about this kind of problem."},
                "title": text("The kind of problem in words."),
                "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
                "code": text("The kind of problem for programs. It never changes."),
                "detail": text("What is special about this occurrence."),
                "requestId": text("Names this request in our records; tell it to support."),
                "errors": {"type": "array", "items": fault, "description": "The faults, one for each field."},
            },
        });
        Self {
            name: "ProblemDocument",
            media_type: "application/problem+json",
            schema,
        }
    }
}

/// A response that operations take by reference.
pub(super) struct SharedResponse {
    pub status: StatusCode,
    pub name: &'static str,
    description: &'static str,
    header: Option<&'static str>,
    pub applies: fn(&Traits) -> bool,
}

/// What decides which failures an operation can answer with.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that an operation has or has not"
)]
pub(super) struct Traits {
    pub secured: bool,
    pub has_path_parameter: bool,
    pub has_body: bool,
    pub has_key: bool,
}

const fn shared(
    status: StatusCode,
    name: &'static str,
    header: Option<&'static str>,
    applies: fn(&Traits) -> bool,
    description: &'static str,
) -> SharedResponse {
    SharedResponse {
        status,
        name,
        description,
        header,
        applies,
    }
}

/// In the order of their status. A response is referred to only where it can happen, so that a generated client has no
/// branch that is never taken; the exceptions hold for every request, whatever the operation.
pub(super) const RESPONSES: [SharedResponse; 15] = [
    shared(
        StatusCode::BAD_REQUEST,
        "BadRequest",
        None,
        |_| true,
        "The request, a parameter or the body is malformed.",
    ),
    shared(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        Some("WWW-Authenticate"),
        |operation| operation.secured,
        "The credentials are missing, unknown or expired.",
    ),
    shared(
        StatusCode::FORBIDDEN,
        "Forbidden",
        None,
        |operation| operation.secured,
        "The caller may not do this.",
    ),
    shared(
        StatusCode::NOT_FOUND,
        "NotFound",
        None,
        // A body names things as well: the app that an event is of, the unit that an asset belongs to.
        |operation| operation.has_path_parameter || operation.has_body,
        "It does not exist, or the caller may not know of it.",
    ),
    shared(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        Some("Allow"),
        |_| true,
        "The path exists and does not have this method.",
    ),
    shared(
        StatusCode::REQUEST_TIMEOUT,
        "RequestTimeout",
        None,
        |_| true,
        "The request did not arrive in time.",
    ),
    shared(
        StatusCode::CONFLICT,
        "Conflict",
        None,
        |operation| operation.has_body || operation.has_key,
        "The request contradicts the present state.",
    ),
    shared(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PayloadTooLarge",
        None,
        |_| true,
        "The body is longer than we read.",
    ),
    shared(
        StatusCode::URI_TOO_LONG,
        "UriTooLong",
        None,
        |_| true,
        "The address is longer than we read.",
    ),
    shared(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UnsupportedMediaType",
        None,
        |_| true,
        "The body is of a media type or an encoding that is not taken here.",
    ),
    shared(
        StatusCode::UNPROCESSABLE_ENTITY,
        "UnprocessableContent",
        None,
        |operation| operation.has_body,
        "The body is well-formed and a value in it cannot be accepted.",
    ),
    shared(
        StatusCode::TOO_MANY_REQUESTS,
        "TooManyRequests",
        Some("Retry-After"),
        |_| true,
        "Too many requests; ask again after the time the header tells.",
    ),
    shared(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "HeadersTooLarge",
        None,
        |_| true,
        "There are more headers, or longer ones, than we read.",
    ),
    shared(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalError",
        None,
        |_| true,
        "Our fault. It is in our records under the request id.",
    ),
    shared(
        StatusCode::SERVICE_UNAVAILABLE,
        "Unavailable",
        Some("Retry-After"),
        |_| true,
        "Temporarily impossible; ask again later.",
    ),
];

/// The header that every answer carries.
const REQUEST_ID: &str = "X-Request-Id";

/// The state of the rate limit in both spellings, as [`crate::limit::RateReport`] writes it.
const RATE: [&str; 5] = [
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
];

/// References to the headers of a success. Only known callers have a rate that can be told.
pub(super) fn success_headers(
    operation: &Traits,
) -> impl Iterator<Item = (&'static str, Value)> + use<> {
    let rate = operation.secured.then_some(RATE);
    std::iter::once(REQUEST_ID)
        .chain(rate.into_iter().flatten())
        .map(|name| (name, header_reference(name)))
}

/// Components: one response for each failure, in the shape of this surface.
pub(super) fn response_components(shape: &FailureShape) -> Map<String, Value> {
    let content = json!({shape.media_type: {"schema": {"$ref": format!("#/components/schemas/{}", shape.name)}}});
    let component = |response: &SharedResponse| {
        let headers: Map<String, Value> = std::iter::once(REQUEST_ID)
            .chain(response.header)
            .map(|name| (name.to_owned(), header_reference(name)))
            .collect();
        json!({"description": response.description, "headers": headers, "content": content})
    };
    RESPONSES
        .iter()
        .map(|response| (response.name.to_owned(), component(response)))
        .collect()
}

/// Components: every header that a success or a shared failure refers to.
pub(super) fn header_components() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let count = json!({"type": "integer", "format": "int64", "minimum": 0});
    [
        (REQUEST_ID, &text, "Names this request in our records."),
        (
            "X-RateLimit-Limit",
            &count,
            "How many requests a minute are sustained.",
        ),
        (
            "X-RateLimit-Remaining",
            &count,
            "How many requests remain before slowing down is wise.",
        ),
        (
            "X-RateLimit-Reset",
            &count,
            "The epoch second at which the whole allowance is there again.",
        ),
        (
            "RateLimit-Policy",
            &text,
            "The allowance as a structured field: quota and window.",
        ),
        (
            "RateLimit",
            &text,
            "The state of the allowance as a structured field: remaining and seconds to reset.",
        ),
        (
            "Retry-After",
            &count,
            "The seconds to wait before asking again.",
        ),
        (
            "WWW-Authenticate",
            &text,
            "The authentication scheme that is expected.",
        ),
        ("Allow", &text, "The methods that the path has."),
    ]
    .into_iter()
    .map(|(name, schema, description)| {
        (
            name.to_owned(),
            json!({"description": description, "schema": schema}),
        )
    })
    .collect()
}

fn header_reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

#[cfg(test)]
mod tests {
    use habeo_core::time::Timestamp;
    use poem::http::{HeaderMap, HeaderName};

    use super::*;
    use crate::limit::{Quota, RateReport, decide};

    #[test]
    fn rate_headers_are_those_that_are_sent() {
        let verdict = decide(0, 0, Quota::API_SESSION);
        let mut sent = HeaderMap::new();
        RateReport::new(verdict, Timestamp::from_micros(0), Quota::API_SESSION).write(&mut sent);
        let mut documented = RATE.map(str::to_ascii_lowercase);
        documented.sort_unstable();
        let mut sent: Vec<&str> = sent.keys().map(HeaderName::as_str).collect();
        sent.sort_unstable();
        assert_eq!(sent, documented);
        let components = header_components();
        assert!(RATE.iter().all(|name| components.contains_key(*name)));
    }
}
