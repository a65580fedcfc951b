//! From the framework's errors to problems: no Rust type names, no `param0`, no parser's words.

use poem::error::{
    MethodNotAllowedError, NotFoundError, ParseFormError, ParseJsonError, ReadBodyError,
};
use poem::http::StatusCode;
use poem::{Error, Response};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseMultipartError, ParseParamError, ParsePathError,
    ParseRequestPayloadError,
};

use crate::catalogue::{self, Entry};
use crate::openapi::RoutePattern;
use crate::problem::{Problem, cut};

/// Turns an error into a problem, or into the response that a handler made an error of on purpose, such as a redirect.
pub(super) fn reword(error: Error, route: Option<&RoutePattern>) -> Result<Response, Problem> {
    if error.is_from_response() {
        return Ok(error.into_response());
    }
    Err(problem_of(&error, route))
}

fn problem_of(error: &Error, route: Option<&RoutePattern>) -> Problem {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.clone();
    }
    if let Some(error) = error.downcast_ref::<ParseParamError>() {
        return parameter(error.name, &error.reason);
    }
    if let Some(error) = error.downcast_ref::<ParsePathError>() {
        return parameter(path_parameter(error.name, route), &error.reason);
    }
    if error.is::<ParseRequestPayloadError>()
        || error.is::<ParseMultipartError>()
        || error.is::<ParseJsonError>() && error.status() == StatusCode::BAD_REQUEST
        || error.is::<ParseFormError>() && error.status() == StatusCode::BAD_REQUEST
    {
        return Problem::new(&catalogue::BODY_INVALID);
    }
    if let Some(error) = error.downcast_ref::<ReadBodyError>() {
        return body_error(error);
    }
    if error.is::<ContentTypeError>() {
        return Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE);
    }
    if error.is::<AuthorizationError>() {
        return Problem::new(&catalogue::UNAUTHENTICATED);
    }
    if error.is::<NotFoundError>() {
        return Problem::new(&catalogue::ROUTE_UNKNOWN);
    }
    if error.is::<MethodNotAllowedError>() {
        return Problem::new(&catalogue::METHOD_NOT_ALLOWED);
    }
    by_status(error)
}

fn parameter(name: &str, reason: &str) -> Problem {
    // The framework says so when it was given nothing; its own words name its types.
    if reason.contains("expects an input value") {
        Problem::parameter(name, "required", "is required")
    } else if reason.starts_with("verification failed") {
        Problem::parameter(name, "out_of_bounds", "is outside its documented bounds")
    } else {
        Problem::parameter(name, "invalid", "is not in its documented form")
    }
}

/// The framework numbers path parameters; the route knows their names.
fn path_parameter<'a>(numbered: &'a str, route: Option<&'a RoutePattern>) -> &'a str {
    let index = numbered.strip_prefix("param").map(str::parse::<usize>);
    match (index, route) {
        (Some(Ok(index)), Some(route)) => route.parameters().nth(index).unwrap_or("path"),
        (Some(Ok(_)), None) => "path",
        _ => numbered,
    }
}

fn body_error(error: &ReadBodyError) -> Problem {
    match error {
        ReadBodyError::PayloadTooLarge => Problem::new(&catalogue::PAYLOAD_TOO_LARGE),
        ReadBodyError::Utf8(_) => Problem::new(&catalogue::BODY_INVALID),
        ReadBodyError::Io(_) => Problem::new(&catalogue::INVALID_REQUEST)
            .detail("the body could not be read to its end"),
        ReadBodyError::BodyHasBeenTaken => Problem::internal("the body was read twice"),
    }
}

/// Errors without a type of their own still have a status.
fn by_status(error: &Error) -> Problem {
    let status = error.status();
    let entry: &Entry = match status {
        StatusCode::UNAUTHORIZED => &catalogue::UNAUTHENTICATED,
        StatusCode::FORBIDDEN => &catalogue::FORBIDDEN,
        StatusCode::NOT_FOUND => &catalogue::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => &catalogue::METHOD_NOT_ALLOWED,
        StatusCode::NOT_ACCEPTABLE => &catalogue::NOT_ACCEPTABLE,
        StatusCode::CONFLICT => &catalogue::CONFLICT,
        StatusCode::PAYLOAD_TOO_LARGE => &catalogue::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => &catalogue::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::TOO_MANY_REQUESTS => &catalogue::RATE_LIMITED,
        StatusCode::SERVICE_UNAVAILABLE => &catalogue::UNAVAILABLE,
        status if status.is_client_error() => &catalogue::INVALID_REQUEST,
        _ => return Problem::internal(&cut(&error.to_string())),
    };
    Problem::new(entry)
}
