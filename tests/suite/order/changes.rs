//! What changes on the way: notices that are corrected and taken back, boxes, other prices, other products, and what is not wanted any more.

use habeo_core::asset::State;
use habeo_core::order::command::{AnswerPieces, Cancel, DecideLine, Pieces};
use habeo_core::order::decide::Code;
use habeo_core::order::report::{Answer, ConfirmedItem, Operation, Purpose, Substitute};
use habeo_core::order::{LineState, Refusal, Status, UnitState};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, chief, confirmed, confirmed_as, detail, invoice, notice, order, pieces, place,
    receives, says, scan, serial_of,
};
use crate::core::refusal;
use crate::requisition::{Shop, line};

both_engines! {
    /// An update is complete; what is taken back is expected again, unless it is here.
    async fn notices_are_corrected_and_taken_back(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "3", "5.00")]).await;
        let made = assets(&order(&college, id).await);
        let first = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "2", "EA", &["SN10001", "SN10002"])]);
        says(&shop, "1", first).await;
        let update = notice("PO-000001", "S-1", Operation::Update, vec![pieces(1, "2", "EA", &["SN10002", "SN10003"])]);
        assert_eq!(says(&shop, "2", update).await.findings, []);
        let serials = [serial_of(&college, made[0]).await, serial_of(&college, made[1]).await];
        assert_eq!(serials, [Some("SN10003".to_owned()), Some("SN10002".to_owned())]);
        must(receives(&shop, id, vec![scan("SN10002", "T-1")]).await);
        let delete = notice("PO-000001", "S-1", Operation::Delete, Vec::new());
        let settled = says(&shop, "3", delete.clone()).await;
        let codes: Vec<Code> = settled.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((settled.applied, codes), (true, vec![Code::ReceivedAlready]));
        let now = order(&college, id).await;
        let units: Vec<_> = now.units.values().map(|unit| (unit.state, unit.is_contradicted)).collect();
        assert_eq!(units, [(UnitState::Expected, false), (UnitState::Received, true), (UnitState::Expected, false)]);
        assert_eq!((serial_of(&college, made[0]).await, college.state(made[1]).await), (None, State::InStock));
        let unknown = notice("PO-000001", "S-9", Operation::Delete, Vec::new());
        assert!(!says(&shop, "4", unknown).await.applied);
    }

    /// A box is so many pieces by the supplier's map, or waits for somebody's answer; never one by default.
    async fn boxes_are_counted_or_asked_about(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let (mut mapped, mut unknown) = (line("A", "2", "50.00"), line("B", "3", "12.00"));
        "BX".clone_into(&mut mapped.sent.unit);
        "CS".clone_into(&mut unknown.sent.unit);
        let id = place(&shop, vec![mapped, unknown]).await;
        let placed = order(&college, id).await;
        assert_eq!((placed.lines[&1].pieces, placed.lines[&1].cost_minor, placed.lines[&2].pieces), (Some(20), Some(500), None));
        let waiting = notice("PO-000001", "S-1", Operation::New, vec![pieces(2, "3", "CS", &[])]);
        assert_eq!(says(&shop, "1", waiting).await.findings[0].code, Code::PiecesUnknown);
        let mut early = scan("", "");
        early.line = Some(2);
        assert_eq!(refusal(receives(&shop, id, vec![early]).await), Refusal::PiecesUnknown(2));
        let buyer = shop.as_buyer().await;
        let answer = |pieces| AnswerPieces { order: id, line: 2, pieces };
        assert_eq!(refusal(db.ledger.record(&buyer, answer(Pieces::PerUnit(5_000))).await), Refusal::BadPieces { line: 2 });
        assert_eq!(must(db.ledger.record(&buyer, answer(Pieces::PerUnit(4))).await), 12);
        assert_eq!(refusal(db.ledger.record(&buyer, answer(Pieces::PerUnit(4))).await), Refusal::PiecesKnown(2));
        let later = notice("PO-000001", "S-2", Operation::New, vec![pieces(2, "4", "EA", &[]), pieces(1, "1", "BX", &[])]);
        assert_eq!(says(&shop, "2", later).await.findings, []);
        let now = order(&college, id).await;
        let shipped = |line| now.units_of(line).filter(|(_, unit)| unit.state == UnitState::Shipped).count();
        assert_eq!((shipped(1), shipped(2), now.lines[&2].cost_minor), (10, 4, Some(300)));
    }

    /// A price over what is tolerated stops the line until somebody has decided; what they accept is what the assets cost.
    async fn another_price_waits_for_somebody(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00")]).await;
        let made = assets(&order(&college, id).await);
        assert_eq!(says(&shop, "1", confirmed(detail("104.00"))).await.findings, []);
        assert_eq!(college.detail(made[0]).await.cost_minor, Some(10_400));
        assert_eq!(says(&shop, "2", confirmed(detail("130.00"))).await.findings[0].code, Code::PriceOverTolerance);
        let stopped = order(&college, id).await;
        assert_eq!((stopped.lines[&1].state, stopped.lines[&1].cost_minor), (LineState::Stopped, Some(10_400)));
        let chief = chief(&college, "Uma Example").await;
        let accept = DecideLine { order: id, line: 1, accept: true, price: None };
        assert_eq!(must(db.ledger.record(&chief, accept).await), LineState::Open);
        assert_eq!(refusal(db.ledger.record(&chief, accept).await), Refusal::NotStopped(1));
        assert_eq!(college.detail(made[1]).await.cost_minor, Some(13_000));
        let billed = invoice("PO-000001", "INV-1", Purpose::Standard, ("2", "150.00"), &[]);
        assert_eq!(says(&shop, "3", billed).await.findings[0].code, Code::PriceOverTolerance);
        assert_eq!(order(&college, id).await.lines[&1].state, LineState::Stopped);
    }

    /// Something else than was ordered goes to a person; refused, it is cancelled and the supplier is told.
    async fn another_product_may_be_refused(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "100.00"), line("B", "1", "7.00")]).await;
        let made = assets(&order(&college, id).await);
        let substitute = Substitute { part: "A2".to_owned(), description: Some("Another".to_owned()), maker_part: None, maker: None };
        let item = ConfirmedItem { price: None, substitute: Some(substitute), ..detail("0") };
        assert_eq!(says(&shop, "1", confirmed(item)).await.findings[0].code, Code::Substitution);
        let buyer = shop.as_buyer().await;
        let refuse = DecideLine { order: id, line: 1, accept: false, price: None };
        assert_eq!(must(db.ledger.record(&buyer, refuse).await), LineState::Cancelled);
        assert_eq!((college.state(made[0]).await, college.state(made[2]).await), (State::Void, State::Ordered));
        let now = order(&college, id).await;
        let sent: Vec<i64> = now.versions[&2].lines.iter().map(|line| line.line).collect();
        assert_eq!((now.versions[&2].operation, sent), (Operation::Update, vec![2]));
        must(db.ledger.record(&buyer, Cancel { order: id, line: None }).await);
        let now = order(&college, id).await;
        assert_eq!((now.status, now.versions[&3].operation, now.versions.len()), (Status::Cancelled, Operation::Delete, 3));
        assert_eq!(refusal(db.ledger.record(&buyer, Cancel { order: id, line: None }).await), Refusal::NothingExpected);
    }

    /// What the supplier rejects is not expected any more, until it says otherwise.
    async fn a_rejection_may_be_taken_back(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "1", "100.00")]).await;
        let whole = |answer| confirmed_as(answer, Vec::new());
        says(&shop, "1", whole(Answer::Reject)).await;
        assert_eq!(order(&college, id).await.status, Status::Cancelled);
        says(&shop, "2", whole(Answer::Accept)).await;
        assert_eq!(order(&college, id).await.status, Status::Open);
    }
}
