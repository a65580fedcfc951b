//! What the API says of a device, and of records that were merged.

use habeo_core::access::{Access, Role, Surface};
use habeo_core::connection::Provider;
use habeo_core::device::command::{DecideCase, Decision};
use habeo_core::device::report::{Described, Kind, Report};
use habeo_core::device::take::{Outcome, TakeReports};
use habeo_core::id::ConnectionId;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};
use uuid::Uuid;

async fn reported(college: &College, kind: Kind, serial: &str) -> Outcome {
    let report = Report {
        external_id: Some(format!("computer:{serial}")),
        kind,
        occurred_at: college.db.clock_now(),
        device: Described {
            serial: Some(serial.to_owned()),
            ..Described::default()
        },
        user: None,
        place: None,
    };
    let take = TakeReports {
        connection: ConnectionId::from_uuid(Uuid::from_u128(1)),
        provider: Provider::Jamf,
        reports: vec![("1".to_owned(), report)],
    };
    let access = Access::system(college.org, Surface::Webhook);
    let mut taken = must(college.db.ledger.record(&access, take).await);
    must(taken.pop().ok_or("no outcome")).outcome
}

both_engines! {
    /// `mdm` is null until a management knows the asset, and says then who, whether and when; the past is not told of it.
    async fn an_asset_says_what_device_management_knows(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = college.member("Ada Admin", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        let asset = college.asset("Laptop").serial("API-100100").register().await;
        let target = format!("/api/v1/assets/{asset}");
        let first = app.get(&target).by(&admin).send().await;
        let entity = must(first.header("etag").map(ToOwned::to_owned).ok_or("no entity tag"));
        assert_eq!(first.ok()["data"]["mdm"], Value::Null);
        let before = db.clock_now();
        db.clock.advance_micros(60_000_000);
        reported(&college, Kind::Enrolled, "API-100100").await;
        // What is kept outside the asset changes what is answered, and so its entity tag.
        let answer = app.get(&target).by(&admin).header("if-none-match", &entity).send().await;
        let mdm = answer.ok()["data"]["mdm"].clone();
        assert_eq!(mdm, json!({"provider": "jamf", "lastSeenAt": "2026-03-02T09:01:00.000000Z", "status": "enrolled"}));
        let list = app.get("/api/v1/assets").by(&admin).send().await.ok();
        assert_eq!(list["data"][0]["mdm"], mdm);
        let scan = app.get("/api/v1/scan/API-100100").by(&admin).send().await.ok();
        assert_eq!(scan["data"]["mdm"], mdm);
        let then = app.get(&format!("{target}?asOf={before}")).by(&admin).send().await.ok();
        assert_eq!(then["data"]["mdm"], Value::Null);
        let history = app.get(&format!("{target}/history")).by(&admin).send().await.ok();
        let kinds: Vec<&str> = must(history["data"].as_array().ok_or("rows")).iter().filter_map(|row| row["type"].as_str()).collect();
        assert_eq!(kinds, ["mdm.enrolled", "identity.ref_linked", "asset.registered"]);
    }

    /// A merged record is in no list, says where it leads, and its label leads there.
    async fn a_merged_record_leads_to_the_other(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = college.member("Ada Admin", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        let one = college.asset("One").tag("API-1").maker(college.catalogue.lumina).serial("API-200200").register().await;
        let other = college.asset("Other").tag("API-2").serial("API-200200").register().await;
        let case = match reported(&college, Kind::Enrolled, "API-200200").await {
            Outcome::Case { case, .. } => case,
            outcome => panic!("{outcome:?}"),
        };
        let decide = DecideCase { case, decision: Decision::Merge { survivor: one } };
        must(db.ledger.record(&college.access, decide).await);
        let list = app.get("/api/v1/assets").by(&admin).send().await.ok();
        let ids: Vec<&str> = must(list["data"].as_array().ok_or("rows")).iter().filter_map(|row| row["id"].as_str()).collect();
        assert_eq!(ids, [one.to_string()]);
        let scan = app.get("/api/v1/scan/API-2").by(&admin).send().await.ok();
        assert_eq!((scan["data"]["id"].as_str(), scan["data"]["mergedInto"].is_null()), (Some(&*one.to_string()), true));
        let merged = app.get(&format!("/api/v1/assets/{other}")).by(&admin).send().await.ok();
        assert_eq!(merged["data"]["mergedInto"], json!(one.to_string()));
        assert_eq!(merged["data"]["tag"], "API-2");
    }
}
