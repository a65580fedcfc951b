//! From a token to what its bearer may see, and how soon that ends.

use habeo_core::access::Role;
use habeo_core::grant::command::EndGrant;
use habeo_core::org::command::link_issuer;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::session::Credential;
use habeo_core::session::ended::Ended;
use habeo_server::issuer::{ISSUER as SANDBOX, Subject, external_id};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, ISSUER, person};
use habeo_tests::issuer::{changed, claims, header, issuer};
use habeo_tests::must;
use serde_json::{Value, json};

const ME: &str = "/api/v1/me";
const ASSETS: &str = "/api/v1/assets";

/// The claims that are not those of version 2.
fn version_one(organization: &str, role: &str) -> Value {
    json!({"v": null, "o": null, "sts": null, "fva": null, "org_id": organization, "org_slug": organization, "org_role": role, "org_permissions": []})
}

fn rows(body: &Value) -> usize {
    body["data"].as_array().map_or(0, Vec::len)
}

both_engines! {
    /// Both versions of Clerk's claims lead to the same person.
    async fn both_versions_of_the_claims_are_understood(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let now = db.ledger.clock().now();
        let claims = claims(&member.credential, now);
        let slug = college.slug.as_str();
        let mut bodies = Vec::new();
        for changes in [
            json!({}), version_one(slug, "org:member"), version_one(slug, "member"), json!({"v": 1, "o": null, "org_id": slug, "org_role": "org:member"}),
            json!({"azp": null}), json!({"sts": null}), json!({"fva": null, "jti": null}), json!({"o": {"id": slug, "rol": "member"}}),
            json!({"exp": now.seconds() - 4, "iat": now.seconds() - 64}), json!({"nbf": now.seconds() + 4}), json!({"iat": now.seconds() + 4, "exp": now.seconds() + 64}),
        ] {
            let token = issuer().sign(&header(), &changed(claims.clone(), changes.clone()));
            let answer = app.get(ME).bearer(&token).send().await;
            assert_eq!(answer.status, 200, "{changes}: {}", answer.text());
            bodies.push(answer.json());
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1);
        assert_eq!(bodies[0], json!({"data": {
            "user": {"id": member.person.to_string(), "name": "Robin Example", "email": null},
            "organization": {"id": college.org.to_string(), "name": "westmark College", "slug": "westmark", "sandbox": false},
            "role": "technician",
            "units": [{"id": college.units.physics.to_string(), "name": "PHYS unit"}],
            "seat": null,
        }}));
        let lower = app.get(ME).header("authorization", &format!("bearer {}", app.token(&member))).send().await;
        lower.ok();
    }

    /// Signed in is not enough: an organisation that is known here, and nothing left to do.
    async fn sessions_without_a_known_organisation_are_forbidden(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[(Role::OrgAdmin, college.units.root)]).await;
        let claims = claims(&member.credential, db.ledger.clock().now());
        let before = db.raw().await.row_counts().await;
        for (changes, code) in [
            (json!({"o": null}), "no_active_organization"),
            (json!({"o": {"id": "", "rol": "admin"}}), "no_active_organization"),
            (json!({"sts": "pending"}), "session_pending"),
            (json!({"o": {"id": "org_elsewhere", "rol": "admin"}}), "organization_unknown"),
            (json!({"o": {"id": college.org.to_string(), "rol": "admin"}}), "organization_unknown"),
        ] {
            let token = issuer().sign(&header(), &changed(claims.clone(), changes.clone()));
            let answer = app.get(ASSETS).bearer(&token).send().await;
            answer.problem(403, code);
            super::proper::assert_proper(&answer, None, code);
        }
        assert_eq!(db.raw().await.row_counts().await, before);
    }

    /// Whoever the issuer vouches for becomes known, and sees nothing but the places and themselves.
    async fn newcomers_become_known_and_see_nothing(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        college.asset("Telescope").register().await;
        college.member("Ada Admin", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        let newcomer = college.credential("user_new");
        let me = app.get(ME).bearer(&app.token_of(&newcomer)).send().await.ok();
        assert_eq!((&me["data"]["role"], &me["data"]["units"]), (&json!("requester"), &json!([])));
        for (list, count) in [(ASSETS, 0), ("/api/v1/units", 0), ("/api/v1/people", 1), ("/api/v1/sites", 2)] {
            let page = app.get(list).bearer(&app.token_of(&newcomer)).send().await.ok();
            assert_eq!(rows(&page), count, "{list}");
        }
        // An administrator by the issuer's word alone is none where there is one by ours.
        let admin = Credential { admin: true, ..college.credential("user_other") };
        let me = app.get(ME).bearer(&app.token_of(&admin)).send().await.ok();
        assert_eq!(me["data"]["role"], "requester");
        // Known once, also when several requests are the first.
        let third = app.token_of(&college.credential("user_third"));
        let calls = (0..8).map(|_| app.get(ME).bearer(&third).send());
        let ids: std::collections::HashSet<String> = futures_util::future::join_all(calls).await.iter().map(|answer| answer.ok()["data"]["user"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
    }

    /// The issuer's administrator of an organisation that has none becomes its first.
    async fn the_first_administrator_comes_from_the_issuer(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        college.asset("Telescope").register().await;
        let early = college.credential("user_early");
        app.get(ME).bearer(&app.token_of(&early)).send().await.ok();
        let founder = Credential { admin: true, ..college.credential("user_founder") };
        let me = app.get(ME).bearer(&app.token_of(&founder)).send().await.ok();
        assert_eq!(me["data"]["role"], "org_admin");
        assert_eq!(rows(&app.get(ASSETS).bearer(&app.token_of(&founder)).send().await.ok()), 1);
        let second = Credential { admin: true, ..early };
        let me = app.get(ME).bearer(&app.token_of(&second)).send().await.ok();
        assert_eq!(me["data"]["role"], "requester");
    }

    /// Who has left is refused, whatever the issuer says of them.
    async fn who_has_left_is_refused(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let left = RegisterPerson {
            identities: vec![(ISSUER.to_owned(), "user_left".to_owned())],
            ..person("Left Example", college.units.physics, Affiliation::Staff, PersonStatus::Separated)
        };
        must(db.ledger.record(&college.access, left).await);
        for admin in [false, true] {
            let credential = Credential { admin, ..college.credential("user_left") };
            app.get(ME).bearer(&app.token_of(&credential)).send().await.problem(403, "membership_required");
        }
    }

    /// The end of a grant is the end of what it showed, from the next request on.
    async fn an_ended_grant_ends_at_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        college.asset("Telescope").register().await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        let token = app.token(&member);
        let count = async || rows(&app.get(ASSETS).bearer(&token).send().await.ok());
        assert_eq!(count().await, 0);
        assert_eq!(count().await, 0);
        let grant = college.grant(member.person, Role::Technician, college.units.physics).await;
        assert_eq!(count().await, 1);
        must(db.ledger.record(&college.access, EndGrant { grant, remark: None }).await);
        assert_eq!(count().await, 0);
    }

    /// Where rights change behind this node's back, it notices after five seconds.
    async fn rights_changed_elsewhere_count_within_five_seconds(db: TestDb) {
        db.leave_unequal();
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        college.asset("Telescope").register().await;
        let member = college.member("Robin Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let token = app.token(&member);
        let count = async || rows(&app.get(ASSETS).bearer(&token).send().await.ok());
        assert_eq!((count().await, count().await), (1, 1));
        let now = db.ledger.clock().now().micros();
        must(db.raw().await.execute(&format!("UPDATE role_grant SET valid_to = {now}")).await);
        app.wait_seconds(5);
        assert_eq!(count().await, 0);
    }

    /// A session or a person that the issuer has ended is refused before their tokens are.
    async fn revoked_sessions_are_refused_at_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let robin = college.member("Robin Example", college.units.physics, &[]).await;
        let kim = college.member("Kim Example", college.units.physics, &[]).await;
        for member in [&robin, &kim] {
            app.get(ME).by(member).send().await.ok();
        }
        let session_id = format!("sess_{}", robin.credential.subject);
        app.app.authenticator.end(&Ended::Session { issuer: ISSUER, session_id: &session_id });
        app.get(ME).by(&robin).send().await.problem(401, "unauthenticated");
        app.get(ME).by(&kim).send().await.ok();
        app.app.authenticator.end(&Ended::Subject { issuer: ISSUER, subject: &kim.credential.subject });
        app.get(ME).by(&kim).send().await.problem(401, "unauthenticated");
        app.wait_seconds(10);
        app.get(ME).by(&kim).send().await.ok();
    }

    /// A token of one organisation says nothing about another, also for somebody who is in both.
    async fn the_active_organisation_is_the_only_one(db: TestDb) {
        let app = TestApp::over(&db).await;
        let (ours, theirs) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let asset = theirs.asset("Telescope").register().await;
        for college in [&ours, &theirs] {
            let both = RegisterPerson {
                identities: vec![(ISSUER.to_owned(), "user_both".to_owned())],
                ..person("Both Example", college.units.physics, Affiliation::Staff, PersonStatus::Active)
            };
            let both = must(db.ledger.record(&college.access, both).await);
            college.grant(both, Role::OrgAdmin, college.units.root).await;
        }
        let target = format!("{ASSETS}/{asset}");
        let with = |college: &College| app.get(&target).bearer(&app.token_of(&college.credential("user_both")));
        with(&theirs).send().await.ok();
        with(&ours).send().await.problem(404, "asset_unknown");
    }

    /// Somebody who acts in another person's name reads and changes nothing.
    async fn who_acts_for_another_only_reads(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[]).await;
        let acting = changed(claims(&member.credential, db.ledger.clock().now()), json!({"act": {"sub": "user_support"}}));
        let token = issuer().sign(&header(), &acting);
        app.get(ME).bearer(&token).send().await.ok();
        let body = json!({"token": "ExponentPushToken[a]", "platform": "ios"});
        app.post("/api/v1/push/register").bearer(&token).json(&body).send().await.problem(403, "forbidden");
    }

    /// Before Clerk is configured, the sandbox issuer is an issuer like any other, and Clerk's tokens are nobody's.
    async fn the_sandbox_issuer_is_an_issuer_like_any_other(db: TestDb) {
        let app = TestApp::with_sandbox_issuer(&db).await;
        let college = College::found(&db).await;
        let organization = external_id(&college.slug);
        must(link_issuer(&db.ledger, college.org, SANDBOX, &organization).await);
        let sandbox = app.app.sandbox.as_ref().expect("the sandbox issuer is on");
        let subject = Subject { subject: "user_sbx", organization: &organization, slug: &college.slug, admin: true };
        let token = must(sandbox.token(subject, db.ledger.clock().now(), db.ledger.random()));
        let me = app.get(ME).bearer(&token).send().await.ok();
        assert_eq!(me["data"]["role"], "org_admin");
        let clerk = app.token_of(&college.credential("user_sbx"));
        app.get(ME).bearer(&clerk).send().await.problem(401, "unauthenticated");
        let keys = app.get("/sandbox/.well-known/jwks.json").send().await.ok();
        assert_eq!(&keys, sandbox.key_set());
        assert!(keys["keys"][0].get("d").is_none());
        // Its key is kept: after a restart the token is still good.
        let restarted = TestApp::with_sandbox_issuer(&db).await;
        restarted.get(ME).bearer(&token).send().await.ok();
        app.wait_seconds(3_606);
        app.get(ME).bearer(&token).send().await.problem(401, "unauthenticated");
        // Once Clerk is configured, the sandbox issuer is off.
        let clerk = TestApp::over(&db).await;
        clerk.get("/sandbox/.well-known/jwks.json").send().await.problem(404, "route_unknown");
    }
}
