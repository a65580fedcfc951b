//! The vendor's side of the wire: keys, tokens and the connector, as the documentation describes them.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::{Method, StatusCode, header};
use poem::{Body, Request, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::state::{Failure, Sent, State};
use super::{check, pages};

/// What the app's secret is.
pub(super) const SECRET: &str = "the-apps-own-secret";

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
    let mut state = locked(&state);
    state.requests.push(format!("{method} {path}"));
    match path.as_str() {
        "/v1/.well-known/openidconfiguration" => metadata(&state, &base),
        "/v1/.well-known/keys" => keys(&mut state),
        "/organizations/discovery/v2.0/keys" => json_of(&json!({"keys": state.sign_in_keys})),
        path if path.ends_with("/adminconsent") || path.ends_with("/oauth2/v2.0/authorize") => {
            pages::page(&mut state, &base, &format!("{path}?{query}"))
        }
        path if path.ends_with("/oauth2/v2.0/token") => token(&mut state, &body),
        path => match path.strip_prefix("/amer/") {
            Some(rest) => connector(&mut state, &method, rest, &query, bearer.as_deref(), &body),
            None => status(StatusCode::NOT_FOUND),
        },
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

fn token(state: &mut State, body: &[u8]) -> Response {
    let text = String::from_utf8_lossy(body);
    let form: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    let value = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    if value("client_id") != super::APP_ID
        || value("client_secret") != SECRET
        || state.token_failure
    {
        let refusal = json!({"error": "invalid_client", "error_description": format!("AADSTS7000215: {SECRET}"), "error_codes": [7_000_215]});
        return failed(StatusCode::UNAUTHORIZED, &refusal);
    }
    match value("grant_type") {
        "client_credentials" => {
            if value("scope") != super::SCOPE {
                state
                    .violations
                    .push("a token is asked for with the connector's scope".to_owned());
            }
            state.token_fetches += 1;
            let token = format!("app-token-{}", state.token_fetches);
            state.tokens = vec![token.clone()];
            let lifetime = state.token_lifetime.unwrap_or(3_599);
            json_of(&json!({"token_type": "Bearer", "expires_in": lifetime, "access_token": token}))
        }
        "authorization_code" => {
            let Some((challenge, id_token)) = state.codes.remove(value("code")) else {
                return failed(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
            };
            let verifier = Sha256::digest(value("code_verifier").as_bytes());
            if URL_SAFE_NO_PAD.encode(verifier) != challenge {
                return failed(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
            }
            json_of(&json!({"token_type": "Bearer", "expires_in": 3_599, "id_token": id_token}))
        }
        _ => failed(
            StatusCode::BAD_REQUEST,
            &json!({"error": "unsupported_grant_type"}),
        ),
    }
}

fn connector(
    state: &mut State,
    method: &Method,
    rest: &str,
    query: &str,
    bearer: Option<&str>,
    body: &[u8],
) -> Response {
    // Ids hold characters that have a meaning in a path: they have to come encoded.
    if rest.contains([':', ';', '@', '=']) {
        state
            .violations
            .push(format!("ids are percent-encoded in {rest}"));
    }
    if !bearer.is_some_and(|token| state.tokens.iter().any(|known| known == token)) {
        return refused(&Failure::of(401, "Unauthorized"));
    }
    if let Some(failure) = state.failures.pop_front() {
        return refused(&failure);
    }
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
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["v3", "conversations"]) => {
            let id = format!("a:made-{}", state.number());
            keep(state, "create", &id, None, value);
            created(&id)
        }
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
            if conversation.contains("messageid") {
                state
                    .violations
                    .push("members belong to a channel, not to a thread".to_owned());
            }
            match state.members.get(*id) {
                Some(member) => json_of(member),
                None => refused(&Failure::of(404, "MemberNotFoundInConversation")),
            }
        }
        ("GET", ["v3", "conversations", _, "pagedmembers"]) => paged(state, query),
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn paged(state: &State, query: &str) -> Response {
    let value = |name: &str| {
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (size, from) = (
        value("pageSize").unwrap_or(50),
        value("continuationToken").unwrap_or(0),
    );
    let mut members: Vec<&Value> = state.members.values().collect();
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

fn failed(status: StatusCode, body: &Value) -> Response {
    let mut response = json_of(body);
    response.set_status(status);
    response
}

fn status(status: StatusCode) -> Response {
    status.into()
}

fn json_of(body: &Value) -> Response {
    Response::builder()
        .content_type("application/json; charset=utf-8")
        .body(Body::from_string(body.to_string()))
}
