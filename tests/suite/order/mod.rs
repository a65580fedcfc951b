//! Purchase orders: placed, sent, confirmed, shipped, received by scan and invoiced, each step as often as somebody repeats it.

mod approved;
mod cancelled;
mod changes;
mod guards;
mod large;
mod pages;
mod pieces;
mod received;
mod scanning;
mod way;

use habeo_core::access::{Access, Role, Surface};
use habeo_core::exact::Exact;
use habeo_core::id::{AssetId, OrderId, SupplierDocumentId};
use habeo_core::ledger::RecordError;
use habeo_core::order::command::Place;
use habeo_core::order::decide::Code;
use habeo_core::order::document::{Refusal, Settle, Settled, Take, Taken};
use habeo_core::order::receive::{Receipt, Receive, Scanned};
use habeo_core::order::report::{
    Answer, Confirmation, ConfirmedItem, Invoice, InvoicedItem, ItemAnswer, Operation, OrderRef,
    Piece, Portion, Purpose, Report, Said, ShipNotice, ShippedItem,
};
use habeo_core::order::{Order, document, store};
use habeo_core::punchout::cart::SentLine;
use habeo_core::punchout::hash;
use habeo_core::requisition::Requisition;
use habeo_core::requisition::command::Approve;
use habeo_tests::builders::{College, tag};
use habeo_tests::must;

use crate::requisition::Shop;

/// Buys, approves and orders.
async fn place(shop: &Shop<'_>, lines: Vec<SentLine>) -> OrderId {
    let wanted = shop.hand_in(lines).await;
    place_of(shop, wanted).await
}

/// Approves and orders what was handed in.
async fn place_of(shop: &Shop<'_>, wanted: Requisition) -> OrderId {
    let approve = Approve {
        requisition: wanted.id,
        digest: wanted.digest,
    };
    let approver = shop.college.administrator().await;
    must(shop.college.db.ledger.record(&approver, approve).await);
    let buyer = shop.as_buyer().await;
    let place = Place {
        requisition: wanted.id,
    };
    must(shop.college.db.ledger.record(&buyer, place).await)
}

async fn order(college: &College, id: OrderId) -> Order {
    let mut tx = college.db.read(&college.access).await;
    let found = must(store::by_id(&mut tx, &college.access, id).await);
    must(found.ok_or("no such order"))
}

/// Habeo itself, as it takes in what a supplier sends.
fn door(college: &College) -> Access {
    Access::system(college.org, Surface::Webhook)
}

async fn take(shop: &Shop<'_>, name: &str, report: &Report) -> Result<Taken, RecordError<Refusal>> {
    let ledger = &shop.college.db.ledger;
    let take = Take {
        id: SupplierDocumentId::generate(ledger.clock().now(), ledger.random()),
        supplier: shop.supplier,
        kind: report.kind(),
        payload_id: name.to_owned(),
        dated: Some(ledger.clock().now()),
        mode: None,
        digest: hash(format!("{report:?}").as_bytes()),
        body_sealed: vec![1, 2, 3],
        bytes: 3,
        warnings: Vec::new(),
    };
    ledger.record(&door(shop.college), take).await
}

async fn settle(shop: &Shop<'_>, id: SupplierDocumentId, report: &Report) -> Settled {
    let report = report.clone();
    let settle = Settle { id, report };
    let ledger = &shop.college.db.ledger;
    must(document::settle(ledger, &door(shop.college), settle).await)
}

/// Takes a document in and reads it, and both again, which changes nothing.
async fn says(shop: &Shop<'_>, name: &str, report: Report) -> Settled {
    let taken = must(take(shop, name, &report).await);
    let settled = settle(shop, taken.id, &report).await;
    let entries = entries(shop.college).await;
    let again = must(take(shop, name, &report).await);
    assert_eq!((again.id, again.again), (taken.id, true));
    let repeated = settle(shop, taken.id, &report).await;
    assert_eq!(
        (repeated.applied, &repeated.findings, repeated.again),
        (settled.applied, &settled.findings, true)
    );
    assert_eq!(
        self::entries(shop.college).await,
        entries,
        "a repetition left something"
    );
    settled
}

/// What is odd about it.
fn codes(settled: &Settled) -> Vec<Code> {
    settled.findings.iter().map(|one| one.code).collect()
}

/// Somebody who approves for physics.
async fn chief(college: &College, name: &str) -> Access {
    let roles = [(Role::UnitAdmin, college.units.science)];
    let who = crate::requisition::person(college, name, &roles).await;
    college.access_as(who).await
}

/// What the supplier says of the first line.
fn confirmed(item: ConfirmedItem) -> Report {
    confirmed_as(Answer::Detail, vec![item])
}

fn confirmed_as(answer: Answer, items: Vec<ConfirmedItem>) -> Report {
    Report::Confirmation(Confirmation {
        order: of("PO-000001"),
        reference: None,
        answer,
        operation: Operation::New,
        supplier_order: None,
        items,
    })
}

fn detail(amount: &str) -> ConfirmedItem {
    ConfirmedItem {
        line: 1,
        quantity: exact("2"),
        unit: "EA".to_owned(),
        answer: ItemAnswer::Detail,
        price: Some(price(amount)),
        substitute: None,
        ships_on: None,
        delivers_on: None,
    }
}

async fn entries(college: &College) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry";
    college.db.raw().await.number(sql).await
}

fn exact(text: &str) -> Exact {
    must(Exact::amount(text))
}

fn price(amount: &str) -> Said {
    Said {
        amount: exact(amount),
        currency: "USD".to_owned(),
        factor: None,
        basis: None,
    }
}

fn of(po_no: &str) -> OrderRef {
    OrderRef {
        po_no: Some(po_no.to_owned()),
        payload_id: None,
    }
}

fn pieces(line: i64, quantity: &str, unit: &str, serials: &[&str]) -> ShippedItem {
    let piece = |serial: &&str| Piece {
        serial: Some((*serial).to_owned()),
        container: Some("00340123450000000018".to_owned()),
        ..Piece::default()
    };
    ShippedItem {
        line,
        quantity: exact(quantity),
        unit: unit.to_owned(),
        pieces: serials.iter().map(piece).collect(),
        ..ShippedItem::default()
    }
}

fn notice(po_no: &str, reference: &str, operation: Operation, items: Vec<ShippedItem>) -> Report {
    Report::ShipNotice(ShipNotice {
        reference: Some(reference.to_owned()),
        operation,
        planned: false,
        shipped_at: None,
        expected_at: None,
        carrier: Some("UPSN".to_owned()),
        tracking: vec![format!("1Z999{reference}")],
        portions: vec![Portion {
            order: of(po_no),
            items,
        }],
    })
}

fn invoice(
    po_no: &str,
    reference: &str,
    purpose: Purpose,
    (quantity, amount): (&str, &str),
    serials: &[&str],
) -> Report {
    Report::Invoice(Invoice {
        reference: reference.to_owned(),
        purpose,
        operation: Operation::New,
        items: vec![InvoicedItem {
            order: of(po_no),
            line: 1,
            quantity: exact(quantity),
            unit: "EA".to_owned(),
            price: Some(price(amount)),
            serials: serials.iter().map(|serial| (*serial).to_owned()).collect(),
        }],
        orders: Vec::new(),
    })
}

fn scan(serial: &str, label: &str) -> Scanned {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Scanned {
        serial: some(serial),
        tag: some(label).map(|label| tag(&label)),
        ..Scanned::default()
    }
}

fn receive(order: OrderId, units: Vec<Scanned>) -> Receive {
    Receive {
        order,
        shipment: None,
        location: None,
        units,
    }
}

async fn receives(
    shop: &Shop<'_>,
    order: OrderId,
    units: Vec<Scanned>,
) -> Result<Receipt, RecordError<habeo_core::order::Refusal>> {
    let buyer = shop.as_buyer().await;
    let command = receive(order, units);
    shop.college.db.ledger.record(&buyer, command).await
}

fn assets(order: &Order) -> Vec<AssetId> {
    order.units.values().map(|unit| unit.asset).collect()
}

/// The serial number of an asset.
async fn serial_of(college: &College, asset: AssetId) -> Option<String> {
    let serial = college.detail(asset).await.serial?;
    Some(serial.as_str().to_owned())
}

/// The orders' and invoices' numbers that assets have, in the order in which they were ordered.
async fn numbers(college: &College, column: &str) -> Vec<String> {
    let sql = format!("SELECT COALESCE({column}, '') FROM asset ORDER BY seq");
    college.db.raw().await.texts(&sql).await
}
