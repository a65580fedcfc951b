//! Taking lines back.

use crate::access::Action;
use crate::asset::State;
use crate::asset::command::Act;
use crate::exact::Exact;
use crate::id::{AssetId, OrderId};
use crate::ledger::{Command, Failure, Work};
use crate::order::aboard::{Aboard, of_asset};
use crate::order::event::OrderEvent;
use crate::order::report::Operation;
use crate::order::{LineState, Order, Refusal, UnitState, sending};

/// The most digits after the point of a quantity that is sent.
const QUANTITY_PLACES: usize = 6;

/// Takes a line back, or all that is wanted: what was not received does not come any more, and the supplier is told.
#[derive(Debug, Clone, Copy)]
pub struct Cancel {
    /// Of which order.
    pub order: OrderId,
    /// Which line; all of them when none.
    pub line: Option<i64>,
}

impl Command for Cancel {
    type Answer = ();
    type Refusal = Refusal;

    async fn execute(self, work: &mut Work) -> Result<(), Failure<Refusal>> {
        let refused = |refusal| Err(Failure::Refused(refusal));
        let mut aboard = Aboard::permitted(work, self.order, Action::Register).await?;
        let order = &aboard.order;
        let lines: Vec<i64> = if let Some(line) = self.line {
            match order.lines.get(&line) {
                None => return refused(Refusal::LineUnknown(line)),
                Some(found) if found.state == LineState::Cancelled => Vec::new(),
                Some(_) if !order.can_cancel(line) => {
                    return refused(Refusal::AlreadyReceived(line));
                }
                Some(_) => vec![line],
            }
        } else {
            let lines = order.lines.keys().copied();
            lines.filter(|line| order.can_cancel(*line)).collect()
        };
        if lines.is_empty() {
            return refused(Refusal::NothingExpected);
        }
        cancel(work, &mut aboard, &lines).await
    }
}

/// Takes lines back: what was not received does not come any more, and the supplier gets the order without it.
pub(super) async fn cancel(
    work: &mut Work,
    aboard: &mut Aboard,
    lines: &[i64],
) -> Result<(), Failure<Refusal>> {
    let mut acts = Vec::new();
    for line in lines {
        acts.extend(
            coming(aboard, *line)
                .into_iter()
                .map(|asset| (asset, Act::Cancel)),
        );
        let event = OrderEvent::LineCancelled {
            line: *line,
            quantity: kept(&aboard.order, *line),
        };
        aboard.record(work, event).await?;
    }
    aboard.act(work, acts).await.map_err(of_asset)?;
    let operation = operation(&aboard.order);
    sending::send_next(work, aboard, operation).await?;
    Ok(())
}

/// How much of a line stays, where some of it is here and that is so much of its unit. Else the line stays as it was ordered, without what is
/// still to come.
fn kept(order: &Order, number: i64) -> Option<Exact> {
    let line = order.lines.get(&number)?;
    let pieces = u32::try_from(line.pieces?).ok()?;
    let received = order
        .units_of(number)
        .filter(|(_, unit)| unit.state == UnitState::Received);
    let received = u32::try_from(received.count()).ok().filter(|it| *it > 0)?;
    let times = line.quantity.times(Exact::whole(received)).ok()?;
    let quantity = times.over(Exact::whole(pieces)).ok()?.plain();
    let again = quantity.times(Exact::whole(pieces)).ok()?;
    let is_exact =
        again.plain() == times.plain() && quantity == quantity.to_places(QUANTITY_PLACES);
    is_exact.then_some(quantity)
}

/// The assets of a line that are still to come, whatever became of the others.
fn coming(aboard: &Aboard, line: i64) -> Vec<AssetId> {
    let is_ordered = |asset: &AssetId| {
        let now = aboard.assets.get(asset);
        now.is_some_and(|now| now.state == State::Ordered)
    };
    let units = aboard.order.units_of(line);
    let coming = units.filter(|(_, unit)| unit.is_coming());
    coming
        .map(|(_, unit)| unit.asset)
        .filter(is_ordered)
        .collect()
}

/// What an order that has lost lines says to the supplier.
fn operation(order: &Order) -> Operation {
    if order.sent_lines().is_empty() {
        Operation::Delete
    } else {
        Operation::Update
    }
}
