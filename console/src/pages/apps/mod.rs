//! Apps of the marketplace: consenting to one, those that are installed, and those that the visitor's organization has registered itself.

pub(super) mod client;
pub(super) mod consent;
mod form;
pub(super) mod installed;
mod logo;
pub(super) mod new;

use habeo_core::explain::{Explain, Kind};
use habeo_core::ledger::{Command, RecordError};
use poem::http::StatusCode;
use poem::{Error, IntoResponse as _, Response, Result};

use super::{absent, failed, sentence};
use crate::Console;
use crate::page::{Frame, Notice};
use crate::visitor::SignedIn;

/// Asks the ledger for something; a refusal is given back, everything else is a fault of ours.
async fn ask<C: Command>(
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

/// A refusal as a page, with a way back.
fn refused(
    console: &Console,
    visitor: &SignedIn,
    refusal: &impl Explain,
    back: (&str, &str),
) -> Error {
    if refusal.kind() == Kind::NotFound {
        return absent();
    }
    let why = sentence(&refusal.to_string());
    Error::from_response(notice(console, visitor, status_of(refusal), &why, back))
}

fn status_of(refusal: &impl Explain) -> StatusCode {
    match refusal.kind() {
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// A page that says why something was not done.
fn notice(
    console: &Console,
    visitor: &SignedIn,
    status: StatusCode,
    why: &str,
    (label, path): (&str, &str),
) -> Response {
    let frame = Frame::of(console, visitor, "Apps");
    Notice::framed(frame, status, "That did not work", why)
        .link(label, path)
        .into_response()
}
