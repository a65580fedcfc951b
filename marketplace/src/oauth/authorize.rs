//! `GET /oauth/authorize`: whether an app's request is good, before anybody is asked to consent to it.
//!
//! What is wrong is said on a page, and nobody is led away: anybody can register an app with whatever address, and a link to this server would lead
//! there (RFC 9700, section 4.11.2). Where it is certain who asks and where they are answered, the page has a link by which the app is told what is
//! wrong, with its `state` and our name (RFC 9207). After somebody has signed in and decided, they are led back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use habeo_core::app_client::{Client, Scopes, Status, store};
use habeo_core::id::AppClientId;
use habeo_core::oauth::answer;
use habeo_core::oauth::request::{Request as Asked, STATE_BYTES_MAX};
use habeo_surface::Problem;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{Request, Response, Result, handler};

use super::CONSENT_PATH;
use super::form::{Doubled, Form};
use crate::Marketplace;

/// What an app is told, by the words of RFC 6749, section 4.1.2.1.
#[derive(Debug, Clone, Copy)]
struct Told(&'static str, &'static str);

const HEADING: &str = "This app cannot be installed by this link";

/// Leads a good request on to its consent.
#[handler]
pub(super) async fn authorize(
    request: &Request,
    Data(marketplace): Data<&Marketplace>,
) -> Result<Response> {
    let page = |text: &str| Ok(marketplace.pages().refusal(HEADING, text));
    let Some(form) = Form::of_query(request.uri().query().unwrap_or_default()) else {
        return page("The address cannot be read. Ask whoever publishes the app.");
    };
    let Some(client) = known(marketplace, &form).await? else {
        return page(
            "The link names an app that is not known here. Ask whoever publishes the app for another one.",
        );
    };
    let Some(redirect_uri) = registered(&client, &form) else {
        return page(
            "The link says that you are sent back to an address that the app is not registered with. Ask whoever publishes the app.",
        );
    };
    let state = form.once("state");
    let ledger = marketplace.ledger();
    let location = match asked(&client, redirect_uri, &form) {
        Ok(asked) => {
            let key = marketplace.master_key();
            let sealed = asked.seal(key, ledger.clock().now(), ledger.random());
            format!("{CONSENT_PATH}?request={sealed}")
        }
        Err(Told(error, description)) => {
            let pairs = [("error", error), ("error_description", description)];
            let state = state.ok().flatten();
            let back = answer::address(redirect_uri, &pairs, state, marketplace.issuer());
            let back =
                back.ok_or_else(|| Problem::internal("a redirect URI that is no address"))?;
            let text = format!("The app asks in a way that is not understood: {description}.");
            let label = format!("Back to {}", client.name);
            return Ok(marketplace
                .pages()
                .refusal_with(HEADING, &text, (&label, &back)));
        }
    };
    let location = HeaderValue::try_from(location)
        .map_err(|_| Problem::internal("a sealed request that is no text of a header"))?;
    Ok(Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .finish())
}

/// The client that the request names once.
async fn known(marketplace: &Marketplace, form: &Form) -> Result<Option<Client>> {
    let Ok(Some(id)) = form.once("client_id") else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<AppClientId>() else {
        return Ok(None);
    };
    let (db, now) = (
        marketplace.ledger().db(),
        marketplace.ledger().clock().now(),
    );
    let found = store::find(db, id, now).await.map_err(Problem::from)?;
    let client = found.map(|(client, _)| client);
    Ok(client.filter(|client| client.status == Status::Active))
}

/// The redirect URI that the request names once, if it is one of the client's, character by character.
fn registered<'a>(client: &'a Client, form: &Form) -> Option<&'a str> {
    let wanted = form.once("redirect_uri").ok().flatten()?;
    let mut all = client.settings.redirect_uris.iter();
    all.find(|uri| *uri == wanted).map(String::as_str)
}

fn asked(client: &Client, redirect_uri: &str, form: &Form) -> std::result::Result<Asked, Told> {
    const INVALID: &str = "invalid_request";
    if form.doubles() {
        return Err(Told(INVALID, "a parameter is given more than once"));
    }
    let get = |name| {
        form.once(name)
            .map_err(|Doubled| Told(INVALID, "a parameter is given more than once"))
    };
    if get("request")?.is_some() || get("request_uri")?.is_some() {
        return Err(Told(INVALID, "request objects are not taken here"));
    }
    match get("response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err(Told(
                "unsupported_response_type",
                "the response type is code",
            ));
        }
        None => return Err(Told(INVALID, "the parameter response_type is missing")),
    }
    if !matches!(get("response_mode")?, None | Some("query")) {
        return Err(Told(INVALID, "the response mode is query"));
    }
    let state = get("state")?;
    if state.is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(Told(INVALID, "a state has at most 512 bytes"));
    }
    if get("code_challenge_method")? != Some("S256") {
        return Err(Told(
            INVALID,
            "the code_challenge_method is S256 and has to be said",
        ));
    }
    let challenge = get("code_challenge")?.and_then(challenge);
    let challenge = challenge.ok_or(Told(
        INVALID,
        "a code_challenge of 43 characters is required",
    ))?;
    let registered = &client.settings.scopes;
    let scopes = match get("scope")? {
        None => registered.clone(),
        Some(text) => text
            .parse::<Scopes>()
            .map_err(|_| Told("invalid_scope", "a scope does not exist"))?,
    };
    if scopes.is_empty() || !registered.covers(&scopes) {
        return Err(Told(
            "invalid_scope",
            "the app is not registered for a scope",
        ));
    }
    let state = state.map(ToOwned::to_owned);
    Ok(Asked::new(
        client.id,
        redirect_uri,
        scopes,
        state,
        challenge,
    ))
}

/// The digest that a challenge spells, without padding (RFC 7636, section 4.2).
fn challenge(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
