//! Which lines of a cart make up its price: of a bundle the bundle's own or those of its parts, and never both.

use std::collections::HashMap;

use crate::code::Code;
use crate::finding::{Notes, Spot};

use super::line::{Line, PriceLevel};

/// How deep bundles may lie in one another.
const DEPTH_MAX: usize = 16;

/// Says of every line whether its price counts. `spots` are the lines' places.
pub(crate) fn count(lines: &mut [Line], spots: &[Spot], notes: &mut Notes) {
    if lines.iter().all(|line| line.parent_line_number.is_none()) {
        return;
    }
    let parents = parents(lines, spots, notes);
    let mut is_parent = vec![false; lines.len()];
    for parent in parents.iter().flatten() {
        is_parent[*parent] = true;
    }
    let levels: Vec<Option<PriceLevel>> = (0..lines.len())
        .map(|at| is_parent[at].then(|| level(lines, &parents, at, spots[at], notes)))
        .collect();
    for at in 0..lines.len() {
        let own = levels[at] != Some(PriceLevel::Item);
        lines[at].counts = own && !is_within_group(&parents, &levels, at);
    }
}

/// For each line that of its bundle.
fn parents(lines: &[Line], spots: &[Spot], notes: &mut Notes) -> Vec<Option<usize>> {
    let numbers: HashMap<&str, usize> = lines
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(at, line)| Some((line.line_number.as_deref()?, at)))
        .collect();
    let mut parents = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let named = line.parent_line_number.as_deref();
        let parent = named.and_then(|number| numbers.get(number).copied());
        let parent = parent.filter(|parent| *parent != at);
        if named.is_some() && parent.is_none() {
            notes.warn(Code::MissingElement, spots[at], || {
                "is a part of a line that the cart does not have".to_owned()
            });
        }
        parents.push(parent);
    }
    parents
}

/// Whose price a bundle means. If it does not say so, that of the one that has a price; of both, its own.
fn level(
    lines: &[Line],
    parents: &[Option<usize>],
    at: usize,
    spot: Spot,
    notes: &mut Notes,
) -> PriceLevel {
    if let Some(level) = lines[at].price_level {
        return level;
    }
    if lines[at].unit_price.amount.is_zero() {
        return PriceLevel::Item;
    }
    let mut parts = lines
        .iter()
        .zip(parents)
        .filter(|(_, parent)| **parent == Some(at));
    if parts.any(|(part, _)| !part.unit_price.amount.is_zero()) {
        notes.warn(Code::MixedPriceBasis, spot, || {
            "is a bundle that bears a price as its parts do; its own is counted".to_owned()
        });
    }
    PriceLevel::Group
}

fn is_within_group(parents: &[Option<usize>], levels: &[Option<PriceLevel>], at: usize) -> bool {
    let mut parent = parents[at];
    for _ in 0..DEPTH_MAX {
        let Some(at) = parent else {
            return false;
        };
        if levels[at] == Some(PriceLevel::Group) {
            return true;
        }
        parent = parents[at];
    }
    false
}
