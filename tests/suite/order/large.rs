//! An order of thousands of lines is placed, announced and received without thinking of all of them at every one.

use habeo_core::order::report::Operation;
use habeo_core::order::{Status, UnitState};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{entries, notice, order, pieces, place, receives, says, scan};
use crate::requisition::{Shop, is_whole, line};

const LINES: i64 = 2_000;

both_engines! {
    /// Its facts about lines are few, however many lines there are; and the tables are what they say.
    async fn an_order_of_two_thousand_lines(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let lines = (1..=LINES).map(|number| line(&format!("P-{number}"), "1", "5.00"));
        let id = place(&shop, lines.collect()).await;
        let placed = order(&college, id).await;
        assert_eq!((placed.lines.len(), placed.units.len()), (2_000, 2_000));
        let of_order = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE type LIKE 'order.%'";
        let facts = db.raw().await.number(of_order).await;
        assert!(facts < 200, "{facts} facts about an order of {LINES} lines");
        let serial = |number: i64| format!("SN5{number:05}");
        let items = (1..=LINES).map(|number| pieces(number, "1", "EA", &[serial(number).as_str()]));
        let all = notice("PO-000001", "S-1", Operation::New, items.collect());
        assert_eq!(says(&shop, "1", all).await.findings, []);
        let before = entries(&college).await;
        for from in (0..LINES).step_by(200) {
            let scanned = (from + 1..=from + 200).map(|number| scan(&serial(number), ""));
            must(receives(&shop, id, scanned.collect()).await);
        }
        assert_eq!(entries(&college).await - before, LINES + 10);
        let now = order(&college, id).await;
        assert!(now.units.values().all(|unit| unit.state == UnitState::Received));
        assert_eq!(now.status, Status::Complete);
        is_whole(&college).await;
    }
}
