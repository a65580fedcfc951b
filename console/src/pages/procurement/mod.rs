//! Buying: where somebody goes to shop, what came back with them, requisitions and who approves them.

pub(super) mod act;
pub(super) mod cart;
pub(super) mod documents;
pub(super) mod list;
pub(super) mod names;
pub(super) mod order;
mod paged;
mod places;
pub(super) mod receive;
pub(super) mod rooms;
pub(super) mod shipments;
pub(super) mod shop;
pub(super) mod show;
mod words;

use habeo_core::explain::{Explain, Kind};
use habeo_core::id::RequisitionId;
use habeo_core::ledger::{Command, RecordError};
use habeo_core::requisition::{self, Requisition};
use habeo_core::store::Tx;
use poem::http::StatusCode;
use poem::{Error, IntoResponse as _, Response, Result};

use super::{absent, failed, sentence};
use crate::Console;
use crate::page::{Frame, Notice};
use crate::visitor::SignedIn;

/// Where buying begins.
pub(super) const LIST: &str = "/procurement";

/// The page of a requisition.
fn path(id: RequisitionId) -> String {
    format!("{LIST}/requisitions/{id}")
}

/// A requisition that the visitor sees.
async fn find(console: &Console, visitor: &SignedIn, tx: &mut Tx, id: &str) -> Result<Requisition> {
    let id: RequisitionId = id.parse().map_err(|_| absent())?;
    let now = console.parts().ledger.clock().now();
    let found = requisition::store::by_id(tx, visitor.access(), id, now).await;
    found.map_err(failed)?.ok_or_else(absent)
}

/// Asks the ledger for something; a refusal is given back, everything else is a fault of ours.
pub(super) async fn ask<C: Command>(
    console: &Console,
    visitor: &SignedIn,
    command: C,
) -> Result<std::result::Result<C::Answer, C::Refusal>> {
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(RecordError::Refused(refusal)) => Ok(Err(refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// A refusal as a page that leads back to where it was asked for.
pub(super) fn refused(
    console: &Console,
    visitor: &SignedIn,
    refusal: &impl Explain,
    (label, back): (&str, &str),
) -> Error {
    let status = match refusal.kind() {
        Kind::NotFound => return absent(),
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::BAD_GATEWAY,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let why = refusal.to_string();
    Error::from_response(notice(console, visitor, (status, &why), (label, back)))
}

/// A page that says why something was not done.
fn notice(
    console: &Console,
    visitor: &SignedIn,
    (status, why): (StatusCode, &str),
    (label, back): (&str, &str),
) -> Response {
    let frame = Frame::of(console, visitor, "Buying");
    Notice::framed(frame, status, "That did not work", sentence(why))
        .link(label, back)
        .into_response()
}
