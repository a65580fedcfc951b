//! The door that the channel knocks at: bytes within a bound, then the token, then whatever they say.

use std::sync::Arc;

use habeo_core::inbox::{About, Incoming, Refusal};
use habeo_core::store::StoreError;
use habeo_surface::edge::RequestState;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, Request, Response, Route, post};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::activity::{Activity, Flaw};
use super::gate::Refused;
use super::who::NOT_CONNECTED;
use super::{SOURCE, Teams};
use crate::Bot;

/// The most bytes of a request.
pub const BODY_BYTES_MAX: usize = 512 * 1_024;
/// Where the door is.
pub const PATH: &str = "/api/messages";

/// The door on a route of its own. Where no app is set up it is there, and shut.
#[must_use]
pub fn routes(bot: &Bot) -> Route {
    mount(Route::new(), bot)
}

/// Adds the door to a route.
#[must_use]
pub fn mount(route: Route, bot: &Bot) -> Route {
    let teams = bot.teams().cloned();
    route.at(PATH, post(Door { teams }))
}

struct Door {
    teams: Option<Teams>,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let Some(teams) = &self.teams else {
            return Ok(empty(StatusCode::SERVICE_UNAVAILABLE));
        };
        let body = request.take_body().into_bytes_limit(BODY_BYTES_MAX).await;
        let Ok(body) = body else {
            return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let state = request.data::<Arc<RequestState>>();
        Ok(match teams.let_in(&request, &body).await {
            Ok(activity) => Box::pin(teams.take(activity, &body, state)).await,
            Err(refused) => {
                if let Some(state) = state {
                    state.note_reason(refused.code());
                }
                refused.answer()
            }
        })
    }
}

/// Why nothing is taken in.
enum Shut {
    Gate(Refused),
    Unreadable,
}

impl Shut {
    const fn code(&self) -> &'static str {
        match self {
            Self::Gate(refused) => refused.code(),
            Self::Unreadable => "activity-unreadable",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Gate(Refused::Unauthorized(_)) => StatusCode::UNAUTHORIZED,
            Self::Gate(Refused::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::Gate(Refused::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }

    /// An empty body says nothing of why; the header is the one that HTTP asks for.
    fn answer(&self) -> Response {
        let mut answer = empty(self.status());
        if answer.status() == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        answer
    }
}

impl Teams {
    /// Verifies a request. Nothing is read of what it says before its token is good.
    async fn let_in(&self, request: &Request, body: &[u8]) -> Result<Activity, Shut> {
        let gate = self.0.gate.as_ref();
        let gate = gate.ok_or(Shut::Gate(Refused::Unavailable))?;
        let proved = gate.verify(request.headers()).await.map_err(Shut::Gate)?;
        // A list would be read as the members of an activity in their order.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Shut::Unreadable);
        }
        let activity: Activity = serde_json::from_slice(body).map_err(|_| Shut::Unreadable)?;
        gate.admit(&proved, &activity).map_err(Shut::Gate)?;
        Ok(activity)
    }

    async fn take(
        &self,
        activity: Activity,
        body: &[u8],
        state: Option<&Arc<RequestState>>,
    ) -> Response {
        let own_membership = activity.concerns_bot(activity.members_added.as_ref())
            || activity.concerns_bot(activity.members_removed.as_ref());
        let kept = match activity.kind.as_str() {
            "invoke" => return Box::pin(self.take_invoke(activity, state)).await,
            "message" | "installationUpdate" => self.keep(&activity, body).await,
            "conversationUpdate" if own_membership => self.keep(&activity, body).await,
            // Edits, reactions, members that are not us, and whatever is invented next.
            _ => Ok(()),
        };
        match kept {
            Ok(()) => empty(StatusCode::OK),
            Err(status) => empty(status),
        }
    }

    /// Stores an activity, once, for whoever works it off.
    async fn keep(&self, activity: &Activity, body: &[u8]) -> Result<(), StatusCode> {
        let place = activity.place().map_err(status)?;
        let id = activity.key().map_err(status)?;
        let key = activity.tenant().map_err(status)?;
        let Some(tenant) = self
            .tenant(key)
            .await
            .map_err(|error| unavailable(&error))?
        else {
            self.turn_away(activity, &place.id);
            return Ok(());
        };
        let message = Incoming {
            org: tenant.org,
            source: SOURCE,
            key: &digest(&place.id, id),
            lane: Some(&place.id),
            body,
            about: About::default(),
        };
        match self.common().parts().inbox.receive(message).await {
            Ok(_) => Ok(()),
            Err(Refusal::Store(error)) => Err(unavailable(&error)),
            Err(refusal) => {
                tracing::warn!(%refusal, "an activity was not taken in");
                Err(StatusCode::BAD_REQUEST)
            }
        }
    }

    /// Tells somebody of a tenant that belongs to nobody that it does, and nothing else. It is said once a minute in a conversation.
    fn turn_away(&self, activity: &Activity, conversation: &str) {
        let now = self.ledger().clock().now();
        let turned_away = &self.0.turned_away;
        if activity.kind != "message" || !turned_away.is_news(conversation.to_owned(), now) {
            return;
        }
        let (teams, conversation) = (self.clone(), conversation.to_owned());
        let url = activity.service_url.clone().unwrap_or_default();
        let id = activity.id.clone();
        let told = async move {
            let said = teams.say_to_stranger(url, conversation, id.as_deref(), NOT_CONNECTED);
            if let Err(error) = said.await {
                tracing::info!(%error, "somebody of an unknown tenant was not told so");
            }
        };
        if self.common().background().spawn(told).is_err() {
            tracing::warn!(
                "somebody of an unknown tenant was not told so: there is too much to do"
            );
        }
    }
}

const fn status(flaw: Flaw) -> StatusCode {
    match flaw {
        Flaw::TwoTenants => StatusCode::FORBIDDEN,
        Flaw::Incomplete => StatusCode::BAD_REQUEST,
    }
}

fn unavailable(error: &StoreError) -> StatusCode {
    tracing::error!(%error, "an activity could not be taken in");
    StatusCode::SERVICE_UNAVAILABLE
}

/// By what an activity is known: ids are as long as the channel likes, so their digest is.
fn digest(conversation: &str, id: &str) -> String {
    let digest = Sha256::new()
        .chain_update((conversation.len() as u64).to_be_bytes())
        .chain_update(conversation)
        .chain_update(id)
        .finalize();
    digest
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    status.into()
}

/// An answer in JSON.
pub(super) fn json<T: Serialize>(body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => Response::builder()
            .content_type("application/json; charset=utf-8")
            .body(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON form");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
