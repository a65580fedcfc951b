//! How much a session may ask, and what the headers say of it.

use habeo_core::access::Role;
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::issuer::{changed, claims, header, issuer};
use serde_json::json;

const ME: &str = "/api/v1/me";

fn remaining(answer: &Answer) -> i64 {
    let header = answer.header("x-ratelimit-remaining").expect("a rate");
    header.parse().expect("a number")
}

both_engines! {
    /// Two hundred at once, then a refusal that says when to come back; a hundred a minute afterwards.
    async fn two_hundred_requests_at_once_then_a_hundred_a_minute(db: TestDb) {
        let app = TestApp::configured(&db, &[]).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let token = app.token(&member);
        for n in 0..200 {
            let answer = app.get(ME).bearer(&token).send().await;
            assert_eq!(answer.status, 200, "{n}");
            assert_eq!(answer.header("x-ratelimit-limit"), Some("100"));
            assert_eq!(remaining(&answer), (99 - n).max(0));
        }
        let refused = app.get(ME).bearer(&token).send().await;
        refused.problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(remaining(&refused), 0);
        assert_eq!(refused.header("ratelimit-policy"), Some("\"sustained\";q=100;w=60, \"burst\";q=200"));
        assert_eq!(refused.header("ratelimit"), Some("\"sustained\";r=0;t=120"));
        let reset: i64 = refused.header("x-ratelimit-reset").and_then(|text| text.parse().ok()).expect("a number");
        assert_eq!(reset, db.ledger.clock().now().seconds() + 120);
        // Somebody else is not concerned.
        let other = college.member("Kim Example", college.units.physics, &[]).await;
        assert_eq!(remaining(&app.get(ME).by(&other).send().await), 99);
        app.wait_seconds(1);
        app.get(ME).bearer(&token).send().await.ok();
        app.get(ME).bearer(&token).send().await.problem(429, "rate_limited");
        app.wait_seconds(59);
        let token = app.token(&member);
        let mut allowed = 0;
        while app.get(ME).bearer(&token).send().await.status == 200 {
            allowed += 1;
        }
        assert_eq!(allowed, 99, "a hundred in the minute, one of which was asked before");
    }

    /// A refreshed token of the same session shares its rate; another session of the same person has its own.
    async fn tokens_of_one_session_share_its_rate(db: TestDb) {
        let app = TestApp::configured(&db, &[]).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        let now = db.ledger.clock().now();
        let token = |changes| issuer().sign(&header(), &changed(claims(&member.credential, now), changes));
        let first = app.get(ME).bearer(&token(json!({}))).send().await;
        assert_eq!(remaining(&first), 99);
        let refreshed = app.get(ME).bearer(&token(json!({"jti": "another"}))).send().await;
        assert_eq!(remaining(&refreshed), 98);
        let other = app.get(ME).bearer(&token(json!({"sid": "sess_other"}))).send().await;
        assert_eq!(remaining(&other), 99);
    }

    /// An answer that the caller has already is free; every refusal costs.
    async fn not_modified_is_free(db: TestDb) {
        let app = TestApp::configured(&db, &[]).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        let first = app.get(ME).by(&member).send().await;
        let tag = first.header("etag").expect("a tag").to_owned();
        for _ in 0..250 {
            let again = app.get(ME).by(&member).header("if-none-match", &tag).send().await;
            assert_eq!(again.status, 304);
            assert_eq!(remaining(&again), 99);
        }
        app.get("/api/v1/assets/x").by(&member).send().await.problem(400, "parameter_invalid");
        assert_eq!(remaining(&app.get(ME).by(&member).send().await), 97);
    }

    /// Failed authentications of one address are limited; good tokens from there are not.
    async fn failed_authentications_are_limited_by_address(db: TestDb) {
        let app = TestApp::configured(&db, &[]).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        for _ in 0..30 {
            app.get(ME).bearer("bad").send().await.problem(401, "unauthenticated");
        }
        let refused = app.get(ME).bearer("bad").send().await;
        refused.problem(429, "rate_limited");
        assert!(refused.header("retry-after").is_some());
        app.get(ME).by(&member).send().await.ok();
    }
}
