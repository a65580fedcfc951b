//! Orders are decided without a database: pieces by serial number, partial notices, repetitions.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::exact::Exact;
use crate::id::{
    CategoryId, OrderId, RequisitionId, RequisitionLineId, ShipmentId, SupplierId, UnitId,
};
use crate::order::event::{OrderEvent, Placed, PlacedLine, Shipped};
use crate::order::fold::{Place, begun, fold};
use crate::order::report::{
    Answer, Confirmation, ConfirmedItem, Invoice, InvoicedItem, ItemAnswer, Operation, OrderRef,
    Piece, Purpose, ReceivedItem, ShipNotice, ShippedItem,
};
use crate::order::{LineState, StopCause, UnitState};
use crate::time::Timestamp;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn asset(n: u128) -> AssetId {
    AssetId::from_uuid(id(n))
}

fn exact(text: &str) -> Exact {
    Exact::quantity(text).expect("a quantity")
}

fn price(amount: &str) -> Said {
    Said {
        amount: exact(amount),
        currency: "USD".to_owned(),
        factor: None,
        basis: None,
    }
}

fn settings() -> Settings {
    let settings = json!({
        "ours": {"domain": "DUNS", "identity": "1"}, "theirs": [], "setupUrl": "https://shop.example/", "operations": [],
        "mode": "production", "currency": "USD", "sessionHours": 8, "tolerancePercent": "2", "units": {"BX": "10"},
    });
    serde_json::from_value(settings).expect("settings")
}

fn then(order: Option<Order>, event: &OrderEvent) -> Order {
    let place = Place {
        id: OrderId::from_uuid(id(1)),
        index: 0,
        at: Timestamp::from_micros(0),
        person: None,
    };
    match (order, event) {
        (None, OrderEvent::Placed(placed)) => begun(placed, place),
        (Some(mut order), _) => {
            fold(&mut order, event, place);
            order
        }
        (None, _) => panic!("an order begins by being placed"),
    }
}

/// An order of one line of so many pieces, at 100 dollars each. Its assets are numbered from 100.
fn order(pieces: u32) -> Order {
    let line = PlacedLine {
        of: RequisitionLineId::from_uuid(id(2)),
        part: "LT14".to_owned(),
        maker_part: Some("20X1".to_owned()),
        description: "Laptop".to_owned(),
        quantity: Exact::whole(pieces),
        unit: "EA".to_owned(),
        price: price("100"),
        category: CategoryId::from_uuid(id(3)),
        model: None,
        maker: None,
    };
    let placed = Placed {
        number: 1,
        requisition: RequisitionId::from_uuid(id(4)),
        supplier: SupplierId::from_uuid(id(5)),
        unit: UnitId::from_uuid(id(6)),
        location: None,
        site: None,
        currency: "USD".to_owned(),
        supplier_order: None,
        lines: vec![line],
    };
    let order = then(None, &OrderEvent::Placed(Box::new(placed)));
    let expected = OrderEvent::Expected {
        line: 1,
        pieces_per_unit: Some(Exact::ONE),
        cost_minor: Some(10_000),
        pieces: i64::from(pieces),
        assets: (0..u128::from(pieces)).map(|n| asset(100 + n)).collect(),
        first: 1,
    };
    then(Some(order), &expected)
}

fn ordered(order: &Order) -> HashMap<AssetId, AssetNow> {
    let units = order.units.values();
    let now = |unit: &super::super::Unit| AssetNow {
        state: if unit.state == UnitState::Received {
            State::Received
        } else {
            State::Ordered
        },
        serial: unit.serial.clone(),
        is_merged: false,
    };
    units.map(|unit| (unit.asset, now(unit))).collect()
}

struct World {
    settings: Settings,
    assets: HashMap<AssetId, AssetNow>,
    owners: HashMap<String, Vec<(AssetId, Option<ManufacturerId>)>>,
    places: HashMap<String, LocationId>,
}

impl World {
    fn of(order: &Order) -> Self {
        Self {
            settings: settings(),
            assets: ordered(order),
            owners: HashMap::new(),
            places: HashMap::new(),
        }
    }

    fn known(&self) -> Known<'_> {
        Known {
            settings: &self.settings,
            assets: &self.assets,
            owners: &self.owners,
            places: &self.places,
            document: SupplierDocumentId::from_uuid(id(7)),
        }
    }
}

fn notice(operation: Operation) -> ShipNotice {
    ShipNotice {
        reference: Some("S-1".to_owned()),
        operation,
        planned: false,
        shipped_at: None,
        expected_at: None,
        carrier: None,
        tracking: Vec::new(),
        portions: Vec::new(),
    }
}

fn item(quantity: &str, unit: &str, serials: &[&str]) -> ShippedItem {
    let piece = |serial: &&str| Piece {
        serial: Some((*serial).to_owned()),
        ..Piece::default()
    };
    ShippedItem {
        line: 1,
        quantity: exact(quantity),
        unit: unit.to_owned(),
        pieces: serials.iter().map(piece).collect(),
        ..ShippedItem::default()
    }
}

fn ship(order: &Order, number: u128, items: &[ShippedItem]) -> (Order, Vec<Code>) {
    let world = World::of(order);
    let reference = format!("S-{number}");
    let name = (ShipmentId::from_uuid(id(number)), reference.as_str());
    let decided = shipment(
        order,
        &notice(Operation::Update),
        name,
        items,
        &world.known(),
        &mut HashSet::new(),
    );
    let decided = decided.expect("a notice that can be taken");
    let codes = decided
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    let events = decided.events.iter();
    let after = events.fold(order.clone(), |order, event| then(Some(order), event));
    (after, codes)
}

fn serials(order: &Order) -> Vec<Option<&str>> {
    let units = order.units.values();
    units
        .map(|unit| unit.serial.as_ref().map(Serial::as_str))
        .collect()
}

fn states(order: &Order) -> Vec<UnitState> {
    order.units.values().map(|unit| unit.state).collect()
}

#[test]
fn two_partial_notices_take_different_pieces() {
    use UnitState::{Expected, Shipped};
    let order = order(3);
    let (order, odd) = ship(&order, 11, &[item("2", "EA", &["A1000", "A2000"])]);
    assert_eq!(odd, []);
    assert_eq!(states(&order), [Shipped, Shipped, Expected]);
    let (order, odd) = ship(&order, 12, &[item("1", "EA", &["A3000"])]);
    assert_eq!(odd, []);
    assert_eq!(
        serials(&order),
        [Some("A1000"), Some("A2000"), Some("A3000")]
    );
    let (again, _) = ship(&order, 12, &[item("1", "EA", &["A3000"])]);
    assert_eq!(again, order, "what is said again changes nothing");
    let (after, odd) = ship(&order, 13, &[item("1", "EA", &["A4000"])]);
    assert_eq!(odd, [Code::OverShipped]);
    assert_eq!(serials(&after), serials(&order));
}

#[test]
fn an_update_is_complete() {
    let (order, _) = ship(&order(3), 11, &[item("2", "EA", &["A1000", "A2000"])]);
    let (order, odd) = ship(&order, 11, &[item("2", "EA", &["A2000", "A5000"])]);
    assert_eq!(odd, []);
    assert_eq!(serials(&order), [Some("A5000"), Some("A2000"), None]);
    let (order, _) = ship(&order, 11, &[item("1", "EA", &["A2000"])]);
    assert_eq!(serials(&order), [None, Some("A2000"), None]);
    assert_eq!(states(&order)[0], UnitState::Expected);
}

#[test]
fn what_is_no_serial_number_leaves_the_piece_without() {
    let said = item("3", "EA", &["N/A", "lt-14", "B1000"]);
    let (order, odd) = ship(&order(3), 11, &[said]);
    assert_eq!(
        odd,
        [
            Code::SerialUnusable,
            Code::SerialUnusable,
            Code::SerialCount
        ]
    );
    assert_eq!(serials(&order), [Some("B1000"), None, None]);
    assert!(
        states(&order)
            .iter()
            .all(|state| *state == UnitState::Shipped)
    );
}

#[test]
fn units_are_brought_together_or_nothing_is_guessed() {
    let (boxed, odd) = ship(&order(12), 11, &[item("1", "BX", &[])]);
    assert_eq!(odd, []);
    let shipped = states(&boxed);
    assert_eq!(
        shipped
            .iter()
            .filter(|state| **state == UnitState::Shipped)
            .count(),
        10
    );
    for (quantity, unit) in [("1.5", "EA"), ("1", "CS"), ("1", "")] {
        let (after, odd) = ship(&order(3), 11, &[item(quantity, unit, &["C1000"])]);
        assert_eq!(odd, [Code::UnitDiffers], "{quantity} {unit}");
        assert_eq!(states(&after), [UnitState::Expected; 3]);
    }
}

#[test]
fn a_serial_number_of_another_asset_is_shown_and_not_taken() {
    let order = order(1);
    let mut world = World::of(&order);
    world
        .owners
        .insert("D1000".to_owned(), vec![(asset(999), None)]);
    let name = (ShipmentId::from_uuid(id(11)), "S-11");
    let items = [item("1", "EA", &["D1000"])];
    let decided = shipment(
        &order,
        &notice(Operation::New),
        name,
        &items,
        &world.known(),
        &mut HashSet::new(),
    );
    let decided = decided.expect("a notice that can be taken");
    assert_eq!(decided.acts, []);
    let codes: Vec<Code> = decided
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [Code::SerialConflict]);
    let after = then(Some(order), &decided.events[0]);
    assert_eq!(after.units[&(1, 1)].conflict.as_deref(), Some("D1000"));
    assert_eq!(serials(&after), [None]);
}

#[test]
fn everything_is_on_its_way_without_items() {
    let (order, _) = ship(&order(3), 11, &[item("1", "EA", &[])]);
    let (order, odd) = ship(&order, 12, &[]);
    assert_eq!(odd, []);
    let with: Vec<u128> = order
        .units
        .values()
        .filter_map(|unit| unit.shipment)
        .map(|id| id.uuid().as_u128())
        .collect();
    assert_eq!(with, [11, 12, 12]);
}

#[test]
fn lines_that_are_not_there_refuse_the_whole() {
    let order = order(1);
    let world = World::of(&order);
    let items = [ShippedItem {
        line: 4,
        ..item("1", "EA", &[])
    }];
    let name = (ShipmentId::from_uuid(id(11)), "S-11");
    let refused = shipment(
        &order,
        &notice(Operation::New),
        name,
        &items,
        &world.known(),
        &mut HashSet::new(),
    );
    let refused = refused.expect_err("a line that is not there");
    assert_eq!(
        refused,
        [finding(Code::UnknownLine, Some(4), order.po_no.clone())]
    );
}

fn confirmed(order: &Order, amount: &str, unit: &str) -> (Order, Vec<Code>) {
    let item = ConfirmedItem {
        line: 1,
        quantity: exact("3"),
        unit: unit.to_owned(),
        answer: ItemAnswer::Detail,
        price: Some(price(amount)),
        substitute: None,
        ships_on: None,
        delivers_on: None,
    };
    let said = Confirmation {
        order: OrderRef::default(),
        reference: None,
        answer: Answer::Detail,
        operation: Operation::New,
        supplier_order: None,
        items: vec![item],
    };
    let world = World::of(order);
    let decided = confirmation(order, &said, &world.known()).expect("it can be taken");
    let codes = decided
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    let after = decided.events.iter();
    (
        after.fold(order.clone(), |order, event| then(Some(order), event)),
        codes,
    )
}

#[test]
fn a_price_within_what_is_tolerated_goes_on_and_another_stops() {
    for (amount, unit, state, cost) in [
        ("100.00", "EA", LineState::Open, 10_000),
        ("102", "ea", LineState::Open, 10_200),
        ("95", "EA", LineState::Open, 9_500),
        ("102.01", "EA", LineState::Stopped, 10_000),
        ("1000", "BX", LineState::Open, 10_000),
        ("1100", "BX", LineState::Stopped, 10_000),
        ("100", "CS", LineState::Stopped, 10_000),
    ] {
        let (after, codes) = confirmed(&order(3), amount, unit);
        let line = &after.lines[&1];
        assert_eq!(
            (line.state, line.cost_minor),
            (state, Some(cost)),
            "{amount} {unit}"
        );
        let stops = state == LineState::Stopped;
        assert_eq!(
            codes.contains(&Code::PriceOverTolerance),
            stops,
            "{amount} {unit}"
        );
        assert_eq!(
            line.stop.as_ref().map(|stop| stop.cause),
            stops.then_some(StopCause::Price)
        );
    }
}

#[test]
fn what_was_scanned_is_not_changed_by_what_is_said() {
    let (order, _) = ship(&order(2), 11, &[item("2", "EA", &["E1000", "E2000"])]);
    let received = OrderEvent::Received {
        units: vec![crate::order::event::ReceivedUnit {
            asset: asset(100),
            serial: Serial::parse("E1000").ok(),
            serial_waived: false,
        }],
    };
    let order = then(Some(order), &received);
    let (after, _) = ship(&order, 11, &[item("2", "EA", &["E2000", "E9000"])]);
    assert_eq!(serials(&after), [Some("E1000"), Some("E2000")]);
    let world = World::of(&after);
    let taken_back = withdrawal(&after, ShipmentId::from_uuid(id(11)), &world.known());
    let after = then(Some(after), &taken_back.events[0]);
    assert_eq!(states(&after), [UnitState::Received, UnitState::Expected]);
    let flags: BTreeMap<_, _> = after
        .units
        .iter()
        .map(|(place, unit)| (place.1, unit.is_contradicted))
        .collect();
    assert_eq!(flags, BTreeMap::from([(1, true), (2, false)]));
    let shipped = Shipped::clone(match &ship_event(&after) {
        OrderEvent::Shipped(shipped) => shipped,
        other => panic!("{other:?}"),
    });
    assert!(shipped.units.is_empty() || shipped.freed.is_empty());
}

fn ship_event(order: &Order) -> OrderEvent {
    let world = World::of(order);
    let name = (ShipmentId::from_uuid(id(14)), "S-14");
    let notice = notice(Operation::New);
    let mut named = HashSet::new();
    let decided = shipment(order, &notice, name, &[], &world.known(), &mut named);
    decided.expect("it can be taken").events.remove(0)
}

/// A document that leaves the basis of a price out says the same amount, or somebody decides; what it costs is not another meanwhile.
#[test]
fn a_price_without_the_basis_it_was_ordered_by_is_never_tolerated() {
    for (amount, state) in [
        ("250", LineState::Open),
        ("250.00", LineState::Open),
        ("2.50", LineState::Stopped),
        ("251", LineState::Stopped),
        ("249", LineState::Stopped),
    ] {
        let mut order = order(3);
        let line = order.lines.get_mut(&1).expect("a line");
        line.price = Said {
            basis: Some(exact("100")),
            ..price("250")
        };
        let (after, codes) = confirmed(&order, amount, "EA");
        let line = &after.lines[&1];
        assert_eq!(
            (line.state, line.cost_minor),
            (state, Some(10_000)),
            "{amount}"
        );
        let stops = state == LineState::Stopped;
        assert_eq!(codes.contains(&Code::PriceOverTolerance), stops);
        // Nobody knows for how much it is, so there is nothing to be accepted in the order's place.
        assert_eq!(line.stop.as_ref().and_then(|stop| stop.price.clone()), None);
    }
}

#[test]
fn what_is_planned_is_expected_and_not_on_its_way() {
    let order = order(2);
    let name = (ShipmentId::from_uuid(id(11)), "S-11");
    let items = [ShippedItem {
        container: Some("BOX-1".to_owned()),
        ..item("2", "EA", &["E1000"])
    }];
    let said = |planned| ShipNotice {
        planned,
        ..notice(Operation::New)
    };
    let world = World::of(&order);
    let decided = shipment(
        &order,
        &said(true),
        name,
        &items,
        &world.known(),
        &mut HashSet::new(),
    );
    let decided = decided.expect("it can be taken");
    let planned = decided
        .events
        .iter()
        .fold(order, |order, event| then(Some(order), event));
    assert_eq!(states(&planned), [UnitState::Expected; 2]);
    assert_eq!(serials(&planned), [Some("E1000"), None]);
    let boxes = planned.units.values().map(|unit| unit.container.as_deref());
    assert_eq!(boxes.collect::<Vec<_>>(), [Some("BOX-1"); 2]);
    let world = World::of(&planned);
    let decided = shipment(
        &planned,
        &said(false),
        name,
        &items,
        &world.known(),
        &mut HashSet::new(),
    );
    let decided = decided.expect("it can be taken");
    let left = decided
        .events
        .iter()
        .fold(planned, |order, event| then(Some(order), event));
    assert_eq!(states(&left), [UnitState::Shipped; 2]);
}

#[test]
fn a_receipt_fills_serial_numbers_and_changes_none() {
    let (order, _) = ship(&order(3), 11, &[item("3", "EA", &["E1000"])]);
    let world = World::of(&order);
    let said = |serials: &[&str]| ReceivedItem {
        order: OrderRef::default(),
        line: 1,
        serials: serials.iter().map(|it| (*it).to_owned()).collect(),
    };
    let items = [
        said(&["e1000", "E2000", "N/A"]),
        said(&["E2000", "E3000", "E4000"]),
    ];
    let decided = receipt(&order, &items, &world.known()).expect("it can be taken");
    let taken: Vec<_> = decided
        .acts
        .iter()
        .map(|act| (act.asset, act.fields.clone()))
        .collect();
    let serial = |text: &str| vec![FieldValue::Serial(Serial::parse(text).ok())];
    assert_eq!(
        taken,
        [(asset(101), serial("E2000")), (asset(102), serial("E3000"))]
    );
    let codes: Vec<Code> = decided.findings.iter().map(|it| it.code).collect();
    assert_eq!(codes, [Code::SerialUnusable, Code::SerialCount]);
    assert!(decided.events.is_empty());
}

/// Whatever stands on one invoice is not paid for by another, also where the other names its serial number.
#[test]
fn a_piece_is_invoiced_once() {
    let (order, _) = ship(&order(1), 11, &[item("1", "EA", &["S100"])]);
    for serials in [vec!["S100".to_owned()], Vec::new()] {
        let bill = |order: &Order, reference: &str| {
            let said = Invoice {
                reference: reference.to_owned(),
                purpose: Purpose::Standard,
                operation: Operation::New,
                items: vec![InvoicedItem {
                    order: OrderRef::default(),
                    line: 1,
                    quantity: exact("1"),
                    unit: "EA".to_owned(),
                    price: Some(price("100")),
                    serials: serials.clone(),
                }],
                orders: Vec::new(),
            };
            let world = World::of(order);
            let mut named = HashSet::new();
            let decided = invoice(order, &said, &said.items, &world.known(), &mut named);
            let decided = decided.expect("it can be taken");
            let codes: Vec<Code> = decided.findings.iter().map(|one| one.code).collect();
            let events = decided.events.iter();
            let after = events.fold(order.clone(), |order, event| then(Some(order), event));
            (after, codes)
        };
        let (once, codes) = bill(&order, "A");
        assert_eq!(codes, []);
        let (again, codes) = bill(&once, "A");
        assert_eq!(codes, [], "the same invoice may come again");
        let (twice, codes) = bill(&again, "B");
        assert_eq!(codes, [Code::OverInvoiced]);
        let invoices: Vec<_> = twice
            .units
            .values()
            .map(|unit| unit.invoice.clone())
            .collect();
        assert_eq!(invoices, [Some("A".to_owned())]);
    }
}
