//! What is to be received, and the box in hand.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::id::OrderId;
use habeo_core::order::store::{self, Arrival, ArrivalFilter, Arriving};
use habeo_core::order::{Order, Unit};
use habeo_core::page::Limit;
use habeo_core::store::Tx;
use poem::web::Data;
use poem::{IntoResponse as _, Response, Result, handler};

use super::path;
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page, see_other};
use crate::pages::failed;
use crate::pages::procurement::LIST;
use crate::pages::procurement::names::Names;
use crate::visitor::SignedIn;

/// How many orders of one code are shown.
const FOUND_SHOWN: usize = 20;
/// How many lines of an order are shown in the list.
const LINES_SHOWN: usize = 10;

#[derive(Debug, Template)]
#[template(path = "receiving.html")]
struct List {
    frame: Frame,
    code: String,
    /// Whether the code is of nothing.
    unknown: bool,
    /// Whether it is of several orders, which are those that are listed.
    several: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug)]
struct Row {
    path: String,
    po_no: String,
    supplier: String,
    unit: String,
    lines: Vec<String>,
    more: usize,
}

/// The list; of a code that is of one order, that order.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
) -> Result<Response> {
    let visitor = visitor.permitted(console, Action::Register)?;
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let code = asked.one("code").unwrap_or_default().to_owned();
    let mut found = Vec::new();
    if !code.is_empty() {
        let hits = store::by_code(&mut tx, access, &code).await;
        found = hits.map_err(failed)?;
        if let Some(one) = only(&found) {
            return Ok(see_other(&onward(one)));
        }
    }
    let (several, unknown) = (!found.is_empty(), found.is_empty() && !code.is_empty());
    let (rows, next) = if several {
        (of_code(&mut tx, &visitor, &found).await?, None)
    } else {
        to_come(&mut tx, &visitor, &asked).await?
    };
    let list = List {
        frame: Frame::of(console, &visitor, "Receiving"),
        code,
        unknown,
        several,
        rows,
        next,
    };
    Ok(Page::of(&list).into_response())
}

/// What a code is of, where all of it is of one order: with the shipment, where it is of one only.
fn only(found: &[Arriving]) -> Option<Arriving> {
    let first = *found.first()?;
    if found.iter().any(|one| one.order_id != first.order_id) {
        return None;
    }
    let mut shipments = found.iter().filter_map(|one| one.shipment_id);
    let shipment = shipments.next();
    let one = shipments.all(|other| Some(other) == shipment);
    Some(Arriving {
        order_id: first.order_id,
        shipment_id: shipment.filter(|_| one),
    })
}

fn onward(one: Arriving) -> String {
    let shipment = one.shipment_id.map(|id| format!("?shipment={id}"));
    format!("{}{}", path(one.order_id), shipment.unwrap_or_default())
}

/// Exactly the orders that a code is of.
async fn of_code(tx: &mut Tx, visitor: &SignedIn, found: &[Arriving]) -> Result<Vec<Row>> {
    let mut ids: Vec<OrderId> = Vec::new();
    for one in found {
        if !ids.contains(&one.order_id) {
            ids.push(one.order_id);
        }
    }
    let access = visitor.access();
    let mut orders: Vec<Order> = Vec::new();
    for id in ids.iter().take(FOUND_SHOWN) {
        orders.extend(store::by_id(tx, access, *id).await.map_err(failed)?);
    }
    let units: Vec<_> = orders.iter().map(|order| order.unit).collect();
    let suppliers: Vec<_> = orders.iter().map(|order| order.supplier).collect();
    let names = Names::of(tx, access, &[], &units, &suppliers).await;
    let names = names.map_err(failed)?;
    let rows = orders.iter().map(|order| {
        let hits: Vec<Arriving> = found
            .iter()
            .filter(|one| one.order_id == order.id)
            .copied()
            .collect();
        let way = only(&hits).map_or_else(|| path(order.id), onward);
        let lines = order.lines.iter().filter(|(_, line)| line.is_wanted());
        let lines: Vec<String> = lines
            .map(|(number, line)| {
                let units = order.units_of(*number).map(|(_, unit)| unit);
                let come = units.filter(|unit: &&Unit| super::is_to_come(unit)).count();
                format!("{}: {come} to come", line.description)
            })
            .collect();
        row(
            (way, order.po_no.clone()),
            (names.supplier(order.supplier), names.unit(order.unit)),
            lines,
        )
    });
    Ok(rows.collect())
}

async fn to_come(
    tx: &mut Tx,
    visitor: &SignedIn,
    asked: &Asked,
) -> Result<(Vec<Row>, Option<String>)> {
    let access = visitor.access();
    let after = asked.one("after").and_then(|seq| seq.parse().ok());
    let filter = ArrivalFilter::default();
    let page = store::arriving(tx, access, filter, after, Limit::default()).await;
    let page = page.map_err(failed)?;
    let units: Vec<_> = page.rows.iter().map(|row| row.unit).collect();
    let suppliers: Vec<_> = page.rows.iter().map(|row| row.supplier).collect();
    let names = Names::of(tx, access, &[], &units, &suppliers).await;
    let names = names.map_err(failed)?;
    let highest = page.rows.last().map(|row| row.seq);
    let next = page.next.and(highest);
    let next = next.map(|seq| format!("{LIST}/receiving?after={seq}"));
    let rows = page.rows.iter().map(|one| arriving(one, &names));
    Ok((rows.collect(), next))
}

fn arriving(arrival: &Arrival, names: &Names) -> Row {
    let lines = arrival.lines.iter();
    let lines = lines.map(|line| {
        let come = line.expected + line.shipped;
        let promised = line.promised_on.map(|day| format!(", promised for {day}"));
        let promised = promised.unwrap_or_default();
        match line.pieces {
            None => format!("{}: nobody said how many pieces it is", line.description),
            Some(of) => format!("{}: {come} of {of} to come{promised}", line.description),
        }
    });
    let (supplier, unit) = (names.supplier(arrival.supplier), names.unit(arrival.unit));
    row(
        (path(arrival.order), arrival.po_no.clone()),
        (supplier, unit),
        lines.collect(),
    )
}

fn row(
    (path, po_no): (String, String),
    (supplier, unit): (String, String),
    mut lines: Vec<String>,
) -> Row {
    let more = lines.len().saturating_sub(LINES_SHOWN);
    lines.truncate(LINES_SHOWN);
    Row {
        path,
        po_no,
        supplier,
        unit,
        lines,
        more,
    }
}
