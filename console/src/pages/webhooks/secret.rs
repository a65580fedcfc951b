//! The secret of an endpoint: shown once, in the answer that made it, and replaced without losing a delivery.

use std::sync::Arc;

use askama::Template;
use habeo_core::endpoint::command::{EndRotation, RotateSecret};
use habeo_core::endpoint::{Endpoint, WINDOW_MICROS_MAX};
use habeo_core::time::DAY_MICROS;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{ask, find, notice, path, refused};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::Nothing;
use crate::pages::connections::words::{left, second};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "webhook_secret.html")]
struct Told {
    frame: Frame,
    script: String,
    id: String,
    url: String,
    secret: String,
    /// How long the secret before this one signs as well, and until when.
    before: Option<(String, String)>,
    rotated: bool,
}

/// The page that shows a secret. Nothing of it is kept: not in the address, not in a cookie, not by the browser.
pub(super) fn page(
    console: &Console,
    visitor: &SignedIn,
    endpoint: &Endpoint,
    secret: &SecretString,
    rotated: bool,
) -> Page {
    let now = console.parts().ledger.clock().now();
    let before = endpoint.previous_until.filter(|until| *until > now);
    Page::of(&Told {
        frame: Frame::of(console, visitor, "Endpoint"),
        script: console.assets().copy(),
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        secret: secret.expose_secret().to_owned(),
        before: before.map(|until| (left(now, until), second(until))),
        rotated,
    })
}

/// How long the secret before the new one signs as well.
#[derive(Debug, Deserialize)]
pub(crate) struct Window {
    #[serde(default)]
    window: String,
}

/// Gives the endpoint another secret, and shows it.
#[handler]
pub(crate) async fn rotate(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(window): Submitted<Window>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let window_micros = match window.window.as_str() {
        "now" => 0,
        "day" => DAY_MICROS,
        "week" => WINDOW_MICROS_MAX,
        _ => {
            let why = "choose how long the old secret signs as well";
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(notice(console, &visitor, status, why));
        }
    };
    let rotate = RotateSecret {
        endpoint: endpoint.id,
        window_micros,
        master_key: Arc::clone(&console.parts().master_key),
    };
    let secret = ask(console, &visitor, rotate).await?;
    let secret = secret.map_err(|refusal| refused(console, &visitor, refusal))?;
    let endpoint = find(console, &visitor, &id).await?;
    Ok(page(console, &visitor, &endpoint, &secret, true).into_response())
}

/// Lets the present secret alone sign.
#[handler]
pub(crate) async fn end(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?.id;
    let ended = ask(console, &visitor, EndRotation { endpoint }).await?;
    ended.map_err(|refusal| refused(console, &visitor, refusal))?;
    Ok(see_other(&format!(
        "{}?said=rotation_ended",
        path(endpoint)
    )))
}
