//! Visits to shops: one return each, whoever races, and nothing lost that came too late.

use habeo_core::access::Role;
use habeo_core::punchout::cart::Cart;
use habeo_core::punchout::command::{
    AnswerEmpty, CloseSession, Recover, TakeReturn, Taken, cookie_hash,
};
use habeo_core::punchout::{Document, Late, Outcome, Refusal, State, store};
use habeo_core::requisition;
use habeo_core::supplier::{Mode, Operation};
use habeo_core::time::{DAY_MICROS, HOUR_MICROS};
use habeo_tests::builders::College;
use habeo_tests::builders::chat::master_key;
use habeo_tests::{both_engines, must};
use secrecy::ExposeSecret as _;

use super::{Shop, cart, document, done, entries, is_whole, line, seen};
use crate::core::refusal;

both_engines! {
    /// The cookie leads to the visit and to nothing else; in the tables and the ledger is its hash at most.
    async fn a_cookie_leads_to_its_visit_until_it_is_long_over(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let started = shop.start(Operation::Create, None).await;
        let cookie = started.cookie.expose_secret();
        assert!(cookie.len() >= 22, "at least 128 bits");
        let found = async |cookie: &str| {
            let mut tx = must(db.db().read_directory().await);
            must(store::by_cookie(&mut tx, &cookie_hash(cookie), db.clock_now()).await)
        };
        assert_eq!(found(&format!("\n {cookie} ")).await, Some((college.org, started.session)));
        assert_eq!(found("nobody's").await, None);
        let bytes = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type LIKE 'punchout.%'").await.concat();
        assert!(!bytes.contains(cookie));
        db.clock.advance_micros(8 * HOUR_MICROS + DAY_MICROS - 1);
        assert!(found(cookie).await.is_some());
        db.clock.advance_micros(1);
        assert!(found(cookie).await.is_none());
    }

    /// The same document again is the same return; another one changes nothing and is noted once.
    async fn one_visit_takes_one_return(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let first = done(must(shop.bring(session, "first", cart(vec![line("A", "2", "10.50")])).await));
        for _ in 0..3 {
            let again = done(must(shop.bring(session, "first", cart(vec![line("A", "2", "10.50")])).await));
            assert_eq!(again, first);
            let other = must(shop.bring(session, "other", cart(vec![line("B", "1", "1")])).await);
            assert_eq!(other, Taken::NotTaken(Late::AlreadyReturned));
        }
        assert_eq!(entries(&college, "punchout.returned").await, 1);
        assert_eq!(entries(&college, "punchout.not_taken").await, 1);
        assert_eq!(entries(&college, "requisition.created").await, 1);
        assert_eq!(shop.requisition(first.1[0]).await.total.to_string(), "21.00");
        // What was not taken cannot be had after all: the first one stands.
        let access = shop.as_buyer().await;
        let mut tx = db.read(&access).await;
        let kept = must(store::documents(&mut tx, &access, session, db.clock_now()).await);
        drop(tx);
        let late = kept.iter().find(|it| it.late.is_some()).expect("it is kept");
        let recover = Recover { session, document: late.id, cart: cart(vec![line("B", "1", "1")]) };
        assert_eq!(refusal(db.ledger.record(&access, recover).await), Refusal::NotRecoverable);
        is_whole(&college).await;
    }

    /// Two different carts at once: one wins, whole; and the other leaves no line.
    async fn of_two_carts_at_once_one_wins(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        for round in 0..5 {
            let session = shop.start(Operation::Create, None).await.session;
            let bring = async |text: &str, part: &str| {
                must(shop.bring(session, &format!("{text} {round}"), cart(vec![line(part, "1", "1")])).await)
            };
            let (one, other) = tokio::join!(bring("one", "A"), bring("other", "B"));
            let won = [&one, &other].into_iter().filter(|taken| matches!(taken, Taken::Done { .. })).count();
            assert_eq!(won, 1, "{one:?} {other:?}");
            assert!([&one, &other].contains(&&Taken::NotTaken(Late::AlreadyReturned)));
        }
        assert_eq!(entries(&college, "requisition.created").await, 5);
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM requisition_line").await, 5);
        is_whole(&college).await;
    }

    /// Somebody who has a cookie cannot fill the ledger with documents that are not taken.
    async fn documents_that_are_not_taken_have_an_end(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        must(shop.bring(session, "first", cart(vec![line("A", "1", "1")])).await);
        for number in 0..30 {
            let taken = must(shop.bring(session, &format!("other {number}"), cart(Vec::new())).await);
            assert_eq!(taken, Taken::NotTaken(Late::AlreadyReturned));
        }
        assert_eq!(entries(&college, "punchout.not_taken").await, habeo_core::punchout::LATE_MAX);
    }

    /// What comes too late is kept for a day, taken by a click of its owner's only, and once.
    async fn a_late_cart_waits_for_its_owner(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        db.clock.advance_micros(8 * HOUR_MICROS);
        let lines = || cart(vec![line("A", "1", "1")]);
        assert_eq!(must(shop.bring(session, "late", lines()).await), Taken::NotTaken(Late::Expired));
        assert_eq!(entries(&college, "requisition.created").await, 0);
        let access = shop.as_buyer().await;
        let mut tx = db.read(&access).await;
        let kept = must(store::documents(&mut tx, &access, session, db.clock_now()).await);
        let body = must(store::body(&mut tx, &access, (session, kept[0].id), &master_key(), db.clock_now()).await);
        drop(tx);
        assert_eq!((kept.len(), body.as_deref()), (1, Some(&b"late"[..])));
        let recover = || Recover { session, document: kept[0].id, cart: lines() };
        let colleague = college.access_of(&[(Role::Procurement, college.units.physics)]).await;
        for access in [&colleague, &college.access] {
            assert_eq!(refusal(db.ledger.record(access, recover()).await), Refusal::Unknown);
        }
        let taken = must(db.ledger.record(&access, recover()).await);
        assert_eq!(must(db.ledger.record(&access, recover()).await), taken);
        assert_eq!(done(taken).0, Outcome::Cart);
        assert_eq!(entries(&college, "requisition.created").await, 1);
        is_whole(&college).await;
    }

    /// After a day nothing is left of it.
    async fn a_late_cart_is_gone_after_a_day(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        db.clock.advance_micros(9 * HOUR_MICROS);
        must(shop.bring(session, "late", cart(Vec::new())).await);
        let access = shop.as_buyer().await;
        let mut tx = db.read(&access).await;
        let kept = must(store::documents(&mut tx, &access, session, db.clock_now()).await);
        drop(tx);
        db.clock.advance_micros(DAY_MICROS);
        let recover = Recover { session, document: kept[0].id, cart: cart(Vec::new()) };
        assert_eq!(refusal(db.ledger.record(&access, recover).await), Refusal::NotRecoverable);
        // The next visit takes the rest away.
        shop.start(Operation::Create, None).await;
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM punchout_document").await, 0);
    }

    /// An edited cart keeps the ids of its lines; an empty one asks; one without content changes nothing; looking changes nothing.
    async fn a_requisition_is_changed_in_the_shop(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = shop.buy(vec![line("A", "1", "10"), line("B", "2", "5")]).await;
        let before = shop.lines(id).await;
        let edit = shop.start(Operation::Edit, Some(id)).await.session;
        let came = cart(vec![line("C", "1", "1"), line("A", "3", "10")]);
        assert_eq!(done(must(shop.bring(edit, "edited", came).await)), (Outcome::Cart, vec![id]));
        let after = shop.lines(id).await;
        assert_eq!(after.len(), 2);
        assert_eq!((after[1].id, after[1].sent.quantity.as_str()), (before[0].id, "3"));
        assert_eq!(shop.requisition(id).await.total.to_string(), "31");

        let unchanged = shop.start(Operation::Edit, Some(id)).await.session;
        let nothing = Cart { unchanged: true, ..cart(Vec::new()) };
        assert_eq!(done(must(shop.bring(unchanged, "204", nothing).await)), (Outcome::Unchanged, vec![id]));
        let look = shop.start(Operation::Inspect, Some(id)).await.session;
        assert_eq!(done(must(shop.bring(look, "looked", cart(vec![line("X", "9", "9")])).await)).0, Outcome::Looked);
        assert_eq!(shop.lines(id).await, after);

        let empty = shop.start(Operation::Edit, Some(id)).await.session;
        assert_eq!(done(must(shop.bring(empty, "empty", cart(Vec::new())).await)), (Outcome::Asking, vec![id]));
        assert_eq!(shop.lines(id).await, after);
        let access = shop.as_buyer().await;
        let colleague = college.access_of(&[(Role::Procurement, college.units.physics)]).await;
        let answer = AnswerEmpty { session: empty, remove: true };
        assert_eq!(refusal(db.ledger.record(&colleague, answer).await), Refusal::Unknown);
        for _ in 0..2 {
            must(db.ledger.record(&access, answer).await);
        }
        assert_eq!(shop.lines(id).await, []);
        let other = AnswerEmpty { session: empty, remove: false };
        assert_eq!(refusal(db.ledger.record(&access, other).await), Refusal::NothingAsked);
        is_whole(&college).await;
    }

    /// A requisition that was handed in while somebody was in the shop keeps its lines, and the document is not lost.
    async fn what_was_handed_in_is_not_changed_in_the_shop(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let id = shop.buy(vec![line("A", "1", "10")]).await;
        let edit = shop.start(Operation::Edit, Some(id)).await.session;
        let access = shop.as_buyer().await;
        let digest = shop.requisition(id).await.digest;
        let submit = requisition::command::Submit { requisition: id, digest };
        must(db.ledger.record(&access, submit).await);
        let came = || cart(vec![line("A", "100", "10")]);
        assert_eq!(must(shop.bring(edit, "edited", came()).await), Taken::NotTaken(Late::Locked));
        assert_eq!(refusal(db.ledger.record(&access, shop.to(Operation::Edit, Some(id))).await), Refusal::Locked);
        let mut tx = db.read(&access).await;
        let kept = must(store::documents(&mut tx, &access, edit, db.clock_now()).await);
        drop(tx);
        let recover = || Recover { session: edit, document: kept[0].id, cart: came() };
        assert_eq!(refusal(db.ledger.record(&access, recover()).await), Refusal::Locked);
        assert_eq!(shop.requisition(id).await.total.to_string(), "10");
        let withdraw = requisition::command::Withdraw { requisition: id, reason: None };
        must(db.ledger.record(&access, withdraw).await);
        must(db.ledger.record(&access, requisition::command::Reopen { requisition: id }).await);
        must(db.ledger.record(&access, recover()).await);
        assert_eq!(shop.requisition(id).await.total.to_string(), "1000");
    }

    /// A line that would have to be guessed refuses the whole cart and leaves the visit open; so does a document that is not meant.
    async fn a_cart_at_fault_leaves_nothing(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let bad = cart(vec![line("A", "1", "1"), line("B", "1,000", "1")]);
        let Refusal::BadCart(faults) = refusal(shop.bring(session, "bad", bad).await) else { panic!("a line is at fault") };
        assert_eq!((faults[0].line, faults[0].code), (2, "bad_quantity"));
        let test = Cart { mode: Some(Mode::Test), ..cart(vec![line("A", "1", "1")]) };
        assert_eq!(refusal(shop.bring(session, "test", test).await), Refusal::ModeMismatch);
        assert_eq!(entries(&college, "punchout.returned").await, 0);
        assert_eq!(done(must(shop.bring(session, "good", cart(vec![line("A", "1", "1")])).await)).0, Outcome::Cart);
    }

    /// Each currency is a requisition of its own; what was chosen comes with its text, byte for byte.
    async fn a_cart_becomes_requisitions(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let mut euro = line("B", "1", "7.25");
        "EUR".clone_into(&mut euro.sent.price.currency);
        "<ItemIn>\r\n\t<Extrinsic name=\"a\">é &amp; \u{1F600}</Extrinsic></ItemIn>".clone_into(&mut euro.raw);
        let (outcome, made) = done(must(shop.bring(session, "both", cart(vec![line("A", "1", "3"), euro.clone()])).await));
        assert_eq!((outcome, made.len()), (Outcome::Cart, 2));
        let found = shop.requisition(made[0]).await;
        assert_eq!((found.currency.as_str(), found.number, found.requester), ("EUR", 1, shop.buyer));
        let lines = shop.lines(made[0]).await;
        let mut tx = db.read(&college.access).await;
        let raw = must(requisition::store::raw(&mut tx, &college.access, (&found, lines[0].id)).await);
        assert_eq!(raw, Some(euro.raw));
        assert_eq!(lines[0].sent.aux.as_deref(), Some("quote=88120|line=B\\2"));
    }

    /// Who may go where, and who may bring something back.
    async fn visits_are_for_people_who_order_for_the_unit(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let shop = Shop::open(&college).await;
        let start = || shop.to(Operation::Create, None);
        let elsewhere = college.access_of(&[(Role::Procurement, college.units.history)]).await;
        let technician = college.access_of(&[(Role::Technician, college.units.physics)]).await;
        for access in [&elsewhere, &technician] {
            assert_eq!(refusal(db.ledger.record(access, start()).await), Refusal::NotPermitted);
        }
        assert_eq!(refusal(db.ledger.record(&college.access, start()).await), Refusal::NotAPerson);
        let stranger = other.access_of(&[(Role::OrgAdmin, other.units.root)]).await;
        assert_eq!(refusal(db.ledger.record(&stranger, start()).await), Refusal::UnknownSupplier);
        let session = shop.start(Operation::Create, None).await.session;
        let take = |document: Document| TakeReturn { session, document, cart: cart(Vec::new()), master_key: master_key() };
        let own = shop.as_buyer().await;
        assert_eq!(refusal(db.ledger.record(&own, take(document("x"))).await), Refusal::NotPermitted);
        assert_eq!(refusal(db.ledger.record(&other.access, take(document("x"))).await), Refusal::Unknown);
        let mut tx = db.read(&stranger).await;
        assert!(must(store::by_id(&mut tx, &stranger, session).await).is_none());
        drop(tx);
        let mut tx = db.read(&elsewhere).await;
        assert!(must(store::by_id(&mut tx, &elsewhere, session).await).is_none());
        drop(tx);
        must(db.ledger.record(&own, CloseSession { session }).await);
        assert_eq!(must(shop.bring(session, "x", cart(Vec::new())).await), Taken::NotTaken(Late::Closed));
        let mut tx = db.read(&own).await;
        let found = must(store::by_id(&mut tx, &own, session).await).expect("their own");
        assert_eq!(found.state, State::Closed);
    }

    /// What the shop or the supplier does not allow is not begun.
    async fn only_what_is_allowed_is_begun(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let fixed = Cart { allowed: Operation::Create, ..cart(vec![line("A", "1", "1")]) };
        let (_, made) = done(must(shop.bring(session, "fixed", fixed).await));
        let access = shop.as_buyer().await;
        for operation in [Operation::Edit, Operation::Inspect] {
            let start = shop.to(operation, Some(made[0]));
            assert_eq!(refusal(db.ledger.record(&access, start).await), Refusal::OperationNotAllowed);
        }
        assert_eq!(refusal(db.ledger.record(&access, shop.to(Operation::Create, Some(made[0]))).await), Refusal::BadRequisition);
        assert_eq!(refusal(db.ledger.record(&access, shop.to(Operation::Edit, None)).await), Refusal::BadRequisition);
        assert!(seen(&college, &access, made[0]).await.is_some());
    }
}
