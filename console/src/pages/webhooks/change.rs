//! Adding an endpoint and changing one; pausing, testing and ending it.

use std::sync::Arc;

use askama::Template;
use habeo_core::app;
use habeo_core::app::command::CreateApp;
use habeo_core::endpoint::command::{
    ChangeEndpoint, CreateEndpoint, PauseEndpoint, RemoveEndpoint, ResumeEndpoint, TestEndpoint,
};
use habeo_core::endpoint::{Endpoint, Owner};
use habeo_core::id::AppId;
use habeo_core::ledger::RecordError;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};

use super::form::{Entered, Faults, Form, fault};
use super::{LIST, ask, find, path, refused, secret};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::{Nothing, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "webhook_form.html")]
struct Write {
    frame: Frame,
    heading: &'static str,
    /// Where the form goes.
    action: String,
    /// Where it is left to.
    back: String,
    is_new: bool,
    form: Form,
    form_token: String,
}

/// The form of a new endpoint.
#[handler]
pub(crate) async fn fresh(Data(console): Data<&Console>, visitor: SignedIn) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let page = page(console, &visitor, None, Entered::default(), Vec::new()).await?;
    Ok(page.into_response())
}

/// Adds an endpoint, and shows its secret.
#[handler]
pub(crate) async fn create(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Submitted(fields): Submitted<Vec<(String, String)>>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let mut entered = Entered::read(fields);
    let settings = match entered.settings() {
        Ok(settings) => settings,
        Err(faults) => return again(console, &visitor, None, entered, faults).await,
    };
    let url = match reachable(console, &visitor, &entered.url).await {
        Ok(url) => url,
        Err(faults) => return again(console, &visitor, None, entered, faults).await,
    };
    let app = match chosen(console, &visitor, &entered).await? {
        Ok(app) => app,
        Err(faults) => return again(console, &visitor, None, entered, faults).await,
    };
    entered.app = app.to_string();
    entered.new_app.clear();
    let command = CreateEndpoint {
        owner: Owner::App(app),
        url,
        description: described(&entered),
        settings,
        master_key: Arc::clone(&console.parts().master_key),
    };
    match ask(console, &visitor, command).await? {
        Ok((id, told)) => {
            let endpoint = find(console, &visitor, &id.to_string()).await?;
            let page = secret::page(console, &visitor, &endpoint, &told, false);
            Ok(page.into_response())
        }
        Err(refusal) => {
            let faults = fault(refusal).ok_or_else(|| refused(console, &visitor, refusal))?;
            again(console, &visitor, None, entered, faults).await
        }
    }
}

/// The form of an endpoint that there is.
#[handler]
pub(crate) async fn edit(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let entered = Entered::of(&endpoint);
    let page = page(console, &visitor, Some(&endpoint), entered, Vec::new()).await?;
    Ok(page.into_response())
}

/// Changes an endpoint.
#[handler]
pub(crate) async fn update(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(fields): Submitted<Vec<(String, String)>>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?;
    let entered = Entered::read(fields);
    let settings = match entered.settings() {
        Ok(settings) => settings,
        Err(faults) => return again(console, &visitor, Some(&endpoint), entered, faults).await,
    };
    let url = match reachable(console, &visitor, &entered.url).await {
        Ok(url) => url,
        Err(faults) => return again(console, &visitor, Some(&endpoint), entered, faults).await,
    };
    let command = ChangeEndpoint {
        endpoint: endpoint.id,
        url: Some(url),
        description: Some(described(&entered)),
        settings: Some(settings),
    };
    match ask(console, &visitor, command).await? {
        Ok(()) => Ok(see_other(&format!("{}?said=saved", path(endpoint.id)))),
        Err(refusal) => {
            let faults = fault(refusal).ok_or_else(|| refused(console, &visitor, refusal))?;
            again(console, &visitor, Some(&endpoint), entered, faults).await
        }
    }
}

fn described(entered: &Entered) -> Option<String> {
    let text = entered.description.clone();
    Some(text).filter(|text| !text.is_empty())
}

/// The address, where it may be reached at all.
async fn reachable(
    console: &Console,
    visitor: &SignedIn,
    url: &str,
) -> std::result::Result<String, Faults> {
    let checked = console.parts().addresses.check(visitor.access(), url);
    let refused = |why: String| vec![("url", sentence(&why))];
    checked.await.map_err(refused)
}

/// The program that was chosen, or a new one.
async fn chosen(
    console: &Console,
    visitor: &SignedIn,
    entered: &Entered,
) -> Result<std::result::Result<AppId, Faults>> {
    let fault = |fault: &str| Ok(Err(vec![("app", fault.to_owned())]));
    if !entered.app.is_empty() {
        return match entered.app.parse() {
            Ok(app) => Ok(Ok(app)),
            Err(_) => fault("There is no such program."),
        };
    }
    if entered.new_app.is_empty() {
        return fault("Choose the program, or name a new one.");
    }
    let command = CreateApp {
        name: entered.new_app.clone(),
        kind: app::Kind::Internal,
    };
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(app) => Ok(Ok(app)),
        Err(RecordError::Refused(refusal)) => fault(&sentence(&refusal.to_string())),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

async fn again(
    console: &Console,
    visitor: &SignedIn,
    endpoint: Option<&Endpoint>,
    entered: Entered,
    faults: Faults,
) -> Result<Response> {
    let page = page(console, visitor, endpoint, entered, faults).await?;
    let page = page.status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.into_response())
}

async fn page(
    console: &Console,
    visitor: &SignedIn,
    endpoint: Option<&Endpoint>,
    entered: Entered,
    faults: Faults,
) -> Result<Page> {
    let access = visitor.access();
    let engine = &console.parts().bot.common().parts().engine;
    let names = engine.names(access).await.map_err(failed)?;
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let apps = app::store::list(&mut tx, access).await.map_err(failed)?;
    drop(tx);
    let apps = apps.into_iter().map(|app| (app.id, app.name));
    let here = endpoint.map(|endpoint| path(endpoint.id));
    Ok(Page::of(&Write {
        frame: Frame::of(console, visitor, "Endpoint"),
        heading: if here.is_some() {
            "Change the endpoint"
        } else {
            "A new endpoint"
        },
        action: here
            .as_ref()
            .map_or_else(|| format!("{LIST}/new"), |here| format!("{here}/edit")),
        is_new: here.is_none(),
        back: here.unwrap_or_else(|| LIST.to_owned()),
        form: Form::new(entered, faults, apps.collect(), &names),
        form_token: visitor.who().form_token,
    }))
}

/// A form that asks one thing of an endpoint.
macro_rules! asks {
    ($(#[$meta:meta])* $name:ident, $command:ident, $said:literal) => {
        $(#[$meta])*
        #[handler]
        pub(crate) async fn $name(
            Data(console): Data<&Console>,
            visitor: SignedIn,
            Path(id): Path<String>,
            Submitted(_): Submitted<Nothing>,
        ) -> Result<Response> {
            let visitor = visitor.managing(console)?;
            let endpoint = find(console, &visitor, &id).await?.id;
            let done = ask(console, &visitor, $command { endpoint }).await?;
            done.map_err(|refusal| refused(console, &visitor, refusal))?;
            Ok(see_other(&format!("{}?said={}", path(endpoint), $said)))
        }
    };
}

asks! {
    /// Tells it of nothing for now.
    pause, PauseEndpoint, "endpoint_paused"
}
asks! {
    /// Tells it again.
    resume, ResumeEndpoint, "endpoint_resumed"
}
asks! {
    /// Sends it an event that says nothing.
    test, TestEndpoint, "endpoint_tested"
}

/// Ends it.
#[handler]
pub(crate) async fn remove(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let endpoint = find(console, &visitor, &id).await?.id;
    let removed = ask(console, &visitor, RemoveEndpoint { endpoint }).await?;
    removed.map_err(|refusal| refused(console, &visitor, refusal))?;
    Ok(see_other(&format!("{LIST}?said=endpoint_removed")))
}
