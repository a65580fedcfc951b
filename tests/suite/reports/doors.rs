//! What comes in: only what was signed by its sender, lately, and nothing of it twice.

use habeo_core::time::Timestamp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::reports::{
    CLERK_OLD_SECRET, CLERK_SECRET, Clerk, INSTANCE, STRIPE_OLD_SECRET, STRIPE_SECRET,
    STRIPE_TEST_SECRET, Stripe, event, listening, membership, purchase, stripe_signature,
    subscription, svix, user,
};
use habeo_tests::{app::TestApp, must};
use poem::http::StatusCode;
use serde_json::json;

const MEGABYTE: usize = 1024 * 1024;

both_engines! {
    /// The sheet's vectors, through the door, at their time and by either name of the headers.
    async fn vectors_come_in(db: TestDb) {
        db.clock.set(Timestamp::from_seconds(1_767_225_600));
        let app = listening(&db).await;
        let clerk = Clerk(&app);
        let body = br#"{"data":{"deleted":true,"id":"user_2habeoPriya","object":"user"},"object":"event","type":"user.deleted","timestamp":1767225600123,"instance_id":"ins_2habeo"}"#;
        let new = "v1,ety+Hnnj3/gSrDpTAiZ698RIjcKPnBdcreQYUcnGKyU=";
        let old = "v1,eHP46A2UW7IbhgqQq8WmJ+wigvEhLIF/kbITRORDihI=";
        for (names, signatures) in [("svix", new.to_owned()), ("webhook", old.to_owned()), ("svix", format!("{old} {new}"))] {
            let headers = [
                (format!("{names}-id"), "msg_2habeo0001".to_owned()),
                (format!("{names}-timestamp"), "1767225600".to_owned()),
                (format!("{names}-signature"), signatures),
            ];
            let headers: Vec<(&str, String)> = headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            let answer = clerk.send(&headers, body).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            assert_eq!(answer.json()["received"], true);
        }
        let stripe = Stripe(&app);
        let body = br#"{"id":"evt_1"}"#;
        let signature = "t=1767225600,v1=3fc9e2281b87f2b40d8717c3dff32e145b2fb55029ea8946597186b1c8f943dc,v1=cb530634bfe77c455736fc0de95c7f46ab8b4898b6c086afd14b34342c4c2d28";
        stripe.send(signature, body).await.problem(400, "message_invalid");
    }

    /// Both doors refuse in one way, whatever is wrong, and leave nothing.
    async fn only_what_was_signed_comes_in(db: TestDb) {
        let app = listening(&db).await;
        College::found(&db).await;
        let (clerk, stripe) = (Clerk(&app), Stripe(&app));
        let now = db.clock_now().seconds();
        let body = clerk.envelope("user.created", user("user_1", "Ada", "ada@westmark.example", now)).to_string();
        let body = body.as_bytes();
        let good = svix(CLERK_SECRET, "msg_1", now, body);
        let mut wrong = vec![
            Vec::new(),
            good[..2].to_vec(),
            svix("whsec_YW5vdGhlciBzZWNyZXQgb2Ygc29tZWJvZHk=", "msg_1", now, body).to_vec(),
            svix(CLERK_SECRET, "msg_1", now - 301, body).to_vec(),
            svix(CLERK_SECRET, "msg_1", now + 301, body).to_vec(),
            svix(CLERK_SECRET, "msg_1", now, b"{}").to_vec(),
            svix(CLERK_SECRET, "msg_2", now, body).iter().map(|(name, value)| (*name, value.replace("msg_2", "msg_1"))).collect(),
        ];
        for extra in &good {
            let mut twice = good.to_vec();
            twice.push(extra.clone());
            wrong.push(twice);
        }
        wrong.push(good.iter().map(|(name, value)| (*name, value.replace("v1,", "v1a,"))).collect());
        for headers in &wrong {
            let answer = clerk.send(headers, body).await;
            answer.problem(401, "signature_invalid");
        }
        let body = event("evt_1", "customer.created", now, json!({"id": "cus_1"})).to_string();
        let body = body.as_bytes();
        for signature in [
            String::new(),
            stripe_signature("habeo_example", now, body),
            stripe_signature(STRIPE_SECRET, now - 301, body),
            stripe_signature(STRIPE_SECRET, now + 400, body),
            stripe_signature(STRIPE_SECRET, now, b"{}"),
            stripe_signature(STRIPE_SECRET, now, body).replace("v1=", "v0="),
            CLERK_SECRET.to_owned(),
        ] {
            stripe.send(&signature, body).await.problem(401, "signature_invalid");
        }
        for (path, status) in [("/api/webhooks/clerk", 405), ("/api/webhooks/stripe", 405), ("/api/webhooks/other", 404)] {
            assert_eq!(app.get(path).send().await.status.as_u16(), status, "{path}");
        }
        let mut raw = db.raw().await;
        assert_eq!(raw.number("SELECT COUNT(*) FROM inbox").await + raw.number("SELECT COUNT(*) FROM unplaced").await, 0);
    }

    /// The present secret and the one before count, in and out of the window's edge.
    async fn two_secrets_and_five_minutes_count(db: TestDb) {
        let app = listening(&db).await;
        let now = db.clock_now().seconds();
        for (n, (clerk, stripe, off)) in [
            (CLERK_SECRET, STRIPE_SECRET, 300), (CLERK_OLD_SECRET, STRIPE_OLD_SECRET, 0), (CLERK_SECRET, STRIPE_SECRET, -300),
        ].into_iter().enumerate() {
            let body = Clerk(&app).envelope("role.created", json!({"id": "role_1"})).to_string();
            let answer = Clerk(&app).send(&svix(clerk, &format!("msg_{n}"), now + off, body.as_bytes()), body.as_bytes()).await;
            assert_eq!(answer.ok()["status"], "ignored");
            let body = event(&format!("evt_{n}"), "charge.succeeded", now, json!({})).to_string();
            let answer = Stripe(&app).send(&stripe_signature(stripe, now + off, body.as_bytes()), body.as_bytes()).await;
            assert_eq!(answer.ok()["status"], "ignored");
        }
    }

    /// Without a secret nobody is let in, and the answer is the same.
    async fn without_a_secret_nobody_comes_in(db: TestDb) {
        let app = TestApp::over(&db).await;
        let now = db.clock_now().seconds();
        Clerk(&app).send(&svix(CLERK_SECRET, "msg_1", now, b"{}"), b"{}").await.problem(401, "signature_invalid");
        Stripe(&app).send(&stripe_signature(STRIPE_SECRET, now, b"{}"), b"{}").await.problem(401, "signature_invalid");
    }

    /// What is signed and cannot be read is refused for good; what is too large is not read; what is no JSON by its own word is none.
    async fn what_cannot_be_read_is_refused(db: TestDb) {
        let app = listening(&db).await;
        let (clerk, stripe) = (Clerk(&app), Stripe(&app));
        let whole = clerk.envelope("user.created", user("user_1", "Ada", "ada@westmark.example", 1)).to_string();
        for body in [&b"not json"[..], b"", b"\xff\xfe", b"[]", b"null", b"{\"data\":{}}", &whole.as_bytes()[..whole.len() - 1]] {
            clerk.deliver("msg_1", body).await.problem(400, "message_invalid");
            stripe.deliver(body).await.problem(400, "message_invalid");
        }
        stripe.deliver(br#"{"id":"a b","type":"x"}"#).await.problem(400, "message_invalid");
        let fill = |bytes: usize| {
            let body = format!("{{\"type\":\"role.created\",\"id\":\"evt_1\",\"instance_id\":\"{INSTANCE}\",\"data\":{{}},\"x\":\"");
            format!("{body}{}\"}}", "x".repeat(bytes - body.len() - 2))
        };
        assert_eq!(clerk.deliver("msg_1", fill(MEGABYTE).as_bytes()).await.status, StatusCode::OK);
        assert_eq!(stripe.deliver(fill(MEGABYTE).as_bytes()).await.status, StatusCode::OK);
        clerk.deliver("msg_2", fill(MEGABYTE + 1).as_bytes()).await.problem(413, "payload_too_large");
        stripe.deliver(fill(MEGABYTE + 1).as_bytes()).await.problem(413, "payload_too_large");
        let now = db.clock_now().seconds();
        let body = b"{\"type\":\"role.created\"}";
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let mut call = app.post("/api/webhooks/clerk").header("content-type", kind).body(body.to_vec());
            for (name, value) in svix(CLERK_SECRET, "msg_3", now, body) {
                call = call.header(name, &value);
            }
            call.send().await.problem(415, "unsupported_media_type");
        }
        let unnamed = app.post("/api/webhooks/stripe").header("stripe-signature", &stripe_signature(STRIPE_SECRET, now, body)).body(body.to_vec());
        unnamed.send().await.problem(415, "unsupported_media_type");
    }

    /// Written with blanks and line ends, a message is as good.
    async fn what_is_written_with_blanks_is_as_good(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let now = db.clock_now().seconds();
        let body = must(serde_json::to_string_pretty(&event("evt_1", "checkout.session.completed", now, purchase("cus_1", "sub_1", &college.org.to_string()))));
        assert_eq!(Stripe(&app).deliver(body.as_bytes()).await.ok()["status"], "accepted");
        let body = must(serde_json::to_string_pretty(&Clerk(&app).envelope("organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now))));
        assert_eq!(Clerk(&app).deliver("msg_1", body.as_bytes()).await.ok()["status"], "accepted");
    }

    /// The same message a thousand times, one after the other and all at once, is one message.
    async fn duplicates_change_nothing(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let (clerk, stripe) = (Clerk(&app), Stripe(&app));
        let now = db.clock_now().seconds();
        let org = college.org.to_string();
        stripe.reports("evt_0", "checkout.session.completed", now, purchase("cus_1", "sub_1", &org)).await;
        let joined = clerk.envelope("organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now)).to_string();
        let bought = event("evt_1", "customer.subscription.created", now, subscription("sub_1", "cus_1", "active", 10)).to_string();
        let at_once = (0..64).map(|_| async {
            let (one, other) = tokio::join!(clerk.deliver("msg_1", joined.as_bytes()), stripe.deliver(bought.as_bytes()));
            [one.ok()["status"].clone(), other.ok()["status"].clone()]
        });
        let words = futures_util::future::join_all(at_once).await;
        for place in 0..2 {
            assert_eq!(words.iter().filter(|words| words[place] == "accepted").count(), 1);
            assert_eq!(words.iter().filter(|words| words[place] == "duplicate").count(), 63);
        }
        clerk.settle().await;
        stripe.settle().await;
        let entries = db.raw().await.number("SELECT COUNT(*) FROM ledger_entry").await;
        for _ in 0..1_000 {
            assert_eq!(clerk.deliver("msg_1", joined.as_bytes()).await.ok()["status"], "duplicate");
            assert_eq!(stripe.deliver(bought.as_bytes()).await.ok()["status"], "duplicate");
        }
        clerk.settle().await;
        stripe.settle().await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM ledger_entry").await, entries);
        // What concerns nobody is remembered as well.
        for word in ["ignored", "duplicate", "duplicate"] {
            assert_eq!(clerk.tells("msg_2", "role.updated", json!({"id": "role_1"})).await, word);
            assert_eq!(stripe.tells(&event("evt_2", "charge.succeeded", now, json!({}))).await, word);
        }
    }

    /// Ten thousand times the same, as a sender that has lost its memory would send it.
    async fn ten_thousand_duplicates_are_one(db: TestDb) {
        let app = listening(&db).await;
        College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        let body = clerk.envelope("organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now)).to_string();
        let mut accepted = 0;
        for _ in 0..100 {
            let sent = futures_util::future::join_all((0..100).map(|_| clerk.deliver("msg_1", body.as_bytes()))).await;
            accepted += sent.iter().filter(|answer| answer.ok()["status"] == "accepted").count();
        }
        assert_eq!(accepted, 1);
        clerk.settle().await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM person_identity WHERE subject = 'user_1'").await, 1);
    }

    /// A message that is not for us is answered, so that it is not sent again, and nothing follows from it.
    async fn what_is_not_for_us_is_taken_and_ignored(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let (clerk, stripe) = (Clerk(&app), Stripe(&app));
        let now = db.clock_now().seconds();
        let entries = db.raw().await.number("SELECT COUNT(*) FROM ledger_entry").await;
        let mut foreign = clerk.envelope("organization.deleted", json!({"object": "organization", "id": "westmark", "deleted": true}));
        foreign["instance_id"] = json!("ins_other");
        assert_eq!(clerk.deliver("msg_1", foreign.to_string().as_bytes()).await.ok()["status"], "ignored");
        foreign["instance_id"] = json!(null);
        assert_eq!(clerk.deliver("msg_2", foreign.to_string().as_bytes()).await.ok()["status"], "ignored");
        for (n, (kind, data)) in [
            ("waitlistEntry.created", json!({"id": "wle_1"})),
            ("subscription.pastDue", json!({})),
            ("still.to.come", json!(null)),
            ("organizationInvitation.accepted", json!({"id": "orginv_1", "organization_id": "westmark", "user_id": "user_1"})),
            ("user.deleted", json!({"object": "user", "deleted": true})),
            ("user.updated", json!({"object": "user"})),
        ].into_iter().enumerate() {
            assert_eq!(clerk.reports(&format!("msg_x{n}"), kind, data).await, "ignored", "{kind}");
        }
        // A code that lets somebody in is kept nowhere, not even its name.
        let letter = json!({"object": "email", "id": "ema_1", "body": "planted-code-424242", "to_email_address": "ada@westmark.example"});
        assert_eq!(clerk.reports("msg_letter", "email.created", letter).await, "ignored");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM unplaced WHERE name LIKE '%letter%'").await, 0);
        let org = college.org.to_string();
        let mut other_mode = event("evt_1", "checkout.session.completed", now, purchase("cus_1", "sub_1", &org));
        other_mode["livemode"] = json!(false);
        assert_eq!(stripe.tells(&other_mode).await, "ignored");
        let thin = json!({"id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "created": "2026-01-01T00:00:00Z", "related_object": {"id": "mtr_1"}});
        assert_eq!(stripe.tells(&thin).await, "ignored");
        for (n, reference) in ["", "westmark", "7b0f6c1e-0000-7000-8000-000000000000"].into_iter().enumerate() {
            let bought = event(&format!("evt_y{n}"), "checkout.session.completed", now, purchase("cus_1", "sub_1", reference));
            assert_eq!(stripe.tells(&bought).await, "ignored", "{reference}");
        }
        stripe.settle().await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM ledger_entry").await, entries);
        // An organisation of real money is not paid for in the test mode.
        let mut test = event("evt_3", "checkout.session.completed", now, purchase("cus_1", "sub_1", &org));
        test["livemode"] = json!(false);
        let test = test.to_string();
        let signature = stripe_signature(STRIPE_TEST_SECRET, now, test.as_bytes());
        assert_eq!(stripe.send(&signature, test.as_bytes()).await.ok()["status"], "accepted");
        stripe.settle().await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM seat").await, 0);
    }
}
