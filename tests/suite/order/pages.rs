//! Orders on the console's pages: receiving with a scanner, by a list and without labels, what stands in the way of sending, and many lines.

use habeo_core::access::Role;
use habeo_core::id::OrderId;
use habeo_core::order::UnitState;
use habeo_core::order::report::Operation;
use habeo_core::order::sending::{Settle, Settled};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member};
use habeo_tests::tab::{Tab, hidden};
use habeo_tests::{both_engines, must};

use super::{door, notice, order, pieces, place, says};
use crate::requisition::{Shop, line};

/// Somebody who orders and receives for physics.
async fn receiver(college: &College) -> Member {
    let physics = college.units.physics;
    college
        .member("Rae Example", physics, &[(Role::Procurement, physics)])
        .await
}

async fn here(college: &College, id: OrderId) -> usize {
    let order = order(college, id).await;
    order
        .units
        .values()
        .filter(|unit| unit.state == UnitState::Received)
        .count()
}

#[track_caller]
fn leads(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap_or_default().to_owned()
}

both_engines! {
    /// A list of pieces is received line by line; what cannot be stays in it with the reason, and sending it again changes nothing.
    async fn a_list_is_received_line_by_line(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT-14", "4", "10")]).await;
        let path = format!("/procurement/orders/{id}/receive");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        let page = tab.get(&path).await.text();
        let once = must(hidden(&page, "once").ok_or("the form has a name"));
        assert!(page.contains("data-next=\"tag\"") && page.contains("-scan.js"), "{page}");
        let list = "SN1001\tWM-1\r\nLT-14,WM-2\r\nSN1003\r\n- WM-4";
        let fields = [("once", &*once), ("list", list)];
        for _ in 0..2 {
            let answer = tab.post(&format!("{path}/list"), &fields).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.text();
            assert_eq!(page.matches(">received</span>").count(), 2, "{page}");
            assert!(page.contains("LT-14,WM-2\nSN1003</textarea>"), "{page}");
            assert!(page.contains("Now scan the label"), "{page}");
            assert_eq!(here(&college, id).await, 2);
        }
        let labels = db.raw().await.texts("SELECT tag FROM asset WHERE tag IS NOT NULL ORDER BY tag").await;
        assert_eq!(labels, ["WM-1", "WM-4"]);
        let empty = tab.post(&format!("{path}/list"), &[("once", "x"), ("list", " ")]).await;
        assert_eq!(empty.status, 422);
    }

    /// A piece whose label comes later is offered one afterwards; who has said nothing of it is asked.
    async fn a_piece_without_a_label_gets_one_afterwards(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT-14", "2", "10")]).await;
        let path = format!("/procurement/orders/{id}/receive");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        tab.get(&path).await;
        let bare = [("once", "a"), ("serial", ""), ("tag", "WM-1")];
        assert!(tab.post(&path, &bare).await.text().contains("Scan its serial number"), "an oversight");
        assert_eq!(here(&college, id).await, 0);
        let later = [("once", "b"), ("serial", "SN1"), ("no_tag", "yes")];
        let onward = leads(&tab.post(&path, &later).await);
        assert!(onward.contains("said=received_unlabelled") && onward.contains("no_tag=yes"), "{onward}");
        let page = tab.get(&onward).await.text();
        assert!(page.contains("Here, and without a label") && page.contains("Fix the label: ") && page.contains("SN1"), "{page}");
        let asset = must(hidden(&page, "asset").ok_or("a piece"));
        let label = format!("{path}/label");
        let bad = tab.post(&label, &[("asset", &*asset), ("tag", "?")]).await;
        assert_eq!(bad.status, 422, "{}", bad.text());
        let done = leads(&tab.post(&label, &[("asset", &*asset), ("tag", "WM-7")]).await);
        assert_eq!(done, format!("{path}?said=labelled"));
        assert!(!tab.get(&path).await.text().contains("without a label"));
        let stocked = "SELECT CAST(COUNT(*) AS BIGINT) FROM asset WHERE state = 'in_stock' AND tag = 'WM-7'";
        assert_eq!(db.raw().await.number(stocked).await, 1);
        let other = tab.post(&label, &[("asset", &*college.asset("Tripod").register().await.to_string()), ("tag", "WM-8")]).await;
        assert_eq!(other.status, 404, "it is no piece of this order");
    }

    /// A code of several orders lists exactly those; of one order it leads there, however many shipments have it.
    async fn a_box_of_several_orders_asks_which(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        for _ in 0..3 {
            place(&shop, vec![line("LT-14", "2", "10")]).await;
        }
        for (po_no, reference) in [("PO-000001", "S-1"), ("PO-000002", "S-2"), ("PO-000003", "S-3")] {
            let serials = [format!("{reference}A"), format!("{reference}B")];
            let serials: Vec<&str> = serials.iter().map(String::as_str).collect();
            let item = pieces(1, "2", "EA", &serials);
            says(&shop, reference, notice(po_no, reference, Operation::New, vec![item])).await;
        }
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        // The code on the boxes is the same, as the tests' supplier packs.
        let page = tab.get("/procurement/receiving?code=00340123450000000018").await.text();
        assert!(page.contains("This code is of these orders"), "{page}");
        assert_eq!(page.matches("<h2 id=\"PO-").count(), 3, "{page}");
        let one = leads(&tab.get("/procurement/receiving?code=s-2").await);
        assert!(one.contains("/receive?shipment="), "{one}");
        assert!(tab.get("/procurement/receiving?code=nothing").await.text().contains("of no order that you receive"));
    }

    /// An order that was given up says why, as the courier noted it, and is sent again by a button.
    async fn an_order_that_was_given_up_is_sent_again(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT-14", "2", "10")]).await;
        // The supplier's address in these tests is nobody's.
        must(app.app.worker().deliver_due().await);
        let settle = Settle { order: id, version: 1, outcome: Settled::GivenUp };
        must(db.ledger.record(&door(&college), settle).await);
        let path = format!("/procurement/orders/{id}");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        let page = tab.get(&path).await.text();
        assert!(page.contains("given up") && page.contains("Send it again"), "{page}");
        let said = "SELECT detail FROM outbox_attempt ORDER BY at DESC LIMIT 1";
        let said = must(db.raw().await.texts(said).await.into_iter().next().ok_or("an attempt"));
        let shown = said.split([':', '\'', '"', '&']).next().unwrap_or_default().to_owned();
        assert!(!shown.is_empty() && page.to_lowercase().contains(&shown.to_lowercase()), "{said}: {page}");
        assert_eq!(leads(&tab.post(&format!("{path}/send"), &[]).await), format!("{path}?said=order_sent_again"));
        assert_eq!(tab.post(&format!("{path}/send"), &[]).await.status, 409, "it is on its way");
        let reader = college.member("Una Example", college.units.physics, &[(Role::Auditor, college.units.physics)]).await;
        let mut reader = Tab::of(&app, &reader).await;
        assert!(!reader.get(&path).await.text().contains("Send it again"));
    }

    /// Hundreds of lines come by the hundred, on the requisition and on the order, and each button says of which line it is.
    async fn lines_come_by_the_hundred(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let lines = (1..=130).map(|n| line(&format!("P-{n}"), "1", "1")).collect();
        let id = place(&shop, lines).await;
        let path = format!("/procurement/orders/{id}");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        let first = tab.get(&path).await.text();
        assert_eq!(first.matches("<section class=\"card wide\" aria-labelledby=\"line-").count(), 100);
        assert!(first.contains("Lines 1 to 100 of 130") && first.contains("aria-label=\"Take it back: line 7\""), "{first}");
        let second = tab.get(&format!("{path}?page=2")).await.text();
        assert_eq!(second.matches("<section class=\"card wide\" aria-labelledby=\"line-").count(), 30);
        let back = leads(&tab.post(&format!("{path}/lines/120/cancel"), &[("page", "2")]).await);
        assert_eq!(back, format!("{path}?said=saved&page=2"));
        let requisition = format!("/procurement/requisitions/{}", order(&college, id).await.requisition);
        let page = tab.get(&format!("{requisition}?page=2")).await.text();
        assert!(page.contains("Lines 101 to 130 of 130") && !page.contains("P-99<"), "{page}");
        let receive = tab.get(&format!("{path}/receive")).await.text();
        assert!(receive.contains("Number of the line"), "{receive}");
    }

    /// A table is read and shown before it is taken; what is wrong with it is told by line and column, and then nothing is taken.
    async fn a_table_of_shipments_is_read_and_then_taken(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT-14", "2", "10")]).await;
        let path = format!("/procurement/shipments/{id}");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        assert!(tab.get(&path).await.text().contains("The columns"));
        let table = b"PO number,Line,Packing slip,Qty,Serial\nPO-000001,1,T-9,1,SN9001\nPO-000001,1,T-9,1,SN9002\n";
        let read = tab.upload(&path, &[("table", table)]).await;
        assert_eq!(read.status, 200, "{}", read.text());
        let page = read.text();
        assert!(page.contains("T-9") && page.contains("PO-000001: line 1:") && page.contains("Nothing has been taken yet"), "{page}");
        assert!(order(&college, id).await.shipments.is_empty());
        let shown = must(hidden(&page, "shown").ok_or("the table"));
        for _ in 0..2 {
            let taken = tab.upload(&path, &[("step", b"take"), ("shown", shown.as_bytes())]).await;
            assert_eq!(taken.status, 200, "{}", taken.text());
            assert!(taken.text().contains(">taken</span>"), "{}", taken.text());
        }
        let after = order(&college, id).await;
        assert_eq!(after.shipments.len(), 1);
        assert!(after.units.values().all(|unit| unit.serial.is_some()), "{:?}", after.units);
        let bad = b"PO number,Line,Packing slip,Qty\nPO-000001,1,T-10,two\n";
        let bad = tab.upload(&path, &[("table", bad)]).await;
        assert_eq!(bad.status, 422);
        assert!(bad.text().contains("<td>2</td>") && bad.text().contains("nothing of it was"), "{}", bad.text());
        let stranger = tab.upload(&path, &[("table", b"PO number,Line,Qty\nPO-000777,1,1\n")]).await;
        assert_eq!(stranger.status, 422);
        assert!(stranger.text().contains("PO-000777 is no purchase order"), "{}", stranger.text());
        let empty = tab.upload(&path, &[("table", b"")]).await;
        assert_eq!(empty.status, 422);
        let large = vec![b'a'; 1_100_000];
        assert_eq!(tab.upload(&path, &[("table", &large)]).await.status, 422);
        let huge = vec![b'a'; 2_000_000];
        assert_eq!(tab.upload(&path, &[("table", &huge)]).await.status, 413);
        let history = college.units.history;
        let other = college.member("Kim Example", history, &[(Role::Procurement, history)]).await;
        let mut other = Tab::of(&app, &other).await;
        assert_eq!(other.get(&path).await.status, 404);
    }

    /// What a supplier sent is listed with what was found, in words, by the order and by the supplier.
    async fn documents_are_listed_with_what_was_found(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("LT-14", "1", "10")]).await;
        let item = pieces(1, "2", "EA", &["SN1", "SN2"]);
        says(&shop, "first", notice("PO-000001", "S-1", Operation::New, vec![item])).await;
        let lost = pieces(1, "1", "EA", &[]);
        says(&shop, "second", notice("PO-000999", "S-2", Operation::New, vec![lost])).await;
        let path = format!("/procurement/orders/{id}/documents");
        let mut tab = Tab::of(&app, &receiver(&college).await).await;
        let page = tab.get(&path).await.text();
        assert!(page.contains("more is on its way than is still to come") && page.contains("over_shipped"), "{page}");
        assert_eq!(page.matches(">Ship notice</a>").count(), 1, "{page}");
        let admin = format!("/admin/suppliers/{}/documents", shop.supplier);
        assert_eq!(tab.get(&admin).await.status, 403);
        let root = college.units.root;
        let member = college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        let mut admins = Tab::of(&app, &member).await;
        let page = admins.get(&admin).await.text();
        assert!(page.contains("names an order that is not one of this supplier") && page.contains(">refused</span>"), "{page}");
        assert_eq!(page.matches(">Ship notice</a>").count(), 2, "{page}");
    }
}
