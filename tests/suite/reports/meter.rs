//! Used seats are reported to the billing service once a day, under one name, as long as it takes.

use habeo_core::access::Role;
use habeo_core::time::DAY_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::meter::{LIVE_KEY, MeterStripe};
use habeo_tests::must;
use habeo_tests::reports::{SETTINGS, Stripe, purchase, subscription};
use serde_json::json;

async fn reporting(college: &College, meter: &MeterStripe) -> TestApp {
    let more = meter.settings();
    let mut settings = SETTINGS.to_vec();
    settings.extend(more.iter().map(|(name, value)| (*name, value.as_str())));
    TestApp::configured(&college.db, &settings).await
}

async fn buys(app: &TestApp, college: &College, metered: bool) {
    let root = college.units.root;
    college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let stripe = Stripe(app);
    let now = college.db.clock_now().seconds();
    let (org, customer) = (college.org.to_string(), format!("cus_{}", college.slug));
    let kind = "checkout.session.completed";
    let (bought, begun) = (
        format!("evt_a{}", college.slug),
        format!("evt_b{}", college.slug),
    );
    stripe
        .reports(&bought, kind, now, purchase(&customer, "sub_1", &org))
        .await;
    let mut object = subscription(&format!("sub_{}", college.slug), &customer, "active", 10);
    if metered {
        let item = json!({"id": "si_2", "price": {"id": "price_meter", "lookup_key": "habeo_seat", "recurring": {"usage_type": "metered"}}});
        let items = object["items"]["data"].as_array_mut();
        must(items.ok_or("no items")).push(item);
    }
    stripe
        .reports(&begun, "customer.subscription.created", now, object)
        .await;
}

both_engines! {
    /// Once a day for each organisation whose plan has a meter, with the number of people who may sign in, and not for others.
    async fn used_seats_are_reported_once_a_day(db: TestDb) {
        let meter = MeterStripe::start().await;
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let app = reporting(&college, &meter).await;
        buys(&app, &college, true).await;
        buys(&app, &other, false).await;
        let worker = app.app.worker();
        for _ in 0..3 {
            must(worker.upkeep().round().await);
            must(worker.deliver_due().await);
        }
        let calls = meter.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        let identifier = format!("habeo-seats-{}-2026-03-02", college.org);
        assert_eq!((calls[0].key.as_str(), calls[0].idempotency_key.as_str(), calls[0].version.as_str()), (LIVE_KEY, identifier.as_str(), "2025-09-30.clover"));
        let form = &calls[0].form;
        assert_eq!((form["event_name"].as_str(), form["payload[value]"].as_str()), ("habeo_active_seats", "1"));
        assert_eq!((form["payload[stripe_customer_id]"].as_str(), form["identifier"].as_str()), ("cus_westmark", identifier.as_str()));
        assert_eq!(form["timestamp"], "1772409600");
        college.member("Ada Example", college.units.physics, &[]).await;
        db.clock.advance_micros(DAY_MICROS);
        must(worker.upkeep().round().await);
        must(worker.deliver_due().await);
        let taken = meter.taken();
        assert_eq!(taken.len(), 2);
        assert_eq!(taken[&format!("habeo-seats-{}-2026-03-03", college.org)]["payload[value]"], "2");
    }

    /// What may be taken later is sent again under the same name; what is wrong is not.
    async fn what_fails_is_sent_again_under_the_same_name(db: TestDb) {
        let meter = MeterStripe::start().await;
        let college = College::found(&db).await;
        let app = reporting(&college, &meter).await;
        buys(&app, &college, true).await;
        let worker = app.app.worker();
        for (status, after) in [(409, None), (429, Some(30)), (503, None)] {
            meter.fail(status, after);
        }
        must(worker.upkeep().round().await);
        for _ in 0..40 {
            must(worker.deliver_due().await);
            db.clock.advance_micros(30_000_000);
        }
        let calls = meter.calls();
        assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [409, 429, 503, 200]);
        assert!(calls.iter().all(|call| call.idempotency_key == calls[0].idempotency_key && call.form == calls[0].form));
        assert_eq!(meter.taken().len(), 1);
        db.clock.advance_micros(DAY_MICROS);
        meter.fail(400, None);
        must(worker.upkeep().round().await);
        for _ in 0..10 {
            must(worker.deliver_due().await);
            db.clock.advance_micros(30_000_000);
        }
        assert_eq!(meter.calls().len(), 5, "a final answer is final");
    }

    /// Without a meter nothing is put into the outbox, whatever the plan has.
    async fn without_a_meter_nothing_waits(db: TestDb) {
        let college = College::found(&db).await;
        let app = habeo_tests::reports::listening(&db).await;
        buys(&app, &college, true).await;
        must(app.app.worker().upkeep().round().await);
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM outbox").await, 0);
    }
}
