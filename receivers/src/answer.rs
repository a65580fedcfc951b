//! How the doors answer: a word on what became of a message, or a problem.

use habeo_core::inbox::{Arrival, Refusal};
use habeo_core::store::StoreError;
use habeo_surface::Problem;
use habeo_surface::catalogue;
use poem::http::{HeaderMap, StatusCode, header};
use poem::{Request, Response};
use serde_json::{Value, json};

/// What became of a message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// It is kept, and worked off.
    Accepted,
    /// It came in before.
    Duplicate,
    /// It is of no interest here.
    Ignored,
    /// It is kept until it is known whom it concerns.
    Waiting,
}

impl Word {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Waiting => "unlinked",
        }
    }

    /// A word on what is new; what came in before has one of its own.
    pub(crate) fn on(self, arrival: Arrival) -> Self {
        match arrival {
            Arrival::First => self,
            Arrival::Seen => Self::Duplicate,
        }
    }

    /// Every one of them is a success: only then does a sender stop sending.
    pub(crate) fn answer(self) -> Response {
        let said = json!({"received": true, "status": self.as_str()});
        said_as(StatusCode::OK, &said)
    }
}

/// An answer in JSON.
pub(crate) fn said_as(status: StatusCode, said: &Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(said.to_string())
}

/// The bytes of a message within a bound.
pub(crate) async fn bytes(request: &mut Request, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let body = request.take_body().into_bytes_limit(bytes_max).await;
    let too_large = |_| Problem::new(&catalogue::PAYLOAD_TOO_LARGE);
    body.map(|bytes| bytes.to_vec()).map_err(too_large)
}

/// Signed messages are JSON and say so.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let named = types.next().and_then(|value| value.to_str().ok());
    let json = named.is_some_and(|named| {
        let kind = named.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    });
    if json && types.next().is_none() {
        Ok(())
    } else {
        Err(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE))
    }
}

/// It is not signed by who it says it is from.
pub(crate) fn unsigned() -> Problem {
    Problem::new(&catalogue::SIGNATURE_INVALID)
}

/// It is signed, and no message.
pub(crate) fn unreadable() -> Problem {
    Problem::new(&catalogue::MESSAGE_INVALID)
}

/// It could not be kept; the sender is to send it again.
pub(crate) fn unkept(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Store(error) => failed(error),
        Refusal::TooLarge => Problem::new(&catalogue::PAYLOAD_TOO_LARGE),
        Refusal::BadKey => unreadable(),
    }
}

/// The store failed.
pub(crate) fn failed(error: StoreError) -> Problem {
    Problem::from(error)
}
