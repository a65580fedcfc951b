//! What the billing service reports of licences, and what a licence lets people do.

use habeo_core::access::Role;
use habeo_core::seat::{self, State};
use habeo_core::time::DAY_MICROS;
use habeo_delivery::Upkeep;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member};
use habeo_tests::must;
use habeo_tests::reports::{
    Clerk, SEAT_PRICE, STRIPE_TEST_SECRET, Stripe, event, invoice, listening, membership, purchase,
    stripe_signature, subscription,
};
use habeo_tests::tab::Tab;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::facts;

/// A college that has bought seats, and its administrator.
struct Bought<'a> {
    app: &'a TestApp,
    stripe: Stripe<'a>,
    college: &'a College,
    admin: Member,
    now: i64,
}

impl<'a> Bought<'a> {
    async fn of(app: &'a TestApp, college: &'a College) -> Self {
        let root = college.units.root;
        let admin = college
            .member("Robin Example", root, &[(Role::OrgAdmin, root)])
            .await;
        let stripe = Stripe(app);
        let now = college.db.clock_now().seconds();
        let org = college.org.to_string();
        let kind = "checkout.session.completed";
        let bought = stripe
            .reports("evt_checkout", kind, now, purchase("cus_1", "sub_1", &org))
            .await;
        assert_eq!(bought, "accepted");
        Self {
            app,
            stripe,
            college,
            admin,
            now,
        }
    }

    /// Reports the subscription, so many seconds after the purchase.
    async fn says(&self, id: &str, step: &str, second: i64, status: &str, seats: i64) -> String {
        let kind = format!("customer.subscription.{step}");
        let object = subscription("sub_1", "cus_1", status, seats);
        self.stripe
            .reports(id, &kind, self.now + second, object)
            .await
    }

    async fn seat(&self) -> Value {
        let me = self.app.get("/api/v1/me").by(&self.admin).send().await;
        me.ok()["data"]["seat"].clone()
    }

    async fn standing(&self) -> (State, Option<i64>) {
        let access = &self.college.access;
        let mut tx = self.college.db.read(access).await;
        let now = self.college.db.clock_now();
        let standing = must(seat::store::standing(&mut tx, access, now).await);
        let standing = must(standing.ok_or("no licence"));
        (standing.state, standing.seat.quantity)
    }

    /// Whether somebody of the organisation may change something.
    async fn may_change(&self) -> bool {
        let access = self.college.sign_in(&self.admin).await.access;
        let unit = habeo_core::unit::command::CreateUnit {
            id: None,
            parent: self.college.units.root,
            kind: habeo_core::unit::UnitKind::Department,
            code: format!("U{}", self.college.number()),
            name: "Unit".to_owned(),
        };
        match self.college.db.ledger.record(&access, unit).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(
                    habeo_core::explain::Explain::code(&error),
                    "licence_suspended"
                );
                false
            }
        }
    }
}

both_engines! {
    /// A purchase links the customer, the subscription says how many seats, and administrators see both.
    async fn seats_are_bought_and_shown(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        assert_eq!(bought.seat().await["state"], "pending");
        assert_eq!(bought.says("evt_1", "created", 1, "active", 250).await, "accepted");
        let seat = bought.seat().await;
        assert_eq!((&seat["state"], &seat["quantity"], &seat["overLimit"]), (&json!("active"), &json!(250), &json!(false)));
        assert_eq!((seat["inUse"].as_i64(), seat["periodEnd"].as_str()), (Some(1), Some("2026-03-31T23:33:20.000000Z")));
        assert_eq!(seat["graceUntil"], json!(null));
        let plain = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        assert_eq!(app.get("/api/v1/me").by(&plain).send().await.ok()["data"]["seat"], json!(null));
        assert_eq!(facts(&db, college.org, "billing.customer_linked").await, 1);
        assert_eq!(facts(&db, college.org, "billing.seats_changed").await, 1);
        // Nothing of the card, of an address or of whom the invoice goes to is anywhere.
        let found = db.raw().await.number("SELECT COUNT(*) FROM ledger_entry WHERE bytes LIKE '%planted%' OR bytes LIKE '%card%'").await;
        assert_eq!(found, 0);
    }

    /// What was reported of a customer before the purchase is placed in the order in which it happened.
    async fn what_came_before_the_purchase_is_placed_in_its_order(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let stripe = Stripe(&app);
        let now = db.clock_now().seconds();
        for (id, step, second, seats) in [("evt_3", "updated", 30, 30), ("evt_1", "created", 10, 10), ("evt_2", "updated", 20, 20)] {
            let word = stripe.reports(id, &format!("customer.subscription.{step}"), now + second, subscription("sub_1", "cus_1", "active", seats)).await;
            assert_eq!(word, "unlinked");
        }
        assert_eq!(stripe.reports("evt_9", "customer.subscription.created", now, subscription("sub_9", "cus_9", "active", 99)).await, "unlinked");
        let bought = Bought::of(&app, &college).await;
        assert_eq!(bought.standing().await, (State::Active, Some(30)));
        assert_eq!(facts(&db, college.org, "billing.seats_changed").await, 3);
        // They came once; when they come again they are known.
        assert_eq!(bought.says("evt_3", "updated", 30, "active", 30).await, "duplicate");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM unplaced WHERE body_sealed IS NOT NULL").await, 1, "another's still waits");
    }

    /// The later report counts, whichever comes first; what ended stays so.
    async fn the_later_report_counts(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        bought.says("evt_12", "updated", 12, "active", 12).await;
        bought.says("evt_10", "updated", 10, "active", 10).await;
        bought.says("evt_1", "created", 1, "incomplete", 1).await;
        assert_eq!(bought.standing().await, (State::Active, Some(12)));
        assert_eq!(facts(&db, college.org, "billing.seats_changed").await, 1);
        // Of one second: created before updated, whatever comes first.
        bought.says("evt_12c", "created", 12, "active", 5).await;
        assert_eq!(bought.standing().await, (State::Active, Some(12)));
        bought.says("evt_20", "deleted", 11, "canceled", 12).await;
        assert_eq!(bought.standing().await.0, State::Suspended);
        bought.says("evt_30", "updated", 30, "active", 99).await;
        bought.says("evt_31", "created", 31, "active", 99).await;
        assert_eq!(bought.standing().await, (State::Suspended, Some(12)));
    }

    /// Of two changes of one second the later knows the other; where neither does, what is known stays, and somebody is to look.
    async fn two_changes_of_one_second_are_told_apart_or_flagged(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        bought.says("evt_1", "updated", 10, "active", 10).await;
        let mut later = event("evt_2", "customer.subscription.updated", bought.now + 10, subscription("sub_1", "cus_1", "active", 12));
        later["data"]["previous_attributes"] = json!({"items": {"data": [{"quantity": 10, "price": {"id": SEAT_PRICE}}]}});
        bought.stripe.tells(&later).await;
        bought.stripe.settle().await;
        assert_eq!(bought.standing().await, (State::Active, Some(12)));
        bought.says("evt_3", "updated", 10, "active", 99).await;
        assert_eq!(bought.standing().await, (State::Active, Some(12)));
        let mut tab = Tab::of(&app, &bought.admin).await;
        assert!(tab.get("/admin/billing").await.text().contains("contradict each other"));
        bought.says("evt_4", "updated", 11, "active", 14).await;
        assert_eq!(bought.standing().await, (State::Active, Some(14)));
        assert!(!tab.get("/admin/billing").await.text().contains("contradict each other"));
    }

    /// The forms of older versions say the same, items that are no seats do not count, and a part of a list says nothing.
    async fn forms_of_all_versions_are_read(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        let old = json!({
            "id": "sub_1", "customer": {"id": "cus_1", "object": "customer"}, "status": "active", "current_period_end": 1_775_000_000,
            "items": {"data": [{"quantity": 7, "plan": {"id": SEAT_PRICE}}, {"quantity": 1, "plan": {"id": "plan_support"}}, {"quantity": 3, "price": {"id": "x", "lookup_key": "habeo_seat"}}]},
        });
        bought.stripe.reports("evt_1", "customer.subscription.created", bought.now, old.clone()).await;
        assert_eq!(bought.standing().await, (State::Active, Some(10)));
        let mut part = old.clone();
        part["items"]["has_more"] = json!(true);
        bought.stripe.reports("evt_2", "customer.subscription.updated", bought.now + 1, part).await;
        assert_eq!(bought.standing().await, (State::Active, Some(10)));
        let mut odd = old;
        odd["status"] = json!("still_to_come");
        bought.stripe.reports("evt_3", "customer.subscription.updated", bought.now + 2, odd).await;
        assert_eq!(bought.standing().await, (State::Active, Some(10)));
        let mut old_invoice = invoice("cus_1", "");
        old_invoice["parent"] = json!(null);
        old_invoice["subscription"] = json!("sub_1");
        bought.stripe.reports("evt_4", "invoice.payment_failed", bought.now + 3, old_invoice).await;
        assert_eq!(bought.standing().await.0, State::Grace);
    }

    /// A missing payment is borne from its first failure on; when it comes all is as before, and when it does not, people only read.
    async fn a_missing_payment_is_borne_for_a_while(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        bought.says("evt_1", "created", 1, "active", 10).await;
        bought.stripe.reports("evt_2", "invoice.payment_failed", bought.now + 60, invoice("cus_1", "sub_1")).await;
        bought.says("evt_3", "updated", 61, "past_due", 10).await;
        bought.stripe.reports("evt_4", "invoice.payment_failed", bought.now + 120, invoice("cus_1", "sub_1")).await;
        assert_eq!(facts(&db, college.org, "billing.grace_entered").await, 1);
        assert_eq!(bought.seat().await["graceUntil"], "2026-03-16T09:01:00.000000Z");
        assert!(bought.may_change().await);
        let upkeep = Upkeep::new(db.ledger.clone());
        db.clock.advance_micros(13 * DAY_MICROS);
        must(upkeep.round().await);
        assert!(bought.may_change().await);
        db.clock.advance_micros(DAY_MICROS + 61_000_000);
        // The time is up whether that was recorded or not.
        assert!(!bought.may_change().await);
        assert_eq!(bought.seat().await["state"], "suspended");
        must(upkeep.round().await);
        must(upkeep.round().await);
        assert_eq!(facts(&db, college.org, "billing.grace_left").await, 1);
        // The next attempt fails as well: that does not begin anew.
        let later = db.clock_now().seconds() - bought.now;
        bought.stripe.reports("evt_5", "invoice.payment_failed", bought.now + later, invoice("cus_1", "sub_1")).await;
        bought.says("evt_6", "updated", later, "past_due", 12).await;
        assert_eq!(bought.standing().await, (State::Suspended, Some(12)));
        // Paid: at once as before.
        bought.stripe.reports("evt_7", "invoice.paid", bought.now + later + 1, invoice("cus_1", "sub_1")).await;
        bought.says("evt_8", "updated", later + 2, "active", 12).await;
        assert_eq!(bought.standing().await, (State::Active, Some(12)));
        assert!(bought.may_change().await);
        assert_eq!(facts(&db, college.org, "billing.grace_left").await, 2);
    }

    /// Suspended means: people change nothing, whatever way they come; reading, signing in, asking and reports of systems go on.
    async fn a_suspended_licence_stops_changes_by_people_only(db: TestDb) {
        let app = listening(&db).await;
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let bought = Bought::of(&app, &college).await;
        let asset = college.asset("Laptop").register().await;
        bought.says("evt_1", "created", 1, "unpaid", 10).await;
        assert!(!bought.may_change().await);
        let access = college.sign_in(&bought.admin).await.access;
        let act = super::super::core::deploy(college.people.ada);
        let refused = college.try_as(&access, asset, act).await.expect_err("suspended");
        assert_eq!(habeo_core::explain::Explain::code(&refused), "licence_suspended");
        assert_eq!(college.state(asset).await, habeo_core::asset::State::InStock);
        // Many at once, which are decided together.
        let all = futures_util::future::join_all((0..8).map(|_| college.try_as(&access, asset, super::super::core::deploy(college.people.ben)))).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(app.get("/api/v1/assets").by(&bought.admin).send().await.status, StatusCode::OK);
        let mut tab = Tab::of(&app, &bought.admin).await;
        assert!(tab.get("/").await.text().contains("The licence is suspended"));
        assert!(tab.get("/admin/billing").await.text().contains("Suspended"));
        let exported = app.get("/api/v1/assets?format=csv").by(&bought.admin).header("accept", "text/csv").send().await;
        assert_ne!(exported.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
        // Habeo itself, and those who report, go on; so does everybody else.
        college.act(asset, super::super::core::deploy(college.people.ada)).await;
        let now = db.clock_now().seconds();
        assert_eq!(Clerk(&app).reports("msg_1", "organizationMembership.created", membership("orgmem_1", "westmark", "user_new", "org:member", now)).await, "accepted");
        let elsewhere = other.access_of(&[(Role::OrgAdmin, other.units.root)]).await;
        let theirs = other.asset("Laptop").register().await;
        must(other.try_as(&elsewhere, theirs, super::super::core::deploy(other.people.ada)).await);
        bought.says("evt_2", "updated", 2, "active", 10).await;
        assert!(bought.may_change().await);
    }

    /// More people than seats: nobody is turned away and nobody is removed, and administrators are told.
    async fn more_people_than_seats_are_told_of_and_kept(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        college.member("Ada Example", college.units.physics, &[]).await;
        bought.says("evt_1", "created", 1, "active", 10).await;
        assert!(!Tab::of(&app, &bought.admin).await.get("/").await.text().contains("/admin/billing\">Billing</a></p>"));
        bought.says("evt_2", "updated", 2, "active", 2).await;
        let seat = bought.seat().await;
        assert_eq!((&seat["inUse"], &seat["overLimit"]), (&json!(2), &json!(false)));
        assert!(Tab::of(&app, &bought.admin).await.get("/").await.text().contains("Every seat is taken"));
        let now = db.clock_now().seconds();
        Clerk(&app).reports("msg_1", "organizationMembership.created", membership("orgmem_1", "westmark", "user_new", "org:member", now)).await;
        let seat = bought.seat().await;
        assert_eq!((&seat["inUse"], &seat["overLimit"]), (&json!(3), &json!(true)));
        assert!(Tab::of(&app, &bought.admin).await.get("/").await.text().contains("3 people may sign in, and there are 2 seats"));
        assert!(bought.may_change().await);
        bought.says("evt_3", "updated", 3, "active", 1).await;
        let entries = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type = 'billing.seats_changed' ORDER BY log_index DESC LIMIT 1").await;
        assert!(entries[0].contains("\"inUse\":3") && entries[0].contains("\"overLimit\":true"), "{entries:?}");
        // Who leaves gives the seat back.
        Clerk(&app).reports("msg_2", "organizationMembership.deleted", membership("orgmem_1", "westmark", "user_new", "org:member", now + 1)).await;
        assert_eq!(bought.seat().await["inUse"], 2);
    }

    /// Who pays may name any organisation: one that is paid for already keeps its customer, and a customer their organisation.
    async fn nobody_takes_over_a_licence_by_naming_it(db: TestDb) {
        let app = listening(&db).await;
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let bought = Bought::of(&app, &college).await;
        bought.says("evt_1", "created", 1, "active", 250).await;
        let kind = "checkout.session.completed";
        bought.stripe.reports("evt_2", kind, bought.now + 2, purchase("cus_evil", "sub_evil", &college.org.to_string())).await;
        bought.stripe.reports("evt_3", "customer.subscription.created", bought.now + 3, subscription("sub_evil", "cus_evil", "active", 1)).await;
        assert_eq!(bought.standing().await, (State::Active, Some(250)));
        bought.stripe.reports("evt_4", kind, bought.now + 4, purchase("cus_1", "sub_1", &other.org.to_string())).await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM seat").await, 1);
        // The address on a purchase names nobody.
        let mut unnamed = purchase("cus_2", "sub_2", "");
        unnamed["client_reference_id"] = json!(null);
        unnamed["customer_details"]["email"] = json!("dean@eastmark.example");
        assert_eq!(bought.stripe.reports("evt_5", kind, bought.now + 5, unnamed).await, "ignored");
        // Two notes that differ name nobody either; one alone is enough.
        let mut torn = purchase("cus_2", "sub_2", &other.org.to_string());
        torn["metadata"] = json!({"habeo_org_id": college.org.to_string()});
        assert_eq!(bought.stripe.reports("evt_6", kind, bought.now + 6, torn.clone()).await, "ignored");
        torn["client_reference_id"] = json!(null);
        torn["metadata"] = json!({"habeo_org_id": other.org.to_string()});
        assert_eq!(bought.stripe.reports("evt_7", kind, bought.now + 7, torn).await, "accepted");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM seat").await, 2);
        // When a subscription is over, another customer can pay.
        bought.says("evt_8", "deleted", 8, "canceled", 250).await;
        assert!(!bought.may_change().await);
        bought.stripe.reports("evt_9", kind, bought.now + 9, purchase("cus_3", "sub_3", &college.org.to_string())).await;
        bought.stripe.reports("evt_10", "customer.subscription.created", bought.now + 10, subscription("sub_3", "cus_3", "active", 20)).await;
        assert_eq!(bought.standing().await, (State::Active, Some(20)));
        assert!(bought.may_change().await);
        // What is still said of the former one changes nothing.
        bought.says("evt_11", "updated", 11, "active", 250).await;
        assert_eq!(bought.standing().await, (State::Active, Some(20)));
    }

    /// A customer who is deleted pays no more; another purchase begins anew.
    async fn a_deleted_customer_suspends(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let bought = Bought::of(&app, &college).await;
        bought.says("evt_1", "created", 1, "active", 10).await;
        bought.stripe.reports("evt_2", "customer.updated", bought.now + 2, json!({"id": "cus_1", "name": "planted"})).await;
        bought.stripe.reports("evt_3", "customer.deleted", bought.now + 3, json!({"id": "cus_1", "deleted": true})).await;
        assert_eq!(bought.standing().await.0, State::Suspended);
        assert_eq!(facts(&db, college.org, "billing.customer_detached").await, 1);
        bought.stripe.reports("evt_4", "checkout.session.completed", bought.now + 4, purchase("cus_2", "sub_2", &college.org.to_string())).await;
        bought.stripe.reports("evt_5", "customer.subscription.created", bought.now + 5, subscription("sub_2", "cus_2", "trialing", 5)).await;
        assert_eq!(bought.standing().await, (State::Active, Some(5)));
    }

    /// A sandbox takes purchases of the test mode, and no others.
    async fn a_sandbox_is_paid_for_in_the_test_mode_only(db: TestDb) {
        let app = listening(&db).await;
        let sandbox = habeo_core::org::command::CreateOrg {
            name: "Sandbox".to_owned(), slug: "sandbox".to_owned(), timezone: "UTC".to_owned(), currency: "USD".to_owned(), sandbox: true,
            external: Vec::new(), tag_namespaces: Vec::new(), units: None,
        };
        let created = must(sandbox.carry_out(&db.ledger).await);
        let stripe = Stripe(&app);
        let now = db.clock_now().seconds();
        let org = created.org.to_string();
        assert_eq!(stripe.reports("evt_1", "checkout.session.completed", now, purchase("cus_1", "sub_1", &org)).await, "accepted");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM seat").await, 0);
        for (id, kind, object) in [
            ("evt_2", "checkout.session.completed", purchase("cus_2", "sub_2", &org)),
            ("evt_3", "customer.subscription.created", subscription("sub_2", "cus_2", "active", 3)),
        ] {
            let mut test = event(id, kind, now, object);
            test["livemode"] = json!(false);
            let test = test.to_string();
            assert_eq!(stripe.send(&stripe_signature(STRIPE_TEST_SECRET, now, test.as_bytes()), test.as_bytes()).await.status, StatusCode::OK);
            stripe.settle().await;
        }
        assert_eq!(db.raw().await.number("SELECT quantity FROM seat").await, 3);
    }

    /// The page is for administrators of the whole; others are told so, and strangers are led to sign in.
    async fn the_page_is_for_administrators(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let part = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        assert_eq!(Tab::new(&app).get("/admin/billing").await.status, StatusCode::SEE_OTHER);
        assert_eq!(Tab::of(&app, &part).await.get("/admin/billing").await.status, StatusCode::FORBIDDEN);
        let bought = Bought::of(&app, &college).await;
        let mut tab = Tab::of(&app, &bought.admin).await;
        for n in 0..30 {
            bought.says(&format!("evt_{n}"), "updated", n, "active", 10 + n).await;
        }
        let page = tab.get("/admin/billing").await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains("<dd>39</dd>") && text.contains("38 seats became 39") && text.contains("Earlier"), "{text}");
        let before = text.split("?before=").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let earlier = tab.get(&format!("/admin/billing?before={before}")).await.text();
        assert!(earlier.contains("The customer cus_1 pays from now on.") && !earlier.contains("Earlier"), "{earlier}");
        assert_eq!(tab.get("/admin/billing?before=x").await.status, StatusCode::BAD_REQUEST);
    }
}
