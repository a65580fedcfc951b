//! Who has a hand in a requisition: what somebody changed or handed in is theirs as well, and what belongs together stays together.

use habeo_core::access::{Access, Role};
use habeo_core::approval::Limit;
use habeo_core::approval::command::{Delegate, SetLimits};
use habeo_core::exact::Exact;
use habeo_core::id::PersonId;
use habeo_core::ledger::RecordError;
use habeo_core::punchout::cart::Bundle;
use habeo_core::requisition::command::{AnswerPieces, Approve, Reject, RemoveLines, Submit};
use habeo_core::requisition::{Refusal, Requisition, State, store};
use habeo_core::supplier::Operation;
use habeo_core::time::DAY_MICROS;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Shop, cart, done, entries, is_whole, line, person};
use crate::core::refusal;

/// Somebody who orders and approves.
async fn both(college: &College, name: &str) -> PersonId {
    let units = &college.units;
    let roles = [
        (Role::Procurement, units.physics),
        (Role::UnitAdmin, units.science),
    ];
    person(college, name, &roles).await
}

async fn approve(
    college: &College,
    access: &Access,
    waits: &Requisition,
) -> Result<Requisition, RecordError<Refusal>> {
    let approve = Approve {
        requisition: waits.id,
        digest: waits.digest.clone(),
    };
    college.db.ledger.record(access, approve).await
}

async fn waiting(college: &College, access: &Access) -> usize {
    let mut tx = college.db.read(access).await;
    let now = college.db.clock_now();
    must(store::waiting(&mut tx, access, now, 10).await).len()
}

both_engines! {
    /// Nobody approves what they handed in or changed for another: one person cannot do all of it alone.
    async fn what_was_changed_or_handed_in_is_ones_own(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let (helper, chief) = (both(&college, "Cy Example").await, both(&college, "Uma Example").await);
        let (helper, chief) = (college.access_as(helper).await, college.access_as(chief).await);
        for how in ["handed in", "counted", "in the shop", "taken away"] {
            let id = shop.buy(vec![line("A", "1", "10"), line("B", "1", "10")]).await;
            let lines = shop.lines(id).await;
            match how {
                "counted" => {
                    let count = AnswerPieces { requisition: id, line: lines[0].id, pieces: Exact::whole(2) };
                    must(db.ledger.record(&helper, count).await);
                }
                "in the shop" => {
                    let start = must(db.ledger.record(&helper, shop.to(Operation::Edit, Some(id))).await);
                    done(must(shop.bring(start.session, how, cart(vec![line("A", "9", "10")])).await));
                }
                "taken away" => {
                    must(db.ledger.record(&helper, RemoveLines { requisition: id, lines: vec![lines[1].id] }).await);
                }
                _ => {}
            }
            let by = if how == "handed in" { helper.clone() } else { shop.as_buyer().await };
            let digest = shop.requisition(id).await.digest;
            let waits = must(db.ledger.record(&by, Submit { requisition: id, digest }).await);
            assert_eq!(waiting(&college, &helper).await, 0, "{how}");
            assert_eq!(refusal(approve(&college, &helper, &waits).await), Refusal::Own, "{how}");
            let reject = Reject { requisition: id, digest: waits.digest.clone(), reason: "no".to_owned() };
            assert_eq!(refusal(db.ledger.record(&helper, reject).await), Refusal::Own, "{how}");
            assert_eq!(waiting(&college, &chief).await, 1, "{how}");
            assert_eq!(must(approve(&college, &chief, &waits).await).state, State::Approved, "{how}");
        }
        is_whole(&college).await;
    }

    /// Who stands in for two gives the second yes by the right of the one who has not given any.
    async fn who_stands_in_for_two_says_yes_for_the_other(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let set = SetLimits {
            unit: college.units.science,
            limits: Some(vec![Limit { currency: "USD".to_owned(), one_up_to: Exact::whole(1) }]),
        };
        must(db.ledger.record(&college.access, set).await);
        let (one, two) = (both(&college, "Uma Example").await, both(&college, "Udo Example").await);
        let stand_in = person(&college, "Ian Example", &[]).await;
        let now = db.clock_now();
        for holder in [one, two] {
            let holder = college.access_as(holder).await;
            let delegate = Delegate { to: stand_in, starts_at: now, ends_at: now.plus_micros(DAY_MICROS) };
            must(db.ledger.record(&holder, delegate).await);
        }
        let waits = shop.hand_in(vec![line("A", "1", "10")]).await;
        let one = college.access_as(one).await;
        assert_eq!(must(approve(&college, &one, &waits).await).state, State::Submitted);
        let stand_in = college.access_as(stand_in).await;
        assert_eq!(waiting(&college, &stand_in).await, 1);
        assert_eq!(must(approve(&college, &stand_in, &waits).await).state, State::Approved);
        is_whole(&college).await;
    }

    /// What came in another currency is wanted by whoever was in the shop, not by whose requisition they changed.
    async fn another_currency_is_wanted_by_whoever_brought_it(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let helper = both(&college, "Cy Example").await;
        let access = college.access_as(helper).await;
        let id = shop.buy(vec![line("A", "1", "10")]).await;
        let start = must(db.ledger.record(&access, shop.to(Operation::Edit, Some(id))).await);
        let mut euro = line("B", "1", "7.25");
        "EUR".clone_into(&mut euro.sent.price.currency);
        let (_, made) = done(must(shop.bring(start.session, "both", cart(vec![line("A", "1", "10"), euro])).await));
        assert_eq!((made.len(), made[0]), (2, id));
        assert_eq!((shop.requisition(made[1]).await.requester, shop.requisition(id).await.requester), (helper, shop.buyer));
        is_whole(&college).await;
    }

    /// Parts go with the bundle that they belong to; and where a bundle loses parts, what counts is reckoned anew.
    async fn a_bundle_is_taken_away_whole(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let bundled = |part: &str, price: &str, number: &str, parent: Option<&str>, level: Option<&str>| {
            let mut line = line(part, "1", price);
            line.sent.line = Some(number.to_owned());
            line.sent.bundle = Bundle { parent: parent.map(ToOwned::to_owned), item_type: None, price_level: level.map(ToOwned::to_owned) };
            line
        };
        let id = shop.buy(vec![
            bundled("SET", "500.00", "1", None, Some("groupLevel")),
            bundled("P1", "300.00", "2", Some("1"), None),
            bundled("P2", "250.00", "3", Some("2"), None),
            bundled("BAG", "90.00", "4", None, Some("itemLevel")),
            bundled("B1", "60.00", "5", Some("4"), None),
        ]).await;
        assert_eq!(shop.requisition(id).await.total.to_string(), "560.00");
        let lines = shop.lines(id).await;
        let buyer = shop.as_buyer().await;
        // The last part of what is priced by its parts: the whole has a price of its own again.
        must(db.ledger.record(&buyer, RemoveLines { requisition: id, lines: vec![lines[4].id] }).await);
        assert_eq!(shop.requisition(id).await.total.to_string(), "590.00");
        let left = must(db.ledger.record(&buyer, RemoveLines { requisition: id, lines: vec![lines[0].id] }).await);
        assert_eq!((left.lines, left.total.to_string().as_str()), (1, "90.00"));
        is_whole(&college).await;
    }

    /// A maker's number that no entry would hold is refused with the cart, before anybody has approved anything.
    async fn what_is_too_long_is_refused_at_once(db: TestDb) {
        let college = College::found(&db).await;
        let shop = Shop::open(&college).await;
        let session = shop.start(Operation::Create, None).await.session;
        let mut long = line("A", "1", "1");
        long.sent.manufacturer_part = Some("9".repeat(256));
        let habeo_core::punchout::Refusal::BadCart(faults) = refusal(shop.bring(session, "long", cart(vec![long])).await) else {
            panic!("a line is at fault")
        };
        assert_eq!(faults[0].code, "limit_exceeded");
        assert_eq!(entries(&college, "punchout.returned").await, 0);
    }
}
