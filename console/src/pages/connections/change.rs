//! What is done to a connection by a form of its page.

use habeo_core::connection::Refusal;
use habeo_core::connection::command::{Configure, Pause, Remove, Rename, Resume};
use habeo_core::id::ConnectionId;
use habeo_core::ledger::Command;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::form::{Entered, Faults};
use super::show::{Retry, page};
use super::{ask, find, parse, path, refused};
use crate::Console;
use crate::page::see_other;
use crate::pages::Nothing;
use crate::visitor::{SignedIn, Submitted};

/// What the form of the name says.
#[derive(Debug, Deserialize)]
pub(crate) struct Called {
    #[serde(default)]
    name: String,
}

/// Calls it something else.
#[handler]
pub(crate) async fn rename(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(called): Submitted<Called>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let name = called.name;
    match ask(
        console,
        &visitor,
        Rename {
            connection: id,
            name: name.clone(),
        },
    )
    .await?
    {
        Ok(()) => Ok(saved(id)),
        Err(refusal) => {
            let faults = Faults::of(refusal).ok_or_else(|| refused(console, &visitor, refusal))?;
            let retry = Retry {
                name: Some(name),
                entered: None,
                faults,
            };
            again(console, &visitor, id, retry).await
        }
    }
}

/// Saves its settings.
#[handler]
pub(crate) async fn configure(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let id = parse(&id)?;
    let connection = find(console, &visitor, id).await?;
    let faults = match entered.settings(connection.provider) {
        Ok(settings) => match ask(
            console,
            &visitor,
            Configure {
                connection: id,
                settings,
            },
        )
        .await?
        {
            Ok(()) => return Ok(saved(id)),
            Err(refusal) => {
                Faults::of(refusal).ok_or_else(|| refused(console, &visitor, refusal))?
            }
        },
        Err(faults) => faults,
    };
    let retry = Retry {
        name: None,
        entered: Some(entered),
        faults,
    };
    again(console, &visitor, id, retry).await
}

/// Takes nothing in for now.
#[handler]
pub(crate) async fn pause(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let id = parse(&id)?;
    let onward = format!("{}?said=connection_paused", path(id));
    carry_out(console, visitor, Pause { connection: id }, &onward).await
}

/// Takes in again.
#[handler]
pub(crate) async fn resume(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let id = parse(&id)?;
    let onward = format!("{}?said=connection_resumed", path(id));
    carry_out(console, visitor, Resume { connection: id }, &onward).await
}

/// Ends it.
#[handler]
pub(crate) async fn remove(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let id = parse(&id)?;
    let onward = "/admin/integrations?said=connection_removed";
    carry_out(console, visitor, Remove { connection: id }, onward).await
}

async fn carry_out<C>(
    console: &Console,
    visitor: SignedIn,
    command: C,
    onward: &str,
) -> Result<Response>
where
    C: Command<Answer = (), Refusal = Refusal>,
{
    let visitor = visitor.managing(console)?;
    let done = ask(console, &visitor, command).await?;
    done.map_err(|refusal| refused(console, &visitor, refusal))?;
    Ok(see_other(onward))
}

fn saved(id: ConnectionId) -> Response {
    see_other(&format!("{}?said=saved", path(id)))
}

/// The page once more, with what was entered and what is wrong with it.
async fn again(
    console: &Console,
    visitor: &SignedIn,
    id: ConnectionId,
    retry: Retry,
) -> Result<Response> {
    let response = page(console, visitor, id, None, retry).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response.with_status(status).into_response())
}
