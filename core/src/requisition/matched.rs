//! Which line that came back from the shop is which of those that went there. Pure.

use std::collections::{HashMap, VecDeque};

use super::line::Line;
use super::read::ReadLine;
use crate::punchout::cart::Sent;

/// By what a line may be known again.
type Key<'a> = (&'a str, Option<&'a str>);

/// For each line that came, the place of the one it was: by the rest of the product's number, then by the number, then by its place. Each is one
/// line's only; numbers are not unique in a cart, so equal ones are taken in their order.
pub(super) fn matched(before: &[Line], came: &[ReadLine]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; came.len()];
    let mut taken = vec![false; before.len()];
    for key in [with_rest as fn(&Sent) -> Option<Key<'_>>, by_number] {
        let mut free: HashMap<Key<'_>, VecDeque<usize>> = HashMap::new();
        for (old, line) in before.iter().enumerate().filter(|(old, _)| !taken[*old]) {
            if let Some(key) = key(&line.sent) {
                free.entry(key).or_default().push_back(old);
            }
        }
        let unknown = came.iter().zip(&mut found).filter(|(_, old)| old.is_none());
        for (line, place) in unknown {
            let old = key(&line.sent).and_then(|key| free.get_mut(&key)?.pop_front());
            if let Some(old) = old {
                taken[old] = true;
                *place = Some(old);
            }
        }
    }
    // Another product in the same place is that line changed, as suppliers do who replace a part by its successor.
    for (place, found) in found.iter_mut().enumerate() {
        if found.is_none() && place < before.len() && !taken[place] {
            taken[place] = true;
            *found = Some(place);
        }
    }
    found
}

fn with_rest(sent: &Sent) -> Option<Key<'_>> {
    let rest = sent.aux.as_deref()?;
    Some((sent.part.trim(), Some(rest)))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the same form as the other way to know a line"
)]
fn by_number(sent: &Sent) -> Option<Key<'_>> {
    Some((sent.part.trim(), None))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    use crate::exact::Exact;
    use crate::id::RequisitionLineId;
    use crate::requisition::Stored;

    type Named = (&'static str, &'static str);
    /// Lines before, lines after, and which is which.
    type Case<'a> = (&'a [Named], &'a [Named], &'a [Option<usize>]);

    fn stored() -> Stored {
        Stored {
            quantity: Exact::ONE,
            pieces: None,
            pieces_answered: false,
            price: Exact::ONE,
            currency: "USD".to_owned(),
            amount: Exact::ONE,
            description: String::new(),
            unspsc: None,
            model: None,
            category: None,
            url: None,
            extra: Exact::ZERO,
        }
    }

    fn sent((part, aux): (&str, &str)) -> Sent {
        Sent {
            part: part.to_owned(),
            aux: (!aux.is_empty()).then(|| aux.to_owned()),
            ..Sent::default()
        }
    }

    /// What went, what came, and which is which.
    #[test]
    fn lines_are_known_again() {
        let cases: [Case<'_>; 7] = [
            (&[], &[("A", "")], &[None]),
            (
                &[("A", "x"), ("A", "y")],
                &[("A", "y"), ("A", "x")],
                &[Some(1), Some(0)],
            ),
            (
                &[("A", ""), ("A", "")],
                &[("A", ""), ("A", "")],
                &[Some(0), Some(1)],
            ),
            // The rest of the number is new, the number is not.
            (
                &[("A", "x"), ("B", "y")],
                &[("B", "z"), ("A", "w")],
                &[Some(1), Some(0)],
            ),
            // One cart's number on every line.
            (
                &[("A", "c"), ("B", "c")],
                &[("B", "c"), ("A", "c")],
                &[Some(1), Some(0)],
            ),
            // Another product in its place.
            (
                &[("A", ""), ("B", "")],
                &[("A2", ""), ("B", "")],
                &[Some(0), Some(1)],
            ),
            // One was taken away, one is new.
            (
                &[("A", ""), ("B", "")],
                &[("B", ""), ("C", "")],
                &[Some(1), None],
            ),
        ];
        for (before, came, expected) in cases {
            let before: Vec<Line> = before
                .iter()
                .map(|named| Line {
                    id: RequisitionLineId::from_uuid(Uuid::nil()),
                    position: 0,
                    sent: sent(*named),
                    stored: stored(),
                    warnings: Vec::new(),
                    raw_hash: None,
                })
                .collect();
            let came: Vec<ReadLine> = came
                .iter()
                .map(|named| ReadLine {
                    sent: sent(*named),
                    raw: String::new(),
                    stored: stored(),
                    warnings: Vec::new(),
                })
                .collect();
            assert_eq!(matched(&before, &came), expected);
        }
    }
}
