//! `POST /oauth/introspect` (RFC 7662): what a token is, told to the app it belongs to.

use habeo_core::app_client::Proof;
use habeo_core::oauth::bearer::{self, Introspected};
use habeo_core::oauth::token as opaque;
use habeo_core::time::SECOND_MICROS;
use habeo_surface::Problem;
use habeo_surface::catalogue::public::UNAUTHORIZED_CLIENT;
use poem::web::Data;
use poem::{Body, Request, Response, Result, handler};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::answer;
use super::client::{self, Proved};
use super::form::Form;
use crate::Marketplace;

/// Says what a token is.
#[handler]
pub(super) async fn introspect(
    request: &Request,
    body: Body,
    Data(marketplace): Data<&Marketplace>,
) -> Result<Response> {
    let form = Form::of_body(request, body).await?;
    let Proved { client, .. } = client::prove(request, marketplace, &form).await?;
    // Whoever knows the id of a public client could otherwise try tokens (RFC 7662, section 2.1).
    if client.proof == Proof::Public {
        return Err(Problem::new(&UNAUTHORIZED_CLIENT)
            .detail("only clients with a secret ask what a token is")
            .into());
    }
    let text = form.secret("token")?;
    let (db, now) = (
        marketplace.ledger().db(),
        marketplace.ledger().clock().now(),
    );
    let found = match opaque::read(text.expose_secret()) {
        Some(known) => bearer::introspect(db, client.id, known, now)
            .await
            .map_err(Problem::from)?,
        None => None,
    };
    Ok(answer(&match found {
        None => json!({"active": false}),
        Some(found) => described(&found, &client.id.to_string(), marketplace.issuer()),
    }))
}

fn described(token: &Introspected, client: &str, issuer: &str) -> Value {
    json!({
        "active": true,
        "scope": token.scopes.to_string(),
        "client_id": client,
        "token_type": if token.of_requests { "Bearer" } else { "refresh_token" },
        "iat": token.issued_at.micros() / SECOND_MICROS,
        "exp": token.expires_at.micros() / SECOND_MICROS,
        "iss": issuer,
        "install_id": token.install,
        "org_id": token.org,
        "entity_id": token.unit,
    })
}
