//! What this server can do, for programs: RFC 8414, and RFC 9728 for `/public/v1`.

use habeo_core::app_client::Scope;
use poem::http::header;
use poem::web::Data;
use poem::{Response, handler};
use serde_json::{Value, json};

use super::{AUTHORIZE_PATH, INTROSPECT_PATH, REVOKE_PATH, TOKEN_PATH};
use crate::{Marketplace, PREFIX};

/// Where it is written for people.
const DOCUMENTATION: &str = env!("CARGO_PKG_REPOSITORY");

/// Of the authorization server.
#[handler]
pub(super) fn server(Data(marketplace): Data<&Marketplace>) -> Response {
    let issuer = marketplace.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    publish(&json!({
        "issuer": issuer,
        "authorization_endpoint": at(AUTHORIZE_PATH),
        "token_endpoint": at(TOKEN_PATH),
        "revocation_endpoint": at(REVOKE_PATH),
        "introspection_endpoint": at(INTROSPECT_PATH),
        "scopes_supported": scopes(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "service_documentation": DOCUMENTATION,
    }))
}

/// Of the protected resource.
#[handler]
pub(super) fn resource(Data(marketplace): Data<&Marketplace>) -> Response {
    let issuer = marketplace.issuer();
    publish(&json!({
        "resource": format!("{issuer}{PREFIX}"),
        "authorization_servers": [issuer],
        "scopes_supported": scopes(),
        "bearer_methods_supported": ["header"],
        "resource_documentation": DOCUMENTATION,
    }))
}

fn scopes() -> Vec<&'static str> {
    Scope::ALL.iter().map(|scope| scope.as_str()).collect()
}

/// Anybody may read it and keep it for a while.
fn publish(document: &Value) -> Response {
    Response::builder()
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "public, max-age=3600")
        .body(document.to_string())
}
