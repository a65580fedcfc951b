//! The doors of connections: `/api/webhooks/mdm-login` and `/api/webhooks/itsm/{provider}/{connectionId}`.
//!
//! A letter of a connection that is unknown, paused or another provider's is answered exactly like one that does not prove itself.

use std::time::Duration;

use habeo_core::connection::{Family, Gate, Provider};
use habeo_core::id::ConnectionId;
use habeo_surface::catalogue::{
    BODY_INVALID, METHOD_NOT_ALLOWED, PAYLOAD_TOO_LARGE, RATE_LIMITED, ROUTE_UNKNOWN,
    UNAUTHENTICATED, UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE,
};
use habeo_surface::problem::Problem;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, IntoResponse as _, Request, Response, Route};
use serde_json::json;

use crate::admit::{Turned, admit};
use crate::answer::said_as;
use crate::letter::{Handshake, Letter, Opened, Unreadable};
use crate::reception::{Reception, Taken, accepted};

/// The most bytes of a letter of a device management.
pub const MDM_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a letter of a help desk: issues with many fields of their own are long.
pub const ITSM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How long storing may take before the sender is asked to come again: Jamf waits two seconds, Microsoft Graph three.
const IN_TIME: Duration = Duration::from_millis(1_800);

/// What administrators are told of a letter without proof.
const NOT_PROVEN: &str = "it does not prove itself: the secret, or the way in which it is sent, is another than the one chosen here";
/// What they are told of letters above the quota.
const TOO_MANY: &str = "more letters came in than a connection may send: 50,000 at once, and 1,500 a second after that";

/// Where device managements report.
pub const MDM_PATH: &str = "/api/webhooks/mdm-login";
/// Where help desks report.
pub const ITSM_PATH: &str = "/api/webhooks/itsm/:provider/:connection";
/// Where the doors are, for the table of routes.
pub const PATHS: [&str; 2] = [MDM_PATH, "/api/webhooks/itsm/{provider}/{connection}"];

/// Adds the doors to a route.
#[must_use]
pub fn mount(route: Route, reception: &Reception) -> Route {
    let door = |family| Door {
        reception: reception.clone(),
        family,
    };
    route
        .at(MDM_PATH, door(Family::Mdm))
        .at(ITSM_PATH, door(Family::Itsm))
}

struct Door {
    reception: Reception,
    family: Family,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(match self.answer(request).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        })
    }
}

impl Door {
    async fn answer(&self, mut request: Request) -> Result<Response, Problem> {
        let query = query(&request);
        let addressed = self.addressed(&request, &query)?;
        let method = request.method().clone();
        if method != Method::POST && method != Method::OPTIONS {
            return Err(Problem::new(&METHOD_NOT_ALLOWED));
        }
        let bytes_max = match self.family {
            Family::Mdm => MDM_BYTES_MAX,
            Family::Itsm => ITSM_BYTES_MAX,
        };
        let body = request.take_body().into_bytes_limit(bytes_max).await;
        let Some((provider, connection)) = addressed else {
            return Err(unproven());
        };
        let gate = self.reception.gate(provider, connection).await?;
        let Some(gate) = gate else {
            return Err(unproven());
        };
        let Ok(body) = body else {
            self.reception
                .refused(&gate, 413, "the letter is too long", bytes_max);
            return Err(Problem::new(&PAYLOAD_TOO_LARGE));
        };
        let letter = Letter {
            method: &method,
            headers: request.headers(),
            query: &query,
            body: &body,
            settings: &gate.settings,
            received_at: self.reception.ledger().clock().now(),
        };
        self.admit(&gate, &letter).await
    }

    /// Whose letter it claims to be. An unknown provider in a path is an unknown route; everything else that names nobody is unproven.
    fn addressed(
        &self,
        request: &Request,
        query: &[(String, String)],
    ) -> Result<Option<(Provider, ConnectionId)>, Problem> {
        let (provider, connection) = match self.family {
            Family::Mdm => (only(query, "provider"), only(query, "connection")),
            Family::Itsm => (
                request.raw_path_param("provider").map(ToOwned::to_owned),
                request.raw_path_param("connection").map(ToOwned::to_owned),
            ),
        };
        let provider = provider.as_deref().map(known_as).unwrap_or_default();
        let provider: Option<Provider> = provider.parse().ok();
        let provider = provider.filter(|provider| provider.family() == self.family);
        if provider.is_none() && self.family == Family::Itsm {
            return Err(Problem::new(&ROUTE_UNKNOWN));
        }
        let connection = connection.and_then(|id| id.parse().ok());
        Ok(provider.zip(connection))
    }

    async fn admit(&self, gate: &Gate, letter: &Letter<'_>) -> Result<Response, Problem> {
        let secrets = accepted(gate, letter.received_at);
        let size = letter.body.len();
        let refused = |status, why: &str| self.reception.refused(gate, status, why, size);
        let admitted = match admit(gate.provider, secrets, letter) {
            Ok(admitted) => admitted,
            Err(Turned::Unproven) => {
                refused(401, NOT_PROVEN);
                return Err(unproven());
            }
            Err(Turned::Unreadable(Unreadable::MediaType(of))) => {
                refused(415, &format!("{of} is no content type of this product"));
                return Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE));
            }
            Err(Turned::Unreadable(Unreadable::Content(why))) => {
                refused(400, &why);
                return Err(Problem::new(&BODY_INVALID).detail(why));
            }
        };
        let items = match admitted.opened {
            Opened::Handshake(handshake) => return Ok(shaken(handshake)),
            Opened::Items(items) => items,
        };
        if let Err(seconds) = self.reception.count(gate).await {
            refused(429, TOO_MANY);
            return Err(Problem::new(&RATE_LIMITED).retry_after(seconds));
        }
        if admitted.unproven > 0 {
            refused(
                401,
                "one notification among several does not carry the secret as its client state",
            );
        }
        for trouble in items.iter().filter_map(|item| item.trouble) {
            refused(202, trouble);
        }
        let stored = tokio::time::timeout(IN_TIME, self.reception.take(gate, &items)).await;
        let Ok(taken) = stored else {
            return Err(Problem::new(&UNAVAILABLE));
        };
        let first = items.first().map(|item| item.key.as_str());
        Ok(answer(taken?, first.unwrap_or_default()))
    }
}

/// `jira-sm` is the seed's name for it.
fn known_as(provider: &str) -> &str {
    match provider {
        "jira-sm" => "jira",
        other => other,
    }
}

/// The names and values of a query, decoded. What cannot be decoded is none.
fn query(request: &Request) -> Vec<(String, String)> {
    let text = request.uri().query().unwrap_or_default();
    serde_urlencoded::from_str(text).unwrap_or_default()
}

fn only(query: &[(String, String)], name: &str) -> Option<String> {
    let mut found = query.iter().filter(|(of, _)| of == name);
    let value = found.next()?.1.clone();
    found.next().is_none().then_some(value)
}

/// One answer for everything that proves nothing.
fn unproven() -> Problem {
    Problem::new(&UNAUTHENTICATED).detail("The request does not prove whose it is.")
}

fn answer(taken: Taken, first: &str) -> Response {
    let (status, body) = match taken {
        Taken { accepted: 1.., .. } => (
            StatusCode::ACCEPTED,
            json!({"status": "accepted", "eventId": first}),
        ),
        Taken { ignored: 1.., .. } => (StatusCode::OK, json!({"status": "ignored"})),
        Taken {
            duplicates: 1.., ..
        } => (StatusCode::OK, json!({"status": "duplicate"})),
        Taken { .. } => (
            StatusCode::OK,
            json!({"status": "ignored", "reason": "nothing in it"}),
        ),
    };
    said_as(status, &body)
}

fn shaken(handshake: Handshake) -> Response {
    match handshake {
        Handshake::Text(text) => Response::builder()
            .content_type("text/plain; charset=utf-8")
            .body(text),
        Handshake::Json(json) => Response::builder()
            .content_type("application/json")
            .body(json),
        Handshake::Headers(headers) => {
            let mut response = Response::builder();
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.finish()
        }
    }
}
