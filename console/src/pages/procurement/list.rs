//! Requisitions, what waits for the visitor, and the shops that they may go to.

use askama::Template;
use habeo_core::access::Action;
use habeo_core::approval::command::may_set;
use habeo_core::id::{SupplierId, UnitId};
use habeo_core::page::Limit;
use habeo_core::requisition::store::{self, Filter};
use habeo_core::requisition::{Requisition, State};
use habeo_core::store::Tx;
use habeo_core::supplier::{self, Status};
use habeo_core::unit;
use habeo_core::unit::scope;
use poem::web::{Data, Query};
use poem::{IntoResponse as _, Response, Result, handler};

use super::names::Names;
use super::places::places;
use super::{LIST, words};
use crate::Console;
use crate::asked::Asked;
use crate::page::{Frame, Page};
use crate::pages::assets::list::Choice;
use crate::pages::connections::words::Mark;
use crate::pages::said::Said;
use crate::pages::{failed, instant};
use crate::visitor::SignedIn;

/// How many that wait are shown; whoever has more decides on these first.
const WAITING: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "procurement.html")]
struct List {
    frame: Frame,
    said: Option<&'static str>,
    waiting: Vec<Row>,
    shops: Vec<Choice>,
    units: Vec<Choice>,
    /// Where it may be sent to.
    places: Vec<Choice>,
    states: Vec<Choice>,
    mine: bool,
    /// Whether the visitor sets limits of approval.
    limits: bool,
    narrowed: bool,
    rows: Vec<Row>,
    next: Option<String>,
    form_token: String,
}

/// A requisition in a list.
#[derive(Debug)]
struct Row {
    path: String,
    number: i64,
    supplier: String,
    requester: String,
    unit: String,
    lines: String,
    total: String,
    state: Mark,
    at: String,
}

/// The page.
#[handler]
pub(crate) async fn list(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    asked: Asked,
    Query(said): Query<Said>,
) -> Result<Response> {
    let access = visitor.access();
    let now = console.parts().ledger.clock().now();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let state: Option<State> = asked.one("state").and_then(|state| state.parse().ok());
    let mine = asked.one("mine").is_some();
    let filter = Filter {
        state,
        mine,
        ..Filter::default()
    };
    let before = asked.one("before").and_then(|seq| seq.parse().ok());
    let limit = Limit::default();
    let page = store::page(&mut tx, access, filter, before, limit).await;
    let page = page.map_err(failed)?;
    let waiting = store::waiting(&mut tx, access, now, WAITING).await;
    let waiting = waiting.map_err(failed)?;
    let names = named(&mut tx, &visitor, waiting.iter().chain(&page.rows)).await?;
    let kept = asked.only(&["state", "mine"]);
    let lowest = page.rows.last().map(|row| row.seq);
    let next = page.next.and(lowest);
    let next = next.map(|lowest| kept.clone().with("before", lowest.to_string()).at(LIST));
    let list = List {
        frame: Frame::of(console, &visitor, "Buying"),
        said: said.sentence(),
        waiting: waiting.iter().map(|it| row(it, &names)).collect(),
        shops: shops(&mut tx, &visitor).await?,
        units: units(&mut tx, &visitor).await?,
        places: places(&mut tx, &visitor, None).await?,
        states: states(state),
        mine,
        limits: may_set(access),
        narrowed: !kept.is_empty(),
        rows: page.rows.iter().map(|it| row(it, &names)).collect(),
        next,
        form_token: visitor.who().form_token,
    };
    Ok(Page::of(&list).into_response())
}

async fn named<'a>(
    tx: &mut Tx,
    visitor: &SignedIn,
    all: impl Iterator<Item = &'a Requisition>,
) -> Result<Names> {
    let (mut people, mut units, mut suppliers) = (Vec::new(), Vec::new(), Vec::<SupplierId>::new());
    for one in all {
        people.push(one.requester);
        units.push(one.unit);
        suppliers.push(one.supplier);
    }
    let names = Names::of(tx, visitor.access(), &people, &units, &suppliers).await;
    names.map_err(failed)
}

fn row(requisition: &Requisition, names: &Names) -> Row {
    Row {
        path: super::path(requisition.id),
        number: requisition.number,
        supplier: names.supplier(requisition.supplier),
        requester: names.person(requisition.requester),
        unit: names.unit(requisition.unit),
        lines: words::many(requisition.lines, "line", "lines"),
        total: words::money(requisition.total, &requisition.currency),
        state: words::state(requisition.state),
        at: instant(Some(requisition.changed_at)),
    }
}

fn states(chosen: Option<State>) -> Vec<Choice> {
    let all = State::ALL.iter().copied();
    all.map(|state| Choice {
        value: state.to_string(),
        label: words::state(state).0.to_owned(),
        chosen: chosen == Some(state),
    })
    .collect()
}

/// The shops where something can be bought now.
async fn shops(tx: &mut Tx, visitor: &SignedIn) -> Result<Vec<Choice>> {
    let all = supplier::store::shops(tx, visitor.access()).await;
    let open = all.map_err(failed)?.into_iter();
    let open = open.filter(|shop| shop.status == Status::Active);
    Ok(open
        .map(|shop| Choice {
            value: shop.id.to_string(),
            label: shop.name,
            chosen: false,
        })
        .collect())
}

/// The units for which the visitor may buy.
pub(super) async fn units(tx: &mut Tx, visitor: &SignedIn) -> Result<Vec<Choice>> {
    let access = visitor.access();
    let scope = scope::resolve(tx, access, Action::Register).await;
    let scope = scope.map_err(failed)?;
    let all = unit::store::all(tx, access).await.map_err(failed)?;
    let within = all.into_iter().filter(|unit| scope.contains(unit.id));
    Ok(within.map(|unit| choice(unit.id, unit.name)).collect())
}

fn choice(id: UnitId, name: String) -> Choice {
    Choice {
        value: id.to_string(),
        label: name,
        chosen: false,
    }
}
