//! The doors that Slack knocks at: bytes within a bound, then their signature, then whatever they say.

use std::time::Duration;

use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{Endpoint, Request, Response, Route, post};
use serde::Serialize;

use super::Slack;
use super::signature::verify;

/// The most bytes of a request.
pub const BODY_BYTES_MAX: usize = 512 * 1_024;
/// How long anything may take before the answer: Slack waits three seconds.
pub(super) const IN_TIME: Duration = Duration::from_millis(2_500);
/// Where the doors are.
pub const PATHS: [&str; 4] = [EVENTS, COMMANDS, INTERACTIVITY, OPTIONS];

const EVENTS: &str = "/slack/events";
const COMMANDS: &str = "/slack/commands";
const INTERACTIVITY: &str = "/slack/interactivity";
const OPTIONS: &str = "/slack/options";

/// The doors on a route of their own.
#[must_use]
pub fn routes(slack: &Slack) -> Route {
    mount(Route::new(), slack)
}

/// Adds the doors to a route.
#[must_use]
pub fn mount(route: Route, slack: &Slack) -> Route {
    let door = |room| {
        let slack = slack.clone();
        post(Door { slack, room })
    };
    route
        .at(EVENTS, door(Room::Events))
        .at(COMMANDS, door(Room::Commands))
        .at(INTERACTIVITY, door(Room::Interactivity))
        .at(OPTIONS, door(Room::Options))
}

#[derive(Debug, Clone, Copy)]
enum Room {
    Events,
    Commands,
    Interactivity,
    Options,
}

struct Door {
    slack: Slack,
    room: Room,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let body = request.take_body().into_bytes_limit(BODY_BYTES_MAX).await;
        let Ok(body) = body else {
            return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let secrets = &self.slack.settings().signing_secrets;
        let now = self.slack.ledger().clock().now();
        if verify(secrets, request.headers(), &body, now).is_err() {
            return Ok(empty(StatusCode::UNAUTHORIZED));
        }
        Ok(match self.room {
            Room::Events => self.slack.take_event(&body).await,
            Room::Commands => self.slack.take_command(&body).await,
            Room::Interactivity => self.slack.take_interaction(&body).await,
            Room::Options => self.slack.take_options(&body).await,
        })
    }
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    status.into()
}

/// Yes, and nothing else.
pub(super) fn taken() -> Response {
    empty(StatusCode::OK)
}

/// No, and no use in sending it again.
pub(super) fn unreadable() -> Response {
    let mut response = empty(StatusCode::BAD_REQUEST);
    let name = HeaderName::from_static("x-slack-no-retry");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static("1"));
    response
}

/// An answer in JSON.
pub(super) fn json<T: Serialize>(body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => Response::builder()
            .content_type("application/json")
            .body(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON form");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
