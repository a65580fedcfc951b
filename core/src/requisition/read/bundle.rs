//! Bundles: a line and those that belong to it. What they cost is counted once.

use std::collections::HashMap;

use crate::exact::Exact;
use crate::punchout::cart::{Sent, Warning};

/// How deep bundles are followed; what is deeper, or goes in a circle, is counted as it stands.
const DEPTH_MAX: usize = 16;
/// The warning that two prices are for one thing.
const MIXED: &str = "mixed_price_basis";

/// A line while it is decided what of it counts.
pub(super) struct Priced<'a> {
    pub sent: &'a Sent,
    pub amount: &'a mut Exact,
    pub warnings: &'a mut Vec<Warning>,
}

/// For each line the place of the one that it belongs to.
pub(crate) fn parents<'a>(lines: impl Iterator<Item = &'a Sent>) -> Vec<Option<usize>> {
    let lines: Vec<&Sent> = lines.collect();
    let numbers: HashMap<&str, usize> = lines
        .iter()
        .enumerate()
        .filter_map(|(place, line)| Some((line.line.as_deref()?, place)))
        .collect();
    let parent = |(place, line): (usize, &&Sent)| {
        let parent = numbers.get(line.bundle.parent.as_deref()?)?;
        (*parent != place).then_some(*parent)
    };
    lines.iter().enumerate().map(parent).collect()
}

/// Lets each price count once: the whole's where it is meant for the whole, the parts' where it is meant for them. Where both have one and nobody
/// says, the whole's, with a warning.
pub(super) fn count_once<'a>(lines: impl Iterator<Item = Priced<'a>>) {
    let mut lines: Vec<Priced<'_>> = lines.collect();
    let parents = parents(lines.iter().map(|line| line.sent));
    let mut by_parts = vec![false; lines.len()];
    let mut by_whole = vec![false; lines.len()];
    for parent in parents.iter().flatten() {
        match lines[*parent].sent.bundle.price_level.as_deref() {
            Some("itemLevel") => by_parts[*parent] = true,
            Some("groupLevel") => by_whole[*parent] = true,
            _ => {}
        }
    }
    for (child, parent) in parents.iter().enumerate() {
        let Some(parent) = *parent else { continue };
        let both = !lines[child].amount.is_zero() && !lines[parent].amount.is_zero();
        if both && !by_parts[parent] && !by_whole[parent] {
            by_whole[parent] = true;
            let line = &mut lines[parent];
            if !line.warnings.iter().any(|one| one.code == MIXED) {
                line.warnings.push(Warning::new(
                    MIXED,
                    "the bundle and its parts have prices; that of the bundle is counted",
                ));
            }
        }
    }
    for (place, line) in lines.iter_mut().enumerate() {
        if by_parts[place] || is_counted_above(place, &parents, &by_whole) {
            *line.amount = Exact::ZERO;
        }
    }
}

fn is_counted_above(place: usize, parents: &[Option<usize>], by_whole: &[bool]) -> bool {
    let above = std::iter::successors(parents[place], |above| parents[*above]);
    above.take(DEPTH_MAX).any(|above| by_whole[above])
}
