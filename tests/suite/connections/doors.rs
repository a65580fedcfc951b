//! The doors: whatever is wrong with who sends is answered in one way, and whatever is wrong with what they send is said.

use habeo_core::connection::command::{EndRotation, Pause, Remove, Resume, RotateSecret};
use habeo_core::connection::{Algorithm, Proof, Provider, Settings};
use habeo_core::identity::EndOrganization;
use habeo_core::time::{MINUTE_MICROS, SECOND_MICROS};
use habeo_receivers::door::{ITSM_BYTES_MAX, MDM_BYTES_MAX};
use habeo_surface::limit::Quota;
use habeo_tests::app::Answer;
use habeo_tests::builders::ISSUER;
use habeo_tests::connections::Reporter;
use habeo_tests::database::TestDb;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::{both_engines, must};
use poem::http::Method;
use std::sync::Arc;

use super::{became, document, is, world};

const BODY: &str = document!("jamf/computer-added.json");

/// An answer without what is different in every one.
fn shape(answer: &Answer) -> String {
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("requestId");
        body.remove("instance");
    }
    format!("{} {body}", answer.status)
}

both_engines! {
    /// A missing, wrong, doubled or empty proof, and a connection that is unknown, paused, removed or another provider's: one answer.
    async fn whatever_proves_nothing_is_answered_alike(db: TestDb) {
        let (college, app, _) = world(&db).await;
        for provider in Provider::ALL {
            let reporter = Reporter::usual(&app, college.org, *provider).await;
            let proof = reporter.proof(BODY.as_bytes());
            let (name, value) = proof[0].clone();
            let mut wrong = value.clone();
            wrong.pop();
            wrong.push(if value.ends_with('a') { 'b' } else { 'a' });
            let alike = shape(&reporter.sends_with("application/json", BODY.as_bytes(), &[]).await);
            assert!(alike.starts_with("401"), "{alike}");
            for headers in [
                vec![(name.clone(), wrong)],
                vec![(name.clone(), String::new())],
                vec![(name.clone(), value.clone()), (name.clone(), value.clone())],
                vec![("x-other".to_owned(), value.clone())],
            ] {
                let answer = reporter.sends_with("application/json", BODY.as_bytes(), &headers).await;
                assert_eq!(shape(&answer), alike, "{provider}: {headers:?}");
            }
            let elsewhere = |target: String| {
                let call = app.request(Method::POST, &target).header("content-type", "application/json").header(&name, &value);
                call.body(BODY).send()
            };
            let unknown = reporter.target().replace(&reporter.id.to_string(), "0198f3a0-0000-7000-8000-000000000000");
            assert_eq!(shape(&elsewhere(unknown).await), alike, "{provider}");
            let odd = reporter.target().replace(&reporter.id.to_string(), "no-id");
            assert_eq!(shape(&elsewhere(odd).await), alike, "{provider}");
            let other = if *provider == Provider::Jamf { Provider::Kandji } else { Provider::Jamf };
            if other.family() == provider.family() {
                let other = reporter.target().replace(provider.as_str(), other.as_str());
                assert_eq!(shape(&elsewhere(other).await), alike, "{provider}");
            }
            for (paused, resumed) in [(Pause { connection: reporter.id }, Resume { connection: reporter.id })] {
                must(db.ledger.record(&reporter.operator(), paused).await);
                forgotten(&db);
                assert_eq!(shape(&reporter.sends(BODY).await), alike, "{provider}");
                must(db.ledger.record(&reporter.operator(), resumed).await);
            }
            must(db.ledger.record(&reporter.operator(), Remove { connection: reporter.id }).await);
            forgotten(&db);
            assert_eq!(shape(&reporter.sends(BODY).await), alike, "{provider}");
            assert!(reporter.deliveries().await.is_empty());
        }
    }

    /// With an organization that was closed its integrations stop, and nothing that is there is lost.
    async fn a_closed_organization_takes_nothing_in(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
        let end = EndOrganization { issuer: ISSUER.to_owned(), external_id: college.slug.clone() };
        must(db.ledger.record(&jamf.operator(), end).await);
        forgotten(&db);
        assert_eq!(jamf.sends(BODY).await.status.as_u16(), 401);
        assert_eq!(jamf.deliveries().await.len(), 1);
    }

    /// A body that was changed by one byte, another algorithm, an old time: an HMAC says so.
    async fn signatures_are_over_the_bytes_and_the_time(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let settings = Settings::proven_by(Proof::Hmac {
            header: "X-Jamf-Signature".to_owned(),
            algorithm: Algorithm::Sha512,
            timestamp_header: Some("X-Jamf-Time".to_owned()),
        });
        let jamf = Reporter::connect(&app, college.org, Provider::Jamf, settings).await;
        let proof = jamf.proof(BODY.as_bytes());
        let changed = BODY.replace("214", "215");
        assert_eq!(jamf.sends_with("application/json", changed.as_bytes(), &proof).await.status.as_u16(), 401);
        assert_eq!(jamf.sends_with("application/json", BODY.as_bytes(), &proof[..1]).await.status.as_u16(), 401);
        let other = vec![(proof[0].0.clone(), proof[0].1.replace("sha512=", "sha256=")), proof[1].clone()];
        assert_eq!(jamf.sends_with("application/json", BODY.as_bytes(), &other).await.status.as_u16(), 401);
        db.clock.advance_micros(301 * SECOND_MICROS);
        assert_eq!(jamf.sends_with("application/json", BODY.as_bytes(), &proof).await.status.as_u16(), 401);
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
    }

    /// Two secrets are accepted until the window ends, or is ended.
    async fn rotation_loses_no_letter(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let old = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let rotate = |window_micros| RotateSecret { connection: old.id, window_micros, master_key: Arc::new(habeo_core::secret::MasterKey::new(MASTER_KEY)) };
        let mut new = old.clone();
        new.secret = must(db.ledger.record(&old.operator(), rotate(3_600 * SECOND_MICROS)).await);
        forgotten(&db);
        assert_eq!(became(&old.sends(BODY).await), is(202, "accepted"));
        assert_eq!(became(&new.sends(BODY).await), is(200, "duplicate"));
        assert!(db.ledger.record(&old.operator(), rotate(0)).await.is_err());
        db.clock.advance_micros(3_600 * SECOND_MICROS);
        assert_eq!(old.sends(BODY).await.status.as_u16(), 401);
        assert_eq!(became(&new.sends(BODY).await), is(200, "duplicate"));
        let mut newest = new.clone();
        newest.secret = must(db.ledger.record(&old.operator(), rotate(3_600 * SECOND_MICROS)).await);
        must(db.ledger.record(&old.operator(), EndRotation { connection: old.id }).await);
        forgotten(&db);
        assert_eq!(new.sends(BODY).await.status.as_u16(), 401);
        assert_eq!(became(&newest.sends(BODY).await), is(200, "duplicate"));
    }

    /// What this node changed holds for the next letter: no old knowledge of a connection is believed any more.
    async fn a_change_holds_at_once(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let (operator, connection) = (jamf.operator(), jamf.id);
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
        must(db.ledger.record(&operator, Pause { connection }).await);
        assert_eq!(jamf.sends(BODY).await.status.as_u16(), 401);
        must(db.ledger.record(&operator, Resume { connection }).await);
        assert_eq!(became(&jamf.sends(BODY).await), is(200, "duplicate"));
        let key = Arc::new(habeo_core::secret::MasterKey::new(MASTER_KEY));
        let rotate = RotateSecret { connection, window_micros: 0, master_key: key };
        let mut new = jamf.clone();
        new.secret = must(db.ledger.record(&operator, rotate).await);
        assert_eq!(jamf.sends(BODY).await.status.as_u16(), 401);
        assert_eq!(became(&new.sends(BODY).await), is(200, "duplicate"));
        must(db.ledger.record(&operator, Remove { connection }).await);
        assert_eq!(new.sends(BODY).await.status.as_u16(), 401);
    }

    /// What another node changed holds after two seconds, also where letters come in all the time.
    async fn a_change_elsewhere_holds_soon(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
        must(db.raw().await.execute("UPDATE connection SET status = 'paused'").await);
        db.leave_unequal();
        assert_eq!(became(&jamf.sends(BODY).await), is(200, "duplicate"));
        for _ in 0..4 {
            db.clock.advance_micros(SECOND_MICROS / 2);
            jamf.sends(BODY).await;
        }
        assert_eq!(jamf.sends(BODY).await.status.as_u16(), 401);
    }

    /// Fifty thousand letters at once and fifteen hundred a second after that; who proves nothing takes nothing of it, and another connection has
    /// its own.
    async fn a_connection_has_a_quota(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let other = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let reception = &app.app.receivers.reception;
        let gate = must(must(reception.gate(Provider::Jamf, jamf.id).await).ok_or("it is active"));
        let passed = async || {
            let mut passed = 0;
            while reception.count(&gate).await.is_ok() {
                passed += 1;
            }
            passed
        };
        jamf.sends_with("application/json", BODY.as_bytes(), &[]).await;
        assert_eq!(passed().await, Quota::CONNECTION.burst);
        let refused = jamf.sends(BODY).await;
        assert_eq!(refused.status.as_u16(), 429);
        assert_eq!(refused.headers.get("retry-after").map(poem::http::HeaderValue::as_bytes), Some(b"1".as_slice()));
        assert_eq!(refused.json()["code"], "rate_limited");
        assert!(jamf.deliveries().await.is_empty());
        assert_eq!(became(&other.sends(BODY).await), is(202, "accepted"));
        db.clock.advance_micros(SECOND_MICROS);
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
        let more = passed().await;
        assert!((1_499..=1_501).contains(&more), "{more}");
    }

    /// That letters were taken in is a fact: of each connection one entry a minute at most, which counts them all, each once.
    async fn accepted_letters_are_facts(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let other = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let inbox = app.app.receivers.reception.inbox();
        let told = async || {
            let mut raw = db.raw().await;
            raw.texts("SELECT bytes FROM ledger_entry WHERE type = 'webhook.in.accepted' ORDER BY log_index").await
        };
        let counts = async || -> Vec<i64> {
            let told = told().await;
            let entries = told.iter().map(|entry| must(serde_json::from_str::<serde_json::Value>(entry)));
            entries.filter_map(|entry| entry["payload"]["letters"].as_i64()).collect()
        };
        let nothing = || BODY.replace("ComputerAdded", "ComputerPatchPolicyCompleted");
        // With the unit of work that follows from them; what came again and what was refused does not count.
        assert_eq!(became(&jamf.sends(BODY).await), is(202, "accepted"));
        assert_eq!(became(&jamf.sends(BODY).await), is(200, "duplicate"));
        jamf.sends("{").await;
        assert_eq!(jamf.worked_off().await, 1);
        assert_eq!(counts().await, [1]);
        // Within the minute nothing more is said, whatever comes in, be it of no interest.
        assert_eq!(became(&jamf.sends(&nothing()).await), is(200, "ignored"));
        assert_eq!(became(&other.sends(BODY).await), is(202, "accepted"));
        assert_eq!(must(inbox.tell_accepted().await), 1, "one connection is told of already");
        assert_eq!(counts().await, [1, 1]);
        // Entries of one instant lie a moment apart.
        db.clock.advance_micros(MINUTE_MICROS + SECOND_MICROS);
        assert_eq!(must(inbox.tell_accepted().await), 0);
        assert_eq!(counts().await, [1, 1, 1]);
        assert_eq!(must(inbox.tell_accepted().await), 0);
        assert_eq!(other.worked_off().await, 1);
        assert_eq!(counts().await, [1, 1, 1], "what was told of is not told of again");
        // What a node that is gone left is found by another.
        db.clock.advance_micros(MINUTE_MICROS + SECOND_MICROS);
        jamf.sends(&nothing().replace("1767", "1768")).await;
        let later = habeo_core::inbox::Inbox::new(db.ledger.clone(), Arc::new(habeo_core::secret::MasterKey::new(MASTER_KEY)));
        assert_eq!(must(later.tell_accepted().await), 0);
        must(later.find_untold().await);
        assert_eq!(must(later.tell_accepted().await), 0);
        assert_eq!(must(inbox.tell_accepted().await), 1, "it looks again when it is time");
        assert_eq!(counts().await, [1, 1, 1, 1]);
        let entry: serde_json::Value = must(serde_json::from_str(&told().await[3]));
        assert_eq!(entry["stream"], format!("connection:{}", jamf.id));
        let mut tx = db.read(&jamf.operator()).await;
        let seen = must(habeo_core::connection::store::by_id(&mut tx, &jamf.operator(), jamf.id).await);
        assert_eq!(seen.map(|seen| seen.accepted), Some(3));
        drop(tx);
        assert_eq!(must(habeo_core::ledger::rebuild::check(db.db(), &jamf.operator()).await), []);
        assert_eq!(db.raw().await.number("SELECT COUNT(*) FROM connection_accepted").await, 0);
    }

    /// One byte too many, half a document, another content type, another method, another route: each has its answer, and nothing is stored.
    async fn bad_letters_have_their_answers(db: TestDb) {
        let (college, app, _) = world(&db).await;
        for provider in Provider::ALL {
            let reporter = Reporter::usual(&app, college.org, *provider).await;
            let most = if reporter.target().contains("itsm") { ITSM_BYTES_MAX } else { MDM_BYTES_MAX };
            let long = vec![b' '; most + 1];
            assert_eq!(reporter.sends_as("application/json", &long).await.status.as_u16(), 413, "{provider}");
            for half in ["{", "{\"webhook\":{", "[1,2", "", "null", "{}", "\u{feff}x"] {
                let answer = reporter.sends(half).await;
                assert_eq!(answer.status.as_u16(), 400, "{provider}: {half} {}", answer.text());
            }
            let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
            assert_eq!(reporter.sends(&deep).await.status.as_u16(), 400, "{provider}");
            assert_eq!(reporter.sends_as("image/png", BODY.as_bytes()).await.status.as_u16(), 415, "{provider}");
            assert_eq!(app.get(&reporter.target()).send().await.status.as_u16(), 405, "{provider}");
            assert!(reporter.deliveries().await.is_empty(), "{provider}");
        }
        let unknown = app.post("/api/webhooks/itsm/remedy/0198f3a0-0000-7000-8000-000000000000").body("{}").send().await;
        assert_eq!(unknown.status.as_u16(), 404);
    }

    /// Entities are not expanded, and nothing is fetched.
    async fn entity_bombs_are_refused(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let bomb = r#"<?xml version="1.0"?><!DOCTYPE JSSEvent [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><JSSEvent><webhook><id>9</id>
            <webhookEvent>ComputerAdded</webhookEvent></webhook><event><serialNumber>&b;</serialNumber></event></JSSEvent>"#;
        let outside = r#"<?xml version="1.0"?><!DOCTYPE JSSEvent [<!ENTITY x SYSTEM "file:///etc/passwd">]><JSSEvent><webhook><id>9</id>
            <webhookEvent>ComputerAdded</webhookEvent></webhook><event><serialNumber>&x;</serialNumber></event></JSSEvent>"#;
        let undefined = "<JSSEvent><webhook><id>9</id><webhookEvent>ComputerAdded</webhookEvent></webhook><event><serialNumber>&nbsp;1</serialNumber></event></JSSEvent>";
        let cut = &document!("jamf/computer-added.xml")[..200];
        for bad in [bomb, outside, undefined, cut, "<JSSEvent/>", "<a><b></a></b>"] {
            assert_eq!(jamf.sends_as("text/xml", bad.as_bytes()).await.status.as_u16(), 400, "{bad}");
        }
        assert!(jamf.deliveries().await.is_empty());
    }

    /// What was refused is noted for the administrators, those alike together, and nothing of it is in a row of its own.
    async fn refusals_are_noted_together(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        for _ in 0..50 {
            jamf.sends_with("application/json", BODY.as_bytes(), &[]).await;
        }
        jamf.sends("{").await;
        let mut refused = Vec::new();
        for _ in 0..50 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let mut tx = db.read(&jamf.operator()).await;
            refused = must(habeo_core::connection::store::refused(&mut tx, &jamf.operator(), jamf.id, 100).await);
            if refused.len() == 2 {
                break;
            }
        }
        let mut statuses: Vec<(i64, i64)> = refused.iter().map(|one| (one.status, one.times)).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [(400, 1), (401, 50)]);
    }
}

/// What is known of an organization's closing elsewhere is believed for two seconds.
fn forgotten(db: &TestDb) {
    db.clock.advance_micros(2 * SECOND_MICROS);
}
