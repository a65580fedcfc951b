//! Consenting to an app: what it is, what it asks for, and for which unit; then back to it with a code, or without.

use askama::Template;
use habeo_core::app_client::{self, Client, Scope};
use habeo_core::app_install::command::Consent;
use habeo_core::app_install::store::ACTION;
use habeo_core::oauth::answer;
use habeo_core::oauth::request::Request;
use habeo_core::unit::{self, Unit, scope};
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use url::{Host, Url};

use super::logo::Logo;
use super::{ask, failed, notice, sentence, status_of};
use crate::Console;
use crate::page::{Frame, Notice, Page, policy_for_forms_to};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "consent.html")]
struct Ask {
    frame: Frame,
    logo: Logo,
    name: String,
    publisher: String,
    website: Option<String>,
    /// Where the visitor is led afterwards.
    host: String,
    /// Whether the app is of the visitor's own organization.
    own: bool,
    scopes: Vec<&'static str>,
    units: Vec<Choice>,
    chosen: String,
    fault: Option<String>,
    request: String,
    form_token: String,
}

/// A unit to choose.
#[derive(Debug)]
struct Choice {
    id: String,
    name: String,
}

/// The request, sealed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    request: String,
}

/// A request that was opened, and whose it is.
struct Opened {
    request: Request,
    sealed: String,
    client: Client,
    redirect_uri: String,
}

/// Asks for consent.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let Some(opened) = open(console, asked.request).await? else {
        return Ok(too_late(console, &visitor));
    };
    page(console, &visitor, &opened, String::new(), None).await
}

/// What the form says.
#[derive(Debug, Deserialize)]
pub(crate) struct Decided {
    #[serde(default)]
    request: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    decision: String,
}

/// Consents, or does not.
#[handler]
pub(crate) async fn decide(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(decided): Submitted<Decided>,
) -> Result<Response> {
    let Some(opened) = open(console, decided.request).await? else {
        return Ok(too_late(console, &visitor));
    };
    if decided.decision != "allow" {
        return Ok(lead(console, &visitor, &denial(console, &opened)));
    }
    let again = |fault: &str| Some(fault.to_owned());
    let Ok(unit) = decided.unit.parse() else {
        let fault = again("Choose the unit for which the app is installed.");
        return page(console, &visitor, &opened, decided.unit, fault).await;
    };
    let command = Consent {
        client: opened.client.clone(),
        unit,
        scopes: opened.request.scopes.clone(),
        redirect_uri: opened.redirect_uri.clone(),
        challenge: opened.request.challenge,
    };
    match ask(console, &visitor, command).await? {
        Ok((_, code)) => {
            let pairs = [("code", code.expose_secret())];
            Ok(lead(console, &visitor, &answered(console, &opened, &pairs)))
        }
        Err(refusal) => {
            let why = sentence(&refusal.to_string());
            let status = status_of(&refusal);
            let back = denial(console, &opened);
            let label = format!("Back to {}", opened.client.name);
            Ok(notice(console, &visitor, status, &why, (&label, &back)))
        }
    }
}

/// Opens a sealed request, if it is ours, not too old, and still one of the client's.
async fn open(console: &Console, sealed: String) -> Result<Option<Opened>> {
    let parts = console.parts();
    let now = parts.ledger.clock().now();
    let Some(request) = Request::open(&parts.master_key, &sealed, now) else {
        return Ok(None);
    };
    let found = app_client::store::find(parts.ledger.db(), request.client, now).await;
    let Some((client, _)) = found.map_err(failed)? else {
        return Ok(None);
    };
    let Some(redirect_uri) = request.redirect_uri(&client).map(ToOwned::to_owned) else {
        return Ok(None);
    };
    Ok(Some(Opened {
        request,
        sealed,
        client,
        redirect_uri,
    }))
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    opened: &Opened,
    chosen: String,
    fault: Option<String>,
) -> Result<Response> {
    let client = &opened.client;
    if !visitor.access().may(ACTION) {
        let label = format!("Back to {}", client.name);
        let frame = Frame::of(console, visitor, "Apps");
        return Ok(Notice::framed(
            frame,
            StatusCode::FORBIDDEN,
            format!("You cannot install {}", client.name),
            "Apps are installed by administrators of a unit or of the whole organization. Ask one of yours to open the same link.",
        )
        .link(&label, &denial(console, opened))
        .into_response());
    }
    let units = units(console, visitor).await?;
    let only = (units.len() == 1).then(|| units[0].id.clone());
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = Ask {
        frame: Frame::of(console, visitor, "Install an app"),
        logo: Logo::of(&client.settings),
        name: client.name.clone(),
        publisher: client.settings.publisher.clone(),
        website: client.settings.website.clone(),
        host: host(&opened.redirect_uri),
        own: client.org == visitor.access().org(),
        scopes: opened.request.scopes.iter().map(Scope::in_words).collect(),
        units,
        chosen: only.unwrap_or(chosen),
        fault,
        request: opened.sealed.clone(),
        form_token: visitor.who().form_token,
    };
    let policy = policy_for_forms_to(&target(&opened.redirect_uri));
    Ok(Page::of(&page)
        .status(status)
        .policy(policy)
        .into_response())
}

/// The units for which the visitor may install apps, the upper ones first.
async fn units(console: &Console, visitor: &SignedIn) -> Result<Vec<Choice>> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let reach = scope::resolve(&mut tx, access, ACTION)
        .await
        .map_err(failed)?;
    let mut units = unit::store::all(&mut tx, access).await.map_err(failed)?;
    units.retain(|unit| reach.contains(unit.id));
    units.sort_by_key(|unit| (unit.depth, unit.seq));
    Ok(units.iter().map(choice).collect())
}

fn choice(unit: &Unit) -> Choice {
    Choice {
        id: unit.id.to_string(),
        name: format!("{} ({})", unit.name, unit.code),
    }
}

fn answered(console: &Console, opened: &Opened, pairs: &[(&str, &str)]) -> String {
    let issuer = answer::issuer(&console.parts().public_url);
    let state = opened.request.state.as_deref();
    answer::address(&opened.redirect_uri, pairs, state, &issuer).unwrap_or_else(|| "/".to_owned())
}

/// The way back of somebody who does not consent.
fn denial(console: &Console, opened: &Opened) -> String {
    let pairs = [
        ("error", "access_denied"),
        ("error_description", "the app was not installed"),
    ];
    answered(console, opened, &pairs)
}

/// To an address that the app was registered with.
fn lead(console: &Console, visitor: &SignedIn, address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(location) => Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, location)
            .header(header::CACHE_CONTROL, "no-store")
            .finish(),
        Err(_) => too_late(console, visitor),
    }
}

fn too_late(console: &Console, visitor: &SignedIn) -> Response {
    Notice::framed(
        Frame::of(console, visitor, "Apps"),
        StatusCode::BAD_REQUEST,
        "This request is no longer good",
        "It was made more than ten minutes ago, or the app has changed since. Go back to the app and begin again.",
    )
    .into_response()
}

fn host(redirect_uri: &str) -> String {
    let url = Url::parse(redirect_uri).ok();
    url.and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

/// Where the form may lead to, as a policy says it. It has no spelling for an address of IPv6.
fn target(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        Ok(url) if matches!(url.host(), Some(Host::Ipv6(_))) => format!("{}:", url.scheme()),
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => String::new(),
    }
}
