//! From an order and a fact to the order after it: what each fact means, once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::{
    Announced, Confirmed, ExpectedLine, Invoiced, OrderEvent, Placed, PlacedLine, ReceivedUnit,
    Shipped,
};
use super::report::{ItemAnswer, Operation, Said, Substitute};
use super::{
    Line, LineState, Order, Shipment, ShipmentState, Status, Transmission, Unit, UnitState,
    Version, po_no,
};
use crate::exact::Exact;
use crate::id::{AssetId, OrderId, PersonId, ShipmentId, SupplierDocumentId};
use crate::ledger::event::Recorded;
use crate::requisition::decide::Decider;
use crate::time::Timestamp;

/// Where, when and by whom a fact was recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub id: OrderId,
    pub index: i64,
    pub at: Timestamp,
    pub person: Option<PersonId>,
}

impl Place {
    /// Of a fact.
    pub fn new(recorded: &Recorded) -> Self {
        Self {
            id: OrderId::from_uuid(recorded.stream.id()),
            index: recorded.index,
            at: recorded.recorded_at,
            person: recorded.person,
        }
    }
}

/// What of an order a fact was about: that much is written.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub lines: BTreeSet<i64>,
    pub units: BTreeSet<(i64, i64)>,
    pub shipments: BTreeSet<ShipmentId>,
    pub versions: BTreeSet<i64>,
}

/// An order as it begins.
pub(crate) fn begun(placed: &Placed, place: Place) -> Order {
    let lines = placed.lines.iter().map(line);
    Order {
        id: place.id,
        seq: place.index,
        number: placed.number,
        po_no: po_no(placed.number),
        requisition: placed.requisition,
        supplier: placed.supplier,
        unit: placed.unit,
        location: placed.location,
        site: placed.site,
        currency: placed.currency.clone(),
        status: Status::Open,
        answer: None,
        supplier_order: placed.supplier_order.clone(),
        placed_by: place.person,
        placed_at: place.at,
        changed_at: place.at,
        lines: (1..).zip(lines).collect(),
        units: BTreeMap::new(),
        shipments: BTreeMap::new(),
        versions: BTreeMap::new(),
        by_asset: HashMap::new(),
    }
}

/// Folds a further fact into an order.
pub(crate) fn fold(order: &mut Order, event: &OrderEvent, place: Place) -> Touched {
    let mut folding = Folding {
        order,
        touched: Touched::default(),
    };
    folding.apply(event, place);
    let Folding { order, touched } = folding;
    order.changed_at = place.at;
    order.status = order.status_now();
    touched
}

fn line(placed: &PlacedLine) -> Line {
    Line {
        of: placed.of,
        part: placed.part.clone(),
        maker_part: placed.maker_part.clone(),
        description: placed.description.clone(),
        quantity: placed.quantity,
        unit: placed.unit.clone(),
        pieces_per_unit: None,
        pieces: None,
        price: placed.price.clone(),
        agreed: placed.price.clone(),
        cost_minor: None,
        category: placed.category,
        model: placed.model,
        maker: placed.maker,
        state: LineState::Open,
        stop: None,
        answer: None,
        promised_on: None,
    }
}

/// An order while a fact is folded into it.
struct Folding<'a> {
    order: &'a mut Order,
    touched: Touched,
}

impl Folding<'_> {
    fn apply(&mut self, event: &OrderEvent, place: Place) {
        match event {
            OrderEvent::Versioned {
                version,
                operation,
                payload_id,
            } => self.versioned(*version, *operation, payload_id, place),
            OrderEvent::Sent {
                version,
                transmission,
                code,
            } => self.transmitted(*version, *transmission, *code, place),
            OrderEvent::StatusSaid {
                version,
                transmission,
                code,
                ..
            } => self.transmitted(*version, *transmission, Some(*code), place),
            OrderEvent::LinesExpected { lines } => {
                for line in lines {
                    self.expect(line);
                }
            }
            OrderEvent::Expected {
                line,
                pieces_per_unit,
                cost_minor,
                pieces,
                assets,
                first,
            } => self.expect(&ExpectedLine {
                line: *line,
                pieces_per_unit: *pieces_per_unit,
                cost_minor: *cost_minor,
                pieces: *pieces,
                assets: assets.clone(),
                first: *first,
            }),
            OrderEvent::LinesAdded { lines } => self.added(lines),
            OrderEvent::Confirmed(confirmed) => self.confirmed(confirmed),
            OrderEvent::Shipped(shipped) => self.shipped(shipped),
            OrderEvent::ShipmentWithdrawn {
                document,
                shipment,
                freed,
                contradicted,
                ..
            } => {
                self.free(*shipment, freed);
                self.withdrawn(*shipment, *document, contradicted);
            }
            OrderEvent::Invoiced(invoiced) => self.invoiced(invoiced),
            OrderEvent::LineStopped { line, stop } => self.line(*line, |line| {
                line.state = LineState::Stopped;
                line.stop = Some(stop.clone());
            }),
            OrderEvent::LineReleased { line, .. } => self.line(*line, |line| {
                line.stop = None;
                if line.state == LineState::Stopped {
                    line.state = LineState::Open;
                }
            }),
            OrderEvent::LineApproved {
                line,
                on_behalf_of,
                price,
            } => {
                let decider = place.person.map(|person| Decider {
                    person,
                    on_behalf_of: *on_behalf_of,
                });
                self.line(*line, |line| approve(line, decider, price.as_ref()));
            }
            OrderEvent::LineAccepted {
                line,
                price,
                cost_minor,
                substitute,
            } => self.line(*line, |line| {
                accept(line, price.as_ref(), *cost_minor, substitute.as_ref());
            }),
            OrderEvent::LineRepriced {
                line,
                price,
                cost_minor,
            } => self.line(*line, |line| {
                line.price = price.clone();
                line.cost_minor = *cost_minor;
            }),
            OrderEvent::LineCancelled { line, quantity } => self.cancel(*line, *quantity),
            OrderEvent::Received { units } => self.received(units, place),
            // The first is where an order begins, and documents are no orders.
            OrderEvent::Placed(_)
            | OrderEvent::DocumentTaken { .. }
            | OrderEvent::DocumentSettled { .. } => {}
        }
    }

    fn versioned(&mut self, version: i64, operation: Operation, payload_id: &str, place: Place) {
        let made = Version {
            operation,
            payload_id: payload_id.to_owned(),
            made_at: place.at,
            lines: self.order.sent_lines(),
            transmission: Transmission::Waiting,
            code: None,
            settled_at: None,
        };
        self.order.versions.insert(version, made);
        self.touched.versions.insert(version);
    }

    fn added(&mut self, lines: &[PlacedLine]) {
        let last = self.order.lines.keys().next_back();
        let next = last.map_or(1, |last| last + 1);
        for (number, placed) in (next..).zip(lines) {
            self.order.lines.insert(number, line(placed));
            self.touched.lines.insert(number);
        }
    }

    fn withdrawn(
        &mut self,
        shipment: ShipmentId,
        document: SupplierDocumentId,
        contradicted: &[AssetId],
    ) {
        for asset in contradicted {
            self.unit(*asset, |unit| unit.is_contradicted = true);
        }
        if let Some(one) = self.order.shipments.get_mut(&shipment) {
            one.state = ShipmentState::Withdrawn;
            one.document = document;
            self.touched.shipments.insert(shipment);
        }
    }

    fn line(&mut self, number: i64, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.order.lines.get_mut(&number) {
            change(line);
            self.touched.lines.insert(number);
        }
    }

    fn unit(&mut self, asset: AssetId, change: impl FnOnce(&mut Unit)) {
        let Some(place) = self.order.by_asset.get(&asset) else {
            return;
        };
        if let Some(unit) = self.order.units.get_mut(place) {
            change(unit);
            self.touched.units.insert(*place);
        }
    }

    fn transmitted(
        &mut self,
        version: i64,
        transmission: Transmission,
        code: Option<i64>,
        place: Place,
    ) {
        if let Some(one) = self.order.versions.get_mut(&version) {
            one.transmission = transmission;
            one.code = code;
            one.settled_at = Some(place.at);
            self.touched.versions.insert(version);
        }
    }

    fn expect(&mut self, said: &ExpectedLine) {
        self.line(said.line, |line| {
            line.pieces_per_unit = said.pieces_per_unit;
            line.pieces = Some(said.pieces);
            line.cost_minor = said.cost_minor;
        });
        for (place, asset) in (said.first..).zip(&said.assets) {
            let place = (said.line, place);
            self.order.units.insert(place, Unit::expected(*asset));
            self.order.by_asset.insert(*asset, place);
            self.touched.units.insert(place);
        }
    }

    fn confirmed(&mut self, confirmed: &Confirmed) {
        if confirmed.replaces {
            for (number, line) in &mut self.order.lines {
                line.answer = None;
                line.promised_on = None;
                if line.state == LineState::Rejected {
                    line.state = wanted_again(line);
                }
                self.touched.lines.insert(*number);
            }
        }
        self.order.answer = Some(confirmed.answer);
        if let Some(number) = &confirmed.supplier_order {
            self.order.supplier_order = Some(number.clone());
        }
        for said in &confirmed.lines {
            self.line(said.line, |line| {
                line.answer = Some(said.answer);
                line.promised_on = said.promised_on.or(line.promised_on);
                line.state = match (said.answer, line.state) {
                    (_, LineState::Cancelled) => LineState::Cancelled,
                    (ItemAnswer::Reject, _) => LineState::Rejected,
                    (_, LineState::Rejected) => wanted_again(line),
                    (_, state) => state,
                };
            });
        }
    }

    fn shipped(&mut self, shipped: &Shipped) {
        let shipment = Shipment {
            reference: shipped.reference.clone(),
            state: ShipmentState::Announced,
            shipped_at: shipped.shipped_at,
            expected_at: shipped.expected_at,
            carrier: shipped.carrier.clone(),
            tracking: shipped.tracking.clone(),
            document: shipped.document,
        };
        self.order.shipments.insert(shipped.shipment, shipment);
        self.touched.shipments.insert(shipped.shipment);
        self.free(shipped.shipment, &shipped.freed);
        for said in &shipped.units {
            self.unit(said.asset, |unit| unit.announce(said, shipped));
        }
    }

    /// Lets go of what was to come with a shipment: what the shipment said of it does not hold any more.
    fn free(&mut self, shipment: ShipmentId, assets: &[AssetId]) {
        for asset in assets {
            self.unit(*asset, |unit| {
                if unit.shipment == Some(shipment) {
                    *unit = Unit {
                        invoice: unit.invoice.take(),
                        ..Unit::expected(unit.asset)
                    };
                }
            });
        }
    }

    fn invoiced(&mut self, invoiced: &Invoiced) {
        let holds = invoiced.operation != Operation::Delete;
        for said in &invoiced.units {
            self.unit(said.asset, |unit| {
                unit.invoice = holds.then(|| invoiced.reference.clone());
                if let Some(serial) = &said.serial {
                    unit.serial = Some(serial.clone());
                    unit.source = Some(super::report::Source::Invoice);
                }
            });
        }
    }

    /// Lets go of what is still to come of a line. What is here of it stays, and the line with it.
    fn cancel(&mut self, number: i64, quantity: Option<Exact>) {
        let units = self
            .order
            .units
            .range_mut((number, i64::MIN)..=(number, i64::MAX));
        let mut received = 0;
        for (place, unit) in units {
            if unit.state == UnitState::Received {
                received += 1;
            } else {
                unit.state = UnitState::Cancelled;
                self.touched.units.insert(*place);
            }
        }
        self.line(number, |line| {
            line.stop = None;
            if received == 0 {
                line.state = LineState::Cancelled;
                return;
            }
            line.state = LineState::Open;
            if let Some(quantity) = quantity {
                line.quantity = quantity;
                line.pieces = Some(received);
            }
        });
    }

    fn received(&mut self, units: &[ReceivedUnit], place: Place) {
        for received in units {
            self.unit(received.asset, |unit| {
                unit.state = UnitState::Received;
                unit.received_at = Some(place.at);
                unit.received_by = place.person;
                if received.serial.is_some() || received.serial_waived {
                    unit.serial.clone_from(&received.serial);
                    unit.source = None;
                }
            });
        }
    }
}

/// How far a line is that the supplier sends after all: what was to be decided still is.
const fn wanted_again(line: &Line) -> LineState {
    if line.stop.is_some() {
        LineState::Stopped
    } else {
        LineState::Open
    }
}

/// Somebody's yes to what a line is stopped for. Yes to another price than the one entered before is the first to it.
fn approve(line: &mut Line, decider: Option<Decider>, price: Option<&Said>) {
    let Some(stop) = &mut line.stop else { return };
    if let Some(price) = price {
        if stop.price.as_ref() != Some(price) {
            stop.accepted_by.clear();
        }
        stop.price = Some(price.clone());
        stop.is_entered = true;
    }
    stop.accepted_by.extend(decider);
}

fn accept(
    line: &mut Line,
    price: Option<&Said>,
    cost_minor: Option<i64>,
    substitute: Option<&Substitute>,
) {
    if let Some(price) = price {
        line.price = price.clone();
        line.agreed = price.clone();
        line.cost_minor = cost_minor;
    }
    if let Some(other) = substitute {
        line.part.clone_from(&other.part);
        line.maker_part.clone_from(&other.maker_part);
        line.model = None;
        if let Some(description) = &other.description {
            line.description.clone_from(description);
        }
    }
    line.state = LineState::Open;
    line.stop = None;
}

impl Order {
    /// How far it is, from how far its lines are.
    fn status_now(&self) -> Status {
        let wanted = || self.lines.iter().filter(|(_, line)| line.is_wanted());
        let here = |number: i64, line: &Line| {
            line.state == LineState::Open
                && line.pieces.is_some()
                && self.units_of(number).all(|(_, unit)| {
                    matches!(unit.state, UnitState::Received | UnitState::Cancelled)
                })
        };
        let is_here = |unit: &Unit| unit.state == UnitState::Received;
        if wanted().next().is_none() {
            // What the supplier takes back after it has come is here all the same.
            if self.units.values().any(is_here) {
                Status::Complete
            } else {
                Status::Cancelled
            }
        } else if wanted().all(|(number, line)| here(*number, line)) {
            Status::Complete
        } else {
            Status::Open
        }
    }
}

impl Unit {
    /// A piece of which only is known that it was ordered.
    pub(super) const fn expected(asset: AssetId) -> Self {
        Self {
            asset,
            state: UnitState::Expected,
            shipment: None,
            serial: None,
            source: None,
            tag: None,
            place: None,
            container: None,
            conflict: None,
            is_contradicted: false,
            invoice: None,
            received_at: None,
            received_by: None,
        }
    }

    fn announce(&mut self, said: &Announced, shipped: &Shipped) {
        self.shipment = Some(shipped.shipment);
        self.tag.clone_from(&said.tag);
        self.place = said.place;
        self.container.clone_from(&said.container);
        self.conflict.clone_from(&said.conflict);
        self.is_contradicted = false;
        // What somebody has scanned is not what somebody says.
        if self.state == UnitState::Received {
            return;
        }
        self.state = if shipped.planned {
            UnitState::Expected
        } else {
            UnitState::Shipped
        };
        self.serial.clone_from(&said.serial);
        self.source = said.source;
    }
}
