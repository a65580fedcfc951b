//! Systems that report in: connecting them, their settings and secrets, and what came of what they sent.

pub(super) mod cards;
pub(super) mod change;
pub(super) mod deliver;
mod form;
pub(super) mod listen;
pub(super) mod new;
mod pretty;
pub(super) mod secret;
pub(super) mod show;
pub(super) mod words;

use habeo_core::connection::{self, Connection, Refusal};
use habeo_core::explain::{Explain as _, Kind};
use habeo_core::id::ConnectionId;
use habeo_core::ledger::{Command, RecordError};
use poem::http::StatusCode;
use poem::{Error, IntoResponse as _, Response, Result};

use super::{absent, failed, sentence};
use crate::Console;
use crate::page::{Frame, Notice};
use crate::visitor::SignedIn;

/// A connection's id in an address.
fn parse(id: &str) -> Result<ConnectionId> {
    id.parse().map_err(|_| absent())
}

/// The page of a connection.
fn path(id: ConnectionId) -> String {
    format!("/admin/connections/{id}")
}

/// A connection of the visitor's organization.
async fn find(console: &Console, visitor: &SignedIn, id: ConnectionId) -> Result<Connection> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let found = connection::store::by_id(&mut tx, access, id).await;
    found.map_err(failed)?.ok_or_else(absent)
}

/// Asks the ledger for something; a refusal is given back, everything else is a fault of ours.
async fn ask<C>(
    console: &Console,
    visitor: &SignedIn,
    command: C,
) -> Result<std::result::Result<C::Answer, Refusal>>
where
    C: Command<Refusal = Refusal>,
{
    match console
        .parts()
        .ledger
        .record(visitor.access(), command)
        .await
    {
        Ok(answer) => Ok(Ok(answer)),
        Err(RecordError::Refused(refusal)) => Ok(Err(refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// A refusal that is about no field, as a page.
fn refused(console: &Console, visitor: &SignedIn, refusal: Refusal) -> Error {
    if refusal.kind() == Kind::NotFound {
        return absent();
    }
    let status = match refusal.kind() {
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Error::from_response(notice(console, visitor, status, &refusal.to_string()))
}

/// A page that says why something was not done.
fn notice(console: &Console, visitor: &SignedIn, status: StatusCode, why: &str) -> Response {
    let frame = Frame::of(console, visitor, "Connection");
    Notice::framed(frame, status, "That did not work", sentence(why))
        .link("Back to the integrations", "/admin/integrations")
        .into_response()
}
