//! What the identity provider reports of people and organisations, and what becomes of them.

use habeo_core::access::Role;
use habeo_core::id::PersonId;
use habeo_core::person::{self, PersonStatus};
use habeo_core::session::Credential;
use habeo_core::unit::scope::Scope;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, ISSUER};
use habeo_tests::must;
use habeo_tests::reports::{Clerk, listening, membership, organization, user};
use habeo_tests::tab::Tab;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::facts;

fn credential(subject: &str, organization: &str) -> Credential {
    Credential {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        organization: organization.to_owned(),
        admin: false,
        impersonated: false,
    }
}

/// What the API says to somebody who comes with a fresh token: the status and, if it is a refusal, its code.
async fn asks(app: &TestApp, subject: &str, organization: &str) -> (u16, String) {
    let token = app.token_of(&credential(subject, organization));
    let answer = app.get("/api/v1/me").bearer(&token).send().await;
    (answer.status.as_u16(), answer.code())
}

async fn person(college: &College, subject: &str) -> PersonId {
    let mut tx = college.db.read(&college.access).await;
    let named = person::store::named(&mut tx, &college.access, ISSUER, subject).await;
    must(must(named).ok_or("nobody"))
}

async fn shown(college: &College, id: PersonId) -> person::Person {
    let mut tx = college.db.read(&college.access).await;
    let found = person::store::by_id(&mut tx, &college.access, &Scope::Whole, id).await;
    must(must(found).ok_or("nobody"))
}

fn deleted(object: &str, id: &str) -> Value {
    json!({"object": object, "id": id, "deleted": true})
}

both_engines! {
    /// A membership makes somebody known, without any rights; what was reported of the account before is taken over.
    async fn a_membership_makes_somebody_known(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        college.member("Robin Example", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        assert_eq!(clerk.reports("msg_1", "user.created", user("user_priya", "Priya", "priya@westmark.example", now)).await, "unlinked");
        assert_eq!(clerk.reports("msg_2", "organizationMembership.created", membership("orgmem_1", "westmark", "user_priya", "org:member", now)).await, "accepted");
        let id = person(&college, "user_priya").await;
        let priya = shown(&college, id).await;
        assert_eq!((priya.display_name.as_str(), priya.email.as_deref()), ("Priya Example", Some("priya@westmark.example")));
        let me = app.get("/api/v1/me").bearer(&app.token_of(&credential("user_priya", "westmark"))).send().await.ok();
        assert_eq!(me["data"]["role"], "requester");
        assert_eq!(me["data"]["units"], json!([]));
        // Renamed later, and found by the new name.
        db.clock.advance_micros(60_000_000);
        assert_eq!(clerk.reports("msg_3", "user.updated", user("user_priya", "Pia", "pia@westmark.example", now + 60)).await, "accepted");
        let pia = shown(&college, id).await;
        assert_eq!((pia.display_name.as_str(), pia.email.as_deref()), ("Pia Example", Some("pia@westmark.example")));
        let mut tx = db.read(&college.access).await;
        let words = must(person::store::name_words(&mut tx, &college.access, &Scope::Whole, "p", 10).await);
        drop(tx);
        assert!(words.contains(&"pia".to_owned()) && !words.contains(&"priya".to_owned()), "{words:?}");
        assert_eq!(facts(&db, college.org, "person.profile_changed").await, 2);
        // Names and addresses are in no entry, and nothing of what Clerk keeps for others anywhere.
        let mut raw = db.raw().await;
        for text in ["%Priya%", "%pia@westmark%", "%planted-private-note%", "%user_priya%"] {
            assert_eq!(raw.number(&format!("SELECT COUNT(*) FROM ledger_entry WHERE bytes LIKE '{text}'")).await, 0, "{text}");
        }
    }

    /// An address that nobody has verified is nobody's; the one in a membership is none.
    async fn only_verified_addresses_are_taken_over(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        clerk.reports("msg_1", "organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now)).await;
        let id = person(&college, "user_1").await;
        assert_eq!(shown(&college, id).await.email, None);
        assert_eq!(shown(&college, id).await.display_name, "Public Example");
        let mut unverified = user("user_1", "Ada", "ada@westmark.example", now);
        unverified["email_addresses"][0]["verification"]["status"] = json!("unverified");
        clerk.reports("msg_2", "user.updated", unverified).await;
        let mut elsewhere = user("user_1", "Ada", "ada@westmark.example", now);
        elsewhere["primary_email_address_id"] = json!("idn_9");
        clerk.reports("msg_3", "user.updated", elsewhere).await;
        let mut without = user("user_1", "Ada", "ada@westmark.example", now);
        without["email_addresses"] = json!([]);
        clerk.reports("msg_4", "user.updated", without).await;
        let ada = shown(&college, id).await;
        assert_eq!((ada.display_name.as_str(), ada.email), ("Ada Example", None));
    }

    /// Of two reports of one account the later one counts, whichever comes first.
    async fn an_older_report_changes_nothing(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        clerk.reports("msg_1", "organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now)).await;
        clerk.reports("msg_3", "user.updated", user("user_1", "Newer", "new@westmark.example", now + 2)).await;
        clerk.reports("msg_2", "user.updated", user("user_1", "Older", "old@westmark.example", now + 1)).await;
        let id = person(&college, "user_1").await;
        assert_eq!(shown(&college, id).await.display_name, "Newer Example");
        // So for whoever joins another organisation afterwards.
        let other = College::found_as(&db, "eastmark").await;
        clerk.reports("msg_4", "organizationMembership.created", membership("orgmem_2", "eastmark", "user_1", "org:member", now + 3)).await;
        let there = person(&other, "user_1").await;
        assert_eq!(shown(&other, there).await.display_name, "Newer Example");
    }

    /// A report of an account is heard by every organisation that knows it, and by no other.
    async fn reports_of_people_reach_those_who_know_them(db: TestDb) {
        let app = listening(&db).await;
        let (west, east, north) = (College::found(&db).await, College::found_as(&db, "eastmark").await, College::found_as(&db, "northmark").await);
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        for (n, org) in ["westmark", "eastmark"].into_iter().enumerate() {
            clerk.reports(&format!("msg_{n}"), "organizationMembership.created", membership(&format!("orgmem_{n}"), org, "user_1", "org:member", now)).await;
        }
        let before = db.raw().await.number(&format!("SELECT COUNT(*) FROM ledger_entry WHERE stream_kind <> 'none' AND org_id {}", id_is(&db, north.org))).await;
        clerk.reports("msg_9", "user.updated", user("user_1", "Ada", "ada@westmark.example", now + 1)).await;
        for college in [&west, &east] {
            let id = person(college, "user_1").await;
            assert_eq!(shown(college, id).await.display_name, "Ada Example");
        }
        let after = db.raw().await.number(&format!("SELECT COUNT(*) FROM ledger_entry WHERE stream_kind <> 'none' AND org_id {}", id_is(&db, north.org))).await;
        assert_eq!(before, after);
        // The end of one membership leaves the other.
        clerk.reports("msg_10", "organizationMembership.deleted", membership("orgmem_0", "westmark", "user_1", "org:member", now + 2)).await;
        db.clock.advance_micros(10_000_000);
        assert_eq!(asks(&app, "user_1", "westmark").await, (403, "membership_required".to_owned()));
        assert_eq!(asks(&app, "user_1", "eastmark").await.0, 200);
    }

    /// An organisation that is reported is made, whichever of its reports comes first, and its administrator is its first.
    async fn an_organization_is_made_by_its_first_report(db: TestDb) {
        let app = listening(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        // The membership before the account and the organisation.
        assert_eq!(clerk.reports("msg_2", "organizationMembership.created", membership("org_2west", "org_2west", "user_1", "org:admin", now + 1)).await, "accepted");
        clerk.reports("msg_1", "organization.created", organization("org_2west", now)).await;
        clerk.reports("msg_0", "user.created", user("user_1", "Ada", "ada@westmark.example", now)).await;
        let mut admin = credential("user_1", "org_2west");
        admin.admin = true;
        let me = app.get("/api/v1/me").bearer(&app.token_of(&admin)).send().await.ok();
        assert_eq!(me["data"]["role"], "org_admin");
        assert_eq!(me["data"]["user"]["name"], "Ada Example");
        assert_eq!(me["data"]["user"]["email"], "ada@westmark.example");
        assert_eq!(me["data"]["organization"]["name"], "org_2west College");
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM org_directory").await, 1);
        // A second administrator is a member like others: the first one decides here.
        clerk.reports("msg_3", "organizationMembership.created", membership("orgmem_2", "org_2west", "user_2", "org:admin", now)).await;
        let me = app.get("/api/v1/me").bearer(&app.token_of(&credential("user_2", "org_2west"))).send().await.ok();
        assert_eq!(me["data"]["role"], "requester");
        // Renamed at the issuer, by a slug that is free, and by one that is not.
        let mut renamed = organization("org_2west", now + 5);
        (renamed["name"], renamed["slug"]) = (json!("Westmark University"), json!("westmark-u"));
        clerk.reports("msg_4", "organization.updated", renamed).await;
        let me = app.get("/api/v1/me").bearer(&app.token_of(&admin)).send().await.ok();
        assert_eq!((me["data"]["organization"]["name"].as_str(), me["data"]["organization"]["slug"].as_str()), (Some("Westmark University"), Some("westmark-u")));
        College::found_as(&db, "taken").await;
        let mut taken = organization("org_2west", now + 6);
        taken["slug"] = json!("taken");
        clerk.reports("msg_5", "organization.updated", taken).await;
        clerk.reports("msg_6", "organization.updated", organization("org_2west", now + 4)).await;
        let me = app.get("/api/v1/me").bearer(&app.token_of(&admin)).send().await.ok();
        assert_eq!((me["data"]["organization"]["name"].as_str(), me["data"]["organization"]["slug"].as_str()), (Some("org_2west College"), Some("westmark-u")));
    }

    /// The administrator whom the issuer made is none when it says so; whom an administrator here made stays one.
    async fn the_issuers_administrator_is_one_as_long_as_it_says_so(db: TestDb) {
        let app = listening(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        clerk.reports("msg_1", "organizationMembership.created", membership("orgmem_1", "org_2west", "user_1", "org:admin", now)).await;
        let role = async |n: u32| {
            let me = app.get("/api/v1/me").bearer(&app.token_of(&credential(&format!("user_{n}"), "org_2west"))).send().await.ok();
            me["data"]["role"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(role(1).await, "org_admin");
        clerk.reports("msg_2", "organizationMembership.updated", membership("orgmem_1", "org_2west", "user_1", "org:member", now + 1)).await;
        assert_eq!(role(1).await, "requester");
        // The organisation has no administrator now, so that the next one whom the issuer names is.
        clerk.reports("msg_3", "organizationMembership.created", membership("orgmem_2", "org_2west", "user_2", "org:admin", now + 2)).await;
        assert_eq!(role(2).await, "org_admin");
    }

    /// A session that is ended is refused at once, whoever's it is and whatever its token says.
    async fn an_ended_session_is_refused_at_once(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        for (n, kind) in ["session.ended", "session.removed", "session.revoked"].into_iter().enumerate() {
            let member = college.member("Ada Example", college.units.physics, &[]).await;
            let mut tab = Tab::of(&app, &member).await;
            assert_eq!(tab.get("/").await.status, StatusCode::OK);
            let token = app.token(&member);
            assert_eq!(app.get("/api/v1/me").bearer(&token).send().await.status, StatusCode::OK);
            let subject = &member.credential.subject;
            let session = json!({"object": "session", "id": format!("sess_{subject}"), "user_id": subject, "status": "revoked", "last_active_organization_id": "westmark"});
            // Nothing was worked off yet: the door itself has seen to it.
            assert_eq!(clerk.tells(&format!("msg_{n}"), kind, session).await, "accepted");
            app.get("/api/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
            assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
            clerk.settle().await;
        }
        assert_eq!(facts(&db, college.org, "auth.session_ended").await, 3);
        // The issuer's session of nobody here: nothing to record, and nothing wrong.
        let session = json!({"object": "session", "id": "sess_x", "user_id": "user_x", "last_active_organization_id": null});
        assert_eq!(clerk.reports("msg_9", "session.ended", session).await, "ignored");
    }

    /// With the membership the sign-in ends and every role with it; who comes back begins without roles, and is the same person.
    async fn a_membership_that_ends_takes_everything_it_gave(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let root = college.units.root;
        college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        let member = college.member("Ada Example", college.units.physics, &[(Role::UnitAdmin, college.units.science), (Role::Auditor, root)]).await;
        let subject = member.credential.subject.clone();
        let now = db.clock_now().seconds();
        clerk.reports("msg_0", "organizationMembership.created", membership("orgmem_1", "westmark", &subject, "org:member", now)).await;
        let mut tab = Tab::of(&app, &member).await;
        let token = app.token(&member);
        assert_eq!(app.get("/api/v1/me").bearer(&token).send().await.ok()["data"]["role"], "unit_admin");
        let ended = membership("orgmem_1", "westmark", &subject, "org:member", now + 1);
        assert_eq!(clerk.tells("msg_1", "organizationMembership.deleted", ended.clone()).await, "accepted");
        app.get("/api/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
        clerk.settle().await;
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
        db.clock.advance_micros(10_000_000);
        assert_eq!(asks(&app, &subject, "westmark").await, (403, "membership_required".to_owned()));
        assert_eq!(facts(&db, college.org, "grant.ended").await, 2);
        assert_eq!(facts(&db, college.org, "person.identity_ended").await, 1);
        let standing = shown(&college, member.person).await;
        assert_eq!((standing.status, standing.display_name.as_str()), (PersonStatus::Active, "Ada Example"));
        // A late report of the membership that ended does not bring it back.
        clerk.reports("msg_2", "organizationMembership.updated", membership("orgmem_1", "westmark", &subject, "org:admin", now + 5)).await;
        assert_eq!(asks(&app, &subject, "westmark").await.0, 403);
        // Another one does, and the late end of the first one does not end it.
        clerk.reports("msg_3", "organizationMembership.created", membership("orgmem_2", "westmark", &subject, "org:member", now + 9)).await;
        assert_eq!(asks(&app, &subject, "westmark").await.0, 200);
        clerk.reports("msg_4", "organizationMembership.deleted", ended).await;
        db.clock.advance_micros(10_000_000);
        let me = app.get("/api/v1/me").bearer(&app.token(&member)).send().await.ok();
        assert_eq!((me["data"]["role"].as_str(), me["data"]["user"]["id"].as_str()), (Some("requester"), Some(member.person.to_string().as_str())));
    }

    /// An end that is reported before the beginning is an end all the same.
    async fn an_end_before_its_beginning_is_an_end(db: TestDb) {
        let app = listening(&db).await;
        College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        clerk.reports("msg_1", "organizationMembership.deleted", membership("orgmem_1", "westmark", "user_1", "org:member", now + 1)).await;
        clerk.reports("msg_2", "organizationMembership.created", membership("orgmem_1", "westmark", "user_1", "org:member", now)).await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM person_identity WHERE subject = 'user_1'").await, 0);
        assert_eq!(clerk.reports("msg_3", "user.deleted", deleted("user", "user_2")).await, "ignored");
        clerk.reports("msg_4", "organizationMembership.created", membership("orgmem_2", "westmark", "user_2", "org:member", now)).await;
        clerk.reports("msg_5", "user.created", user("user_2", "Ada", "ada@westmark.example", now)).await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM person_identity WHERE subject = 'user_2'").await, 0);
        // A token that is good for a few seconds more makes nobody known who was deleted.
        db.clock.advance_micros(10_000_000);
        assert_eq!(asks(&app, "user_2", "westmark").await, (403, "membership_required".to_owned()));
        // An organisation that was deleted before anybody knew of it is not made.
        clerk.reports("msg_6", "organization.deleted", deleted("organization", "org_gone")).await;
        clerk.reports("msg_7", "organization.created", organization("org_gone", now)).await;
        clerk.reports("msg_8", "organizationMembership.created", membership("orgmem_3", "org_gone", "user_3", "org:admin", now)).await;
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM org_directory").await, 1);
    }

    /// Whoever is deleted has left: no sign-in, no role, no chat user; and stays on record, in every organisation.
    async fn a_deleted_account_ends_everything_and_deletes_nothing(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let member = college.member("Ada Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let subject = member.credential.subject.clone();
        let asset = college.asset("Laptop").register().await;
        college.act(asset, super::super::core::deploy(member.person)).await;
        let token = app.token(&member);
        assert_eq!(app.get("/api/v1/me").bearer(&token).send().await.status, StatusCode::OK);
        assert_eq!(clerk.tells("msg_1", "user.deleted", deleted("user", &subject)).await, "accepted");
        app.get("/api/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
        clerk.settle().await;
        let gone = shown(&college, member.person).await;
        assert_eq!((gone.status, gone.display_name.as_str()), (PersonStatus::Separated, "Ada Example"));
        assert_eq!(facts(&db, college.org, "grant.ended").await, 1);
        assert_eq!(college.detail(asset).await.state, habeo_core::asset::State::InUse, "what they hold is still theirs to give back");
        let now = db.clock_now().seconds();
        for (n, (kind, data)) in [
            ("user.updated", user(&subject, "Back", "back@westmark.example", now + 60)),
            ("user.created", user(&subject, "Back", "back@westmark.example", now + 60)),
            ("organizationMembership.created", membership("orgmem_9", "westmark", &subject, "org:admin", now + 60)),
        ].into_iter().enumerate() {
            clerk.reports(&format!("msg_late{n}"), kind, data).await;
        }
        db.clock.advance_micros(10_000_000);
        assert_eq!(asks(&app, &subject, "westmark").await, (403, "membership_required".to_owned()));
        assert_eq!(shown(&college, member.person).await.display_name, "Ada Example");
        let entries = facts(&db, college.org, "person.identity_ended").await;
        clerk.reports("msg_again", "user.deleted", deleted("user", &subject)).await;
        assert_eq!(facts(&db, college.org, "person.identity_ended").await, entries);
    }

    /// The banned and the locked are refused until they are not any more, and lose nothing.
    async fn the_banned_and_the_locked_come_back_with_everything(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let member = college.member("Ada Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let subject = member.credential.subject.clone();
        let mut second = 0;
        for (n, flag) in ["banned", "locked"].into_iter().enumerate() {
            let token = app.token(&member);
            assert_eq!(app.get("/api/v1/me").bearer(&token).send().await.ok()["data"]["role"], "technician");
            second += 1;
            let now = db.clock_now().seconds();
            let mut barred = user(&subject, "Ada", "ada@westmark.example", now + second);
            barred[flag] = json!(true);
            assert_eq!(clerk.tells(&format!("msg_{n}a"), "user.updated", barred).await, "accepted");
            app.get("/api/v1/me").bearer(&token).send().await.problem(401, "unauthenticated");
            clerk.settle().await;
            db.clock.advance_micros(10_000_000);
            assert_eq!(asks(&app, &subject, "westmark").await, (403, "membership_required".to_owned()), "{flag}");
            second += 1;
            clerk.reports(&format!("msg_{n}b"), "user.updated", user(&subject, "Ada", "ada@westmark.example", now + 10 + second)).await;
            db.clock.advance_micros(10_000_000);
        }
        assert_eq!(app.get("/api/v1/me").bearer(&app.token(&member)).send().await.ok()["data"]["role"], "technician");
        assert_eq!(facts(&db, college.org, "person.identity_barred").await, 2);
        assert_eq!(facts(&db, college.org, "person.identity_restored").await, 2);
    }

    /// An organisation that is deleted at the issuer is closed: nobody comes in, whichever way, and everything is kept.
    async fn a_deleted_organization_is_closed_and_kept(db: TestDb) {
        let app = listening(&db).await;
        let (college, other) = (College::found(&db).await, College::found_as(&db, "eastmark").await);
        let clerk = Clerk(&app);
        let root = college.units.root;
        let member = college.member("Ada Example", root, &[(Role::OrgAdmin, root)]).await;
        let elsewhere = other.member("Eve Example", other.units.root, &[]).await;
        college.asset("Laptop").register().await;
        let mut tab = Tab::of(&app, &member).await;
        assert_eq!(tab.get("/").await.status, StatusCode::OK);
        let assets = db.raw().await.number("SELECT COUNT(*) FROM asset").await;
        clerk.reports("msg_1", "organization.deleted", deleted("organization", "westmark")).await;
        app.get("/api/v1/me").by(&member).send().await.problem(403, "organization_closed");
        app.get("/api/v1/assets").by(&member).send().await.problem(403, "organization_closed");
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
        tab.get("/sign-in").await;
        let refused = tab.post("/sign-in/session", &[("token", &app.token(&member))]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text().contains("was closed"));
        let sessions = habeo_core::session::Sessions::new(db.ledger.clone());
        let in_chat = sessions.of_person(college.org, member.person).await;
        assert!(matches!(in_chat, Err(habeo_core::session::Refusal::OrganizationClosed)));
        assert_eq!(app.get("/api/v1/me").by(&elsewhere).send().await.status, StatusCode::OK);
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM asset").await, assets);
        // Late reports open it no more.
        let now = db.clock_now().seconds();
        clerk.reports("msg_2", "organization.updated", organization("westmark", now + 60)).await;
        clerk.reports("msg_3", "organization.deleted", deleted("organization", "westmark")).await;
        app.get("/api/v1/me").by(&member).send().await.problem(403, "organization_closed");
        assert_eq!(facts(&db, college.org, "org.closed").await, 1);
        // The operator can.
        must(db.ledger.record(&college.access, habeo_core::identity::OpenOrganization).await);
        assert_eq!(app.get("/api/v1/me").by(&member).send().await.status, StatusCode::OK);
    }

    /// Whatever the order of an account's reports, its end is the same.
    async fn any_order_ends_alike(db: TestDb) {
        let app = listening(&db).await;
        let college = College::found(&db).await;
        let clerk = Clerk(&app);
        let now = db.clock_now().seconds();
        let orders: [[usize; 4]; 6] = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 0, 2, 1], [1, 0, 2, 3]];
        for (n, order) in orders.into_iter().enumerate() {
            let (subject, key) = (format!("user_o{n}"), format!("orgmem_o{n}"));
            let reports = [
                ("user.created", user(&subject, "First", "first@westmark.example", now)),
                ("organizationMembership.created", membership(&key, "westmark", &subject, "org:member", now + 1)),
                ("user.updated", user(&subject, "Second", "second@westmark.example", now + 2)),
                ("organizationMembership.updated", membership(&key, "westmark", &subject, "org:member", now + 3)),
            ];
            for place in order {
                let (kind, data) = reports[place].clone();
                clerk.reports(&format!("msg_{n}_{place}"), kind, data).await;
            }
            let id = person(&college, &subject).await;
            let shown = shown(&college, id).await;
            assert_eq!((shown.display_name.as_str(), shown.email.as_deref()), ("Second Example", Some("second@westmark.example")), "{order:?}");
            assert_eq!(asks(&app, &subject, "westmark").await.0, 200, "{order:?}");
        }
    }
}

/// How an organisation is named in SQL past the program, on either engine.
fn id_is(db: &habeo_tests::database::TestDb, org: habeo_core::id::OrgId) -> String {
    match db.engine() {
        habeo_core::store::Engine::Sqlite => format!("= X'{}'", org.uuid().simple()),
        habeo_core::store::Engine::Postgres => format!("= '{org}'"),
    }
}
