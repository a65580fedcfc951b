//! The secret of a connection: shown once, in the answer that made it, and changed without losing a letter.

use std::sync::Arc;

use askama::Template;
use habeo_core::connection::command::{EndRotation, RotateSecret};
use habeo_core::connection::{Connection, WINDOW_MICROS, WINDOW_MICROS_MAX};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{ask, find, notice, parse, path, refused, words};
use crate::page::{Frame, Page, see_other};
use crate::visitor::{SignedIn, Submitted};
use crate::{Console, webhook_url};

#[derive(Debug, Template)]
#[template(path = "connection_secret.html")]
struct Told {
    frame: Frame,
    script: String,
    id: String,
    name: String,
    product: &'static str,
    url: String,
    /// What is entered at the other end.
    entered: Vec<(String, String)>,
    proof: String,
    /// Ready to be pasted there.
    templates: Vec<crate::Template>,
    /// Whether the connection proves itself as these say.
    usual: bool,
    /// How long the secret before this one is accepted, and until when.
    before: Option<(String, String)>,
    rotated: bool,
}

/// The page that shows a secret. Nothing of it is kept: not in the address, not in a cookie, not by the browser.
pub(super) fn page(
    console: &Console,
    visitor: &SignedIn,
    connection: &Connection,
    secret: &SecretString,
) -> Page {
    let told = told(console, visitor, connection, secret);
    Page::of(&told)
}

fn told(
    console: &Console,
    visitor: &SignedIn,
    connection: &Connection,
    secret: &SecretString,
) -> Told {
    let parts = console.parts();
    let now = parts.ledger.clock().now();
    let url = webhook_url(&parts.public_url, connection.provider, connection.id);
    let secret = secret.expose_secret();
    let until = connection.previous_until.filter(|until| now < *until);
    Told {
        frame: Frame::of(console, visitor, "The secret"),
        script: console.assets().copy(),
        id: connection.id.to_string(),
        name: connection.name.clone(),
        product: connection.provider.title(),
        entered: words::entered(&connection.settings.proof, secret),
        proof: words::proof(&connection.settings.proof),
        templates: parts.templates.of(connection.provider, &url, secret),
        usual: connection.settings.proof == connection.provider.usual_proof(),
        before: until.map(|until| (words::left(now, until), words::second(until))),
        rotated: false,
        url,
    }
}

/// How long the present secret is accepted beside the new one.
#[derive(Debug, Deserialize)]
pub(crate) struct Window {
    #[serde(default)]
    window: String,
}

/// Gives the connection another secret, and shows it.
#[handler]
pub(crate) async fn rotate(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(window): Submitted<Window>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let window_micros = match window.window.as_str() {
        "now" => 0,
        "day" => WINDOW_MICROS,
        "week" => WINDOW_MICROS_MAX,
        _ => {
            let why = "choose how long the old secret is accepted";
            return Ok(notice(
                console,
                &visitor,
                StatusCode::UNPROCESSABLE_ENTITY,
                why,
            ));
        }
    };
    let rotate = RotateSecret {
        connection: id,
        window_micros,
        master_key: Arc::clone(&console.parts().master_key),
    };
    let secret = ask(console, &visitor, rotate).await?;
    let secret = secret.map_err(|refusal| refused(console, &visitor, refusal))?;
    let connection = find(console, &visitor, id).await?;
    let page = Told {
        rotated: true,
        ..told(console, &visitor, &connection, &secret)
    };
    Ok(Page::of(&page).into_response())
}

/// Accepts the present secret only.
#[handler]
pub(crate) async fn end(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<crate::pages::Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let ended = ask(console, &visitor, EndRotation { connection: id }).await?;
    ended.map_err(|refusal| refused(console, &visitor, refusal))?;
    Ok(see_other(&format!("{}?said=rotation_ended", path(id))))
}
