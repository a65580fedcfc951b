//! Purchase orders: the list of them, and what its pages have in common.

pub(in crate::pages) mod act;
pub(in crate::pages) mod show;

use askama::Template;
use habeo_core::id::OrderId;
use habeo_core::order::store::{self, Filter, Summary};
use habeo_core::order::{Order, Status, Transmission};
use habeo_core::page::Limit;
use habeo_core::store::Tx;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};

use super::names::Names;
use super::{LIST, words};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::connections::words::Mark;
use crate::pages::{absent, failed, instant};
use crate::visitor::SignedIn;

#[derive(Debug, Template)]
#[template(path = "orders.html")]
struct List {
    frame: Frame,
    waiting: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug)]
struct Row {
    path: String,
    po_no: String,
    supplier: String,
    unit: String,
    lines: String,
    waits: bool,
    state: Mark,
    sent: &'static str,
    at: String,
}

/// The orders of the units whose assets the visitor sees.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let waiting = asked.one("waiting").is_some();
    let filter = Filter {
        waiting,
        ..Filter::default()
    };
    let before = asked.one("before").and_then(|seq| seq.parse().ok());
    let page = store::page(&mut tx, access, filter, before, Limit::default()).await;
    let page = page.map_err(failed)?;
    let units: Vec<_> = page.rows.iter().map(|row| row.unit).collect();
    let suppliers: Vec<_> = page.rows.iter().map(|row| row.supplier).collect();
    let names = Names::of(&mut tx, access, &[], &units, &suppliers).await;
    let names = names.map_err(failed)?;
    let lowest = page.rows.last().map(|row| row.seq);
    let next = page.next.and(lowest).map(|lowest| {
        let kept = asked.only(&["waiting"]);
        kept.with("before", lowest.to_string())
            .at(&format!("{LIST}/orders"))
    });
    let list = List {
        frame: Frame::of(console, &visitor, "Orders"),
        waiting,
        rows: page.rows.iter().map(|one| row(one, &names)).collect(),
        next,
    };
    Ok(Page::of(&list).into_response())
}

fn row(summary: &Summary, names: &Names) -> Row {
    Row {
        path: path(summary.id),
        po_no: summary.po_no.clone(),
        supplier: names.supplier(summary.supplier),
        unit: names.unit(summary.unit),
        lines: words::many(summary.lines, "line", "lines"),
        waits: summary.waiting > 0,
        state: status(summary.status),
        sent: summary.transmission.map_or("not sent", transmission),
        at: instant(Some(summary.placed_at)),
    }
}

/// An order that the visitor sees.
pub(super) async fn find(tx: &mut Tx, visitor: &SignedIn, id: &str) -> Result<Order> {
    let id: OrderId = id.parse().map_err(|_| absent())?;
    let found = store::by_id(tx, visitor.access(), id).await;
    found.map_err(failed)?.ok_or_else(absent)
}

/// The page of an order.
pub(super) fn path(id: OrderId) -> String {
    format!("{LIST}/orders/{id}")
}

const fn status(status: Status) -> Mark {
    match status {
        Status::Open => ("open", "warn"),
        Status::Complete => ("complete", "good"),
        Status::Cancelled => ("cancelled", ""),
    }
}

const fn transmission(transmission: Transmission) -> &'static str {
    match transmission {
        Transmission::Waiting => "on its way to the supplier",
        Transmission::Accepted => "taken in by the supplier",
        Transmission::Awaiting => "taken in, more to be said",
        Transmission::Forwarded => "passed on",
        Transmission::Refused => "refused by the supplier",
        Transmission::GivenUp => "given up",
    }
}
