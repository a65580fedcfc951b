//! The token endpoints: in which tenant the bot is registered, by what it proves itself, and what it is given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::channel::{cut, failed, json_of};
use super::state::State;
use crate::issuer::{Signer, pem};

/// What the app's secret is.
pub(super) const SECRET: &str = "the-apps-own-secret";
/// The longest that a statement of the app may be good for.
const ASSERTION_SECONDS_MAX: i64 = 600;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A certificate by which the app proves itself.
#[derive(Debug, Clone, Copy)]
pub struct Certificate {
    key: &'static Signer,
    der: &'static [u8],
    now: i64,
}

impl Certificate {
    /// One of this key, at this second. Its content is nobody's business: it is known by its thumbprint.
    #[must_use]
    pub const fn of(key: &'static Signer, now: i64) -> Self {
        let der = b"a certificate in its encoding";
        Self { key, der, now }
    }

    /// The certificate and its key, as an operator would configure them.
    #[must_use]
    pub fn pem(&self) -> String {
        let certificate = pem("CERTIFICATE", self.der);
        format!("{}{certificate}", self.key.private_pem())
    }

    /// What is wrong with a statement of the app.
    fn faults(&self, assertion: &str, audience: &str) -> Vec<&'static str> {
        let parts: Vec<&str> = assertion.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return vec!["a statement has three parts"];
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        let value =
            |part: &str| -> Value { serde_json::from_slice(&bytes(part)).unwrap_or_default() };
        let signed = &assertion[..header.len() + 1 + claims.len()];
        let (header, claims) = (value(header), value(claims));
        let algorithm = header["alg"].as_str().unwrap_or_default();
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(self.der));
        let second = |name: &str| claims[name].as_i64().unwrap_or_default();
        let (from, until) = (second("nbf"), second("exp"));
        let rules = [
            (
                self.key
                    .has_signed(algorithm, signed.as_bytes(), &bytes(signature)),
                "it is signed with the certificate's key",
            ),
            (
                algorithm != "PS256" || header["x5t#S256"] == thumbprint.as_str(),
                "it names its certificate",
            ),
            (claims["aud"] == audience, "it is for this endpoint"),
            (
                claims["iss"] == super::APP_ID && claims["sub"] == super::APP_ID,
                "it is the app's about itself",
            ),
            (
                claims["jti"].as_str().is_some_and(|id| !id.is_empty()),
                "it has an id of its own",
            ),
            (
                from <= self.now && self.now < until && until - from <= ASSERTION_SECONDS_MAX,
                "it is good now, and not for long",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, _)| !holds);
        broken.map(|(_, rule)| rule).collect()
    }
}

/// What was asked of an endpoint.
struct Form(Vec<(String, String)>);

impl Form {
    fn value(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// Answers a token endpoint.
pub(super) fn token(state: &mut State, base: &str, path: &str, body: &[u8]) -> Response {
    if state.tokens_down {
        return cut();
    }
    let text = String::from_utf8_lossy(body);
    let form = Form(
        url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect(),
    );
    if state.token_failure || !proves_itself(state, &format!("{base}{path}"), &form) {
        let refusal = json!({"error": "invalid_client", "error_description": format!("AADSTS7000215: {SECRET}"), "error_codes": [7_000_215]});
        return failed(StatusCode::UNAUTHORIZED, &refusal);
    }
    let tenant = path.split('/').nth(1).unwrap_or_default();
    match form.value("grant_type") {
        "client_credentials" if tenant != state.registered_in => {
            let refusal = json!({"error": "unauthorized_client", "error_description": "AADSTS700016: the application was not found", "error_codes": [700_016]});
            failed(StatusCode::BAD_REQUEST, &refusal)
        }
        "client_credentials" => given(state, &form),
        "authorization_code" => redeemed(state, &form),
        _ => {
            let refusal = json!({"error": "unsupported_grant_type"});
            failed(StatusCode::BAD_REQUEST, &refusal)
        }
    }
}

fn proves_itself(state: &mut State, endpoint: &str, form: &Form) -> bool {
    let assertion = form.value("client_assertion");
    let proof = match &state.certificate {
        None => assertion.is_empty() && form.value("client_secret") == SECRET,
        Some(certificate) => {
            let faults = certificate.faults(assertion, endpoint);
            let is_proof = faults.is_empty();
            let told = faults
                .into_iter()
                .map(|fault| format!("assertion: {fault}"));
            state.violations.extend(told);
            is_proof
                && form.value("client_assertion_type") == ASSERTION_TYPE
                && form.value("client_secret").is_empty()
        }
    };
    proof && form.value("client_id") == super::APP_ID
}

/// The bot's own token.
fn given(state: &mut State, form: &Form) -> Response {
    if form.value("scope") != super::SCOPE {
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

/// What somebody who signed in is given for their code.
fn redeemed(state: &mut State, form: &Form) -> Response {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.value("code_verifier").as_bytes()));
    match state.codes.remove(form.value("code")) {
        Some((expected, id_token)) if expected == challenge => {
            json_of(&json!({"token_type": "Bearer", "expires_in": 3_599, "id_token": id_token}))
        }
        _ => failed(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"})),
    }
}
