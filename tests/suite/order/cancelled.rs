//! What is taken back: so much as is still to come, and never what is here.

use habeo_core::asset::State;
use habeo_core::order::command::Cancel;
use habeo_core::order::report::{Answer, Operation};
use habeo_core::order::{LineState, Refusal, Status, UnitState};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, codes, confirmed_as, exact, notice, order, pieces, place, receives, says, scan,
};
use crate::core::refusal;
use crate::requisition::{Shop, is_whole, line};

both_engines! {
    /// Six of ten are here and the rest does not come: it is taken back, and the supplier hears how much stays.
    async fn what_did_not_come_is_taken_back(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "3", "5.00"), line("B", "1", "7.00")]).await;
        let made = assets(&order(&college, id).await);
        let here = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "2", "EA", &["SN30001", "SN30002"])]);
        says(&shop, "1", here).await;
        must(receives(&shop, id, vec![scan("SN30001", ""), scan("SN30002", "")]).await);
        let buyer = shop.as_buyer().await;
        must(db.ledger.record(&buyer, Cancel { order: id, line: Some(1) }).await);
        let now = order(&college, id).await;
        assert_eq!((now.lines[&1].state, now.lines[&1].quantity, now.lines[&1].pieces), (LineState::Open, exact("2"), Some(2)));
        assert_eq!((college.state(made[0]).await, college.state(made[2]).await), (State::Received, State::Void));
        let sent: Vec<_> = now.versions[&2].lines.iter().map(|line| (line.line, line.quantity)).collect();
        assert_eq!((now.versions[&2].operation, sent), (Operation::Update, vec![(1, exact("2")), (2, exact("1"))]));
        assert_eq!(refusal(db.ledger.record(&buyer, Cancel { order: id, line: Some(1) }).await), Refusal::AlreadyReceived(1));
        // The whole is taken back as far as it can be.
        must(db.ledger.record(&buyer, Cancel { order: id, line: None }).await);
        let now = order(&college, id).await;
        assert_eq!((now.status, now.lines[&2].state, college.state(made[3]).await), (Status::Complete, LineState::Cancelled, State::Void));
        assert_eq!(refusal(db.ledger.record(&buyer, Cancel { order: id, line: None }).await), Refusal::NothingExpected);
        is_whole(&college).await;
    }

    /// What the supplier does not send is let go of, so that nothing is expected for ever.
    async fn what_was_rejected_is_let_go_of(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "5.00")]).await;
        let made = assets(&order(&college, id).await);
        says(&shop, "1", confirmed_as(Answer::Reject, Vec::new())).await;
        assert_eq!((order(&college, id).await.lines[&1].state, college.state(made[0]).await), (LineState::Rejected, State::Ordered));
        let buyer = shop.as_buyer().await;
        must(db.ledger.record(&buyer, Cancel { order: id, line: Some(1) }).await);
        assert_eq!((college.state(made[0]).await, college.state(made[1]).await), (State::Void, State::Void));
        is_whole(&college).await;
    }

    /// A shipment that is taken back after what it brings is not wanted any more contradicts nothing.
    async fn what_is_not_wanted_is_not_contradicted(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "1", "5.00")]).await;
        says(&shop, "1", notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN31001"])])).await;
        let buyer = shop.as_buyer().await;
        must(db.ledger.record(&buyer, Cancel { order: id, line: None }).await);
        let back = notice("PO-000001", "S-1", Operation::Delete, Vec::new());
        assert_eq!(codes(&says(&shop, "2", back).await), []);
        let now = order(&college, id).await;
        assert_eq!((now.units[&(1, 1)].state, now.units[&(1, 1)].is_contradicted), (UnitState::Cancelled, false));
    }
}
