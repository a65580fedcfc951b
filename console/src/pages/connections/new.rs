//! Connecting a system: the form, and the page that shows its secret once.

use askama::Template;
use habeo_core::connection::Provider;
use habeo_core::connection::command::CreateConnection;
use poem::http::StatusCode;
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;
use std::sync::Arc;

use super::form::{Entered, Faults, Form};
use super::{ask, find, refused, secret, words};
use crate::Console;
use crate::page::{Frame, Page};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "connection_new.html")]
struct New {
    frame: Frame,
    form: Option<Form>,
    /// Every product, where none was chosen yet.
    products: Vec<(Provider, &'static str)>,
    form_token: String,
}

/// Which product is to be connected.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    provider: String,
}

/// The form of a new connection.
#[handler]
pub(crate) fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let form = chosen.provider.parse().ok().map(|provider| Form {
        entered: Entered::usual(provider),
        faults: Faults::default(),
        provider,
    });
    Ok(page(console, &visitor, form).into_response())
}

fn page(console: &Console, visitor: &SignedIn, form: Option<Form>) -> Page {
    let products = Provider::ALL
        .iter()
        .map(|provider| (*provider, words::about(*provider)));
    Page::of(&New {
        frame: Frame::of(console, visitor, "New connection"),
        form,
        products: products.collect(),
        form_token: visitor.who().form_token,
    })
}

/// What the form says.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    #[serde(flatten)]
    chosen: Chosen,
    #[serde(flatten)]
    entered: Entered,
}

/// Connects a system, and shows its secret.
#[handler]
pub(crate) async fn create(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(wanted): Submitted<Wanted>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let Ok(provider) = wanted.chosen.provider.parse::<Provider>() else {
        let again = page(console, &visitor, None).status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(again.into_response());
    };
    let again = |faults| {
        let form = Form {
            entered: wanted.entered.clone(),
            faults,
            provider,
        };
        page(console, &visitor, Some(form))
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response()
    };
    let settings = match wanted.entered.settings(provider) {
        Ok(settings) => settings,
        Err(faults) => return Ok(again(faults)),
    };
    let command = CreateConnection {
        provider,
        name: wanted.entered.name.clone(),
        settings,
        master_key: Arc::clone(&console.parts().master_key),
    };
    let (id, told) = match ask(console, &visitor, command).await? {
        Ok(created) => created,
        Err(refusal) => {
            let faults = Faults::of(refusal).ok_or_else(|| refused(console, &visitor, refusal))?;
            return Ok(again(faults));
        }
    };
    let connection = find(console, &visitor, id).await?;
    Ok(secret::page(console, &visitor, &connection, &told).into_response())
}
