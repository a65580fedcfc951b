//! The assets that lines become: one for each piece, of the requisition's unit, at what one piece costs.

use super::aboard::{Aboard, of_asset};
use super::event::{ExpectedLine, OrderEvent};
use super::{Line, Order, PIECES_MAX, Refusal, price};
use crate::asset::Acquisition;
use crate::asset::command::{Act, Description};
use crate::exact::Exact;
use crate::id::AssetId;
use crate::ledger::{Failure, Work};

/// How many pieces a line is, where one of its unit is so many; none where that is no whole number, or too many.
#[must_use]
pub(super) fn pieces(quantity: Exact, of_unit: Exact) -> Option<i64> {
    let pieces = i64::from(quantity.times(of_unit).ok()?.as_whole()?);
    (0..=PIECES_MAX).contains(&pieces).then_some(pieces)
}

/// A line of which it is known how many pieces it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    /// Which.
    pub line: i64,
    /// How many pieces one of its unit is.
    pub pieces_per_unit: Option<Exact>,
    /// How many it is; none where nothing is kept of it.
    pub pieces: i64,
}

/// Orders the assets of lines: one fact and one act for all of them.
pub(super) async fn expect(
    work: &mut Work,
    aboard: &mut Aboard,
    counted: &[Counted],
) -> Result<(), Failure<Refusal>> {
    if counted.is_empty() {
        return Ok(());
    }
    let (now, random) = (work.now(), work.random());
    let (mut lines, mut acts) = (Vec::with_capacity(counted.len()), Vec::new());
    for one in counted {
        let line = aboard.order.lines.get(&one.line);
        let line = line.ok_or(Failure::Refused(Refusal::LineUnknown(one.line)))?;
        let cost_minor = one
            .pieces_per_unit
            .filter(|of_unit| !of_unit.is_zero())
            .and_then(|of_unit| price::per_piece(&line.price, of_unit))
            .filter(|cost| *cost >= 0);
        let what = described(&aboard.order, line, cost_minor, work);
        let assets = (0..one.pieces).map(|_| AssetId::generate(now, random.as_ref()));
        let assets: Vec<AssetId> = assets.collect();
        let order = |asset: &AssetId| (*asset, Act::Order(Box::new(what.clone())));
        acts.extend(assets.iter().map(order));
        lines.push(ExpectedLine {
            line: one.line,
            pieces_per_unit: one.pieces_per_unit,
            cost_minor,
            pieces: one.pieces,
            assets,
            first: 1,
        });
    }
    aboard
        .record(work, OrderEvent::LinesExpected { lines })
        .await?;
    aboard.act(work, acts).await.map_err(of_asset)
}

fn described(order: &Order, line: &Line, cost_minor: Option<i64>, work: &Work) -> Description {
    Description {
        description: line.description.clone(),
        category: line.category,
        model: line.model,
        manufacturer: line.maker.filter(|_| line.model.is_none()),
        unit: order.unit,
        acquisition: Acquisition::Punchout,
        cost_minor,
        currency: cost_minor.map(|_| order.currency.clone()),
        po_no: Some(order.po_no.clone()),
        invoice_no: None,
        acquired_on: Some(work.now().day()),
        warranty_ends_on: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_or_nobody_knows() {
        let exact = |text| Exact::quantity(text).expect("a quantity");
        for (quantity, of_unit, expected) in [
            ("3", "1", Some(3)),
            ("2", "10", Some(20)),
            ("2.5", "10", Some(25)),
            ("2.5", "1", None),
            ("3", "0", Some(0)),
            ("10001", "1", None),
        ] {
            assert_eq!(
                pieces(exact(quantity), exact(of_unit)),
                expected,
                "{quantity} of {of_unit}"
            );
        }
    }
}
