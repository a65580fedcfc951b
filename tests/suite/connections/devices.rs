//! Device managements: from their bytes to assets, and what is seen of them.

use habeo_core::connection::{Proof, Provider, Settings};
use habeo_core::inbox::{Outcome, Progress};
use habeo_tests::builders::College;
use habeo_tests::connections::Reporter;
use habeo_tests::{both_engines, must};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{became, document, is, scanned, world};

both_engines! {
    /// A Mac that Jamf never saw before becomes an asset without a tag, in the unit that takes in what has no owner; the same letter again is
    /// nothing new, in whichever content type.
    async fn a_new_computer_becomes_an_asset(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        assert_eq!(became(&jamf.sends(document!("jamf/computer-added.json")).await), is(202, "accepted"));
        assert_eq!(became(&jamf.sends(document!("jamf/computer-added.json")).await), is(200, "duplicate"));
        assert_eq!(jamf.worked_off().await, 1);
        let asset = scanned(&app, &admin, "C02TEST12345").await.ok();
        let asset = &asset["data"];
        assert_eq!(asset["state"], "received");
        assert_eq!(asset["tag"], Value::Null);
        // Neither a maker nor a model is made up: what it is called is its description.
        assert!(asset["description"].as_str().is_some_and(|said| said.contains("MacBook Air")), "{asset}");
        assert_eq!(asset["mdm"]["provider"], "jamf");
        assert_eq!(asset["mdm"]["status"], "enrolled");
        assert_eq!(asset["unit"]["id"], college.units.unassigned.to_string());
        // The XML of the same event has the same name.
        let xml = document!("jamf/computer-added.xml");
        assert_eq!(became(&jamf.sends_as("text/xml", xml.as_bytes()).await), is(200, "duplicate"));
        let delivery = &jamf.deliveries().await[0];
        assert_eq!((delivery.progress, delivery.outcome, delivery.repeats), (Progress::Done, Some(Outcome::Applied), 2));
        assert_eq!(delivery.kind.as_deref(), Some("ComputerAdded"));
        // What it said is kept, and can be worked off again without doing anything twice.
        assert!(delivery.kept);
        let inbox = app.app.receivers.reception.inbox();
        assert_eq!(must(inbox.letter(&jamf.operator(), delivery.id).await), document!("jamf/computer-added.json").as_bytes());
        let entries = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await;
        must(inbox.replay(&jamf.operator(), delivery.id).await);
        assert_eq!(jamf.worked_off().await, 1);
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await, entries + 1);
        let used = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type = 'connection.delivery_used' ORDER BY log_index").await;
        assert!(used.len() == 2 && used[0].contains("\"read\"") && used[1].contains("\"replay\""), "{used:?}");
    }

    /// What is there is found by its serial number, whatever its spelling, and only its device is new.
    async fn a_known_computer_is_linked(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let asset = college.asset("Laptop").tag("WMK-000001-X").serial("5cg4-test01").register().await;
        let intune = Reporter::usual(&app, college.org, Provider::Intune).await;
        assert_eq!(became(&intune.sends(document!("intune/connector.json")).await), is(202, "accepted"));
        assert_eq!(intune.worked_off().await, 1);
        let shown = app.get(&format!("/api/v1/assets/{asset}")).by(&admin).send().await.ok();
        assert_eq!(shown["data"]["mdm"]["provider"], "intune", "{shown}");
        assert_eq!(shown["data"]["mdm"]["status"], "enrolled");
        let history = app.get(&format!("/api/v1/assets/{asset}/history")).by(&admin).send().await.ok();
        let kinds: Vec<&str> = history["data"].as_array().into_iter().flatten().filter_map(|entry| entry["type"].as_str()).collect();
        assert!(kinds.contains(&"mdm.enrolled"), "{kinds:?}");
    }

    /// Kandji's connector, and two managements of one device.
    async fn two_managements_see_one_computer(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let kandji = Reporter::usual(&app, college.org, Provider::Kandji).await;
        jamf.sends(document!("jamf/computer-added.json")).await;
        assert_eq!(became(&kandji.sends(document!("kandji/enrolled.json")).await), is(202, "accepted"));
        assert_eq!(kandji.worked_off().await, 2);
        scanned(&app, &admin, "C02TEST12345").await.ok();
        let assets = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(assets, 1);
    }

    /// Microsoft Graph proves each notification by itself, and tries first whether somebody is there.
    async fn graph_is_answered_and_believed_one_by_one(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let graph = Reporter::connect(&app, college.org, Provider::Intune, Settings::proven_by(Proof::ClientState)).await;
        let validation = format!("{}&validationToken=Validation%3a+Token%20abc%2B1", graph.target());
        let answer = app.post(&validation).header("content-type", "text/plain; charset=utf-8").send().await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "Validation: Token abc+1"));
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
        let document = document!("intune/notifications.json");
        assert_eq!(graph.sends(document).await.status.as_u16(), 401);
        let ours = document.replace("graph-client-state-1", graph.secret.expose_secret());
        assert!(matches!(graph.sends(&ours).await.status.as_u16(), 200 | 202));
        graph.worked_off().await;
        assert_eq!(graph.deliveries().await.len(), 2);
    }

    /// The same serial number is another computer in another organization, and a connection is its organization's only.
    async fn organizations_do_not_meet(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let other = College::found_as(&db, "other").await;
        let theirs = Reporter::usual(&app, other.org, Provider::Jamf).await;
        theirs.sends(document!("jamf/computer-added.json")).await;
        assert_eq!(theirs.worked_off().await, 1);
        scanned(&app, &admin, "C02TEST12345").await.problem(404, "asset_unknown");
        let ours = Reporter::usual(&app, college.org, Provider::Jamf).await;
        assert_eq!(became(&ours.sends(document!("jamf/computer-added.json")).await), is(202, "accepted"));
        assert_eq!(ours.worked_off().await, 1);
        scanned(&app, &admin, "C02TEST12345").await.ok();
        let assets = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(assets, 2);
    }

    /// Ten thousand times the same letter, many at once, is one.
    async fn ten_thousand_duplicates_are_one(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let mut accepted = 0;
        for _ in 0..100 {
            let together = (0..100).map(|_| jamf.sends(document!("jamf/computer-added.json")));
            for answer in futures_util::future::join_all(together).await {
                match became(&answer) {
                    (202, _) => accepted += 1,
                    said => assert_eq!(said, is(200, "duplicate")),
                }
            }
        }
        assert_eq!(accepted, 1);
        assert_eq!(jamf.worked_off().await, 1);
        assert_eq!(jamf.deliveries().await[0].repeats, 9_999);
    }

    /// Letters in reverse order end where those in order do: a computer that left is not brought back by what was written before.
    async fn reverse_order_changes_nothing(db: TestDb) {
        let (college, app, admin) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let letter = |event: &str, millis: u64| json!({
            "webhook": {"id": 9, "name": "Habeo", "webhookEvent": event, "eventTimestamp": millis},
            "event": {"udid": "6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5A", "deviceName": "iPad", "model": "iPad", "serialNumber": "DMPTEST1234", "jssID": 7, "osVersion": "18.2", "username": ""},
        }).to_string();
        for (event, millis) in [
            ("MobileDeviceUnEnrolled", 1_767_225_630_000),
            ("MobileDeviceInventoryCompleted", 1_767_225_620_000),
            ("MobileDeviceCheckIn", 1_767_225_615_000),
            ("MobileDeviceEnrolled", 1_767_225_610_000),
        ] {
            assert_eq!(became(&jamf.sends(&letter(event, millis)).await), is(202, "accepted"), "{event}");
            jamf.worked_off().await;
        }
        let shown = scanned(&app, &admin, "DMPTEST1234").await.ok();
        assert_eq!(shown["data"]["mdm"]["status"], "unenrolled", "{shown}");
        let stale = jamf.deliveries().await.iter().filter(|one| one.outcome == Some(Outcome::Stale)).count();
        assert_eq!(stale, 3);
    }

    /// Kinds nobody knows, and kinds of no interest, are kept, answered with success, and have no effect.
    async fn what_is_of_no_interest_is_kept(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let jamf = Reporter::usual(&app, college.org, Provider::Jamf).await;
        let entries = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await;
        for (event, millis) in [("RestAPIOperation", 1), ("PushSent", 2), ("SomethingNew", 3)] {
            let letter = json!({"webhook": {"id": 9, "name": "H", "webhookEvent": event, "eventTimestamp": 1_767_225_600_000_u64 + millis}, "event": {"objectID": 1}});
            let answer = jamf.sends(&letter.to_string()).await;
            assert_eq!(became(&answer), is(200, "ignored"), "{event}");
        }
        assert_eq!(jamf.worked_off().await, 0);
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry").await, entries);
        let deliveries = jamf.deliveries().await;
        assert_eq!(deliveries.len(), 3);
        assert!(deliveries.iter().all(|one| one.outcome == Some(Outcome::Ignored) && one.kept));
    }

    /// A letter of three hundred devices brings three hundred, each known by itself.
    async fn a_long_letter_brings_them_all(db: TestDb) {
        let (college, app, _) = world(&db).await;
        let intune = Reporter::usual(&app, college.org, Provider::Intune).await;
        let devices: Vec<Value> = (0..300).map(|n| json!({
            "id": format!("9f5c1a2b-0000-4000-8000-{n:012}"), "deviceName": format!("LAB-{n}"), "serialNumber": format!("5CGBULK{n:04}"), "manufacturer": "HP",
            "model": "HP EliteBook 840 G11", "operatingSystem": "Windows", "enrolledDateTime": "2026-01-01T00:00:00Z", "lastSyncDateTime": "2026-01-01T00:03:00Z",
            "managedDeviceOwnerType": "company", "complianceState": "somethingNew"})).collect();
        let letter = json!(devices).to_string();
        assert_eq!(became(&intune.sends(&letter).await), is(202, "accepted"));
        assert_eq!(intune.worked_off().await, 300);
        let assets = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM asset").await;
        assert_eq!(assets, 300);
        assert_eq!(became(&intune.sends(&letter).await), is(200, "duplicate"));
    }
}
