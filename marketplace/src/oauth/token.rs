//! `POST /oauth/token`: a code, or a refresh token, against a pair of tokens.

use std::convert::Infallible;

use habeo_core::access::{Access, Surface};
use habeo_core::app_client::{Client, Scopes};
use habeo_core::ledger::{Command, RecordError};
use habeo_core::oauth::exchange::ExchangeCode;
use habeo_core::oauth::refresh::RefreshTokens;
use habeo_core::oauth::token::{self as opaque, Hash, Sort};
use habeo_core::oauth::{self, Denied, ISSUED_WITHIN_SECONDS, Issued};
use habeo_surface::catalogue::public::{INVALID_GRANT, INVALID_SCOPE, UNSUPPORTED_GRANT_TYPE};
use habeo_surface::{ApiResult, Problem, catalogue};
use poem::web::Data;
use poem::{Body, Request, Response, Result, handler};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::answer;
use super::client::{self, Proved};
use super::form::{Form, invalid};
use crate::Marketplace;

/// Issues tokens.
#[handler]
pub(super) async fn issue(
    request: &Request,
    body: Body,
    Data(marketplace): Data<&Marketplace>,
) -> Result<Response> {
    let form = Form::of_body(request, body).await?;
    let proved = client::prove(request, marketplace, &form).await?;
    let issued = match form.required("grant_type")? {
        "authorization_code" => exchange(marketplace, &proved, &form).await?,
        "refresh_token" => refresh(marketplace, &proved, &form).await?,
        _ => return Err(Problem::new(&UNSUPPORTED_GRANT_TYPE).into()),
    };
    Ok(answer(&json!({
        "access_token": issued.access.expose_secret(),
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh.expose_secret(),
        "scope": issued.scopes.to_string(),
        "install_id": issued.install,
        "org_id": issued.org,
        "entity_id": issued.unit,
    })))
}

async fn exchange(marketplace: &Marketplace, proved: &Proved, form: &Form) -> ApiResult<Issued> {
    let code = form.secret("code")?;
    let redirect_uri = form.required("redirect_uri")?.to_owned();
    let verifier = form.required("code_verifier")?.to_owned();
    if !oauth::is_verifier(&verifier) {
        return Err(invalid(
            "a code_verifier has 43 to 128 of A-Z a-z 0-9 - . _ ~",
        ));
    }
    let code = known(code.expose_secret(), Sort::Code)?;
    let command = ExchangeCode {
        code,
        client: proved.client.id,
        redirect_uri,
        verifier,
    };
    carry_out(marketplace, proved, &code, command).await
}

async fn refresh(marketplace: &Marketplace, proved: &Proved, form: &Form) -> ApiResult<Issued> {
    let token = form.secret("refresh_token")?;
    let scopes = form.get("scope").map(str::parse::<Scopes>).transpose();
    let scopes = scopes.map_err(|_| Problem::new(&INVALID_SCOPE))?;
    let token = known(token.expose_secret(), Sort::Refresh)?;
    let command = RefreshTokens {
        token,
        client: proved.client.id,
        scopes,
    };
    carry_out(marketplace, proved, &token, command).await
}

/// The digest of a text that has the form of what it is to be; nothing is looked up for another.
fn known(text: &str, sort: Sort) -> ApiResult<Hash> {
    let known = opaque::read(text).filter(|known| known.sort == sort);
    known
        .map(|known| known.hash)
        .ok_or_else(|| Problem::new(&INVALID_GRANT))
}

/// Carries it out in the organisation of what is presented, where not too much was denied to the client lately: others may have something of theirs
/// denied as often as they like, and none of it keeps the client from what is good elsewhere.
async fn carry_out<C>(
    marketplace: &Marketplace,
    proved: &Proved,
    hash: &Hash,
    command: C,
) -> ApiResult<Issued>
where
    C: Command<Answer = std::result::Result<Issued, Denied>, Refusal = Infallible>,
{
    let ledger = marketplace.ledger();
    let (client, denials) = (&proved.client, marketplace.denials());
    let org = oauth::org_of(ledger.db(), hash).await?;
    let key = proved.denials(org);
    client::waits(denials.look(key).await)?;
    let Some(org) = org else {
        denials.take(key).await;
        return Err(denied(client, Denied::Unknown));
    };
    let access = Access::system(org, Surface::Api);
    match ledger.record(&access, command).await {
        Ok(Ok(issued)) => Ok(issued),
        Ok(Err(why)) => {
            denials.take(key).await;
            Err(denied(client, why))
        }
        Err(RecordError::Refused(never)) => match never {},
        Err(RecordError::Store(error)) => Err(error.into()),
    }
}

/// An app learns that its grant is not good; why, the log tells.
fn denied(client: &Client, why: Denied) -> Problem {
    tracing::info!(client.id = %client.id, reason = why.code(), "no tokens were issued");
    match why {
        Denied::Grown => Problem::new(&INVALID_SCOPE),
        Denied::TooOften => Problem::new(&catalogue::RATE_LIMITED)
            .detail("the installation was given too many tokens in the last minute")
            .retry_after(ISSUED_WITHIN_SECONDS),
        _ => Problem::new(&INVALID_GRANT),
    }
}
