//! The secrets of a supplier: theirs is made here and shown once, ours comes from them and is never shown.

use std::sync::Arc;

use askama::Template;
use habeo_core::supplier::Supplier;
use habeo_core::supplier::command::{EndRotation, RotateTheirs, SetCallUp, SetOurs};
use habeo_core::time::DAY_MICROS;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{ask, find, parse, path, refused};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::{Nothing, failed};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "supplier_secret.html")]
struct Told {
    frame: Frame,
    script: String,
    name: String,
    path: String,
    url: String,
    secret: String,
}

/// The page that shows a secret. Nothing of it is kept: not in the address, not in a cookie, not by the browser.
pub(super) fn page(
    console: &Console,
    visitor: &SignedIn,
    supplier: &Supplier,
    secret: &SecretString,
) -> Page {
    Page::of(&Told {
        frame: Frame::of(console, visitor, "The secret"),
        script: console.assets().copy(),
        name: supplier.name.clone(),
        path: path(supplier.id),
        url: console.parts().shops.documents_url(supplier.id),
        secret: secret.expose_secret().to_owned(),
    })
}

/// The secret that the supplier gave us.
#[derive(Deserialize)]
pub(crate) struct Ours {
    #[serde(default)]
    secret: SecretString,
}

/// What a catalogue is called up with.
#[derive(Deserialize)]
pub(crate) struct Login {
    #[serde(default)]
    user_field: String,
    #[serde(default)]
    user: SecretString,
    #[serde(default)]
    password_field: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    more: SecretString,
}

impl Login {
    /// The fields with their values, in their order; those that were left empty are none.
    fn fields(self) -> Vec<(String, SecretString)> {
        let named = [
            (self.user_field, self.user),
            (self.password_field, self.password),
        ];
        let named = named
            .into_iter()
            .map(|(name, value)| (name.trim().to_owned(), value));
        let more = self.more.expose_secret();
        let more = more.lines().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            Some((
                name.trim().to_owned(),
                SecretString::from(value.trim().to_owned()),
            ))
        });
        let all = named.chain(more);
        all.filter(|(name, value)| !name.is_empty() && !value.expose_secret().is_empty())
            .collect()
    }
}

/// Keeps what a catalogue is called up with.
#[handler]
pub(crate) async fn login(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(login): Submitted<Login>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    let command = SetCallUp {
        supplier,
        fields: login.fields(),
        master_key: Arc::clone(&console.parts().master_key),
    };
    let back = path(supplier);
    match ask(console, &visitor, command).await? {
        Ok(()) => Ok(see_other(&format!("{back}?said=call_up_kept"))),
        Err(refusal) => Err(refused(console, &visitor, refusal, &back)),
    }
}

/// How long the secret before is accepted as well.
#[derive(Debug, Deserialize)]
pub(crate) struct Window {
    #[serde(default)]
    window: String,
}

/// Keeps what we prove ourselves with.
#[handler]
pub(crate) async fn ours(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(ours): Submitted<Ours>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    let command = SetOurs {
        supplier,
        secret: ours.secret,
        master_key: Arc::clone(&console.parts().master_key),
    };
    let back = path(supplier);
    match ask(console, &visitor, command).await? {
        Ok(()) => Ok(see_other(&format!("{back}?said=saved"))),
        Err(refusal) => Err(refused(console, &visitor, refusal, &back)),
    }
}

/// Makes a new secret for the supplier, and shows it.
#[handler]
pub(crate) async fn rotate(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(window): Submitted<Window>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    let days = match window.window.as_str() {
        "now" => 0,
        "week" => 7,
        _ => 1,
    };
    let command = RotateTheirs {
        supplier,
        secret: None,
        window_micros: days * DAY_MICROS,
        master_key: Arc::clone(&console.parts().master_key),
    };
    let told = match ask(console, &visitor, command).await? {
        Ok(told) => told,
        Err(refusal) => return Err(refused(console, &visitor, refusal, &path(supplier))),
    };
    let db = console.parts().ledger.db();
    let mut tx = db.read(visitor.access()).await.map_err(failed)?;
    let found = find(&mut tx, &visitor, supplier).await?;
    drop(tx);
    Ok(page(console, &visitor, &found, &told).into_response())
}

/// Accepts the present secret only.
#[handler]
pub(crate) async fn end_rotation(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    let back = path(supplier);
    match ask(console, &visitor, EndRotation { supplier }).await? {
        Ok(()) => Ok(see_other(&format!("{back}?said=rotation_ended"))),
        Err(refusal) => Err(refused(console, &visitor, refusal, &back)),
    }
}
