//! The endpoints of OAuth 2 (RFC 6749, 7009, 7636, 7662, 8414, 9207, 9728).

mod authorize;
mod client;
mod form;
mod introspect;
mod metadata;
mod revoke;
mod token;

use poem::http::{HeaderValue, header};
use poem::{EndpointExt as _, Response, Route, get, post};
use serde_json::Value;

use crate::Marketplace;

/// Where an app sends its user.
pub const AUTHORIZE_PATH: &str = "/oauth/authorize";
/// Where an app gets its tokens.
pub const TOKEN_PATH: &str = "/oauth/token";
/// Where it gives them back.
pub const REVOKE_PATH: &str = "/oauth/revoke";
/// Where it asks what one of them is.
pub const INTROSPECT_PATH: &str = "/oauth/introspect";
/// What this server can do (RFC 8414).
pub const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
/// Where tokens for `/public/v1` come from (RFC 9728).
pub const RESOURCE_PATH: &str = "/.well-known/oauth-protected-resource/public/v1";
/// Where consent is asked for: a page of the console.
pub const CONSENT_PATH: &str = "/oauth/consent";

/// The largest form.
pub const FORM_BYTES_MAX: usize = 16 * 1_024;

/// The patterns that answer to GET.
pub const PAGES: [&str; 3] = [AUTHORIZE_PATH, METADATA_PATH, RESOURCE_PATH];
/// The patterns that answer to POST.
pub const FORMS: [&str; 3] = [TOKEN_PATH, REVOKE_PATH, INTROSPECT_PATH];

/// Adds the routes.
pub(crate) fn mount(route: Route, marketplace: &Marketplace) -> Route {
    let with = |method: poem::RouteMethod| method.data(marketplace.clone());
    route
        .at(AUTHORIZE_PATH, with(get(authorize::authorize)))
        .at(TOKEN_PATH, with(post(token::issue)))
        .at(REVOKE_PATH, with(post(revoke::revoke)))
        .at(INTROSPECT_PATH, with(post(introspect::introspect)))
        .at(METADATA_PATH, with(get(metadata::server)))
        .at(RESOURCE_PATH, with(get(metadata::resource)))
}

/// An answer that nobody keeps.
fn answer(body: &Value) -> Response {
    let mut response = Response::builder()
        .content_type("application/json")
        .body(body.to_string());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
