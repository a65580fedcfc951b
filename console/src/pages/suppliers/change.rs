//! Connecting a supplier and changing its settings.

use std::sync::Arc;

use askama::Template;
use habeo_core::catalogue;
use habeo_core::catalogue::store::NamedCategory;
use habeo_core::supplier::command::{Configure, CreateSupplier, Pause, Remove, Rename, Resume};
use habeo_core::supplier::{Protocol, Refusal, Supplier};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::form::Entered;
use super::{LIST, ask, find, parse, path, refused, secret};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::{Nothing, absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "supplier_form.html")]
struct Write {
    frame: Frame,
    fault: Option<String>,
    is_new: bool,
    action: String,
    back: String,
    entered: Entered,
    codes: String,
    form_token: String,
}

/// The form of a new supplier.
#[handler]
pub(crate) async fn fresh(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (_, categories) = known(console, &visitor, None).await?;
    let form = form(console, &visitor, None, Entered::usual(), None, &categories);
    Ok(Page::of(&form).into_response())
}

/// Connects a supplier, and shows its secret.
#[handler]
pub(crate) async fn create(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (_, categories) = known(console, &visitor, None).await?;
    let again = |entered, fault| {
        let page = form(console, &visitor, None, entered, Some(fault), &categories);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Page::of(&page).status(status).into_response()
    };
    let protocol: Protocol = entered.protocol.parse().map_err(|_| absent())?;
    let settings = match entered.settings(None, &categories) {
        Ok(settings) => settings,
        Err(fault) => return Ok(again(entered, fault)),
    };
    let command = CreateSupplier {
        protocol,
        name: entered.name.clone(),
        settings,
        master_key: Arc::clone(&console.parts().master_key),
    };
    match ask(console, &visitor, command).await? {
        Ok((id, told)) => {
            let (supplier, _) = known(console, &visitor, Some(&id.to_string())).await?;
            let supplier = supplier.ok_or_else(absent)?;
            Ok(secret::page(console, &visitor, &supplier, &told).into_response())
        }
        Err(refusal) if is_of_a_field(refusal) => {
            Ok(again(entered, sentence(&refusal.to_string())))
        }
        Err(refusal) => Err(refused(console, &visitor, refusal, LIST)),
    }
}

/// The settings of a supplier.
#[handler]
pub(crate) async fn edit(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (supplier, categories) = known(console, &visitor, Some(&id)).await?;
    let supplier = supplier.ok_or_else(absent)?;
    let entered = Entered::of(&supplier, &categories);
    let form = form(
        console,
        &visitor,
        Some(&supplier),
        entered,
        None,
        &categories,
    );
    Ok(Page::of(&form).into_response())
}

/// Saves them.
#[handler]
pub(crate) async fn save(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (supplier, categories) = known(console, &visitor, Some(&id)).await?;
    let supplier = supplier.ok_or_else(absent)?;
    let back = path(supplier.id);
    let again = |entered, fault| {
        let page = form(
            console,
            &visitor,
            Some(&supplier),
            entered,
            Some(fault),
            &categories,
        );
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Page::of(&page).status(status).into_response()
    };
    let settings = match entered.settings(Some(&supplier.settings), &categories) {
        Ok(settings) => settings,
        Err(fault) => return Ok(again(entered, fault)),
    };
    if entered.name.trim() != supplier.name {
        let rename = Rename {
            supplier: supplier.id,
            name: entered.name.clone(),
        };
        if let Err(refusal) = ask(console, &visitor, rename).await? {
            return Ok(again(entered, sentence(&refusal.to_string())));
        }
    }
    let configure = Configure {
        supplier: supplier.id,
        settings,
    };
    match ask(console, &visitor, configure).await? {
        Ok(()) => Ok(see_other(&format!("{back}?said=saved"))),
        Err(refusal) if is_of_a_field(refusal) => {
            Ok(again(entered, sentence(&refusal.to_string())))
        }
        Err(refusal) => Err(refused(console, &visitor, refusal, &back)),
    }
}

/// Buys nothing there for now.
#[handler]
pub(crate) async fn pause(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    match ask(console, &visitor, Pause { supplier }).await? {
        Ok(()) => Ok(see_other(&format!(
            "{}?said=supplier_paused",
            path(supplier)
        ))),
        Err(refusal) => Err(refused(console, &visitor, refusal, LIST)),
    }
}

/// Buys there again.
#[handler]
pub(crate) async fn resume(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    match ask(console, &visitor, Resume { supplier }).await? {
        Ok(()) => Ok(see_other(&format!("{}?said=saved", path(supplier)))),
        Err(refusal) => Err(refused(console, &visitor, refusal, LIST)),
    }
}

/// Ends a supplier.
#[handler]
pub(crate) async fn remove(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let supplier = parse(&id)?;
    match ask(console, &visitor, Remove { supplier }).await? {
        Ok(()) => Ok(see_other(&format!("{LIST}?said=supplier_removed"))),
        Err(refusal) => Err(refused(console, &visitor, refusal, LIST)),
    }
}

const fn is_of_a_field(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::BadName(_) | Refusal::BadSetting(_))
}

async fn known(
    console: &Console,
    visitor: &SignedIn,
    id: Option<&str>,
) -> Result<(Option<Supplier>, Vec<NamedCategory>)> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let supplier = match id {
        Some(id) => Some(find(&mut tx, visitor, parse(id)?).await?),
        None => None,
    };
    let categories = catalogue::store::categories(&mut tx, access).await;
    Ok((supplier, categories.map_err(failed)?))
}

fn form(
    console: &Console,
    visitor: &SignedIn,
    supplier: Option<&Supplier>,
    entered: Entered,
    fault: Option<String>,
    categories: &[NamedCategory],
) -> Write {
    let page = supplier.map(|supplier| path(supplier.id));
    let codes = categories.iter().map(|one| one.code.as_str());
    Write {
        frame: Frame::of(console, visitor, "Supplier"),
        fault,
        is_new: supplier.is_none(),
        action: page
            .as_ref()
            .map_or_else(|| format!("{LIST}/new"), |page| format!("{page}/edit")),
        back: page.unwrap_or_else(|| LIST.to_owned()),
        entered,
        codes: codes.collect::<Vec<_>>().join(", "),
        form_token: visitor.who().form_token,
    }
}
