//! What must not happen: documents in another's name, serial numbers of another asset, two who receive one piece, and orders of other units.

use habeo_core::access::Role;
use habeo_core::asset;
use habeo_core::ledger::RecordError;
use habeo_core::order::command::Place;
use habeo_core::order::decide::Code;
use habeo_core::order::document::{self, Refusal as NotTaken};
use habeo_core::order::report::Operation;
use habeo_core::order::store::{ArrivalFilter, arriving, by_code};
use habeo_core::order::{Refusal, lineage, store};
use habeo_core::page::Limit;
use habeo_core::requisition::command::Approve;
use habeo_core::time::DAY_MICROS;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, door, entries, notice, order, pieces, place, receive, receives, says, scan, serial_of,
    settle, take,
};
use crate::core::refusal;
use crate::requisition::{Shop, line};

both_engines! {
    /// The same name with other content is refused and leaves nothing; a document of which nothing could be done may be done later.
    async fn names_of_documents_are_used_once(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let early = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN70001"])]);
        let settled = says(&shop, "1", early.clone()).await;
        assert_eq!((settled.applied, settled.findings[0].code), (false, Code::UnknownOrder));
        let id = place(&shop, vec![line("A", "1", "5.00")]).await;
        let taken = must(take(&shop, "1", &early).await);
        assert!(taken.again && settle(&shop, taken.id, &early).await.applied);
        let before = entries(&college).await;
        let other = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN70002"])]);
        assert_eq!(refusal(take(&shop, "1", &other).await), NotTaken::Duplicate);
        assert_eq!(entries(&college).await, before);
        let line = notice("PO-000001", "S-2", Operation::New, vec![pieces(9, "1", "EA", &[])]);
        assert_eq!(says(&shop, "2", line).await.findings[0].code, Code::UnknownLine);
        let buyer = shop.as_buyer().await;
        let settle = document::Settle { id: taken.id, report: early.clone() };
        assert!(matches!(db.ledger.record(&buyer, settle).await, Err(RecordError::Refused(_))));
        db.clock.advance_micros(31 * DAY_MICROS);
        let old = document::Take { dated: Some(db.clock_now().plus_days(-31)), ..document::Take {
            id: habeo_core::id::SupplierDocumentId::generate(db.clock_now(), db.ledger.random()), supplier: shop.supplier, kind: early.kind(),
            payload_id: "3".to_owned(), dated: None, mode: None, digest: "00".to_owned(), body_sealed: vec![1], bytes: 1, warnings: Vec::new(),
        } };
        assert_eq!(refusal(db.ledger.record(&door(&college), old).await), NotTaken::TooOld);
        assert_eq!(order(&college, id).await.shipments.len(), 1);
    }

    /// A number that another asset has is shown and never taken; whoever scans it is told.
    async fn a_serial_number_belongs_to_one_asset(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        college.asset("Laptop").serial("SN80001").register().await;
        let id = place(&shop, vec![line("A", "2", "5.00")]).await;
        let made = assets(&order(&college, id).await);
        let said = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "2", "EA", &["SN80001", "N/A"])]);
        let codes: Vec<Code> = says(&shop, "1", said).await.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::SerialUnusable, Code::SerialCount, Code::SerialConflict]);
        assert_eq!(serial_of(&college, made[0]).await, None);
        assert_eq!(order(&college, id).await.units[&(1, 1)].conflict.as_deref(), Some("SN80001"));
        let taken = refusal(receives(&shop, id, vec![scan("SN80001", "")]).await);
        assert!(matches!(taken, Refusal::Asset(asset::decide::Refusal::SerialTaken(_))), "{taken:?}");
        let twice = vec![scan("SN80002", ""), scan("sn-80002", "")];
        assert!(matches!(refusal(receives(&shop, id, twice).await), Refusal::SerialTwice(_)));
        assert!(matches!(refusal(receives(&shop, id, vec![scan("A", "")]).await), Refusal::SerialUnusable(_)), "the part number is none");
        let announced = notice("PO-000001", "S-1", Operation::Update, vec![pieces(1, "2", "EA", &["SN80003", "SN80004"])]);
        says(&shop, "2", announced).await;
        let mut other = scan("SN80009", "");
        assert!(matches!(refusal(receives(&shop, id, vec![other.clone()]).await), Refusal::NotAnnounced { line: 1, .. }));
        other.instead = true;
        let receipt = must(receives(&shop, id, vec![other, scan("SN80004", "")]).await);
        assert_eq!(serial_of(&college, receipt.units[0].asset).await.as_deref(), Some("SN80009"));
    }

    /// Of two who receive the last piece one does, and of two who order a requisition one does.
    async fn of_two_at_once_one_wins(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let wanted = shop.hand_in(vec![line("A", "1", "5.00")]).await;
        let approver = college.administrator().await;
        must(db.ledger.record(&approver, Approve { requisition: wanted.id, digest: wanted.digest }).await);
        let buyer = shop.as_buyer().await;
        let (once, again) = (Place { requisition: wanted.id }, Place { requisition: wanted.id });
        let (one, other) = tokio::join!(db.ledger.record(&buyer, once), db.ledger.record(&buyer, again));
        assert!(one.is_ok() != other.is_ok());
        let id = must(one.or(other));
        let (here, there) = (receive(id, vec![scan("SN90001", "T-1")]), receive(id, vec![scan("SN90002", "T-2")]));
        let (one, other) = tokio::join!(db.ledger.record(&buyer, here), db.ledger.record(&buyer, there));
        assert!(one.is_ok() != other.is_ok());
        let lost = if one.is_ok() { refusal(other) } else { refusal(one) };
        assert_eq!(lost, Refusal::NothingExpected);
    }

    /// What another unit or another organisation orders does not exist, and nobody receives it.
    async fn orders_of_others_do_not_exist(db: TestDb) {
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let (shop, their) = (Shop::open(&college).await, Shop::open(&other).await);
        let id = place(&shop, vec![line("A", "1", "5.00")]).await;
        let made = assets(&order(&college, id).await);
        let foreign = other.administrator().await;
        let neighbour = college.access_of(&[(Role::Procurement, college.units.history)]).await;
        for access in [&foreign, &neighbour] {
            let mut tx = db.read(access).await;
            assert_eq!(must(store::by_id(&mut tx, access, id).await), None);
            assert_eq!(must(lineage::of_asset(&mut tx, access, made[0]).await), None);
            assert_eq!(must(by_code(&mut tx, access, "PO-000001").await), []);
            assert_eq!(must(arriving(&mut tx, access, ArrivalFilter::default(), None, Limit::DEFAULT).await).rows, []);
            drop(tx);
            assert_eq!(refusal(db.ledger.record(access, receive(id, vec![scan("", "")])).await), Refusal::Unknown);
        }
        let said = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN60001"])]);
        assert!(!says(&their, "1", said).await.applied, "a number of another organisation");
        let auditor = college.access_of(&[(Role::Auditor, college.units.physics)]).await;
        assert_eq!(refusal(db.ledger.record(&auditor, receive(id, vec![scan("", "")])).await), Refusal::NotPermitted);
        assert_eq!(order(&college, id).await.shipments.len(), 0);
    }
}
