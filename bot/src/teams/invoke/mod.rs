//! Invocations: what the channel asks and waits for. The answer is the body of the response, within the three seconds that a client waits.

mod action;
mod dialog;
mod extension;
mod sealed;
mod search;

use std::sync::Arc;
use std::time::Duration;

use habeo_core::id::new_uuid;
use habeo_surface::edge::RequestState;
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::Teams;
use super::activity::{Activity, Flaw};
use super::door::{empty, json};
use super::present::Readers;
use super::tenant::{Spot, Tenant};
use super::who::{NOT_CONNECTED, TOO_LONG, Who};
use crate::bot::TOO_MUCH;
use crate::engine::Asker;
use crate::reply::Reply;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(2_700);
/// How long it may take to find out who reads along.
const ROSTER_PATIENCE: Duration = Duration::from_secs(1);
/// What is said where it took too long and something may have been changed all the same.
const LOOK_FIRST: &str = "This took too long to wait for. It may have been done all the same: look before you try again.";

/// What is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Invoke {
    /// A button of a card, or a card that asks for its other face.
    Action,
    /// A search from the box where messages are written.
    Query,
    /// A link to us that somebody wrote.
    Link,
    /// The same, by somebody who has not installed the app.
    AnonymousLink,
    /// What is done with a message.
    FetchAction,
    /// What was filled in or pressed in the dialog that followed.
    SubmitAction,
    /// A dialog of a card.
    FetchDialog,
    /// What was filled in or pressed there.
    SubmitDialog,
    /// Something to choose while somebody types.
    Search,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Invalid;

/// Somebody who invokes something.
struct Invoker<'a> {
    tenant: &'a Tenant,
    spot: &'a Spot,
    who: &'a Who,
}

impl Invoker<'_> {
    /// The person as the engine knows them.
    fn asker(&self) -> Option<Asker> {
        match self.who {
            Who::Known(known) => Some(self.tenant.asker(known, self.spot)),
            Who::Unlinked(_) | Who::Nobody(_) => None,
        }
    }
}

impl Invoke {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "adaptiveCard/action" => Self::Action,
            "composeExtension/query" => Self::Query,
            "composeExtension/queryLink" => Self::Link,
            "composeExtension/anonymousQueryLink" => Self::AnonymousLink,
            "composeExtension/fetchTask" => Self::FetchAction,
            "composeExtension/submitAction" => Self::SubmitAction,
            "task/fetch" => Self::FetchDialog,
            "task/submit" => Self::SubmitDialog,
            "application/search" => Self::Search,
            _ => return None,
        })
    }

    /// What is said where it took too long. What was begun goes on, so that whoever presses again may do it twice.
    const fn too_long(self) -> &'static str {
        match self {
            Self::Action | Self::SubmitAction | Self::SubmitDialog => LOOK_FIRST,
            Self::Query
            | Self::Link
            | Self::AnonymousLink
            | Self::FetchAction
            | Self::FetchDialog
            | Self::Search => TOO_LONG,
        }
    }

    /// Whether somebody asks or presses by it, rather than types on.
    const fn is_asked(self) -> bool {
        match self {
            Self::Action
            | Self::FetchAction
            | Self::SubmitAction
            | Self::FetchDialog
            | Self::SubmitDialog => true,
            Self::Query | Self::Link | Self::AnonymousLink | Self::Search => false,
        }
    }

    /// A sentence in the place of an answer.
    fn told(self, text: &str) -> Value {
        match self {
            Self::Action => action::message(text),
            Self::Query => extension::message(text),
            Self::Link | Self::AnonymousLink => json!({}),
            Self::FetchAction | Self::SubmitAction | Self::FetchDialog | Self::SubmitDialog => {
                dialog::message(text)
            }
            Self::Search => search::nothing(),
        }
    }
}

impl Teams {
    /// Answers an invocation.
    pub(super) async fn take_invoke(
        &self,
        activity: Activity,
        state: Option<&Arc<RequestState>>,
    ) -> Response {
        let Some(invoke) = Invoke::named(activity.name.as_deref().unwrap_or_default()) else {
            return empty(StatusCode::NOT_IMPLEMENTED);
        };
        if invoke == Invoke::AnonymousLink {
            return empty(StatusCode::OK);
        }
        let request_id = match state {
            Some(state) => state.request_id().to_owned(),
            None => new_uuid(self.ledger().clock().now(), self.ledger().random()).to_string(),
        };
        let answer = self.invoked(invoke, &activity, &request_id);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => json(&answer),
            Ok(Err(status)) => empty(status),
            Err(_) => {
                tracing::warn!(invoke = ?invoke, "an invocation took too long");
                json(&invoke.told(invoke.too_long()))
            }
        }
    }

    async fn invoked(
        &self,
        invoke: Invoke,
        activity: &Activity,
        request_id: &str,
    ) -> Result<Value, StatusCode> {
        activity.place().map_err(|_| StatusCode::BAD_REQUEST)?;
        let key = activity.tenant().map_err(|flaw| match flaw {
            Flaw::TwoTenants => StatusCode::FORBIDDEN,
            Flaw::Incomplete => StatusCode::BAD_REQUEST,
        })?;
        let found = self.tenant(key).await.map_err(|error| {
            tracing::error!(%error, "a tenant could not be looked up");
            StatusCode::SERVICE_UNAVAILABLE
        })?;
        let Some(tenant) = found else {
            return Ok(invoke.told(NOT_CONNECTED));
        };
        let mut spot = tenant.spot(activity);
        let value = activity.value.as_ref().unwrap_or(&Value::Null);
        let asked = sealed::Asked::read(invoke, value);
        if let Some(asked) = asked {
            return Ok(self
                .on_sealed(asked, &tenant, &spot, activity, request_id)
                .await);
        }
        if invoke == Invoke::Action {
            spot.shares = self
                .shares(
                    &tenant,
                    &spot,
                    activity.is_in_shared_channel(),
                    ROSTER_PATIENCE,
                )
                .await;
        }
        let who = self.who(&tenant, &spot, activity, request_id).await;
        let invoker = Invoker {
            tenant: &tenant,
            spot: &spot,
            who: &who,
        };
        if invoke.is_asked()
            && let Some(asker) = invoker.asker()
            && !self.common().may_ask(tenant.org, &asker.user).await
        {
            return Ok(invoke.told(TOO_MUCH));
        }
        let answer = match invoke {
            Invoke::Action => self.on_action(&invoker, value).await,
            Invoke::Query => self.on_query(&invoker, value).await,
            Invoke::Link => self.on_link(&invoker, value).await,
            Invoke::AnonymousLink => Ok(json!({})),
            Invoke::FetchAction => self.on_fetch_action(&invoker, value).await,
            Invoke::FetchDialog => self.on_fetch_dialog(&invoker, value).await,
            Invoke::SubmitAction | Invoke::SubmitDialog => self.on_submit(&invoker, value).await,
            Invoke::Search => self.on_search(&invoker, value).await,
        };
        answer.map_err(|Invalid| StatusCode::BAD_REQUEST)
    }

    /// What somebody is told who is no person.
    fn nobody(&self, invoker: &Invoker<'_>) -> (Reply, Readers) {
        let told = invoker.who.told(self);
        told.unwrap_or_else(|| (Reply::default(), Readers::Asker))
    }
}

/// A member of a value, as text.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}
