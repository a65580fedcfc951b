//! What follows from an invoice: serial numbers for pieces without one, what was paid, and which lines stop because of it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::confirmation::{Judged, judged};
use super::{AssetAct, Code, Decided, Known, finding, unknown_lines};
use crate::asset::command::FieldValue;
use crate::id::AssetId;
use crate::order::event::{Finding, Invoiced, InvoicedUnit, OrderEvent, Quantity};
use crate::order::report::{Invoice, InvoicedItem, Operation, Purpose};
use crate::order::serial;
use crate::order::{Line, Order, SaidPrice, Stop, StopCause, Unit, UnitState};
use crate::text::Serial;

/// Decides what of an order stands on an invoice, or says why it cannot be taken. `named` are the serial numbers that the document has named
/// so far. Only what is to be paid says something of pieces and of what they cost: memos are about money that is given or asked for besides.
pub(in crate::order) fn invoice(
    order: &Order,
    said: &Invoice,
    items: &[InvoicedItem],
    known: &Known<'_>,
    named: &mut HashSet<String>,
) -> Result<Decided, Vec<Finding>> {
    let unknown = unknown_lines(order, items.iter().map(|item| item.line));
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut billing = Billing {
        order,
        known,
        named,
        by_serial: BTreeMap::new(),
        elsewhere: HashSet::new(),
        without: HashMap::new(),
        open: HashMap::new(),
        reference: said.reference.clone(),
        units: BTreeMap::new(),
        acts: Vec::new(),
        decided: Decided::default(),
        stopped: HashSet::new(),
        released: HashSet::new(),
    };
    if said.operation == Operation::Delete {
        billing.take_back();
    } else if said.purpose == Purpose::Standard {
        billing.index();
        for item in items.iter().filter(|item| is_charge(item)) {
            billing.charge(item);
        }
    }
    Ok(billing.decided(said, items))
}

/// Whether something is to be paid; what is given back says nothing of the pieces.
fn is_charge(item: &InvoicedItem) -> bool {
    let price = item.price.as_ref();
    let is_back =
        item.quantity.is_negative() || price.is_some_and(|price| price.amount.is_negative());
    !is_back && !item.quantity.is_zero()
}

struct Billing<'a> {
    order: &'a Order,
    known: &'a Known<'a>,
    /// Serial numbers that the document has named, folded.
    named: &'a mut HashSet<String>,
    /// The pieces that have a serial number, by line and number.
    by_serial: BTreeMap<(i64, String), AssetId>,
    /// The pieces that stand on another invoice already.
    elsewhere: HashSet<AssetId>,
    /// Of each line that was asked for: the pieces without a serial number, and all of them, those that are here first. Put in their order once,
    /// because there may be an item for each piece.
    without: HashMap<i64, VecDeque<AssetId>>,
    open: HashMap<i64, VecDeque<AssetId>>,
    reference: String,
    units: BTreeMap<AssetId, InvoicedUnit>,
    acts: Vec<AssetAct>,
    decided: Decided,
    stopped: HashSet<i64>,
    released: HashSet<i64>,
}

impl<'a> Billing<'a> {
    fn find(&mut self, code: Code, line: i64, value: impl Into<Option<String>>) {
        self.decided.findings.push(finding(code, Some(line), value));
    }

    /// Pieces of an invoice that does not hold any more stand on none.
    fn take_back(&mut self) {
        let on_it = self.order.units.values();
        let on_it = on_it.filter(|unit| unit.invoice.as_deref() == Some(self.reference.as_str()));
        for unit in on_it {
            let asset = unit.asset;
            let serial = None;
            self.units.insert(asset, InvoicedUnit { asset, serial });
            if self.known.is_live(asset) {
                let fields = vec![FieldValue::InvoiceNo(None)];
                self.acts.push(AssetAct { asset, fields });
            }
        }
        for line in self.order.lines.keys() {
            self.release(*line);
        }
    }

    /// Lets a line go on that this invoice had stopped.
    fn release(&mut self, number: i64) {
        let stop = self.order.lines.get(&number);
        let stop = stop.and_then(|line| line.stop.as_ref());
        let is_its = stop.is_some_and(|stop| {
            stop.cause == StopCause::InvoicePrice
                && stop.reference.as_deref() == Some(self.reference.as_str())
        });
        if is_its && self.released.insert(number) {
            self.decided.events.push(OrderEvent::LineReleased {
                line: number,
                document: Some(self.known.document),
            });
        }
    }

    /// Looks at which piece has which serial number, once.
    fn index(&mut self) {
        for ((line, _), unit) in &self.order.units {
            if let Some(serial) = self.now(unit) {
                let key = (*line, serial.folded().to_owned());
                self.by_serial.entry(key).or_insert(unit.asset);
            }
            let other = unit.invoice.as_ref();
            if other.is_some_and(|other| *other != self.reference) {
                self.elsewhere.insert(unit.asset);
            }
        }
    }

    fn charge(&mut self, item: &InvoicedItem) {
        let Some(line) = self.order.lines.get(&item.line) else {
            return;
        };
        self.price(item, line);
        if line.pieces.is_none() {
            self.find(Code::PiecesUnknown, item.line, item.unit.clone());
            return;
        }
        let pieces = self.known.pieces(item.quantity, &item.unit, line);
        let Some(pieces) = pieces.and_then(|pieces| usize::try_from(pieces).ok()) else {
            let said = format!("{} {}", item.quantity, item.unit);
            self.find(Code::UnitDiffers, item.line, said);
            return;
        };
        let serials = self.serials(item, line);
        let left = self.number(item.line, line, serials, pieces);
        let missing = self.fill(item.line, left);
        if missing > 0 {
            self.find(Code::OverInvoiced, item.line, missing.to_string());
        }
    }

    /// Compares what is to be paid with what was ordered at.
    fn price(&mut self, item: &InvoicedItem, line: &Line) {
        let Some(price) = &item.price else { return };
        let judged = judged(self.order, line, price, &item.unit, self.known);
        match judged {
            Judged::Same | Judged::Tolerated => {
                let said = (Some(price), item.unit.as_str());
                self.decided
                    .reprice(self.order, item.line, said, self.known);
                self.decided.vouched.insert(item.line);
                self.release(item.line);
            }
            Judged::Other(code) => {
                self.find(code, item.line, price.amount.to_string());
                if line.is_wanted() && self.stopped.insert(item.line) {
                    let stop = Stop {
                        cause: StopCause::InvoicePrice,
                        document: self.known.document,
                        price: self.known.in_its_terms(self.order, price, &item.unit, line),
                        is_entered: false,
                        said: Some(SaidPrice {
                            price: price.clone(),
                            unit: item.unit.clone(),
                        }),
                        substitute: None,
                        reference: Some(self.reference.clone()),
                        accepted_by: Vec::new(),
                    };
                    let line = item.line;
                    self.decided
                        .events
                        .push(OrderEvent::LineStopped { line, stop });
                }
            }
        }
    }

    fn serials(&mut self, item: &InvoicedItem, line: &Line) -> Vec<Serial> {
        let mut serials: Vec<Serial> = Vec::new();
        for said in &item.serials {
            match serial::usable(said, line.part_numbers()) {
                Err(_) => self.find(Code::SerialUnusable, item.line, said.clone()),
                Ok(serial) if !self.named.insert(serial.folded().to_owned()) => {
                    self.find(Code::SerialRepeated, item.line, said.clone());
                }
                Ok(serial) => serials.push(serial),
            }
        }
        serials
    }

    /// Brings serial numbers to pieces: to those that have them, then to those that have none. How many pieces of the item are left.
    fn number(&mut self, number: i64, line: &Line, serials: Vec<Serial>, pieces: usize) -> usize {
        let mut left = pieces;
        let (known, new): (Vec<Serial>, Vec<Serial>) = serials
            .into_iter()
            .partition(|serial| self.with(number, serial).is_some());
        if !known.is_empty() || !new.is_empty() {
            let serials = known.len() + new.len();
            if serials != pieces {
                self.find(Code::SerialCount, number, format!("{serials} of {pieces}"));
            }
        }
        for serial in known {
            let Some(asset) = self.with(number, &serial) else {
                continue;
            };
            if self.elsewhere.contains(&asset) {
                // It is paid already; no other piece is in its place.
                self.find(Code::OverInvoiced, number, serial.as_str().to_owned());
                left = left.saturating_sub(1);
            } else {
                left = left.saturating_sub(usize::from(self.bill(asset, None)));
            }
        }
        for serial in new {
            if left == 0 {
                break;
            }
            if self.known.is_taken(&serial, line, |_| false) {
                self.find(Code::SerialConflict, number, serial.as_str().to_owned());
                continue;
            }
            if let Some(asset) = self.next_without(number) {
                left = left.saturating_sub(usize::from(self.bill(asset, Some(serial))));
            }
        }
        left
    }

    /// The piece of a line that has this serial number.
    fn with(&self, line: i64, serial: &Serial) -> Option<AssetId> {
        let key = (line, serial.folded().to_owned());
        self.by_serial.get(&key).copied()
    }

    /// The next piece of a line without any, those that are here before those that are not.
    fn next_without(&mut self, line: i64) -> Option<AssetId> {
        if !self.without.contains_key(&line) {
            let is_without =
                |unit: &'a Unit| self.now(unit).is_none() && self.known.is_live(unit.asset);
            let queue = self.payable(line, is_without);
            self.without.insert(line, queue);
        }
        let queue = self.without.get_mut(&line)?;
        std::iter::from_fn(|| queue.pop_front()).find(|asset| !self.units.contains_key(asset))
    }

    /// The pieces of a line that stand on no other invoice, those that are here before those that are not.
    fn payable(&self, line: i64, is_wanted: impl Fn(&'a Unit) -> bool) -> VecDeque<AssetId> {
        let units = self.order.units_of(line).filter(|(_, unit)| {
            unit.state != UnitState::Cancelled
                && !self.elsewhere.contains(&unit.asset)
                && is_wanted(unit)
        });
        let mut units: Vec<_> = units
            .map(|(place, unit)| ((unit.state != UnitState::Received, place), unit.asset))
            .collect();
        units.sort_unstable_by_key(|(order, _)| *order);
        units.into_iter().map(|(_, asset)| asset).collect()
    }

    fn now(&self, unit: &'a Unit) -> Option<&'a Serial> {
        self.known.serial(unit.asset).or(unit.serial.as_ref())
    }

    /// Puts a piece on the invoice; false where it stands there already.
    fn bill(&mut self, asset: AssetId, serial: Option<Serial>) -> bool {
        if self.units.contains_key(&asset) {
            return false;
        }
        if self.known.is_live(asset) {
            let number = FieldValue::InvoiceNo(Some(self.reference.clone()));
            let serial = serial
                .clone()
                .map(|serial| FieldValue::Serial(Some(serial)));
            let fields = std::iter::once(number).chain(serial).collect();
            self.acts.push(AssetAct { asset, fields });
        }
        self.units.insert(asset, InvoicedUnit { asset, serial });
        true
    }

    /// Puts so many further pieces of a line on the invoice: those that are here first. How many there were not.
    fn fill(&mut self, line: i64, pieces: usize) -> usize {
        if pieces == 0 {
            return 0;
        }
        let mut open = match self.open.remove(&line) {
            Some(open) => open,
            None => self.payable(line, |_| true),
        };
        let mut missing = pieces;
        while missing > 0 {
            let Some(asset) = open.pop_front() else { break };
            missing -= usize::from(self.bill(asset, None));
        }
        self.open.insert(line, open);
        missing
    }

    fn decided(self, said: &Invoice, items: &[InvoicedItem]) -> Decided {
        let mut decided = self.decided;
        let invoiced = OrderEvent::Invoiced(Invoiced {
            document: self.known.document,
            reference: said.reference.clone(),
            purpose: said.purpose,
            operation: said.operation,
            items: items.iter().map(quantity).collect(),
            units: self.units.into_values().collect(),
            part: 0,
        });
        // First what was said, then what follows from it.
        decided.events.insert(0, invoiced);
        decided.acts.extend(self.acts);
        decided
    }
}

fn quantity(item: &InvoicedItem) -> Quantity {
    Quantity {
        line: item.line,
        quantity: item.quantity,
        unit: item.unit.clone(),
        price: item.price.clone(),
    }
}
