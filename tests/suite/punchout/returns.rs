//! The way back: one cart per visit whoever races, nothing of ours looked at, and pages that say what to do.

use habeo_core::punchout::command::CloseSession;
use habeo_core::punchout::{Outcome, State, store};
use habeo_core::supplier::Operation;
use habeo_core::time::{DAY_MICROS, HOUR_MICROS};
use habeo_punchout::back::recover;
use habeo_punchout::simulator::{Decimal, Leaving};
use habeo_tests::{both_engines, must};

use super::{CROSS_SITE, FORM, Market, NAVIGATES, field, led_to};

const PART: &str = "QLN-14-16-512";

both_engines! {
    /// The browser brings the cart without a cookie of ours, gets none, and is led to the page of its visit.
    async fn a_browser_brings_a_cart_without_any_cookie(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(2)));
        let posted = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        let answer = market.post(&posted.content_type, posted.body.clone(), &[NAVIGATES, CROSS_SITE]).await;
        let visit = led_to(&answer);
        assert!(answer.header("set-cookie").is_none());
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let made = market.requisitions().await;
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].session.to_string(), visit);
        assert_eq!(made[0].requester, market.buyer.person);
        assert_eq!(made[0].cost_centre.as_deref(), Some("CC-100"));
        // A cookie and a token that come along change nothing.
        let with = [NAVIGATES, CROSS_SITE, ("cookie", "__Host-habeo_sid=x"), ("authorization", "Bearer x")];
        assert_eq!(led_to(&market.post(&posted.content_type, posted.body, &with).await), visit);
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// The same bytes are the same cart however often they come; others leave the first as it is and are told so on a page.
    async fn one_visit_makes_one_cart(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        let first = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        let post = |body: Vec<u8>| market.post(&first.content_type, body, &[NAVIGATES]);
        let visit = led_to(&post(first.body.clone()).await);
        for _ in 0..3 {
            assert_eq!(led_to(&post(first.body.clone()).await), visit);
        }
        must(market.shop.put(&session, "QLN-16-32-1T", Decimal::whole(1)));
        let other = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        for _ in 0..2 {
            let answer = post(other.body.clone()).await;
            assert_eq!(answer.status, 409);
            let page = answer.text();
            assert!(page.contains("already_returned") && page.contains("Larkmoor"), "{page}");
            let policy = answer.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        }
        assert_eq!(market.requisitions().await.len(), 1);
        assert_eq!(market.entries("punchout.returned").await, 1);
    }

    /// Two carts of one visit at the same instant: one is taken, the other is told so.
    async fn of_two_carts_that_race_one_wins(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        let one = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        let two = must(market.shop.cart_form(&session, Leaving::WithCart).ok_or("no form"));
        let post = |body: Vec<u8>| market.post(&one.content_type, body, &[NAVIGATES]);
        let answers = tokio::join!(
            post(one.body.clone()), post(two.body.clone()), post(one.body.clone()), post(two.body.clone())
        );
        let mut statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.status].map(|it| it.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 303, 409, 409]);
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// A program that posts the document itself is answered in its own language, by HTTP 200.
    async fn a_program_is_answered_in_cxml(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        let form = must(market.shop.buyer_form(&session, Leaving::WithCart).ok_or("no form"));
        let document = must(form.fields.first().ok_or("no field")).1.clone();
        let post = |body: String| market.post("text/xml", body.into_bytes(), &[]);
        let taken = post(document.clone()).await;
        assert_eq!(taken.status, 200);
        assert!(taken.text().contains("code=\"200\""), "{}", taken.text());
        assert!(post(document.clone()).await.text().contains("code=\"200\""));
        let other = document.replace("</Message>", "<!-- other --></Message>");
        assert!(post(other).await.text().contains("code=\"409\""));
        let nobodys = post(document.replace("<BuyerCookie>", "<BuyerCookie>x")).await;
        assert_eq!(nobodys.status, 200);
        assert!(nobodys.text().contains("code=\"412\"") && nobodys.text().contains("unknown_session"), "{}", nobodys.text());
        let broken = post("<cXML><Message>".to_owned()).await;
        assert!(broken.text().contains("code=\"406\""), "{}", broken.text());
    }

    /// What comes too late waits a day for its owner, and is theirs alone to take.
    async fn a_late_cart_waits_for_its_owner(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        db.clock.advance_micros(8 * HOUR_MICROS);
        let answer = market.leave(&session, Leaving::WithCart).await;
        assert_eq!(answer.status, 410);
        assert!(answer.text().contains("session_expired"), "{}", answer.text());
        assert_eq!(market.requisitions().await.len(), 0);
        let (access, desk) = (market.as_buyer().await, &market.app.app.punchout);
        let mut tx = db.read(&access).await;
        let visits = must(store::of_person(&mut tx, &access, market.buyer.person, 1).await);
        let visit = visits[0].id;
        let kept = must(store::documents(&mut tx, &access, visit, db.clock_now()).await);
        drop(tx);
        let late = must(kept.iter().find(|it| it.late.is_some()).ok_or("nothing is kept"));
        let stranger = market.college.member("Sam Example", market.college.units.physics, &[]).await;
        let other = market.college.access_as(stranger.person).await;
        assert!(recover(desk, &other, visit, late.id).await.is_err());
        for _ in 0..2 {
            let taken = must(recover(desk, &access, visit, late.id).await);
            assert!(format!("{taken:?}").contains("Cart"), "{taken:?}");
        }
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// After a day it is gone, and the cookie leads nowhere any more.
    async fn after_a_day_nobody_can_tell_that_there_was_a_visit(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        db.clock.advance_micros(8 * HOUR_MICROS + DAY_MICROS);
        let gone = market.leave(&session, Leaving::Empty).await;
        let never = market.post(FORM, field("cXML-urlencoded", &cart_of("never-was-one-of-these")), &[NAVIGATES]).await;
        assert_eq!((gone.status.as_u16(), never.status.as_u16()), (404, 404));
        assert_eq!(gone.text(), never.text());
        assert_eq!(market.entries("punchout.not_taken").await, 0);
    }

    /// The three ways to leave without buying, by what the visit was for.
    async fn empty_carts_destroy_nothing(db: TestDb) {
        let market = Market::open(&db).await;
        let session = market.enter().await;
        must(market.shop.put(&session, PART, Decimal::whole(2)));
        led_to(&market.leave(&session, Leaving::WithCart).await);
        let made = market.requisitions().await[0].clone();
        let outcome = async |leaving: Leaving| {
            let visit = market.start(Operation::Edit, Some(made.id)).await;
            let session = must(market.shop.last_session().ok_or("no visit")).id;
            led_to(&market.leave(&session, leaving).await);
            let access = market.as_buyer().await;
            let mut tx = db.read(&access).await;
            let found = must(store::by_id(&mut tx, &access, visit.session).await);
            let found = must(found.ok_or("no visit"));
            assert_eq!(found.state, State::Returned);
            found.outcome
        };
        assert_eq!(outcome(Leaving::NoChange).await, Some(Outcome::Unchanged));
        assert_eq!(outcome(Leaving::Empty).await, Some(Outcome::Asking));
        assert_eq!(outcome(Leaving::WithCart).await, Some(Outcome::Cart));
        assert_eq!(market.requisitions().await.len(), 1);
        let empty = market.enter().await;
        led_to(&market.leave(&empty, Leaving::Empty).await);
        assert_eq!(market.requisitions().await.len(), 1);
    }

    /// Five unknown cookies a minute from an address, thirty carts of any sort.
    async fn strangers_are_counted(db: TestDb) {
        let market = Market::with(&db, habeo_punchout::simulator::Settings::default(), &[("HABEO_PUNCHOUT_RATE_ADDRESS", "30")]).await;
        let post = |cookie: String| market.post(FORM, field("cXML-urlencoded", &cart_of(&cookie)), &[NAVIGATES]);
        let mut statuses = Vec::new();
        for number in 0..32 {
            let answer = post(format!("nobody-knows-this-cookie-{number}")).await;
            if answer.status == 429 {
                assert!(answer.header("retry-after").is_some());
            }
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses[..5], [404; 5]);
        assert_eq!(statuses[5..], [429; 27]);
        assert_eq!(market.entries("punchout.%").await, 0);
        // Whoever has a good cookie meets the bound of the address, and gets through when it is over.
        let session = market.enter().await;
        assert_eq!(market.leave(&session, Leaving::Empty).await.status, 429);
        market.app.wait_seconds(60);
        led_to(&market.leave(&session, Leaving::Empty).await);
    }

    /// A visit that was called off takes nothing.
    async fn a_visit_that_was_called_off_takes_nothing(db: TestDb) {
        let market = Market::open(&db).await;
        let visit = market.start(Operation::Create, None).await.session;
        let session = must(market.shop.last_session().ok_or("no visit")).id;
        let close = CloseSession { session: visit };
        must(db.ledger.record(&market.as_buyer().await, close).await);
        must(market.shop.put(&session, PART, Decimal::whole(1)));
        let answer = market.leave(&session, Leaving::WithCart).await;
        assert_eq!(answer.status, 410, "{}", answer.text());
        assert_eq!(market.requisitions().await.len(), 0);
    }
}

/// A whole cart with this cookie.
pub(super) fn cart_of(cookie: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd"><cXML payloadID="1@x" timestamp="2026-01-01T00:00:00+00:00"><Header><From><Credential domain="DUNS"><Identity>080000017</Identity></Credential></From><To><Credential domain="NetworkID"><Identity>WESTMARK</Identity></Credential></To><Sender><Credential domain="DUNS"><Identity>080000017</Identity></Credential><UserAgent>shop</UserAgent></Sender></Header><Message><PunchOutOrderMessage><BuyerCookie>{cookie}</BuyerCookie><PunchOutOrderMessageHeader operationAllowed="edit"><Total><Money currency="USD">10.00</Money></Total></PunchOutOrderMessageHeader><ItemIn quantity="1"><ItemID><SupplierPartID>A-1</SupplierPartID></ItemID><ItemDetail><UnitPrice><Money currency="USD">10.00</Money></UnitPrice><Description xml:lang="en">a thing</Description><UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">43211503</Classification></ItemDetail></ItemIn></PunchOutOrderMessage></Message></cXML>"#
    )
}
