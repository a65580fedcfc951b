//! `POST /oauth/revoke` (RFC 7009): a token is given back. Whether there was one is not told.

use habeo_core::access::{Access, Surface};
use habeo_core::ledger::RecordError;
use habeo_core::oauth;
use habeo_core::oauth::revoke::RevokeToken;
use habeo_core::oauth::token as opaque;
use habeo_surface::Problem;
use poem::web::Data;
use poem::{Body, Request, Response, Result, handler};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::answer;
use super::client::{self, Proved};
use super::form::Form;
use crate::Marketplace;

/// Takes a token back.
#[handler]
pub(super) async fn revoke(
    request: &Request,
    body: Body,
    Data(marketplace): Data<&Marketplace>,
) -> Result<Response> {
    let form = Form::of_body(request, body).await?;
    let Proved { client, .. } = client::prove(request, marketplace, &form).await?;
    let text = form.secret("token")?;
    if let Some(known) = opaque::read(text.expose_secret()) {
        let ledger = marketplace.ledger();
        let org = oauth::org_of(ledger.db(), &known.hash).await;
        if let Some(org) = org.map_err(Problem::from)? {
            let command = RevokeToken {
                token: known.hash,
                client: client.id,
            };
            let access = Access::system(org, Surface::Api);
            match ledger.record(&access, command).await {
                Ok(()) => {}
                Err(RecordError::Refused(never)) => match never {},
                Err(RecordError::Store(error)) => return Err(Problem::from(error).into()),
            }
        }
    }
    Ok(answer(&json!({})))
}
