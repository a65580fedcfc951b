//! `POST /api/punchout/documents/{supplier}`: always HTTP 200, because an error of HTTP makes the peer come again for hours.

use habeo_core::time::Timestamp;
use habeo_surface::limit::Key;
use habeo_surface::problem::Problem;
use poem::http::{StatusCode, header};
use poem::{Endpoint, Request, Response};

use super::{Answer, Sent, receive};
use crate::back::door::{client, text};
use crate::code::Code;
use crate::cxml::write::{AnswerId, response_saying};
use crate::desk::{Punchout, instant};
use crate::exchange::CONTENT_TYPE;
use crate::finding::Finding;

/// The parameter of the path.
pub(crate) const SUPPLIER: &str = "supplier";

/// The door.
pub(crate) struct Door(pub Punchout);

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let desk = &self.0;
        let client = client(&request);
        // Before anything is read, because reading is what costs.
        let rate = desk.by_sender().take(Key::new("", &client)).await;
        if let Some(seconds) = rate.retry_after() {
            return Ok(answered(desk, &Answer::busy(seconds)));
        }
        let supplier = request
            .raw_path_param(SUPPLIER)
            .and_then(|id| id.parse().ok());
        let bytes_max = desk.parts().limits.body_bytes + 1;
        let body = request.take_body().into_bytes_limit(bytes_max).await;
        let answer = if let Ok(body) = body {
            let sent = Sent {
                supplier,
                body,
                content_type: text(request.headers(), header::CONTENT_TYPE.as_str()),
            };
            receive(desk, sent).await
        } else {
            let says = format!("the body is larger than {} bytes", bytes_max - 1);
            Answer::unread(&[Finding::nowhere(Code::BodyTooLarge, says)])
        };
        let answer = self.counted(answer, &client).await;
        Ok(answered(desk, &answer))
    }
}

fn answered(desk: &Punchout, answer: &Answer) -> Response {
    Response::builder()
        .content_type(CONTENT_TYPE)
        .header(header::CACHE_CONTROL, "no-store")
        .body(answer.document(desk))
}

impl Door {
    /// Whoever proves nothing is counted by address, and told no more when there were too many.
    async fn counted(&self, answer: Answer, client: &str) -> Answer {
        if !answer.is_unauthorized() {
            return answer;
        }
        let rate = self.0.unproven().take(Key::new("", client)).await;
        match rate.retry_after() {
            Some(_) => Answer::too_often(),
            None => answer,
        }
    }
}

/// What a supplier is answered where its document has not come as far as the door: by HTTP 200 like everything here, because it would take anything
/// else for an outage and come again for hours. None for what is no document, such as a look by a browser.
#[must_use]
pub fn refused_at_edge(problem: &Problem, request: &str, now: Timestamp) -> Option<Response> {
    let (status, text) = match problem.status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => (499, "Document Size Error"),
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_FOUND => return None,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (406, "Not Acceptable"),
        StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT => (560, "Temporary Server Error"),
        status if status.is_server_error() => (500, "Internal Server Error"),
        _ => (400, "Bad Request"),
    };
    let id = AnswerId {
        payload_id: format!("{}.{request}@habeo", now.micros()),
        timestamp: instant(now),
    };
    let said = format!("{}: {}", problem.code(), problem.message());
    Some(
        Response::builder()
            .content_type(CONTENT_TYPE)
            .header(header::CACHE_CONTROL, "no-store")
            .body(response_saying(&id, status, text, &said)),
    )
}
