//! One piece after the other: what was scanned of it is told in one motion, and once however often the button is pressed.

use habeo_core::access::Action;
use habeo_core::id::OrderId;
use habeo_core::idempotency;
use habeo_core::order;
use poem::http::StatusCode;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::scanned::{Entered, Fault};
use super::{Saying, desk, path};
use crate::Console;
use crate::once;
use crate::page::{Page, see_other};
use crate::pages::said::Said;
use crate::pages::{absent, failed, sentence};
use crate::visitor::{SignedIn, Submitted};

/// The form.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(entered): Query<Entered>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Register)?;
    let saying = Saying {
        said: said.sentence(),
        ..Saying::default()
    };
    let page = desk(console, &visitor, &id, entered, saying).await?;
    Ok(Page::of(&page).into_response())
}

/// Receives one piece.
#[handler]
pub(crate) async fn take(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(entered): Submitted<Entered>,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Register)?;
    let order: OrderId = id.parse().map_err(|_| absent())?;
    let receive = match entered.receive(order) {
        Ok(receive) => receive,
        Err(fault) => return again(console, &visitor, &id, entered, fault).await,
    };
    let form = once::Sent {
        name: &entered.once,
        route: "console.receive",
        input: serde_json::to_string(&receive).map_err(failed)?,
    };
    let labelled = receive.units.iter().all(|unit| unit.tag.is_some());
    match once::ask(console, &visitor, form, receive).await? {
        Ok(receipt) => {
            let done = match (receipt.left, labelled) {
                (0, true) => "received_all",
                (_, true) => "received",
                (_, false) => "received_unlabelled",
            };
            let kept = entered.kept(done);
            Ok(see_other(&format!("{}?{kept}", path(order))))
        }
        Err(idempotency::Refusal::Command(order::Refusal::Unknown)) => Err(absent()),
        Err(refusal) => {
            let fault = Fault::of(sentence(&once::why(&refusal)));
            again(console, &visitor, &id, entered, fault).await
        }
    }
}

async fn again(
    console: &Console,
    visitor: &SignedIn,
    id: &str,
    entered: Entered,
    fault: Fault,
) -> Result<Response> {
    let saying = Saying {
        fault: Some(fault.text),
        to_tag: fault.of_tag,
        ..Saying::default()
    };
    let page = desk(console, visitor, id, entered, saying).await?;
    let page = Page::of(&page).status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.into_response())
}
