//! What came back from a visit to a shop: its requisitions, a question where the cart was empty, what came too late, and the trace.

use askama::Template;
use habeo_core::id::{PunchoutDocumentId, PunchoutId};
use habeo_core::punchout::command::{AnswerEmpty, CloseSession};
use habeo_core::punchout::{self, Direction, Kept, Outcome, Session, State};
use habeo_core::requisition::store as requisitions;
use habeo_core::store::Tx;
use habeo_core::supplier;
use poem::http::header;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};
use serde::Deserialize;

use super::{LIST, ask, refused, words};
use crate::Console;
use crate::page::{Frame, Page, see_other};
use crate::pages::said::Said;
use crate::pages::{Nothing, absent, failed, instant};
use crate::visitor::{SignedIn, Submitted};

#[derive(Debug, Template)]
#[template(path = "procurement_cart.html")]
struct Cart {
    frame: Frame,
    said: Option<&'static str>,
    id: String,
    supplier: String,
    what: &'static str,
    facts: Vec<(&'static str, String)>,
    requisitions: Vec<(String, String)>,
    asking: bool,
    open: bool,
    own: bool,
    documents: Vec<Line>,
    form_token: String,
}

/// A document of the trace.
#[derive(Debug)]
struct Line {
    id: String,
    at: String,
    way: &'static str,
    kind: String,
    decoded: String,
    bytes: i64,
    warnings: Vec<String>,
    late: Option<&'static str>,
    recoverable: bool,
}

/// The page of a visit, for whoever made it and for those who order for its unit.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let session = session(console, &mut tx, &visitor, &id).await?;
    let now = console.parts().ledger.clock().now();
    let documents = punchout::store::documents(&mut tx, access, session.id, now).await;
    let of_visit = requisitions::of_session(&mut tx, access, session.id, now).await;
    let of_visit = of_visit.map_err(failed)?;
    let supplier = supplier::store::name(&mut tx, access, session.supplier).await;
    let own = visitor.person() == session.person;
    let cart = Cart {
        frame: Frame::of(console, &visitor, "Cart"),
        said: said.sentence(),
        id: session.id.to_string(),
        supplier: supplier
            .map_err(failed)?
            .unwrap_or_else(|| "a supplier that was removed".to_owned()),
        what: words::outcome(session.outcome, session.state),
        facts: facts(&session),
        requisitions: of_visit
            .iter()
            .map(|one| {
                let total = words::money(one.total, &one.currency);
                let lines = words::many(one.lines, "line", "lines");
                let label = format!("Requisition {}: {lines}, {total}", one.number);
                (super::path(one.id), label)
            })
            .collect(),
        asking: own && session.outcome == Some(Outcome::Asking),
        open: own && session.state == State::Open,
        own,
        documents: documents.map_err(failed)?.iter().map(line).collect(),
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&cart).into_response())
}

async fn session(console: &Console, tx: &mut Tx, visitor: &SignedIn, id: &str) -> Result<Session> {
    let id: PunchoutId = id.parse().map_err(|_| absent())?;
    let now = console.parts().ledger.clock().now();
    let found = punchout::store::seen(tx, visitor.access(), id, now).await;
    found.map_err(failed)?.ok_or_else(absent)
}

fn facts(session: &Session) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Began", instant(Some(session.created_at)))];
    match session.returned_at {
        Some(at) => facts.push(("Came back", instant(Some(at)))),
        None => facts.push(("A cart is taken until", instant(Some(session.expires_at)))),
    }
    facts.extend(session.cost_centre.clone().map(|it| ("Cost centre", it)));
    facts
}

fn line(kept: &Kept) -> Line {
    Line {
        id: kept.id.to_string(),
        at: instant(Some(kept.at)),
        way: match kept.direction {
            Direction::Out => "to the supplier",
            Direction::In => "from the shop",
        },
        kind: kept.kind.clone(),
        decoded: kept.decoded.clone(),
        bytes: kept.bytes,
        warnings: kept
            .warnings
            .iter()
            .map(|warning| format!("{} ({})", warning.detail, warning.code))
            .collect(),
        late: kept.late.map(words::late),
        recoverable: kept.late.is_some_and(punchout::Late::is_recoverable),
    }
}

/// What was answered to an empty cart.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    lines: String,
}

/// Says whether the lines of the requisition go.
#[handler]
pub(crate) async fn answer(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(answer): Submitted<Answer>,
) -> Result<Response> {
    let session: PunchoutId = id.parse().map_err(|_| absent())?;
    let remove = match answer.lines.as_str() {
        "remove" => true,
        "keep" => false,
        _ => return Err(absent()),
    };
    let done = ask(console, &visitor, AnswerEmpty { session, remove }).await?;
    back(console, &visitor, session, done.map(|()| "saved"))
}

/// Ends a visit that came to nothing.
#[handler]
pub(crate) async fn close(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let session: PunchoutId = id.parse().map_err(|_| absent())?;
    let done = ask(console, &visitor, CloseSession { session }).await?;
    back(console, &visitor, session, done.map(|()| "visit_closed"))
}

/// Takes a document after all that came too late.
#[handler]
pub(crate) async fn recover(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
    Submitted(_): Submitted<Nothing>,
) -> Result<Response> {
    let session: PunchoutId = id.parse().map_err(|_| absent())?;
    let document: PunchoutDocumentId = document.parse().map_err(|_| absent())?;
    let shops = &console.parts().shops;
    let done = shops.recover(visitor.access(), session, document).await;
    match done {
        Ok(()) => Ok(see_other(&format!("{}?said=cart_recovered", path(session)))),
        Err(crate::NotEntered::Refused(refusal)) => {
            let way = ("Back to the cart", path(session));
            Err(refused(console, &visitor, &refusal, (way.0, &way.1)))
        }
        Err(crate::NotEntered::Supplier(why)) => {
            let status = poem::http::StatusCode::UNPROCESSABLE_ENTITY;
            let way = ("Back to the cart", path(session));
            let page = super::notice(console, &visitor, (status, &why), (way.0, &way.1));
            Err(poem::Error::from_response(page))
        }
        Err(crate::NotEntered::Store(error)) => Err(failed(error)),
    }
}

/// A document of the trace, without secrets, as it went or came.
#[handler]
pub(crate) async fn download(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let session = session(console, &mut tx, &visitor, &id).await?;
    let document: PunchoutDocumentId = document.parse().map_err(|_| absent())?;
    let now = console.parts().ledger.clock().now();
    let key = &console.parts().master_key;
    let which = (session.id, document);
    let body = punchout::store::body(&mut tx, access, which, key, now).await;
    let body = body.map_err(failed)?.ok_or_else(absent)?;
    let name = format!("attachment; filename=\"{document}.xml\"");
    Ok(Response::builder()
        .content_type("application/octet-stream")
        .header(header::CONTENT_DISPOSITION, name)
        .header(header::CACHE_CONTROL, "no-store")
        .body(body))
}

fn path(session: PunchoutId) -> String {
    format!("{LIST}/carts/{session}")
}

fn back(
    console: &Console,
    visitor: &SignedIn,
    session: PunchoutId,
    done: std::result::Result<&'static str, punchout::Refusal>,
) -> Result<Response> {
    let path = path(session);
    match done {
        Ok(said) => Ok(see_other(&format!("{path}?said={said}"))),
        Err(refusal) => Err(refused(
            console,
            visitor,
            &refusal,
            ("Back to the cart", &path),
        )),
    }
}
