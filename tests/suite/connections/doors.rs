//! The doors: whatever is wrong with who sends is answered in one way, and whatever is wrong with what they send is said.

use habeo_core::connection::command::{EndRotation, Pause, Remove, Resume, RotateSecret};
use habeo_core::connection::{Algorithm, Proof, Provider, Settings};
use habeo_core::identity::EndOrganization;
use habeo_core::time::SECOND_MICROS;
use habeo_receivers::door::{ITSM_BYTES_MAX, MDM_BYTES_MAX};
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

/// What is known of a connection is believed for two seconds.
fn forgotten(db: &TestDb) {
    db.clock.advance_micros(2 * SECOND_MICROS);
}
