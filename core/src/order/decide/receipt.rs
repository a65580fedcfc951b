//! What follows from a receipt of somebody between: serial numbers for pieces without one, and nothing else.

use std::collections::{HashMap, HashSet};

use super::{AssetAct, Code, Decided, Known, finding, unknown_lines};
use crate::asset::command::FieldValue;
use crate::id::AssetId;
use crate::order::event::Finding;
use crate::order::report::ReceivedItem;
use crate::order::serial;
use crate::order::{Order, Unit, UnitState};
use crate::text::Serial;

/// Decides what a receipt says of an order, or says why it cannot be taken.
pub(in crate::order) fn receipt(
    order: &Order,
    items: &[ReceivedItem],
    known: &Known<'_>,
) -> Result<Decided, Vec<Finding>> {
    let unknown = unknown_lines(order, items.iter().map(|item| item.line));
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut decided = Decided::default();
    let mut given: HashSet<AssetId> = HashSet::new();
    let mut named: HashSet<String> = order
        .units
        .values()
        .filter_map(|unit| Some(now(unit, known)?.folded().to_owned()))
        .collect();
    let mut free: HashMap<i64, std::vec::IntoIter<AssetId>> = HashMap::new();
    for item in items {
        let Some(line) = order.lines.get(&item.line) else {
            continue;
        };
        let mut find = |code, said: &str| {
            let what = finding(code, Some(item.line), said.to_owned());
            decided.findings.push(what);
        };
        for said in &item.serials {
            let Ok(serial) = serial::usable(said, line.part_numbers()) else {
                find(Code::SerialUnusable, said);
                continue;
            };
            // What is known already is said again.
            if !named.insert(serial.folded().to_owned()) {
                continue;
            }
            if known.is_taken(&serial, line, |_| false) {
                find(Code::SerialConflict, said);
                continue;
            }
            let free = free
                .entry(item.line)
                .or_insert_with(|| without(order, item.line, known).into_iter());
            match free.find(|asset| given.insert(*asset)) {
                Some(asset) => decided.acts.push(AssetAct {
                    asset,
                    fields: vec![FieldValue::Serial(Some(serial))],
                }),
                None => find(Code::SerialCount, said),
            }
        }
    }
    Ok(decided)
}

fn now<'a>(unit: &'a Unit, known: &'a Known<'_>) -> Option<&'a Serial> {
    known.serial(unit.asset).or(unit.serial.as_ref())
}

/// The pieces of a line without a serial number: those that are here, then those that are on their way, then the others.
fn without(order: &Order, line: i64, known: &Known<'_>) -> Vec<AssetId> {
    let units = order.units_of(line).filter(|(_, unit)| {
        unit.state != UnitState::Cancelled
            && now(unit, known).is_none()
            && known.is_live(unit.asset)
    });
    let rank = |unit: &Unit| match unit.state {
        UnitState::Received => 0,
        UnitState::Shipped => 1,
        UnitState::Expected | UnitState::Cancelled => 2,
    };
    let mut units: Vec<_> = units
        .map(|(place, unit)| ((rank(unit), place), unit.asset))
        .collect();
    units.sort_unstable_by_key(|(order, _)| *order);
    units.into_iter().map(|(_, asset)| asset).collect()
}
