//! Problem: the one form in which a refusal or failure leaves the process, and the one match from kinds to status codes.

#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;

use habeo_core::explain::{Explain, Kind};
use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponses, Registry};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalogue::{self, Catalogue, Entry, PROBLEM_TYPE_BASE};
use crate::spelling::{self, Spelling};

/// What handlers return.
pub type ApiResult<T> = Result<T, Problem>;

/// The media type of RFC 9457.
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";
const JSON: &str = "application/json";
/// After how long a caller may come back when nothing better is known.
const RETRY_AFTER_SECONDS: u32 = 1;
/// How much of an error chain is kept for the log.
const CAUSE_BYTES_MAX: usize = 1_024;

/// What is wrong with one field. It names the field and never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// The field, parameter or header.
    pub field: String,
    /// The stable machine-readable reason: `required`, `unknown`, `invalid`.
    pub code: &'static str,
    /// The reason in words.
    pub message: String,
}

impl FieldFault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// A refusal or failure on its way to a caller.
///
/// Made from every error that can [`Explain`] itself by `?`, and from an [`Entry`] for what only HTTP knows. It is small, so that
/// results stay small.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldFault>,
    retry_after_seconds: Option<u32>,
    /// What a surface of its own adds beside the message.
    extra: Map<String, Value>,
    /// What `WWW-Authenticate` says instead of `Bearer`.
    challenge: Option<String>,
    /// The whole error chain of a failure of ours: for the log, never for the caller.
    cause: Option<String>,
}

impl Problem {
    /// The problem of a catalogue entry, with its sentence as the detail.
    #[must_use]
    pub fn new(entry: &Entry) -> Self {
        let retry_after_seconds =
            (entry.status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_SECONDS);
        Self(Box::new(Parts {
            status: entry.status,
            code: entry.code,
            detail: entry.about.to_owned(),
            errors: Vec::new(),
            retry_after_seconds,
            extra: Map::new(),
            challenge: None,
            cause: None,
        }))
    }

    /// A failure of ours: the caller learns that it happened, the log learns what.
    #[must_use]
    pub fn internal(cause: &str) -> Self {
        let mut problem = Self::new(&catalogue::INTERNAL_ERROR);
        problem.0.cause = Some(cut(cause));
        problem
    }

    /// The same problem with another detail, written for the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// The same problem with another status, for codes that have two.
    #[must_use]
    pub fn status_is(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// The same problem, naming a field as well.
    #[must_use]
    pub fn field(mut self, fault: FieldFault) -> Self {
        self.0.errors.push(fault);
        self
    }

    /// The same problem, saying when to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// The same problem with a member beside the message, on surfaces whose spelling has such.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.extra.insert(name.to_owned(), value.into());
        self
    }

    /// The same problem with this `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.0.challenge = Some(challenge.into());
        self
    }

    /// A parameter that is missing, out of bounds or not in its form.
    #[must_use]
    pub fn parameter(name: &str, code: &'static str, message: &str) -> Self {
        Self::new(&catalogue::PARAMETER_INVALID)
            .detail(format!("the parameter `{name}` {message}"))
            .field(FieldFault::new(name, code, message))
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// The stable machine-readable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The faults of single fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldFault] {
        &self.0.errors
    }

    /// What is wrong, in words for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.detail
    }

    /// What a surface of its own adds beside the message.
    pub(crate) fn extra(&self) -> &Map<String, Value> {
        &self.0.extra
    }

    /// The error chain of a failure of ours.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Writes it as a surface spells it. Debug builds stop at a code that the catalogue does not list.
    #[must_use]
    pub fn render(&self, spelling: Spelling, catalogue: &Catalogue, request_id: &str) -> Response {
        let entry = catalogue.entry(self.0.code);
        if entry.is_none() {
            tracing::error!(
                code = self.0.code,
                "a code that is not in the catalogue was answered"
            );
        }
        debug_assert!(
            entry.is_some(),
            "the code `{}` is not in the catalogue",
            self.0.code
        );
        match spelling {
            Spelling::Problem | Spelling::Own(_) => {
                self.write(entry.map(|entry| entry.title), request_id)
            }
            Spelling::Plain => self.answer(JSON, &spelling::plain(self)),
            Spelling::OAuth => self.answer(JSON, &spelling::oauth(self)),
            Spelling::Control => self.answer(JSON, &spelling::control(self)),
        }
    }

    fn write(&self, title: Option<&str>, request_id: &str) -> Response {
        let parts = &self.0;
        let wire = Wire {
            kind: format!("{PROBLEM_TYPE_BASE}{}", parts.code),
            title: title
                .or_else(|| parts.status.canonical_reason())
                .unwrap_or("Problem"),
            status: parts.status.as_u16(),
            code: parts.code,
            detail: &parts.detail,
            request_id,
            errors: &parts.errors,
        };
        self.answer(PROBLEM_MEDIA_TYPE, &wire)
    }

    fn answer(&self, media_type: &str, wire: &impl Serialize) -> Response {
        let parts = &self.0;
        let body = serde_json::to_vec(wire).unwrap_or_default();
        let mut response = Response::builder()
            .status(parts.status)
            .content_type(media_type)
            .body(body);
        if let Some(seconds) = parts.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let challenge = parts.challenge.as_deref();
        let challenge =
            challenge.or((parts.status == StatusCode::UNAUTHORIZED).then_some("Bearer"));
        if let Some(Ok(challenge)) = challenge.map(HeaderValue::from_str) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldFault]>::is_empty")]
    errors: &'a [FieldFault],
}

/// The one place where a kind of refusal becomes a status.
const fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unacceptable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<E: Explain + StdError> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = status_of(error.kind());
        let ours = error.kind() == Kind::Internal;
        let waits = matches!(error.kind(), Kind::Unavailable | Kind::TooMany);
        Self(Box::new(Parts {
            status,
            code: error.code(),
            detail: if ours {
                catalogue::INTERNAL_ERROR.about.to_owned()
            } else {
                error.to_string()
            },
            errors: Vec::new(),
            retry_after_seconds: waits.then_some(RETRY_AFTER_SECONDS),
            extra: Map::new(),
            challenge: None,
            cause: status.is_server_error().then(|| chain(&error)),
        }))
    }
}

/// The error and everything it was caused by, on one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    cut(&text)
}

pub(crate) fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(CAUSE_BYTES_MAX);
    text[..end].to_owned()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl StdError for Problem {}

/// How poem carries it as an error; [`crate::edge`] takes it out again and renders it with the request's id.
impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.status
    }

    fn as_response(&self) -> Response {
        self.clone().into_response()
    }
}

/// Provisional: outside the edge neither the request's id nor the nouns' titles are known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.write(None, "");
        response.set_data(self);
        response
    }
}

/// Documents no answers of its own: the lifter adds the shared ones to every operation.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: Vec::new(),
        }
    }

    fn register(_: &mut Registry) {}
}
