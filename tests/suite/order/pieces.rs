//! How many pieces something is: what is no thing at all, what is one only together, and what documents claim.

use std::collections::BTreeSet;

use habeo_core::exact::Exact;
use habeo_core::order::command::{AnswerPieces, Pieces, Place};
use habeo_core::order::decide::Code;
use habeo_core::order::document::{Settle, settle};
use habeo_core::order::report::{
    Invoice, InvoicedItem, Operation, Portion, Purpose, Report, ShipNotice,
};
use habeo_core::order::{Refusal, UnitState};
use habeo_core::punchout::cart::Bundle;
use habeo_core::requisition;
use habeo_core::supplier::Mode;
use habeo_core::supplier::command::Configure;
use habeo_core::text::Serial;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{
    assets, codes, door, exact, notice, of, order, pieces, place, place_of, price, says, take,
};
use crate::core::refusal;
use crate::requisition::{Shop, is_whole, line, settings};

both_engines! {
    /// The head of a bundle, a discount and a warranty are no things to be labelled, until somebody says so.
    async fn what_is_no_thing_waits_for_somebody(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let (mut head, mut part) = (line("SET", "1", "500.00"), line("PART", "2", "0.00"));
        head.sent.line = Some("1".to_owned());
        head.sent.bundle.price_level = Some("groupLevel".to_owned());
        part.sent.line = Some("2".to_owned());
        part.sent.bundle = Bundle { parent: Some("1".to_owned()), ..Bundle::default() };
        let (mut warranty, discount) = (line("CARE", "1", "50.00"), line("LESS", "1", "-100.00"));
        warranty.sent.classifications.clear();
        let draft = shop.buy(vec![head, part, warranty, discount, line("A", "1", "5.00")]).await;
        // That nothing is kept of it can be said as soon as it is wanted.
        let lines = shop.lines(draft).await;
        let buyer = shop.as_buyer().await;
        let none = requisition::command::AnswerPieces { requisition: draft, line: lines[2].id, pieces: Exact::ZERO };
        must(db.ledger.record(&buyer, none).await);
        let digest = shop.requisition(draft).await.digest;
        let submit = requisition::command::Submit { requisition: draft, digest };
        let wanted = must(db.ledger.record(&buyer, submit).await);
        let id = place_of(&shop, wanted).await;
        let placed = order(&college, id).await;
        let known: Vec<Option<i64>> = placed.lines.values().map(|line| line.pieces).collect();
        assert_eq!(known, [None, Some(2), Some(0), None, Some(1)]);
        assert_eq!(placed.units.len(), 3);
        let none = AnswerPieces { order: id, line: 4, pieces: Pieces::PerUnit(0) };
        assert_eq!(must(db.ledger.record(&buyer, none).await), 0);
        is_whole(&college).await;
    }

    /// Three units that are one piece together are that piece when all of them are on their way.
    async fn units_may_be_one_piece_together(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let mut parts = line("A", "3", "100.00");
        "SET".clone_into(&mut parts.sent.unit);
        let id = place(&shop, vec![parts]).await;
        let buyer = shop.as_buyer().await;
        must(db.ledger.record(&buyer, AnswerPieces { order: id, line: 1, pieces: Pieces::InAll(1) }).await);
        let third = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "SET", &[])]);
        assert_eq!(codes(&says(&shop, "1", third).await), [Code::UnitDiffers]);
        let all = notice("PO-000001", "S-2", Operation::New, vec![pieces(1, "3", "SET", &[])]);
        assert_eq!(codes(&says(&shop, "2", all).await), []);
        let now = order(&college, id).await;
        assert_eq!((now.units[&(1, 1)].state, now.lines[&1].cost_minor), (UnitState::Shipped, Some(30_000)));
    }

    /// Whatever quantity a document claims, there are no more pieces than were ordered.
    async fn a_claim_without_end_has_one(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = place(&shop, vec![line("A", "2", "5.00")]).await;
        let many = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "4000000000", "EA", &["SN40001"])]);
        let settled = says(&shop, "1", many).await;
        assert_eq!(codes(&settled), [Code::SerialCount, Code::OverShipped]);
        assert_eq!(settled.findings[1].value.as_deref(), Some("3999999998"));
        assert!(order(&college, id).await.units.values().all(|unit| unit.state == UnitState::Shipped));
    }

    /// A number that one document names for two pieces is one piece's, in two items as in two orders.
    async fn a_number_is_named_once_in_a_document(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let first = place(&shop, vec![line("A", "2", "5.00")]).await;
        let second = place(&shop, vec![line("A", "1", "5.00")]).await;
        let item = |po_no: &str| InvoicedItem {
            order: of(po_no), line: 1, quantity: exact("1"), unit: "EA".to_owned(), price: Some(price("5.00")), serials: vec!["SN41001".to_owned()],
        };
        let billed = Report::Invoice(Invoice {
            reference: "INV-1".to_owned(), purpose: Purpose::Standard, operation: Operation::New,
            items: vec![item("PO-000001"), item("PO-000001"), item("PO-000002")], orders: Vec::new(),
        });
        let settled = says(&shop, "1", billed).await;
        assert!(settled.applied);
        assert_eq!(codes(&settled), [Code::SerialRepeated, Code::SerialRepeated]);
        let portion = |po_no: &str| Portion { order: of(po_no), items: vec![pieces(1, "1", "EA", &["SN41002"])] };
        let both = Report::ShipNotice(ShipNotice { planned: false,
            reference: Some("S-1".to_owned()), operation: Operation::New, shipped_at: None, expected_at: None, carrier: None, tracking: Vec::new(),
            portions: vec![portion("PO-000001"), portion("PO-000002")],
        });
        let settled = says(&shop, "2", both).await;
        assert!(settled.applied && codes(&settled).contains(&Code::SerialRepeated), "{settled:?}");
        let mut named = Vec::new();
        for id in [first, second] {
            let units = order(&college, id).await.units;
            named.extend(units.into_values().filter_map(|unit| unit.serial));
        }
        let different: BTreeSet<&str> = named.iter().map(Serial::folded).collect();
        assert!(!named.is_empty() && different.len() == named.len(), "{named:?}");
        is_whole(&college).await;
    }

    /// What a rule of assets refuses is what came of the document: it does not wait for ever.
    async fn what_assets_refuse_is_noted(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let mut lumina = line("A", "1", "5.00");
        lumina.sent.manufacturer = Some("Lumina".to_owned());
        let id = place(&shop, vec![lumina]).await;
        let made = assets(&order(&college, id).await);
        // Somebody corrects the maker, and the number is that maker's already.
        college.asset("Projector").model(college.catalogue.projector).serial("SN42001").register().await;
        let fields = vec![habeo_core::asset::command::FieldValue::Manufacturer(Some(college.catalogue.orbis))];
        college.act(made[0], habeo_core::asset::command::Act::ChangeFields(fields)).await;
        let said = notice("PO-000001", "S-1", Operation::New, vec![pieces(1, "1", "EA", &["SN42001"])]);
        let taken = must(take(&shop, "1", &said).await);
        let read = || Settle { id: taken.id, report: said.clone() };
        let settled = must(settle(&db.ledger, &door(&college), read()).await);
        assert_eq!((settled.applied, codes(&settled)), (false, vec![Code::AssetRefused]));
        assert_eq!(settled.findings[0].value.as_deref(), Some("asset_serial_taken"));
        assert!(must(settle(&db.ledger, &door(&college), read()).await).again);
        assert!(order(&college, id).await.shipments.is_empty());
        is_whole(&college).await;
    }

    /// What is bought for testing is not ordered where everything else is real.
    async fn nothing_real_is_ordered_for_testing(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let wanted = shop.hand_in(vec![line("A", "1", "5.00")]).await;
        let approver = college.administrator().await;
        let approve = requisition::command::Approve { requisition: wanted.id, digest: wanted.digest };
        must(db.ledger.record(&approver, approve).await);
        let test = habeo_core::supplier::Settings { mode: Mode::Test, ..settings() };
        must(db.ledger.record(&college.access, Configure { supplier: shop.supplier, settings: test }).await);
        let buyer = shop.as_buyer().await;
        let placed = db.ledger.record(&buyer, Place { requisition: wanted.id }).await;
        assert_eq!(refusal(placed), Refusal::SupplierTest);
    }
}
