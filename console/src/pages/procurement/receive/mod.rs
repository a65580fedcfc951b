//! Receiving by scan: a box is scanned, then each piece with its serial number and its label, in one form that works on a phone.

pub(in crate::pages) mod boxes;
pub(in crate::pages) mod label;
pub(in crate::pages) mod many;
pub(in crate::pages) mod piece;
mod scanned;

use askama::Template;
use habeo_core::access::Action;
use habeo_core::asset::{self, State};
use habeo_core::id::{AssetId, LocationId, OrderId};
use habeo_core::order::{Order, Unit, UnitState};
use habeo_core::store::Tx;
use habeo_core::unit::scope;
use habeo_core::{location, order};
use poem::Result;

use super::{LIST, words};
use crate::Console;
use crate::once;
use crate::page::Frame;
use crate::pages::assets::list::Choice;
use crate::pages::failed;
use crate::visitor::SignedIn;
use many::Outcome;
use scanned::Entered;

/// How many lines can be chosen from a list; of more the number is entered.
const LINES_LISTED: usize = 100;
/// How many places can be chosen, and how many serial numbers are shown.
const PLACES_LISTED: usize = 1_000;
const SERIALS_SHOWN: usize = 200;
/// How many pieces without a label are shown, of the last so many that were received.
const UNLABELLED_SHOWN: usize = 20;
const RECEIVED_LOOKED_AT: usize = 200;

/// The page on which pieces of an order are received.
#[derive(Debug, Template)]
#[template(path = "receive.html")]
struct Desk {
    frame: Frame,
    script: String,
    said: Option<&'static str>,
    fault: Option<String>,
    path: String,
    po_no: String,
    /// Of which lines something is to come.
    lines: Vec<Choice>,
    /// Whether there are too many of them to be listed.
    many_lines: bool,
    expected: Vec<String>,
    more_expected: usize,
    places: Vec<Choice>,
    entered: Entered,
    /// Where the next scan goes.
    to_tag: bool,
    /// What was pasted, as far as it is not done.
    list: String,
    outcomes: Vec<Outcome>,
    unlabelled: Vec<Unlabelled>,
    once: String,
    form_token: String,
}

/// A piece that was received without a label.
#[derive(Debug)]
struct Unlabelled {
    asset: String,
    label: String,
}

/// What a page says above its form.
#[derive(Debug, Default)]
struct Saying {
    said: Option<&'static str>,
    fault: Option<String>,
    to_tag: bool,
    list: String,
    outcomes: Vec<Outcome>,
}

async fn desk(
    console: &Console,
    visitor: &SignedIn,
    id: &str,
    entered: Entered,
    saying: Saying,
) -> Result<Desk> {
    let access = visitor.access();
    let db = console.parts().ledger.db();
    let mut tx = db.read(access).await.map_err(failed)?;
    let order = super::order::find(&mut tx, visitor, id).await?;
    let (lines, serials) = to_come(&order, &entered.line);
    let unlabelled = unlabelled(&mut tx, visitor, &order).await?;
    let places = places(&mut tx, visitor, order.site, &entered.place).await?;
    let many_lines = lines.len() > LINES_LISTED;
    let more_expected = serials.len().saturating_sub(SERIALS_SHOWN);
    Ok(Desk {
        frame: Frame::of(console, visitor, "Receive"),
        script: console.assets().scan(),
        said: saying.said,
        fault: saying.fault,
        path: path(order.id),
        po_no: order.po_no.clone(),
        lines,
        many_lines,
        expected: serials.into_iter().take(SERIALS_SHOWN).collect(),
        more_expected,
        places,
        entered,
        to_tag: saying.to_tag,
        list: saying.list,
        outcomes: saying.outcomes,
        unlabelled,
        once: once::name(console),
        form_token: visitor.who().form_token,
    })
}

const fn is_to_come(unit: &Unit) -> bool {
    matches!(unit.state, UnitState::Expected | UnitState::Shipped)
}

/// The lines of which something is still to come, and the serial numbers that were announced of it.
fn to_come(order: &Order, chosen: &str) -> (Vec<Choice>, Vec<String>) {
    let (mut lines, mut serials) = (Vec::new(), Vec::new());
    for (number, line) in order.lines.iter().filter(|(_, line)| line.is_wanted()) {
        let units = order.units_of(*number).map(|(_, unit)| unit);
        let units: Vec<&Unit> = units.filter(|unit| is_to_come(unit)).collect();
        if units.is_empty() {
            continue;
        }
        let left = i64::try_from(units.len()).unwrap_or(i64::MAX);
        let left = words::many(left, "piece", "pieces");
        lines.push(Choice {
            value: number.to_string(),
            label: format!("{number}. {} ({left} to come)", line.description),
            chosen: chosen == number.to_string(),
        });
        let announced = units.iter().filter_map(|unit| unit.serial.as_ref());
        serials.extend(announced.map(ToString::to_string));
    }
    (lines, serials)
}

/// The places of the site to which the order goes, by their whole names; all of them where it goes to none.
async fn places(
    tx: &mut Tx,
    visitor: &SignedIn,
    site: Option<LocationId>,
    chosen: &str,
) -> Result<Vec<Choice>> {
    let all = location::store::all(tx, visitor.access()).await;
    let all = all.map_err(failed)?.into_iter();
    let within = all.filter(|place| site.is_none_or(|site| place.site_id == site));
    let listed = within.take(PLACES_LISTED).map(|place| Choice {
        value: place.id.to_string(),
        chosen: chosen == place.id.to_string(),
        label: place.path,
    });
    Ok(listed.collect())
}

/// The pieces that are here and have no label yet, those first that came last.
async fn unlabelled(tx: &mut Tx, visitor: &SignedIn, order: &Order) -> Result<Vec<Unlabelled>> {
    let here = order.units.iter();
    let mut here: Vec<_> = here
        .filter(|(_, unit)| unit.state == UnitState::Received)
        .collect();
    here.sort_by_key(|(_, unit)| std::cmp::Reverse(unit.received_at));
    here.truncate(RECEIVED_LOOKED_AT);
    let ids: Vec<AssetId> = here.iter().map(|(_, unit)| unit.asset).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let access = visitor.access();
    let scope = scope::resolve(tx, access, Action::Register).await;
    let known = asset::store::by_ids(tx, access, &scope.map_err(failed)?, &ids).await;
    let known = known.map_err(failed)?;
    let bare = |unit: &Unit| {
        let asset = known.iter().find(|asset| asset.id == unit.asset);
        asset.is_some_and(|asset| asset.tag.is_none() && asset.state == State::Received)
    };
    let bare = here.into_iter().filter(|(_, unit)| bare(unit));
    let rows = bare.take(UNLABELLED_SHOWN).map(|(place, unit)| Unlabelled {
        asset: unit.asset.to_string(),
        label: called(order, *place, unit),
    });
    Ok(rows.collect())
}

/// A piece by its serial number, else by its place in its line.
fn called(order: &Order, (line, place): (i64, i64), unit: &order::Unit) -> String {
    let what = order.lines.get(&line).map(|line| line.description.as_str());
    let what = what.unwrap_or_default();
    match &unit.serial {
        Some(serial) => format!("{what}, {serial}"),
        None => format!("{what}, piece {line}.{place}"),
    }
}

fn path(order: OrderId) -> String {
    format!("{LIST}/orders/{order}/receive")
}
