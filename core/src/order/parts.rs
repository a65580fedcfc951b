//! Facts in parts: an entry of the ledger holds 60 KiB, and a document may speak of thousands of pieces. Each part says the same of the whole,
//! and something else of the rest; folding them one after the other is folding the whole.

use serde::Serialize;

use super::event::{Confirmed, ExpectedLine, Invoiced, OrderEvent, Placed, Shipped};
use crate::id::AssetId;

/// How many assets of one line stand together.
const ASSETS_TOGETHER: usize = 200;
/// How many bytes of one list a part holds. A fact has three lists at most.
const LIST_BYTES_MAX: usize = 14 * 1024;

/// Lists cut into pieces of a bounded size; at least one, which may be empty.
fn cut<T: Serialize>(items: Vec<T>) -> Vec<Vec<T>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for item in items {
        let size = serde_json::to_vec(&item).map_or(LIST_BYTES_MAX, |text| text.len() + 1);
        if bytes + size > LIST_BYTES_MAX && bytes > 0 {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(last) = parts.last_mut() {
            last.push(item);
        }
    }
    parts
}

/// Takes the next piece of a list; nothing when there is none.
fn next<T>(pieces: &mut std::vec::IntoIter<Vec<T>>) -> Vec<T> {
    pieces.next().unwrap_or_default()
}

impl OrderEvent {
    /// The fact in as many parts as it takes.
    #[must_use]
    pub(super) fn parts(self) -> Vec<Self> {
        match self {
            Self::Placed(placed) => parts_of_placed(*placed),
            Self::Confirmed(confirmed) => parts_of_confirmed(confirmed),
            Self::Shipped(shipped) => parts_of_shipped(*shipped),
            Self::Invoiced(invoiced) => parts_of_invoiced(invoiced),
            Self::LinesExpected { lines } => {
                let lines = lines.into_iter().flat_map(pieces_together).collect();
                let part = |lines| Self::LinesExpected { lines };
                cut(lines).into_iter().map(part).collect()
            }
            Self::ShipmentWithdrawn {
                document,
                shipment,
                freed,
                contradicted,
                ..
            } => {
                let (freed, contradicted) = (cut(freed), cut(contradicted));
                let parts = freed.len().max(contradicted.len());
                let (mut freed, mut contradicted) = (freed.into_iter(), contradicted.into_iter());
                let part = |part: usize| Self::ShipmentWithdrawn {
                    document,
                    shipment,
                    freed: next(&mut freed),
                    contradicted: next(&mut contradicted),
                    part: number(part),
                };
                (0..parts).map(part).collect()
            }
            whole => vec![whole],
        }
    }
}

fn number(part: usize) -> i64 {
    i64::try_from(part).unwrap_or(i64::MAX)
}

/// The pieces of a line, so many at a time.
fn pieces_together(line: ExpectedLine) -> Vec<ExpectedLine> {
    if line.assets.len() <= ASSETS_TOGETHER {
        return vec![line];
    }
    let mut first = line.first;
    let part = |assets: &[AssetId]| {
        let part = ExpectedLine {
            assets: assets.to_vec(),
            first,
            ..line
        };
        first += i64::try_from(assets.len()).unwrap_or(0);
        part
    };
    line.assets.chunks(ASSETS_TOGETHER).map(part).collect()
}

fn parts_of_placed(placed: Placed) -> Vec<OrderEvent> {
    let mut lines = cut(placed.lines).into_iter();
    let first = Placed {
        lines: next(&mut lines),
        ..placed
    };
    let rest = lines.map(|lines| OrderEvent::LinesAdded { lines });
    std::iter::once(OrderEvent::Placed(Box::new(first)))
        .chain(rest)
        .collect()
}

fn parts_of_confirmed(confirmed: Confirmed) -> Vec<OrderEvent> {
    let (items, lines) = (cut(confirmed.items), cut(confirmed.lines));
    let parts = items.len().max(lines.len());
    let (mut items, mut lines) = (items.into_iter(), lines.into_iter());
    let part = |part: usize| {
        OrderEvent::Confirmed(Confirmed {
            document: confirmed.document,
            answer: confirmed.answer,
            reference: confirmed.reference.clone(),
            supplier_order: confirmed.supplier_order.clone(),
            // What the first part says is not to be taken back by the next.
            replaces: confirmed.replaces && part == 0,
            items: next(&mut items),
            lines: next(&mut lines),
            part: number(part),
        })
    };
    (0..parts).map(part).collect()
}

fn parts_of_shipped(shipped: Shipped) -> Vec<OrderEvent> {
    let (items, units, freed) = (cut(shipped.items), cut(shipped.units), cut(shipped.freed));
    let parts = items.len().max(units.len()).max(freed.len());
    let (mut items, mut units) = (items.into_iter(), units.into_iter());
    let mut freed = freed.into_iter();
    let part = |part: usize| {
        OrderEvent::Shipped(Box::new(Shipped {
            document: shipped.document,
            shipment: shipped.shipment,
            reference: shipped.reference.clone(),
            planned: shipped.planned,
            shipped_at: shipped.shipped_at,
            expected_at: shipped.expected_at,
            carrier: shipped.carrier.clone(),
            tracking: shipped.tracking.clone(),
            items: next(&mut items),
            units: next(&mut units),
            freed: next(&mut freed),
            part: number(part),
        }))
    };
    (0..parts).map(part).collect()
}

fn parts_of_invoiced(invoiced: Invoiced) -> Vec<OrderEvent> {
    let (items, units) = (cut(invoiced.items), cut(invoiced.units));
    let parts = items.len().max(units.len());
    let (mut items, mut units) = (items.into_iter(), units.into_iter());
    let part = |part: usize| {
        OrderEvent::Invoiced(Invoiced {
            document: invoiced.document,
            reference: invoiced.reference.clone(),
            purpose: invoiced.purpose,
            operation: invoiced.operation,
            items: next(&mut items),
            units: next(&mut units),
            part: number(part),
        })
    };
    (0..parts).map(part).collect()
}
