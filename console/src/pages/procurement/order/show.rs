//! One order: how far each line is, what a person has to decide or say, what is on its way, and what was sent.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::order::sending::Body;
use habeo_core::order::{
    Line as OrderLine, LineState, Order, ShipmentState, Status, Transmission, UnitState,
};
use habeo_core::outbox::{self, store::SupplierAttempt};
use habeo_core::unit::scope;
use poem::web::{Data, Path, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::{find, path, status, transmission};
use crate::Console;
use crate::page::{Frame, Page};
use crate::pages::connections::words::Mark;
use crate::pages::procurement::names::Names;
use crate::pages::procurement::paged::{At, Paged};
use crate::pages::procurement::{self, LIST, words};
use crate::pages::said::Said;
use crate::pages::{failed, instant, sentence};
use crate::visitor::SignedIn;

/// How many pieces of a line are named on the page; the rest are counted.
const UNITS_SHOWN: usize = 50;
/// How many attempts to send it are looked at.
const ATTEMPTS_READ: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "order.html")]
struct Show {
    frame: Frame,
    said: Option<&'static str>,
    path: String,
    po_no: String,
    state: Mark,
    facts: Vec<(&'static str, String)>,
    requisition: String,
    /// Where a table of shipments is brought.
    bring: String,
    lines: Vec<Line>,
    paged: Paged,
    shipments: Vec<Shipment>,
    versions: Vec<Sent>,
    /// Whether the supplier did not get the order as it is now.
    failed: bool,
    orders: bool,
    open: bool,
    form_token: String,
}

#[derive(Debug)]
struct Line {
    number: i64,
    description: String,
    state: Mark,
    facts: Vec<(&'static str, String)>,
    stopped: Option<String>,
    /// What one costs has to be entered: the supplier's price cannot be compared.
    asks_price: bool,
    /// Whether somebody has to say how many pieces it is.
    asks: bool,
    wanted: bool,
    units: Vec<Unit>,
    more: usize,
}

#[derive(Debug)]
struct Unit {
    asset: String,
    label: String,
    state: &'static str,
    odd: Option<String>,
}

/// A version as it was sent.
#[derive(Debug)]
struct Sent {
    text: String,
    why: Option<String>,
}

#[derive(Debug)]
struct Shipment {
    reference: String,
    facts: Vec<(&'static str, String)>,
}

/// One order.
#[handler]
pub(crate) async fn show(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path(id): Path<String>,
    Query(at): Query<At>,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = find(&mut tx, &visitor, &id).await?;
    let people: Vec<_> = order.placed_by.into_iter().collect();
    let names = Names::of(&mut tx, access, &people, &[order.unit], &[order.supplier]).await;
    let names = names.map_err(failed)?;
    let scope = scope::resolve(&mut tx, access, Action::Register).await;
    let orders = scope.map_err(failed)?.contains(order.unit);
    // What a courier says of another's systems is for those who order.
    let attempts = if orders {
        let lane = order.id.to_string();
        let attempts = outbox::store::to_supplier(&mut tx, access, &lane, ATTEMPTS_READ).await;
        attempts.map_err(failed)?
    } else {
        Vec::new()
    };
    let paged = Paged::of(order.lines.len(), &at, &path(order.id));
    let page = Show {
        frame: Frame::of(console, &visitor, "Order"),
        said: said.sentence(),
        path: path(order.id),
        po_no: order.po_no.clone(),
        state: status(order.status),
        facts: facts(&order, &names),
        requisition: procurement::path(order.requisition),
        bring: format!("{LIST}/shipments/{}", order.id),
        lines: paged
            .part(order.lines.iter())
            .map(|(number, one)| line(&order, *number, one))
            .collect(),
        paged,
        shipments: order.shipments.values().map(shipment).collect(),
        versions: versions(&order, &attempts),
        failed: has_failed(&order),
        orders,
        open: order.status == Status::Open,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&page).into_response())
}

fn facts(order: &Order, names: &Names) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Supplier", names.supplier(order.supplier)),
        ("For", names.unit(order.unit)),
        ("Placed", instant(Some(order.placed_at))),
    ];
    facts.extend(order.placed_by.map(|who| ("By", names.person(who))));
    let number = order.supplier_order.clone();
    facts.extend(number.map(|it| ("The supplier’s number", it)));
    let answer = order.answer.map(|it| it.to_string().replace('_', " "));
    facts.extend(answer.map(|it| ("The supplier says", it)));
    facts
}

fn line(order: &Order, number: i64, line: &OrderLine) -> Line {
    let price = words::money(line.price.amount, &line.price.currency);
    let mut facts = vec![
        (
            "Ordered",
            format!("{} {}", line.quantity.plain(), line.unit),
        ),
        ("At", price),
        ("Part", line.part.clone()),
    ];
    let pieces = line.pieces.map(|pieces| pieces.to_string());
    facts.extend(pieces.map(|pieces| ("Assets", pieces)));
    let answer = line.answer.map(|it| it.to_string().replace('_', " "));
    facts.extend(answer.map(|it| ("The supplier says", it)));
    facts.extend(
        line.promised_on
            .map(|day| ("Promised for", day.to_string())),
    );
    let stopped = line
        .stop
        .as_ref()
        .filter(|_| line.state == LineState::Stopped);
    let units: Vec<Unit> = order
        .units_of(number)
        .map(|(place, unit)| piece(place, unit))
        .collect();
    let more = units.len().saturating_sub(UNITS_SHOWN);
    Line {
        number,
        description: line.description.clone(),
        state: state(line.state),
        facts,
        stopped: stopped.map(|stop| {
            let other = stop.said.as_ref().map(|it| {
                let price = words::money(it.price.amount, &it.price.currency);
                format!("{price} per {}", it.unit)
            });
            let agreed = stop.price.as_ref();
            let agreed = agreed.map(|it| words::money(it.amount, &it.currency));
            let other = other.or(agreed);
            let substitute = stop.substitute.as_ref().map(|it| {
                let what = it.description.as_deref().unwrap_or_default();
                format!("{} {what}", it.part).trim().to_owned()
            });
            let cause = stop.cause.as_str().replace('_', " ");
            let what = [other, substitute]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>();
            format!("The supplier wants another {cause}: {}.", what.join(", "))
        }),
        asks_price: stopped.is_some_and(|stop| stop.price.is_none() && stop.said.is_some()),
        asks: line.pieces.is_none() && line.is_wanted(),
        wanted: line.is_wanted(),
        units: units.into_iter().take(UNITS_SHOWN).collect(),
        more,
    }
}

fn piece((line, place): (i64, i64), unit: &habeo_core::order::Unit) -> Unit {
    let serial = unit.serial.as_ref().map(ToString::to_string);
    let odd = unit
        .conflict
        .as_ref()
        .map(|serial| format!("serial number {serial} was announced, which another asset has"));
    let odd = odd.or_else(|| {
        let taken_back = "its shipment was taken back after it was received";
        unit.is_contradicted.then(|| taken_back.to_owned())
    });
    Unit {
        asset: unit.asset.to_string(),
        label: serial.unwrap_or_else(|| format!("Piece {line}.{place}")),
        state: match unit.state {
            UnitState::Expected => "expected",
            UnitState::Shipped => "on its way",
            UnitState::Received => "received",
            UnitState::Cancelled => "not to come",
        },
        odd,
    }
}

fn shipment(shipment: &habeo_core::order::Shipment) -> Shipment {
    let state = match shipment.state {
        ShipmentState::Announced => "on its way",
        ShipmentState::Withdrawn => "taken back by the supplier",
    };
    let mut facts = vec![("State", state.to_owned())];
    facts.extend(shipment.shipped_at.map(|at| ("Left", instant(Some(at)))));
    facts.extend(
        shipment
            .expected_at
            .map(|at| ("Expected", instant(Some(at)))),
    );
    facts.extend(shipment.carrier.clone().map(|it| ("Carrier", it)));
    if !shipment.tracking.is_empty() {
        facts.push(("Numbers", shipment.tracking.join(", ")));
    }
    Shipment {
        reference: shipment.reference.clone(),
        facts,
    }
}

fn has_failed(order: &Order) -> bool {
    let last = order.versions.last_key_value();
    last.is_some_and(|(_, version)| is_failed(version.transmission))
}

const fn is_failed(transmission: Transmission) -> bool {
    matches!(transmission, Transmission::Refused | Transmission::GivenUp)
}

/// What was last said of a version on its way: why it failed, or what it waits for.
fn last_said(order: &Order, number: i64, attempts: &[SupplierAttempt]) -> Option<String> {
    let version = order.versions.get(&number)?;
    let waits = version.transmission == Transmission::Waiting;
    if !waits && !is_failed(version.transmission) {
        return None;
    }
    let of_version = |attempt: &&SupplierAttempt| {
        Body::parse(&attempt.body).is_ok_and(|body| body.version == number)
    };
    let last = attempts.iter().find(of_version)?;
    let at = instant(Some(last.at));
    Some(format!("{at}: {}", sentence(&last.detail)))
}

fn versions(order: &Order, attempts: &[SupplierAttempt]) -> Vec<Sent> {
    let all = order.versions.iter();
    all.map(|(number, version)| {
        let code = version.code.map(|code| format!(" (status {code})"));
        let (sent, code) = (transmission(version.transmission), code.unwrap_or_default());
        let made = instant(Some(version.made_at));
        Sent {
            text: format!(
                "Version {number}, {}, {made}: {sent}{code}",
                version.operation
            ),
            why: last_said(order, *number, attempts),
        }
    })
    .collect()
}

const fn state(state: LineState) -> Mark {
    match state {
        LineState::Open => ("open", ""),
        LineState::Stopped => ("waits for a decision", "warn"),
        LineState::Rejected => ("not sent by the supplier", "bad"),
        LineState::Cancelled => ("cancelled", ""),
    }
}
