//! The vendor's side of the wire: keys, tokens and the connector, as the documentation describes them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream;
use poem::http::{Method, StatusCode, header};
use poem::{Body, Request, Response};
use serde_json::{Value, json};

use super::state::{Failure, Sent, State};
use super::{check, pages, tokens};

/// Longer than anybody waits for an answer.
const SILENCE: Duration = Duration::from_mins(1);

pub(super) type Shared = Arc<Mutex<State>>;

pub(super) fn locked(state: &Shared) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers one request of Habeo's.
pub(super) async fn answer(state: Shared, base: String, mut request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(ToOwned::to_owned);
    let body = request.take_body().into_vec().await.unwrap_or_default();
    let asked = Asked {
        method,
        path,
        query,
        bearer,
        body,
    };
    let (answer, is_silent) = {
        let mut state = locked(&state);
        let answer = asked.answered(&mut state, &base);
        (answer, std::mem::take(&mut state.is_silent))
    };
    if is_silent {
        tokio::time::sleep(SILENCE).await;
    }
    answer
}

/// A request, read.
struct Asked {
    method: Method,
    path: String,
    query: String,
    bearer: Option<String>,
    body: Vec<u8>,
}

impl Asked {
    fn answered(&self, state: &mut State, base: &str) -> Response {
        let Self { method, path, .. } = self;
        state.requests.push(format!("{method} {path}"));
        match path.as_str() {
            "/v1/.well-known/openidconfiguration" => metadata(state, base),
            "/v1/.well-known/keys" => keys(state),
            "/organizations/discovery/v2.0/keys" => json_of(&json!({"keys": state.sign_in_keys})),
            path if path.ends_with("/adminconsent") || path.ends_with("/oauth2/v2.0/authorize") => {
                pages::page(state, base, &format!("{path}?{}", self.query))
            }
            path if path.ends_with("/oauth2/v2.0/token") => {
                tokens::token(state, base, path, &self.body)
            }
            path => match path.strip_prefix("/amer/") {
                Some(rest) => connector(state, self, rest),
                None => status(StatusCode::NOT_FOUND),
            },
        }
    }
}

fn metadata(state: &State, base: &str) -> Response {
    if state.keys_down {
        return status(StatusCode::BAD_GATEWAY);
    }
    json_of(&json!({
        "issuer": super::ISSUER, "authorization_endpoint": "https://invalid.botframework.com",
        "jwks_uri": format!("{base}/v1/.well-known/keys"),
        "id_token_signing_alg_values_supported": ["RS256"], "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }))
}

fn keys(state: &mut State) -> Response {
    state.key_fetches += 1;
    if state.keys_down {
        return status(StatusCode::BAD_GATEWAY);
    }
    json_of(&json!({"keys": state.keys}))
}

fn connector(state: &mut State, asked: &Asked, rest: &str) -> Response {
    // Ids hold characters that have a meaning in a path: they have to come encoded.
    if rest.contains([':', ';', '@', '=']) {
        state
            .violations
            .push(format!("ids are percent-encoded in {rest}"));
    }
    let bearer = asked.bearer.as_deref();
    if !bearer.is_some_and(|token| state.tokens.iter().any(|known| known == token)) {
        return refused(&Failure::of(401, "Unauthorized"));
    }
    match state.failures.pop_front() {
        None => carried_out(state, asked, rest),
        Some(failure) if failure.is_silent => {
            state.is_silent = true;
            carried_out(state, asked, rest)
        }
        Some(failure) => refused(&failure),
    }
}

fn carried_out(state: &mut State, asked: &Asked, rest: &str) -> Response {
    let decoded: Vec<String> = rest
        .split('/')
        .map(|part| {
            url::form_urlencoded::parse(format!("p={}", part.replace('+', "%2B")).as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        })
        .collect();
    let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let value: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    match (asked.method.as_str(), parts.as_slice()) {
        ("POST", ["v3", "conversations"]) => begun(state, value),
        ("POST", ["v3", "conversations", conversation, "activities"]) => {
            take(state, "send", conversation, None, value)
        }
        ("POST", ["v3", "conversations", conversation, "activities", id]) => {
            take(state, "reply", conversation, Some(id), value)
        }
        ("PUT", ["v3", "conversations", conversation, "activities", id]) => {
            take(state, "update", conversation, Some(id), value)
        }
        ("DELETE", ["v3", "conversations", conversation, "activities", id]) => {
            keep(state, "delete", conversation, Some(id), Value::Null);
            status(StatusCode::OK)
        }
        ("GET", ["v3", "conversations", conversation, "members", id]) => {
            whole_conversation(state, conversation);
            match state.members.get(*id) {
                Some(member) => json_of(member),
                None => refused(&Failure::of(404, "MemberNotFoundInConversation")),
            }
        }
        ("GET", ["v3", "conversations", conversation, "pagedmembers"]) => {
            whole_conversation(state, conversation);
            paged(state, conversation, &asked.query)
        }
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn whole_conversation(state: &mut State, conversation: &str) {
    if conversation.contains("messageid") {
        state
            .violations
            .push("members belong to a channel, not to a thread".to_owned());
    }
}

/// The conversation with one user, which is the same however often it is begun.
fn begun(state: &mut State, value: Value) -> Response {
    let of = [
        "/bot/id",
        "/members/0/id",
        "/tenantId",
        "/channelData/tenant/id",
    ];
    for pointer in of {
        if value.pointer(pointer).and_then(Value::as_str).is_none() {
            state
                .violations
                .push(format!("a conversation is begun with {pointer}"));
        }
    }
    let member = value["members"][0]["id"].as_str().unwrap_or_default();
    let Some(id) = state.members.get(member).and_then(personal) else {
        return refused(&Failure::of(403, "BotNotInConversationRoster"));
    };
    keep(state, "create", &id, None, value);
    created(&id)
}

/// Where a member and the bot are alone.
fn personal(member: &Value) -> Option<String> {
    let object_id = member["aadObjectId"].as_str()?;
    Some(super::talk::personal(object_id))
}

fn paged(state: &State, conversation: &str, query: &str) -> Response {
    let value = |name: &str| {
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (size, from) = (
        value("pageSize").unwrap_or(50),
        value("continuationToken").unwrap_or(0),
    );
    let is_shared = conversation.starts_with("19:");
    let takes_part = |member: &&Value| {
        is_shared || personal(member).is_some_and(|personal| personal == conversation)
    };
    let mut members: Vec<&Value> = state.members.values().filter(takes_part).collect();
    members.sort_by_key(|member| member["id"].to_string());
    let page: Vec<&Value> = members.iter().skip(from).take(size).copied().collect();
    let mut answer = json!({"members": page});
    if from + size < members.len() {
        answer["continuationToken"] = json!((from + size).to_string());
    }
    json_of(&answer)
}

fn take(
    state: &mut State,
    how: &'static str,
    conversation: &str,
    activity: Option<&str>,
    body: Value,
) -> Response {
    let faults = check::message(&body);
    if !faults.is_empty() {
        state
            .violations
            .extend(faults.into_iter().map(|fault| format!("{how}: {fault}")));
        return refused(&Failure::of(400, "BadSyntax"));
    }
    if body["conversation"]["id"] != conversation {
        state
            .violations
            .push("a message names its conversation".to_owned());
    }
    let id = keep(state, how, conversation, activity, body);
    created(&id)
}

fn keep(
    state: &mut State,
    how: &'static str,
    conversation: &str,
    activity: Option<&str>,
    body: Value,
) -> String {
    let id = match activity {
        Some(id) if how == "update" => id.to_owned(),
        _ => format!("17672256{:05}", state.number()),
    };
    state.sent.push(Sent {
        how,
        conversation: conversation.to_owned(),
        activity: activity.map(ToOwned::to_owned),
        body,
        id: id.clone(),
    });
    id
}

fn created(id: &str) -> Response {
    let mut response = json_of(&json!({"id": id}));
    response.set_status(StatusCode::CREATED);
    response
}

/// The beginning of an answer that never ends.
pub(super) fn cut() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    let parts = stream::iter([Ok(b"{".to_vec()), Err(broken)]);
    Response::builder()
        .content_type("application/json; charset=utf-8")
        .body(Body::from_bytes_stream(parts))
}

fn refused(failure: &Failure) -> Response {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let body = json!({"error": {"code": failure.code, "message": "as the test asked for"}});
    let mut response = failed(status, &body);
    if let Some(seconds) = failure.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

pub(super) fn failed(status: StatusCode, body: &Value) -> Response {
    let mut response = json_of(body);
    response.set_status(status);
    response
}

fn status(status: StatusCode) -> Response {
    status.into()
}

pub(super) fn json_of(body: &Value) -> Response {
    Response::builder()
        .content_type("application/json; charset=utf-8")
        .body(Body::from_string(body.to_string()))
}
