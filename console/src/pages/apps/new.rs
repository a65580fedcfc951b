//! Registering an app: the form, and the page that shows its secret once.

use askama::Template;
use habeo_core::app;
use habeo_core::app_client::command::RegisterClient;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::{ExposeSecret as _, SecretString};

use super::form::Entered;
use super::{ask, sentence};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "app_new.html")]
struct New {
    frame: Frame,
    entered: Entered,
    fault: Option<String>,
    form_token: String,
}

#[derive(Debug, Template)]
#[template(path = "app_secret.html")]
struct Told {
    frame: Frame,
    script: String,
    name: String,
    client: String,
    secret: Option<String>,
    /// Until when the secret before is accepted, where there was one.
    before: Option<String>,
    rotated: bool,
}

/// The form of a new app.
#[handler]
pub(crate) fn show(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    Ok(page(console, &visitor, Entered::fresh(), None).into_response())
}

fn page(console: &Console, visitor: &SignedIn, entered: Entered, fault: Option<String>) -> Page {
    Page::of(&New {
        frame: Frame::of(console, visitor, "New app"),
        entered,
        fault,
        form_token: visitor.who().form_token,
    })
}

/// Registers an app, and shows its secret.
#[handler]
pub(crate) async fn create(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let again = |why: &str| {
        let fault = Some(sentence(why));
        let page = page(console, &visitor, entered.clone(), fault);
        page.status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response()
    };
    let (Ok(form), Ok(proof)) = (entered.get("form").parse(), entered.get("proof").parse()) else {
        return Ok(again(
            "choose what sort of program it is, and whether it keeps a secret",
        ));
    };
    let kind = match entered.get("kind") {
        "internal" => app::Kind::Internal,
        _ => app::Kind::Marketplace,
    };
    let command = RegisterClient {
        name: entered.get("name").trim().to_owned(),
        kind,
        form,
        proof,
        settings: entered.settings(),
        rate_per_minute: None,
    };
    match ask(console, &visitor, command).await? {
        Ok(registered) => {
            let name = entered.get("name").trim();
            let told = told(console, &visitor, name, &registered.client.to_string());
            let secret = registered.secret.as_ref().map(exposed);
            Ok(Page::of(&Told { secret, ..told }).into_response())
        }
        Err(refusal) => Ok(again(&refusal.to_string())),
    }
}

/// The page of another secret.
pub(super) fn rotated(
    console: &Console,
    visitor: &SignedIn,
    (name, client): (&str, &str),
    secret: &SecretString,
    before: Option<String>,
) -> Page {
    Page::of(&Told {
        secret: Some(exposed(secret)),
        before,
        rotated: true,
        ..told(console, visitor, name, client)
    })
}

fn told(console: &Console, visitor: &SignedIn, name: &str, client: &str) -> Told {
    Told {
        frame: Frame::of(console, visitor, "The app's credentials"),
        script: console.assets().copy(),
        name: name.to_owned(),
        client: client.to_owned(),
        secret: None,
        before: None,
        rotated: false,
    }
}

fn exposed(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}
