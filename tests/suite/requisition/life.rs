//! A requisition's life: draft, handed in, approved, handed to whoever orders; who sees it, and that asking again does nothing again.

use habeo_core::access::Role;
use habeo_core::exact::Exact;
use habeo_core::page::Limit;
use habeo_core::requisition::command::{
    AnswerPieces, Approve, RemoveLines, Reopen, Submit, Withdraw,
};
use habeo_core::requisition::store::Filter;
use habeo_core::requisition::{Refusal, State, store};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Shop, cart, done, entries, is_whole, line, seen};
use crate::core::refusal;
use habeo_core::punchout::cart::Cart;
use habeo_core::supplier::Operation;

both_engines! {
    /// From the shop to where an order is made of it, each step asked twice.
    async fn from_the_shop_to_the_order(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let mut boxes = line("B", "3", "19.99");
        "100/BX".clone_into(&mut boxes.sent.unit);
        let id = shop.buy(vec![line("A", "2", "1149.00"), boxes, line("C", "1", "5")]).await;
        let lines = shop.lines(id).await;
        assert!(lines[1].warns("unknown_unit") && lines[1].ordered().assets.is_none());
        let buyer = shop.as_buyer().await;
        let answer = AnswerPieces { requisition: id, line: lines[1].id, pieces: Exact::whole(100) };
        for _ in 0..2 {
            must(db.ledger.record(&buyer, answer).await);
        }
        let remove = RemoveLines { requisition: id, lines: vec![lines[2].id] };
        must(db.ledger.record(&buyer, remove.clone()).await);
        assert_eq!(refusal(db.ledger.record(&buyer, remove).await), Refusal::UnknownLine);
        assert_eq!(entries(&college, "requisition.lines_changed").await, 2);
        let lines = shop.lines(id).await;
        assert_eq!((lines.len(), lines[1].ordered().assets), (2, Some(300)));
        let draft = shop.requisition(id).await;
        assert_eq!((draft.total.to_string().as_str(), draft.lines, draft.state), ("2357.97", 2, State::Draft));

        let submit = |digest: &str| Submit { requisition: id, digest: digest.to_owned() };
        assert_eq!(refusal(db.ledger.record(&buyer, submit("another")).await), Refusal::Changed);
        for _ in 0..2 {
            assert_eq!(must(db.ledger.record(&buyer, submit(&draft.digest)).await).state, State::Submitted);
        }
        assert_eq!(entries(&college, "requisition.submitted").await, 1);
        let late = RemoveLines { requisition: id, lines: vec![lines[0].id] };
        assert_eq!(refusal(db.ledger.record(&buyer, late).await), Refusal::WrongState(State::Submitted));
        let mut tx = db.read(&college.access).await;
        assert_eq!(must(store::for_order(&mut tx, &college.access, id).await), None);
        drop(tx);
        let approver = college.administrator().await;
        must(db.ledger.record(&approver, Approve { requisition: id, digest: draft.digest.clone() }).await);
        let mut tx = db.read(&buyer).await;
        let approved = must(store::for_order(&mut tx, &buyer, id).await).expect("it may be ordered");
        drop(tx);
        assert_eq!(approved.lines.len(), 2);
        let (line, raw) = &approved.lines[0];
        let ordered = line.ordered();
        assert_eq!((ordered.part, ordered.aux, ordered.quantity.to_string().as_str()), ("A", Some("quote=88120|line=A\\2"), "2"));
        assert_eq!(raw.as_deref(), Some("<ItemIn quantity=\"2\"><!-- A --></ItemIn>"));
        is_whole(&college).await;
    }

    /// Lines that were altered past the program are not ordered: they are not what was approved.
    async fn what_was_altered_is_not_ordered(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        let approver = college.administrator().await;
        must(db.ledger.record(&approver, Approve { requisition: waits.id, digest: waits.digest }).await);
        must(db.raw().await.execute("UPDATE requisition_line SET raw = '<ItemIn/>'").await);
        let mut tx = db.read(&college.access).await;
        assert!(store::for_order(&mut tx, &college.access, waits.id).await.is_err());
    }

    /// What the supplier only drafts cannot be handed in.
    async fn a_draft_of_the_suppliers_waits(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let pending = Cart { quote_pending: true, ..cart(vec![line("A", "1", "1")]) };
        let (_, made) = done(must(shop.bring(session, "pending", pending).await));
        let buyer = shop.as_buyer().await;
        let digest = shop.requisition(made[0]).await.digest;
        let submit = Submit { requisition: made[0], digest };
        assert_eq!(refusal(db.ledger.record(&buyer, submit).await), Refusal::QuotePending);
        let edit = shop.start(Operation::Edit, Some(made[0])).await.session;
        must(shop.bring(edit, "final", cart(vec![line("A", "1", "1")])).await);
        let digest = shop.requisition(made[0]).await.digest;
        let submit = Submit { requisition: made[0], digest };
        assert_eq!(must(db.ledger.record(&buyer, submit).await).state, State::Submitted);
    }

    /// Whoever wants it takes it back, and begins again.
    async fn what_was_withdrawn_may_begin_again(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let waits = shop.hand_in(vec![line("A", "1", "1")]).await;
        let buyer = shop.as_buyer().await;
        let withdraw = || Withdraw { requisition: waits.id, reason: Some("found one in the store".to_owned()) };
        for _ in 0..2 {
            must(db.ledger.record(&buyer, withdraw()).await);
        }
        assert_eq!(entries(&college, "requisition.withdrawn").await, 1);
        let approver = college.administrator().await;
        let approve = || Approve { requisition: waits.id, digest: waits.digest.clone() };
        assert_eq!(refusal(db.ledger.record(&approver, approve()).await), Refusal::WrongState(State::Withdrawn));
        must(db.ledger.record(&buyer, Reopen { requisition: waits.id }).await);
        let submit = Submit { requisition: waits.id, digest: waits.digest.clone() };
        assert_eq!(must(db.ledger.record(&buyer, submit).await).round, waits.round + 1);
        assert_eq!(must(db.ledger.record(&approver, approve()).await).state, State::Approved);
        is_whole(&college).await;
    }

    /// A requisition is seen by whoever sees its unit and by whoever wants it; lists, pages and commands agree.
    async fn a_requisition_is_seen_where_its_unit_is(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let shop = Shop::open(&college).await;
        let mut made = Vec::new();
        for _ in 0..3 {
            made.push(shop.buy(vec![line("A", "1", "1")]).await);
        }
        made.reverse();
        let list = async |access: &habeo_core::access::Access, filter: Filter| {
            let mut tx = db.read(access).await;
            let page = must(store::page(&mut tx, access, filter, None, Limit::DEFAULT).await);
            page.rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        let all = Filter::default();
        let auditor = college.access_of(&[(Role::Auditor, college.units.science)]).await;
        let elsewhere = college.access_of(&[(Role::UnitAdmin, college.units.arts)]).await;
        let stranger = other.access_of(&[(Role::OrgAdmin, other.units.root)]).await;
        let buyer = shop.as_buyer().await;
        for access in [&auditor, &buyer, &college.access] {
            assert_eq!(list(access, all).await, made);
            assert!(seen(&college, access, made[0]).await.is_some());
        }
        for access in [&elsewhere, &stranger] {
            assert_eq!(list(access, all).await, []);
            assert!(seen(&college, access, made[0]).await.is_none());
            let withdraw = Withdraw { requisition: made[0], reason: None };
            assert_eq!(refusal(db.ledger.record(access, withdraw).await), Refusal::Unknown);
        }
        let withdraw = Withdraw { requisition: made[0], reason: None };
        assert_eq!(refusal(db.ledger.record(&auditor, withdraw).await), Refusal::NotPermitted);
        assert_eq!(list(&buyer, Filter { mine: true, ..all }).await, made);
        assert_eq!(list(&auditor, Filter { mine: true, ..all }).await, []);
        assert_eq!(list(&auditor, Filter { unit: Some(college.units.chemistry), ..all }).await, []);
        assert_eq!(list(&auditor, Filter { unit: Some(college.units.science), ..all }).await, made);
        assert_eq!(list(&auditor, Filter { state: Some(State::Approved), ..all }).await, []);
        // Whoever wants it sees it also after they moved on.
        // No fact takes the grant away here, so the tables are not what the entries say.
        db.leave_unequal();
        let grants = db.raw().await.execute("UPDATE role_grant SET valid_to = 1 WHERE role = 'procurement'").await;
        must(grants);
        let moved_on = shop.as_buyer().await;
        assert_eq!(list(&moved_on, all).await, made);
    }
}
