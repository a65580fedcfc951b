//! The whole way of an order: from an approved requisition to labelled assets that know where they come from.

use habeo_core::asset::{Acquisition, State};
use habeo_core::idempotency::{Key, Once};
use habeo_core::order::lineage;
use habeo_core::order::report::{Answer, Confirmation, Operation, Purpose, Report, StatusUpdate};
use habeo_core::order::sending::{self, Settled};
use habeo_core::order::store::{self, ArrivalFilter, arriving, by_code};
use habeo_core::order::{Refusal, Status, Transmission, UnitState};
use habeo_core::page::Limit;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, door, invoice, notice, numbers, of, order, pieces, place, receive, receives, says,
    scan, serial_of,
};
use crate::core::refusal;
use crate::requisition::{Shop, line};

both_engines! {
    /// Two partial shipments, every document twice, receiving by scan, an invoice that knows a missing number, and money back.
    async fn an_order_becomes_labelled_assets(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT14", "3", "1149.00")]).await;
        let placed = order(&college, id).await;
        assert_eq!((placed.po_no.as_str(), placed.status, placed.version()), ("PO-000001", Status::Open, 1));
        let made = assets(&placed);
        let asset = college.detail(made[0]).await;
        assert_eq!((asset.state, asset.acquisition, asset.cost_minor), (State::Ordered, Acquisition::Punchout, Some(114_900)));
        assert_eq!(numbers(&college, "po_no").await, ["PO-000001"; 3]);

        let confirmation = Report::Confirmation(Confirmation {
            order: of("PO-000001"), reference: Some("C-1".to_owned()), answer: Answer::Accept, operation: Operation::New,
            supplier_order: Some("SO-77".to_owned()), items: Vec::new(),
        });
        assert!(says(&shop, "c1@shop", confirmation).await.applied);
        let first = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "2", "EA", &["PF3A7K21", "PF3A7K22"])]);
        assert_eq!(says(&shop, "s1@shop", first).await.findings, []);
        let second = notice("PO-000001", "S-2", Operation::New, vec![pieces(1, "1", "EA", &[])]);
        assert_eq!(says(&shop, "s2@shop", second).await.findings, []);
        let shipped = order(&college, id).await;
        assert!(shipped.units.values().all(|unit| unit.state == UnitState::Shipped));
        assert_eq!(serial_of(&college, made[1]).await.as_deref(), Some("PF3A7K22"));

        let buyer = shop.as_buyer().await;
        let mut tx = db.read(&buyer).await;
        let list = must(arriving(&mut tx, &buyer, ArrivalFilter::default(), None, Limit::DEFAULT).await).rows;
        assert_eq!((list.len(), list[0].lines[0].shipped, list[0].lines[0].received), (1, 3, 0));
        for code in ["1Z999S-1", "00340123450000000018", "s 1"] {
            let found = must(by_code(&mut tx, &buyer, code).await);
            assert_eq!(found.iter().map(|one| one.order_id).collect::<Vec<_>>(), [id], "{code}");
        }
        assert_eq!(must(by_code(&mut tx, &buyer, "po-000001").await).len(), 1);
        drop(tx);

        let mut scanned = receive(id, vec![scan("pf3a7k22", "WM-104552")]);
        scanned.location = Some(college.places.workshop);
        for replayed in [false, true] {
            let once = Once { key: must(Key::parse("scan-1")), route: "receive", input: "pf3a7k22".to_owned(), command: scanned.clone() };
            let answer = must(db.ledger.record(&buyer, once).await);
            assert_eq!((answer.answer.units[0].asset, answer.answer.left, answer.replayed), (made[1], 2, replayed));
        }
        let asset = college.detail(made[1]).await;
        assert_eq!((asset.state, asset.tag.as_deref()), (State::InStock, Some("WM-104552")));
        assert_eq!(serial_of(&college, made[1]).await.as_deref(), Some("PF3A7K22"));
        let mut rest = vec![scan("PF3A7K21", ""), scan("", "WM-104553")];
        rest[1].line = Some(1);
        assert_eq!(must(receives(&shop, id, rest).await).left, 0);
        assert_eq!(college.state(made[2]).await, State::InStock);
        assert_eq!(order(&college, id).await.status, Status::Complete);
        let mut more = scan("PF3A7K29", "");
        more.line = Some(1);
        assert_eq!(refusal(receives(&shop, id, vec![more]).await), Refusal::OverReceipt { line: 1, ordered: 3 });

        let billed = invoice("PO-000001", "INV-9", Purpose::Standard, ("3", "1149.00"), &["PF3A7K21", "PF3A7K23"]);
        assert!(says(&shop, "i1@shop", billed).await.applied);
        assert_eq!(serial_of(&college, made[2]).await.as_deref(), Some("PF3A7K23"));
        assert_eq!(numbers(&college, "invoice_no").await, ["INV-9"; 3]);
        assert_eq!(serial_of(&college, made[1]).await.as_deref(), Some("PF3A7K22"), "what was scanned stays");
        let back = invoice("PO-000001", "CM-1", Purpose::CreditMemo, ("-1", "1149.00"), &[]);
        assert_eq!(says(&shop, "i2@shop", back).await.findings, []);

        let mut tx = db.read(&college.access).await;
        let from = must(must(lineage::of_asset(&mut tx, &college.access, made[1]).await).ok_or("no lineage"));
        let shipment = must(from.shipment.ok_or("no shipment"));
        assert_eq!((from.po_no.as_str(), from.line, shipment.reference.as_str(), from.invoice.as_deref()), ("PO-000001", 1, "S-1", Some("INV-9")));
        assert_eq!((from.supplier_name.as_deref(), from.supplier_order.as_deref(), from.received_by), (Some("Example Supplies"), Some("SO-77"), buyer.person()));
        let kinds: Vec<&str> = from.said.iter().filter(|one| one.line == 0).map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["confirmation", "ship_notice", "ship_notice", "invoice", "invoice"]);
    }

    /// What is sent has one name for ever, and what the supplier answers settles it once.
    async fn a_version_is_sent_under_one_name(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "1", "5.00")]).await;
        let system = door(&college);
        let mut tx = db.read(&system).await;
        let (_, version) = must(must(store::sending(&mut tx, &system, id, 1).await).ok_or("not on its way"));
        drop(tx);
        let bodies = db.raw().await.texts("SELECT body FROM outbox WHERE channel = 'supplier'").await;
        assert_eq!(bodies.len(), 1);
        assert_eq!(must(sending::Body::parse(&bodies[0])), sending::Body { order: id, version: 1 });
        let answer = |code| sending::Settle { order: id, version: 1, outcome: Settled::Answered { code } };
        assert_eq!(must(db.ledger.record(&system, answer(560)).await), Transmission::Waiting);
        assert_eq!(must(db.ledger.record(&system, answer(201)).await), Transmission::Awaiting);
        assert_eq!(must(db.ledger.record(&system, answer(400)).await), Transmission::Awaiting, "settled once");
        let buyer = shop.as_buyer().await;
        assert_eq!(refusal(db.ledger.record(&buyer, answer(200)).await), Refusal::NotPermitted);
        let status = Report::StatusUpdate(StatusUpdate { order: of("PO-000001"), code: 400 });
        assert!(says(&shop, "u1@shop", status).await.applied);
        must(db.ledger.record(&buyer, sending::SendAgain { order: id }).await);
        let now = order(&college, id).await;
        assert_eq!((now.versions[&1].payload_id.as_str(), now.versions[&1].made_at, now.versions[&1].transmission), (version.payload_id.as_str(), version.made_at, Transmission::Waiting));
        assert_eq!(refusal(db.ledger.record(&buyer, sending::SendAgain { order: id }).await), Refusal::NotFailed);
    }

    /// Numbers have no gaps, also where an order was refused in between.
    async fn numbers_have_no_gaps(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let mut numbers = Vec::new();
        for part in ["A", "B", "C"] {
            let id = place(&shop, vec![line(part, "1", "5.00")]).await;
            let placed = order(&college, id).await;
            let again = habeo_core::order::command::Place { requisition: placed.requisition };
            let buyer = shop.as_buyer().await;
            assert_eq!(refusal(db.ledger.record(&buyer, again).await), Refusal::NotApproved);
            numbers.push(placed.po_no);
        }
        assert_eq!(numbers, ["PO-000001", "PO-000002", "PO-000003"]);
    }
}
