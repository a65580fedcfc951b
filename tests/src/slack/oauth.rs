//! Installing: the page that asks, the exchange, and tokens that change.

use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{APP, BOT, CLIENT_ID, CLIENT_SECRET, Grant, Slack};

const LIFE_SECONDS: i64 = 43_200;

impl Slack {
    /// The page that asks an administrator: here it always says yes, and sends the browser back.
    pub(super) fn authorize(&self, query: &str) -> Response {
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(given, _)| given == name)
                .map(|(_, value)| value.into_owned())
        };
        let (Some(client), Some(redirect), Some(state), Some(scope)) = (
            value("client_id"),
            value("redirect_uri"),
            value("state"),
            value("scope"),
        ) else {
            return StatusCode::BAD_REQUEST.into();
        };
        if client != CLIENT_ID || scope.is_empty() {
            return StatusCode::BAD_REQUEST.into();
        }
        let code = format!("code-{}", self.number());
        let grant = Grant {
            redirect_uri: redirect.clone(),
            scope,
            taken: false,
        };
        self.state().codes.insert(code.clone(), grant);
        let pairs = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &state)
            .finish();
        Response::builder()
            .status(StatusCode::FOUND)
            .header(header::LOCATION, format!("{redirect}?{pairs}"))
            .finish()
    }

    /// The exchange of a code, or of a refresh token.
    pub(super) fn exchange(&self, authorization: &str, form: &Value) -> Value {
        self.state().calls.push(super::Call {
            method: "oauth.v2.access".to_owned(),
            token: String::new(),
            body: form.clone(),
        });
        if authorization != basic() {
            return refused("bad_client_secret");
        }
        if form["grant_type"] == "refresh_token" {
            return self.refresh(form["refresh_token"].as_str().unwrap_or_default());
        }
        let code = form["code"].as_str().unwrap_or_default();
        let number = self.number();
        let mut state = self.state();
        let rotates = state.rotates;
        let Some(grant) = state.codes.get_mut(code) else {
            return refused("invalid_code");
        };
        if grant.taken {
            return refused("code_already_used");
        }
        grant.taken = true;
        if form["redirect_uri"] != grant.redirect_uri.as_str() {
            return refused("bad_redirect_uri");
        }
        let scopes = grant.scope.clone();
        state
            .scopes
            .extend(scopes.split(',').map(ToOwned::to_owned));
        let mut granted = json!({"ok": true, "app_id": APP, "authed_user": {"id": "U0ADMIN"}, "scope": scopes, "token_type": "bot",
            "access_token": format!("xoxb-{number}"), "bot_user_id": BOT, "team": {"id": "T0HABEO1", "name": "Westmark University"},
            "enterprise": null, "is_enterprise_install": false});
        for (name, value) in state
            .next_install
            .take()
            .iter()
            .filter_map(Value::as_object)
            .flatten()
        {
            granted[name] = value.clone();
        }
        let place = granted["team"]["id"]
            .as_str()
            .or(granted["enterprise"]["id"].as_str());
        let place = place.unwrap_or_default().to_owned();
        let access = format!("xoxb-{number}");
        state.tokens.insert(access, place.clone());
        if rotates {
            granted["refresh_token"] = json!(format!("xoxe-{number}"));
            granted["expires_in"] = json!(LIFE_SECONDS);
            state.refresh.insert(format!("xoxe-{number}"), place);
        }
        granted
    }

    /// A refresh token works once.
    fn refresh(&self, refresh: &str) -> Value {
        let number = self.number();
        let mut state = self.state();
        let Some(place) = state.refresh.remove(refresh) else {
            return refused("invalid_refresh_token");
        };
        let (access, next) = (format!("xoxb-{number}"), format!("xoxe-{number}"));
        state.tokens.insert(access.clone(), place.clone());
        state.refresh.insert(next.clone(), place);
        json!({"ok": true, "app_id": APP, "access_token": access, "refresh_token": next, "expires_in": LIFE_SECONDS, "token_type": "bot",
            "team": null, "enterprise": null})
    }
}

pub(super) fn refused(code: &str) -> Value {
    json!({"ok": false, "error": code})
}

fn basic() -> String {
    use base64::Engine as _;
    let pair = format!("{CLIENT_ID}:{CLIENT_SECRET}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}
