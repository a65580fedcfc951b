//! Deciding what a line was stopped for.

use super::cancel::cancel;
use super::place::described;
use crate::access::Action;
use crate::approval::{self, APPROVALS_MAX};
use crate::asset::State;
use crate::asset::command::FieldValue;
use crate::exact::Exact;
use crate::id::{AssetId, OrderId, PersonId};
use crate::ledger::{Command, Failure, Work};
use crate::order::aboard::{Aboard, of_asset};
use crate::order::decide::{AssetAct, Decided};
use crate::order::event::OrderEvent;
use crate::order::report::{Operation, Said, Substitute};
use crate::order::{LineState, Order, Refusal, Stop, StopCause, UnitState, price, sending};
use crate::requisition;
use crate::requisition::decide::{Decider, is_another};
use crate::store::StoreResult;

/// Decides what a line was stopped for. What was agreed to with an approval is changed only with one: whoever approves for the unit accepts, and
/// not whose the requisition is or who placed the order; above the limit two people do.
#[derive(Debug, Clone, Copy)]
pub struct DecideLine {
    /// Of which order.
    pub order: OrderId,
    /// Which line.
    pub line: i64,
    /// Whether it goes on as the supplier says. Otherwise what is still to come of it is not wanted any more, and the supplier is told; a price of
    /// an invoice is not accepted, and nothing more.
    pub accept: bool,
    /// What one of the line's unit costs then, in the order's currency: where the supplier's price cannot be compared with the order's.
    pub price: Option<Exact>,
}

impl Command for DecideLine {
    type Answer = LineState;
    type Refusal = Refusal;

    /// How far the line is then: stopped as before where somebody else has to accept as well.
    async fn execute(self, work: &mut Work) -> Result<LineState, Failure<Refusal>> {
        let action = if self.accept {
            Action::ReadAssets
        } else {
            Action::Register
        };
        let mut aboard = Aboard::permitted(work, self.order, action).await?;
        let unknown = Failure::Refused(Refusal::LineUnknown(self.line));
        let line = aboard.order.lines.get(&self.line).ok_or(unknown)?;
        let stop = line.stop.clone();
        let stop = stop.filter(|_| line.state == LineState::Stopped);
        let stop = stop.ok_or(Failure::Refused(Refusal::NotStopped(self.line)))?;
        if self.accept {
            return accept(work, &mut aboard, self, stop).await;
        }
        let is_kept = stop.cause == StopCause::InvoicePrice || !aboard.order.can_cancel(self.line);
        if is_kept {
            let event = OrderEvent::LineReleased {
                line: self.line,
                document: None,
            };
            aboard.record(work, event).await?;
            return Ok(LineState::Open);
        }
        cancel(work, &mut aboard, &[self.line]).await?;
        Ok(aboard
            .order
            .lines
            .get(&self.line)
            .map_or(LineState::Cancelled, |line| line.state))
    }
}

/// Somebody's yes: the line goes on, or waits for another's.
async fn accept(
    work: &mut Work,
    aboard: &mut Aboard,
    asked: DecideLine,
    stop: Stop,
) -> Result<LineState, Failure<Refusal>> {
    let number = asked.line;
    let deciders = deciders(work, &aboard.order).await?;
    let (price, entered) = priced(&aboard.order, &asked, &stop)?;
    let before: &[Decider] = if price == stop.price {
        &stop.accepted_by
    } else {
        &[]
    };
    let mut others = deciders.into_iter().filter(|one| is_another(*one, before));
    let decider = others.next();
    let decider = decider.ok_or(Failure::Refused(Refusal::AlreadyAccepted(number)))?;
    let needed = needed(work, &aboard.order, number, price.as_ref()).await?;
    let given = i64::try_from(before.len()).unwrap_or(i64::MAX);
    if given.saturating_add(1) < needed {
        let event = OrderEvent::LineApproved {
            line: number,
            on_behalf_of: decider.on_behalf_of,
            price: entered,
        };
        aboard.record(work, event).await?;
        return Ok(LineState::Stopped);
    }
    let is_new = stop.cause != StopCause::InvoicePrice;
    let outcome = accepted(aboard, number, stop, price);
    aboard.carry_out(work, outcome).await.map_err(of_asset)?;
    // What the supplier has to send is another than it was ordered; what it was paid is between it and whoever pays.
    if is_new {
        sending::send_next(work, aboard, Operation::Update).await?;
    }
    Ok(LineState::Open)
}

/// As whom the caller may accept something for an order's unit.
async fn deciders(work: &mut Work, order: &Order) -> Result<Vec<Decider>, Failure<Refusal>> {
    let refused = Failure::Refused;
    let (access, now) = (work.access().clone(), work.now());
    let person = access.person().ok_or(refused(Refusal::NotPermitted))?;
    let own = own(work, order).await?;
    if own.contains(&person) {
        return Err(refused(Refusal::Own));
    }
    let unit = (order.unit, own.as_slice());
    let deciders = requisition::store::deciders(work.tx(), &access, unit, now).await?;
    if deciders.is_empty() {
        return Err(refused(Refusal::NotPermitted));
    }
    Ok(deciders)
}

/// Whose an order is: those of its requisition, and whoever placed it.
async fn own(work: &mut Work, order: &Order) -> StoreResult<Vec<PersonId>> {
    let access = work.access().clone();
    let of = requisition::store::known(work.tx(), &access, order.requisition).await?;
    let mut own = match of {
        Some(of) => requisition::store::own(work.tx(), &access, &of).await?,
        None => Vec::new(),
    };
    own.extend(order.placed_by);
    Ok(own)
}

/// At which price a line goes on, and whether that is one that was entered just now.
fn priced(
    order: &Order,
    asked: &DecideLine,
    stop: &Stop,
) -> Result<(Option<Said>, Option<Said>), Failure<Refusal>> {
    let needed = Failure::Refused(Refusal::PriceNeeded(asked.line));
    let may_enter = stop.needs_price() || stop.is_entered;
    match asked.price.filter(|_| may_enter) {
        Some(amount) if amount.is_negative() => Err(needed),
        Some(amount) => {
            let entered = Said {
                amount,
                currency: order.currency.clone(),
                factor: None,
                basis: None,
            };
            Ok((Some(entered.clone()), Some(entered)))
        }
        None if stop.needs_price() => Err(needed),
        None => Ok((stop.price.clone(), None)),
    }
}

/// How many people have to accept a price: one where the order costs no more than was approved, else as many as would have to approve what it
/// costs then.
async fn needed(
    work: &mut Work,
    order: &Order,
    number: i64,
    price: Option<&Said>,
) -> StoreResult<i64> {
    let (Some(approved), Some(total)) = (total(order, None), total(order, Some((number, price))))
    else {
        return Ok(APPROVALS_MAX);
    };
    if total <= approved {
        return Ok(1);
    }
    let access = work.access().clone();
    let policy = approval::store::of_unit(work.tx(), &access, order.unit).await?;
    let limits = policy.as_ref().map(|policy| policy.limits.as_slice());
    Ok(approval::needed(limits, &order.currency, total))
}

/// What an order costs by the prices that were agreed to, with another one for a line. None where that has more digits than can be reckoned with.
fn total(order: &Order, other: Option<(i64, Option<&Said>)>) -> Option<Exact> {
    let mut total = Exact::ZERO;
    for (number, line) in &order.lines {
        if line.state == LineState::Cancelled {
            continue;
        }
        let other = other.filter(|(of, _)| of == number);
        let price = other.and_then(|(_, price)| price).unwrap_or(&line.agreed);
        total = total.plus(price::of_quantity(price, line.quantity)?).ok()?;
    }
    Some(total)
}

/// What follows when a line goes on as the supplier says.
fn accepted(aboard: &Aboard, number: i64, stop: Stop, price: Option<Said>) -> Decided {
    let order = &aboard.order;
    let mut decided = Decided::default();
    let line = order.lines.get(&number);
    let cost_minor = price.as_ref().and_then(|price| {
        let of_unit = line?.pieces_per_unit.filter(|of_unit| !of_unit.is_zero())?;
        price::per_piece(price, of_unit).filter(|cost| *cost >= 0)
    });
    let substitute = stop
        .substitute
        .filter(|_| stop.cause == StopCause::Substitution)
        .map(worded);
    let is_here = |asset: AssetId| {
        aboard
            .assets
            .get(&asset)
            .is_none_or(|now| now.is_merged || matches!(now.state, State::Void | State::Disposed))
    };
    for (_, unit) in order
        .units_of(number)
        .filter(|(_, unit)| !is_here(unit.asset))
    {
        let mut fields = Vec::new();
        if price.is_some() {
            fields.push(FieldValue::CostMinor(cost_minor));
        }
        if unit.state != UnitState::Received {
            fields.extend(substitute.as_ref().map(renamed).into_iter().flatten());
        }
        if !fields.is_empty() {
            let asset = unit.asset;
            decided.acts.push(AssetAct { asset, fields });
        }
    }
    decided.events.push(OrderEvent::LineAccepted {
        line: number,
        price,
        cost_minor,
        substitute,
    });
    decided
}

/// Another product with the words that its assets have.
fn worded(other: Substitute) -> Substitute {
    let what = other.description.as_deref().unwrap_or_default();
    Substitute {
        description: Some(described(what, &other.part)),
        ..other
    }
}

/// What another product changes of an asset.
fn renamed(other: &Substitute) -> Vec<FieldValue> {
    let what = other.description.as_deref().unwrap_or_default();
    vec![
        FieldValue::Model(None),
        FieldValue::Description(described(what, &other.part)),
    ]
}
