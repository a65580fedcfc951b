//! One delivery: what it said, to the byte, what came of it, and working it off again.

use askama::Template;
use habeo_core::connection::{Connection, Status};
use habeo_core::explain::{Explain as _, Kind};
use habeo_core::id::ReceiptId;
use habeo_core::inbox::{Delivery, Progress, ReplayRefusal};
use poem::http::{StatusCode, header};
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::words::{self, Mark};
use super::{find, notice, parse, path, pretty};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::said::Said;
use crate::pages::{Nothing, absent, failed};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "connection_delivery.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    connection: Connection,
    delivery: Delivery,
    mark: Mark,
    received: String,
    settled: Option<String>,
    times: String,
    body: Option<Body>,
    again: bool,
    form_token: String,
}

/// What a delivery said.
#[derive(Debug)]
struct Body {
    text: String,
    whole: bool,
    bytes: usize,
}

/// One delivery.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((connection, delivery)): Path<(String, String)>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (connection, delivery) = of(console, &visitor, &connection, &delivery).await?;
    let body = match letter(console, &visitor, &delivery).await? {
        Some(bytes) => {
            let (text, whole) = pretty::shown(&bytes);
            Some(Body {
                text,
                whole,
                bytes: bytes.len(),
            })
        }
        None => None,
    };
    let page = Show {
        frame: Frame::of(console, &visitor, "Delivery"),
        said: said.sentence(),
        mark: words::verdict(&delivery),
        received: words::second(delivery.received_at),
        settled: delivery.settled_at.map(words::second),
        times: words::times(delivery.repeats + 1),
        again: body.is_some()
            && delivery.progress != Progress::Waiting
            && connection.status != Status::Removed,
        body,
        form_token: visitor.who().form_token,
        connection,
        delivery,
    };
    Ok(Page::of(&page).into_response())
}

/// The exact bytes of a delivery, as a file.
#[handler]
pub(crate) async fn download(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((connection, delivery)): Path<(String, String)>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (_, delivery) = of(console, &visitor, &connection, &delivery).await?;
    let bytes = letter(console, &visitor, &delivery)
        .await?
        .ok_or_else(absent)?;
    let name = format!("delivery-{}.{}", delivery.id, pretty::extension(&bytes));
    let response = Response::builder()
        // Nobody's browser is to make a page of what somebody else wrote.
        .content_type("application/octet-stream")
        .header(header::CACHE_CONTROL, "no-store")
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        );
    Ok(response.body(bytes))
}

/// Works a delivery off again.
#[handler]
pub(crate) async fn replay(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((connection, delivery)): Path<(String, String)>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let visitor = visitor.managing(console)?;
    let (connection, delivery) = of(console, &visitor, &connection, &delivery).await?;
    if connection.status == Status::Removed {
        let why = habeo_core::connection::Refusal::Removed.to_string();
        return Ok(notice(console, &visitor, StatusCode::CONFLICT, &why));
    }
    let replayed = console
        .parts()
        .inbox
        .replay(visitor.access(), delivery.id)
        .await;
    let onward = format!("{}/deliveries/{}", path(connection.id), delivery.id);
    match replayed {
        Ok(()) => Ok(see_other(&format!("{onward}?said=replayed"))),
        Err(ReplayRefusal::Store(error)) => Err(failed(error)),
        Err(refusal) if refusal.kind() == Kind::NotFound => Err(absent()),
        Err(refusal) => Ok(notice(
            console,
            &visitor,
            StatusCode::CONFLICT,
            &refusal.to_string(),
        )),
    }
}

/// A delivery of this very connection.
async fn of(
    console: &Console,
    visitor: &SignedIn,
    connection: &str,
    delivery: &str,
) -> Result<(Connection, Delivery)> {
    let connection = find(console, visitor, parse(connection)?).await?;
    let id: ReceiptId = delivery.parse().map_err(|_| absent())?;
    let found = console.parts().inbox.delivery(visitor.access(), id).await;
    let found = found.map_err(failed)?;
    let delivery = found.filter(|delivery| delivery.connection == connection.id);
    Ok((connection, delivery.ok_or_else(absent)?))
}

/// What it said, where that is still kept.
async fn letter(
    console: &Console,
    visitor: &SignedIn,
    delivery: &Delivery,
) -> Result<Option<Vec<u8>>> {
    match console
        .parts()
        .inbox
        .letter(visitor.access(), delivery.id)
        .await
    {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ReplayRefusal::Gone | ReplayRefusal::Unknown | ReplayRefusal::Waiting) => Ok(None),
        Err(ReplayRefusal::Store(error)) => Err(failed(error)),
    }
}
