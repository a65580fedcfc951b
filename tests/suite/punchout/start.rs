//! Going to a shop: what the supplier is asked, and every way in which it may go wrong, told apart.

use habeo_core::access::{Access, Role, Surface};
use habeo_core::explain::Explain as _;
use habeo_core::punchout::{State, store};
use habeo_core::supplier::command::{Configure, WithdrawOperation};
use habeo_core::supplier::{Operation, Settings, store as suppliers};
use habeo_punchout::probe::probe;
use habeo_punchout::simulator::{Decimal, Leaving, Quirk};
use habeo_punchout::start::{StartPage, start};
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use serde_json::json;

use super::{FORM, Market, led_to, settings};

both_engines! {
    /// A program gets the address in JSON, a form is led there; the shop has heard who it is and nothing that proves us is kept.
    async fn somebody_goes_to_a_shop(db: TestDb) {
        let market = Market::open(&db).await;
        let start = || market.app.post("/api/punchout/start").by(&market.buyer);
        let answer = start().json(&market.asked()).send().await;
        let body = answer.ok();
        assert!(must(body["location"].as_str().ok_or("no address")).starts_with(market.shop.url()));
        let form = format!("supplier={}&unit={}&operation=create", market.supplier, market.college.units.physics);
        let led = start().header("content-type", FORM).body(form).send().await;
        assert_eq!(led.status, 303, "{}", led.text());
        assert!(led.header("location").unwrap_or_default().starts_with(market.shop.url()));
        assert_eq!(market.shop.sessions().len(), 2);
        assert!(market.shop.received().iter().all(|it| it.status == 200), "{:?}", market.shop.received());
        let visit = must(body["session"].as_str().and_then(|id| id.parse().ok()).ok_or("no visit"));
        let access = market.as_buyer().await;
        let mut tx = db.read(&access).await;
        let kept = must(store::documents(&mut tx, &access, visit, db.clock_now()).await);
        assert_eq!(kept.len(), 2);
        let key = super::master_key();
        for one in kept {
            let text = must(store::body(&mut tx, &access, (visit, one.id), &key, db.clock_now()).await);
            let text = String::from_utf8_lossy(&must(text.ok_or("no text"))).into_owned();
            assert!(!text.contains("buyer-to-larkmoor"), "{text}");
        }
    }

    /// Without a token, with one of another organization, for a unit that is not theirs, and in words that nobody can read.
    async fn who_may_not_goes_nowhere(db: TestDb) {
        let market = Market::open(&db).await;
        let start = || market.app.post("/api/punchout/start");
        start().json(&market.asked()).send().await.problem(401, "unauthenticated");
        let other = College::found_as(&db, "eastmark").await;
        let stranger = other.member("Sam Example", other.units.root, &[(Role::OrgAdmin, other.units.root)]).await;
        let answer = start().by(&stranger).json(&market.asked()).send().await;
        answer.problem(404, "punchout_supplier_unknown");
        let outside = market.college.member("Ola Example", market.college.units.root, &[]).await;
        let answer = start().by(&outside).json(&market.asked()).send().await;
        answer.problem(403, "punchout_not_permitted");
        let by = || start().by(&market.buyer);
        by().json(&json!({"supplier": "x"})).send().await.problem(422, "body_invalid");
        by().json(&json!({"supplier": market.supplier, "shop": 1})).send().await.problem(400, "body_invalid");
        by().header("content-type", "application/json").body("{").send().await.problem(400, "body_invalid");
        by().header("content-type", "text/plain").body("x").send().await.problem(415, "unsupported_media_type");
        let large = "x".repeat(300 * 1024);
        let answer = by().header("content-type", "application/json").body(large).send().await;
        assert_eq!(answer.status, 413);
        assert_eq!(market.entries("punchout.%").await, 0);
        assert!(market.shop.sessions().is_empty());
    }

    /// Every answer that is none, in words of its own; and the visit is over, so that nothing waits for a return that cannot come.
    async fn whatever_the_supplier_answers_is_told_apart(db: TestDb) {
        let market = Market::open(&db).await;
        let access = market.as_buyer().await;
        for (quirk, code) in [
            (Quirk::WebPage, "supplier_not_cxml"),
            (Quirk::EmptyAnswer, "supplier_not_cxml"),
            (Quirk::Redirect, "supplier_redirects"),
            (Quirk::Contradiction, "contradictory_response"),
        ] {
            market.shop.misbehave([quirk]);
            let wanted = market.wanted(Operation::Create, None);
            let why = start(&market.app.app.punchout, &access, wanted).await;
            let why = must(why.err().ok_or(format!("{quirk:?} was let pass")));
            assert_eq!(why.code(), code, "{quirk:?}: {why}");
        }
        let mut tx = db.read(&access).await;
        let visits = must(store::of_person(&mut tx, &access, market.buyer.person, 10).await);
        assert_eq!(visits.len(), 4);
        assert!(visits.iter().all(|visit| visit.state == State::Closed));
        drop(tx);
        market.shop.misbehave([Quirk::PaddedUrl, Quirk::Cdata]);
        let visit = market.start(Operation::Create, None).await;
        let StartPage::Address(url) = visit.page else { panic!("no address") };
        assert!(url.starts_with(market.shop.url()));
    }

    /// What a supplier says it does not offer is not offered any more.
    async fn an_operation_that_is_not_offered_is_withdrawn(db: TestDb) {
        let shop = habeo_punchout::simulator::Settings {
            operations: [habeo_punchout::simulator::Operation::Create].into(),
            ..Default::default()
        };
        let market = Market::with(&db, shop, &[]).await;
        let session = market.enter().await;
        must(market.shop.put(&session, "QLN-14-16-512", Decimal::whole(1)));
        led_to(&market.leave(&session, Leaving::WithCart).await);
        let made = market.requisitions().await[0].clone();
        let access = market.as_buyer().await;
        let wanted = market.wanted(Operation::Edit, Some(made.id));
        let why = start(&market.app.app.punchout, &access, wanted).await;
        let code = must(why.err().ok_or("it was let pass")).code().to_owned();
        assert_eq!(code, "supplier_operation_not_offered");
        let mut tx = db.read(&market.college.access).await;
        let known = must(suppliers::known(&mut tx, &market.college.access, market.supplier).await);
        drop(tx);
        let known = must(known.ok_or("no supplier")).settings;
        let others: Vec<Operation> = Operation::ALL.iter().copied().filter(|one| *one != Operation::Edit).collect();
        assert_eq!(known.operations, others);
        // What administrators changed meanwhile stays.
        let changed = Settings { currency: "EUR".to_owned(), ..settings(&market.shop) };
        must(db.ledger.record(&market.college.access, Configure { supplier: market.supplier, settings: changed }).await);
        let withdraw = WithdrawOperation { supplier: market.supplier, operation: Operation::Inspect };
        must(db.ledger.record(&Access::system(market.college.org, Surface::Web), withdraw).await);
        let mut tx = db.read(&market.college.access).await;
        let known = must(suppliers::known(&mut tx, &market.college.access, market.supplier).await);
        let known = must(known.ok_or("no supplier")).settings;
        assert_eq!((known.operations.as_slice(), known.currency.as_str()), ([Operation::Create, Operation::Edit].as_slice(), "EUR"));
    }

    /// A cart that the shop has no more is begun anew there, in the same visit: what comes back takes the place of what is here.
    async fn a_cart_that_is_gone_is_begun_anew(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, "QLN-14-16-512", Decimal::whole(1)));
        led_to(&market.leave(&session, Leaving::WithCart).await);
        let made = market.requisitions().await[0].clone();
        let before = market.shop.received().len();
        market.shop.forget_sessions();
        let visit = market.start(Operation::Edit, Some(made.id)).await;
        assert!(matches!(visit.page, StartPage::Address(_)));
        let heard: Vec<(String, u16)> = market.shop.received().into_iter().skip(before).map(|it| (it.kind, it.status)).collect();
        let setup = "PunchOutSetupRequest".to_owned();
        assert_eq!(heard, [(setup.clone(), 412), (setup, 200)]);
        let session = must(market.shop.last_session().ok_or("no visit")).id;
        must(market.shop.put(&session, "QLN-14-16-512", Decimal::whole(2)));
        led_to(&market.leave(&session, Leaving::WithCart).await);
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// What a test of the connection says of each fault.
    async fn a_test_of_the_connection_says_what_is_wrong(db: TestDb) {
        let market = Market::open(&db).await;
        let (desk, access) = (&market.app.app.punchout, &market.college.access);
        let probed = must(probe(desk, access, market.supplier).await);
        assert_eq!(probed.finding.code(), "good", "{}", probed.finding);
        for (quirk, code) in [
            (Quirk::WebPage, "supplier_not_cxml"),
            (Quirk::EmptyAnswer, "supplier_not_cxml"),
            (Quirk::Redirect, "supplier_redirects"),
        ] {
            market.shop.misbehave([quirk]);
            let probed = must(probe(desk, access, market.supplier).await);
            assert_eq!(probed.finding.code(), code, "{}", probed.finding);
        }
        market.shop.misbehave([]);
        let good = settings(&market.shop);
        for (change, code) in [
            ("identity", "supplier_unauthorized"),
            ("name", "supplier_address_refused"),
            ("port", "supplier_address_refused"),
        ] {
            let mut settings = good.clone();
            match change {
                "identity" => "SOMEBODY-ELSE".clone_into(&mut settings.ours.identity),
                "name" => "https://shop.invalid/cxml".clone_into(&mut settings.setup_url),
                _ => "http://127.0.0.1:1/cxml".clone_into(&mut settings.setup_url),
            }
            let configure = Configure { supplier: market.supplier, settings };
            must(db.ledger.record(access, configure).await);
            let probed = must(probe(desk, access, market.supplier).await);
            if change == "name" {
                // Whether a reserved name is refused or merely not found is the resolver's business.
                assert!(["supplier_name_not_found", "supplier_address_refused"].contains(&probed.finding.code()));
            } else {
                assert_eq!(probed.finding.code(), code, "{}", probed.finding);
            }
        }
        let refused = probe(desk, &market.as_buyer().await, market.supplier).await;
        assert!(refused.is_err(), "only administrators ask");
    }
}
