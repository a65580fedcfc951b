//! Suppliers for administrators: connecting one, its settings and secrets, and whether the connection works.

pub(super) mod change;
pub(super) mod documents;
mod form;
pub(super) mod list;
pub(super) mod secret;
pub(super) mod show;

use habeo_core::explain::{Explain as _, Kind};
use habeo_core::id::SupplierId;
use habeo_core::ledger::{Command, RecordError};
use habeo_core::store::Tx;
use habeo_core::supplier::{self, Protocol, Refusal, Status, Supplier};
use poem::http::StatusCode;
use poem::{Error, IntoResponse as _, Result};

use super::connections::words::Mark;
use super::{absent, failed, sentence};
use crate::Console;
use crate::page::{Frame, Notice};
use crate::visitor::SignedIn;

/// The list of suppliers.
pub(super) const LIST: &str = "/admin/suppliers";

fn path(id: SupplierId) -> String {
    format!("{LIST}/{id}")
}

fn parse(id: &str) -> Result<SupplierId> {
    id.parse().map_err(|_| absent())
}

async fn find(tx: &mut Tx, visitor: &SignedIn, id: SupplierId) -> Result<Supplier> {
    let found = supplier::store::by_id(tx, visitor.access(), id).await;
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
    let ledger = &console.parts().ledger;
    match ledger.record(visitor.access(), command).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(RecordError::Refused(refusal)) => Ok(Err(refusal)),
        Err(RecordError::Store(error)) => Err(failed(error)),
    }
}

/// A refusal as a page that leads back.
fn refused(console: &Console, visitor: &SignedIn, refusal: Refusal, back: &str) -> Error {
    let status = match refusal.kind() {
        Kind::NotFound => return absent(),
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = Frame::of(console, visitor, "Supplier");
    let why = sentence(&refusal.to_string());
    let notice = Notice::framed(frame, status, "That did not work", why);
    Error::from_response(notice.link("Back", back).into_response())
}

const fn state(status: Status) -> Mark {
    match status {
        Status::Active => ("active", "good"),
        Status::Paused => ("paused", "warn"),
        Status::Removed => ("removed", ""),
    }
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Cxml => "cXML",
        Protocol::Oci => "OCI",
    }
}
