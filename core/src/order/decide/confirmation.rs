//! What follows from a confirmation: what is said of lines, and which of them stop because of another price or another product.

use std::collections::BTreeMap;

use super::{Code, Decided, Known, cost_acts, finding, is_another, unknown_lines};
use crate::exact::Exact;
use crate::measure;
use crate::order::event::{Confirmed, Finding, LineAnswer, OrderEvent};
use crate::order::report::{Answer, Confirmation, ConfirmedItem, ItemAnswer, Said};
use crate::order::{Line, LineState, Order, SaidPrice, Stop, StopCause, price};

/// Decides a confirmation of an order, or says why it cannot be taken.
pub(in crate::order) fn confirmation(
    order: &Order,
    said: &Confirmation,
    known: &Known<'_>,
) -> Result<Decided, Vec<Finding>> {
    let unknown = unknown_lines(order, said.items.iter().map(|item| item.line));
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut decided = Decided::default();
    let lines = answers(order, said, &mut decided.findings);
    decided.events.push(OrderEvent::Confirmed(Confirmed {
        document: known.document,
        answer: said.answer,
        reference: said.reference.clone(),
        supplier_order: said.supplier_order.clone(),
        replaces: replaces(said.answer),
        items: said.items.clone(),
        lines,
        part: 0,
    }));
    let mut items: BTreeMap<i64, Vec<&ConfirmedItem>> = BTreeMap::new();
    for item in &said.items {
        items.entry(item.line).or_default().push(item);
    }
    for (number, line) in &order.lines {
        let items = items.get(number).map(Vec::as_slice).unwrap_or_default();
        // Where none of it is sent, nothing of it is to be sent otherwise.
        let items = match said.answer {
            Answer::Reject => &[],
            _ => items,
        };
        if line.state == LineState::Cancelled {
            let not_wanted = items
                .iter()
                .map(|_| finding(Code::NotWanted, Some(*number), None));
            decided.findings.extend(not_wanted);
        } else {
            let about = About {
                order,
                number: *number,
                line,
                known,
            };
            about.decide(items, said.answer, &mut decided);
        }
    }
    Ok(decided)
}

/// Whether everything said before does not hold any more.
const fn replaces(answer: Answer) -> bool {
    matches!(
        answer,
        Answer::Accept | Answer::Except | Answer::Reject | Answer::Replace
    )
}

/// What is said of each line.
fn answers(order: &Order, said: &Confirmation, findings: &mut Vec<Finding>) -> Vec<LineAnswer> {
    let mut of_line: BTreeMap<i64, Vec<&ConfirmedItem>> = BTreeMap::new();
    for item in &said.items {
        of_line.entry(item.line).or_default().push(item);
    }
    let of_all = match said.answer {
        Answer::Accept | Answer::Except => Some(ItemAnswer::Accept),
        Answer::Reject => Some(ItemAnswer::Reject),
        Answer::AllDetail => Some(ItemAnswer::AllDetail),
        Answer::Backordered => Some(ItemAnswer::Backordered),
        Answer::RequestToPay => Some(ItemAnswer::RequestToPay),
        Answer::Detail | Answer::Replace => None,
    };
    let mut answers = Vec::new();
    for line in order.lines.keys().copied() {
        let items = of_line.get(&line).map(Vec::as_slice).unwrap_or_default();
        let answer = if said.answer == Answer::Reject {
            of_all
        } else {
            together(line, items, findings).or(of_all)
        };
        if let Some(answer) = answer {
            let promised_on = items.iter().filter_map(|item| item.delivers_on).max();
            answers.push(LineAnswer {
                line,
                answer,
                promised_on,
            });
        }
    }
    answers
}

/// What the parts of a line amount to: that of them which needs attention most. Not all of it is rejected as long as some of it is not.
fn together(
    line: i64,
    items: &[&ConfirmedItem],
    findings: &mut Vec<Finding>,
) -> Option<ItemAnswer> {
    const BY_ATTENTION: [ItemAnswer; 6] = [
        ItemAnswer::Unknown,
        ItemAnswer::Backordered,
        ItemAnswer::RequestToPay,
        ItemAnswer::Detail,
        ItemAnswer::AllDetail,
        ItemAnswer::Accept,
    ];
    let is_rejected = |item: &&ConfirmedItem| item.answer == ItemAnswer::Reject;
    let rejected = items
        .iter()
        .copied()
        .filter(|item| is_rejected(item))
        .count();
    if rejected > 0 && rejected == items.len() {
        return Some(ItemAnswer::Reject);
    }
    if rejected > 0 {
        findings.push(finding(Code::PartlyRejected, Some(line), None));
    }
    BY_ATTENTION
        .into_iter()
        .find(|answer| items.iter().any(|item| item.answer == *answer))
}

/// What an item means for its line.
enum Means {
    /// Nothing of what it costs or is.
    Nothing,
    /// That it goes on as agreed to.
    GoesOn,
    /// That it stops.
    Stops(Box<Stop>),
}

/// A line about which a confirmation says something.
struct About<'a> {
    order: &'a Order,
    number: i64,
    line: &'a Line,
    known: &'a Known<'a>,
}

impl About<'_> {
    /// Whether the line stops, goes on after all, or stays as it is.
    fn decide(&self, items: &[&ConfirmedItem], answer: Answer, decided: &mut Decided) {
        let mut goes_on = items.is_empty() && is_as_ordered(answer);
        let mut stop = None;
        for item in items {
            if item.answer == ItemAnswer::Reject {
                continue;
            }
            match self.means(item, decided) {
                Means::Nothing => {}
                Means::GoesOn => goes_on = true,
                Means::Stops(stops) => {
                    stop = Some(stops);
                    break;
                }
            }
        }
        let of_confirmation = |stop: &Stop| stop.cause != StopCause::InvoicePrice;
        let was_stopped = self.line.stop.as_ref().is_some_and(of_confirmation);
        if was_stopped && stop.is_none() && (goes_on || replaces(answer)) {
            decided.events.push(OrderEvent::LineReleased {
                line: self.number,
                document: Some(self.known.document),
            });
        }
        match stop {
            Some(stop) => decided.events.push(OrderEvent::LineStopped {
                line: self.number,
                stop: *stop,
            }),
            None if goes_on => {
                decided.vouched.insert(self.number);
            }
            None => {}
        }
    }

    /// What of the line is to be other than agreed to.
    fn means(&self, item: &ConfirmedItem, decided: &mut Decided) -> Means {
        let (line, known) = (self.line, self.known);
        let price = item.price.as_ref();
        let other = item.substitute.as_ref();
        let (cause, code) = if other.is_some_and(|other| other.part != line.part) {
            (StopCause::Substitution, Code::Substitution)
        } else {
            match price.map(|price| judged(self.order, line, price, &item.unit, known)) {
                None if item.answer == ItemAnswer::Accept => return Means::GoesOn,
                None => return Means::Nothing,
                Some(Judged::Same | Judged::Tolerated) => {
                    decided.reprice(self.order, self.number, (price, &item.unit), known);
                    return Means::GoesOn;
                }
                Some(Judged::Other(code)) => (StopCause::Price, code),
            }
        };
        decided.findings.push(finding(
            code,
            Some(self.number),
            price.map(|price| price.amount.to_string()),
        ));
        let in_its_terms = |price| known.in_its_terms(self.order, price, &item.unit, line);
        Means::Stops(Box::new(Stop {
            cause,
            document: known.document,
            price: price.and_then(in_its_terms),
            is_entered: false,
            said: price.map(|price| SaidPrice {
                price: price.clone(),
                unit: item.unit.clone(),
            }),
            substitute: item.substitute.clone(),
            reference: None,
            accepted_by: Vec::new(),
        }))
    }
}

/// Whether what is said of a whole order is that all of it comes as ordered.
const fn is_as_ordered(answer: Answer) -> bool {
    matches!(answer, Answer::Accept | Answer::Except)
}

/// How a price stands to the one agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is the same.
    Same,
    /// It may pass.
    Tolerated,
    /// Somebody has to decide, for this reason.
    Other(Code),
}

/// Compares a price with the one that somebody agreed to last. What cannot be compared is not tolerated.
pub(super) fn judged(
    order: &Order,
    line: &Line,
    said: &Said,
    unit: &str,
    known: &Known<'_>,
) -> Judged {
    if !said.currency.eq_ignore_ascii_case(&order.currency) {
        return Judged::Other(Code::CurrencyDiffers);
    }
    // A document that leaves the basis out says the same amount, or nobody knows for how much it is.
    if says_no_basis(said, &line.price) {
        let is_same =
            measure::is_same(unit, &line.unit) && said.amount.plain() == line.price.amount.plain();
        return if is_same {
            Judged::Same
        } else {
            Judged::Other(Code::PriceOverTolerance)
        };
    }
    let Some((now, before)) = known.prices(said, unit, line) else {
        return Judged::Other(Code::PriceOverTolerance);
    };
    if now.plain() == before.plain() {
        Judged::Same
    } else if now.is_negative() || known.settings.is_over(now, before) {
        Judged::Other(Code::PriceOverTolerance)
    } else {
        Judged::Tolerated
    }
}

/// Whether a price was ordered for another quantity than one, and a document says none of that.
pub(super) fn says_no_basis(said: &Said, ordered: &Said) -> bool {
    let matters = |one: Option<Exact>| one.is_some_and(|one| one.plain() != Exact::ONE);
    let is_said = said.basis.is_some() || said.factor.is_some();
    !is_said && (matters(ordered.basis) || matters(ordered.factor))
}

impl Decided {
    /// Lets a price that may pass take the place of the line's. A price for another unit says no more than that it may pass.
    pub(super) fn reprice(
        &mut self,
        order: &Order,
        number: i64,
        (said, unit): (Option<&Said>, &str),
        known: &Known<'_>,
    ) {
        let (Some(said), Some(line)) = (said, order.lines.get(&number)) else {
            return;
        };
        if !is_another(said, unit, line) {
            return;
        }
        let of_unit = line.pieces_per_unit.filter(|of_unit| !of_unit.is_zero());
        let cost_minor = of_unit.and_then(|of_unit| price::per_piece(said, of_unit));
        self.acts
            .extend(cost_acts(order, number, cost_minor, known));
        self.events.push(OrderEvent::LineRepriced {
            line: number,
            price: said.clone(),
            cost_minor,
        });
    }
}
