//! The pages of Microsoft's that an administrator's browser passes: consent, and sign-in.

use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::state::State;
use super::{APP_ID, header as token_header, pairs, value};
use crate::issuer::{self, changed};

/// What a browser brings back from the page of consent.
pub(super) fn consent(url: &Url, tenant: &str) -> Vec<(String, String)> {
    assert_eq!(url.path(), "/organizations/v2.0/adminconsent");
    assert_eq!(value(url, "client_id"), APP_ID);
    pairs(&[
        ("admin_consent", "True"),
        ("tenant", tenant),
        ("scope", "https://graph.microsoft.com/.default"),
        ("state", &value(url, "state")),
    ])
}

/// What a browser brings back from the page of sign-in. `changes` are made to the claims of the signed answer.
pub(super) fn sign_in(
    state: &mut State,
    base: &str,
    url: &Url,
    now: i64,
    changes: Value,
) -> Vec<(String, String)> {
    let tenant = url.path().split('/').nth(1).unwrap_or_default().to_owned();
    assert_eq!(url.path(), format!("/{tenant}/oauth2/v2.0/authorize"));
    assert_eq!(value(url, "client_id"), APP_ID);
    assert_eq!(value(url, "response_type"), "code");
    assert_eq!(value(url, "code_challenge_method"), "S256");
    let claims = json!({
        "iss": format!("{base}/{tenant}/v2.0"), "aud": APP_ID, "tid": tenant, "nonce": value(url, "nonce"),
        "iat": now, "nbf": now, "exp": now + 3_600, "sub": "s", "oid": "o", "preferred_username": "admin@westmark.edu",
        // As every member has it, and as Teams Administrators have.
        "wids": ["b79fbf4d-3ef9-4689-8143-76b194e85509", "69091246-20e8-4a56-aa4d-066075b2a7a8"],
    });
    let token = issuer::issuer().sign(&token_header("entra_1"), &changed(claims, changes));
    let code = format!("code-{}", state.number());
    let promised = (value(url, "code_challenge"), token);
    state.codes.insert(code.clone(), promised);
    pairs(&[("code", &code), ("state", &value(url, "state"))])
}

/// A page, where there is a visitor: it sends the browser back at once.
pub(super) fn page(state: &mut State, base: &str, target: &str) -> Response {
    let url = Url::parse(&format!("{base}{target}")).ok();
    let (Some(url), Some((tenant, now))) = (url, state.visitor.clone()) else {
        return StatusCode::NOT_FOUND.into();
    };
    let brought = if url.path().ends_with("/adminconsent") {
        consent(&url, &tenant)
    } else {
        sign_in(
            state,
            base,
            &url,
            now,
            json!({"tid": tenant, "iss": format!("{base}/{tenant}/v2.0")}),
        )
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(brought)
        .finish();
    Response::builder()
        .status(StatusCode::FOUND)
        .header(
            header::LOCATION,
            format!("{}?{query}", value(&url, "redirect_uri")),
        )
        .finish()
}
