//! The ledger and the feed of changes over HTTP: who may, and what is refused.

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, FieldValue};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;

use super::world::World;

const LEDGER: [&str; 4] = [
    "checkpoint",
    "entries",
    "proof/inclusion?index=0",
    "proof/consistency?from=1",
];

both_engines! {
    /// Auditors and administrators of the whole organization, and nobody else; what they are shown is their own organization's.
    async fn the_ledger_is_for_auditors_of_the_whole(db: TestDb) {
        let world = World::over(&db).await;
        let units = world.ours.college.units;
        let auditor = world.ours.college.member("Alex Example", units.root, &[(Role::Auditor, units.root)]).await;
        let unit_auditor = world.ours.college.member("Sam Example", units.science, &[(Role::Auditor, units.science)]).await;
        let org = world.ours.college.org.to_string();
        for path in LEDGER.map(|path| format!("/api/v1/ledger/{path}")) {
            for member in [&auditor, world.ours.caller("org_admin")] {
                world.app.get(&path).by(member).send().await.ok();
            }
            for member in [&unit_auditor, world.ours.caller("unit_admin"), world.ours.caller("technician"), world.ours.caller("nobody")] {
                world.app.get(&path).by(member).send().await.problem(403, "ledger_not_permitted");
            }
            world.app.get(&path).send().await.problem(401, "unauthenticated");
        }
        let entries = world.app.get("/api/v1/ledger/entries?limit=100").by(&auditor).send().await.ok();
        for entry in entries["data"].as_array().expect("entries") {
            assert!(entry["entry"].as_str().is_some_and(|text| text.contains(&org)));
        }
    }

    /// Parameters that make no sense are refused, each by its name.
    async fn malformed_questions_are_refused(db: TestDb) {
        let world = World::over(&db).await;
        let admin = world.ours.caller("org_admin");
        for target in [
            "ledger/entries?from=-1", "ledger/entries?from=x", "ledger/entries?from=1&after=1", "ledger/entries?limit=0",
            "ledger/proof/inclusion", "ledger/proof/inclusion?index=4000000000", "ledger/proof/inclusion?index=99999999999",
            "ledger/proof/inclusion?index=0&size=0", "ledger/proof/inclusion?index=0&size=100000", "ledger/proof/inclusion?index=5&size=5",
            "ledger/proof/consistency", "ledger/proof/consistency?from=0", "ledger/proof/consistency?from=3&to=2",
            "ledger/proof/consistency?from=1&to=100000", "changes?limit=101",
            "assets?asOf=yesterday", "assets?asOf=2999-01-01T00:00:00Z", "assets?asOf=1999-01-01T00:00:00Z", "assets?asOf=2026-03-02T09:00:00Z&q=lamp",
        ] {
            let answer = world.app.get(&format!("/api/v1/{target}")).by(admin).send().await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "parameter_invalid"), "{target}: {}", answer.text());
        }
        let junk = world.app.get("/api/v1/changes?after=AAAA").by(admin).send().await;
        junk.problem(400, "cursor_invalid");
        world.app.get("/api/v1/changes?cursor=AAAA").by(admin).send().await.problem(400, "unknown_parameter");
        let asset = world.ours.assets[0];
        let one = |at: &str| world.app.get(&format!("/api/v1/assets/{asset}?asOf={at}")).by(admin);
        one("2999-01-01T00:00:00Z").send().await.problem(400, "parameter_invalid");
        one("2026-03-02T09:00:00Z").send().await.ok();
        let foreign = world.theirs.assets[0];
        let answer = world.app.get(&format!("/api/v1/assets/{foreign}?asOf=2026-03-02T09:00:00Z")).by(admin).send().await;
        answer.problem(404, "asset_unknown");
    }

    /// A client that follows the feed from `latest` on meets what comes, and its next cursor is always there.
    async fn the_feed_can_be_followed(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = college.member("Robin Example", college.units.physics, &[(Role::Technician, college.units.physics)]).await;
        let old = college.asset("Old").unit(college.units.physics).register().await;
        let poll = async |after: &str| {
            let answer = app.get(&format!("/api/v1/changes?after={after}")).by(&member).send().await;
            let body = answer.ok();
            let next = body["meta"]["nextCursor"].as_str().expect("always there").to_owned();
            assert!(answer.header("link").is_some_and(|link| link.contains(&format!("after={next}"))));
            let rows: Vec<String> = body["data"].as_array().expect("rows").iter().map(|row| format!("{} {}", row["type"].as_str().unwrap_or_default(), row["assetId"].as_str().unwrap_or_default())).collect();
            (rows, next)
        };
        let (rows, next) = poll("latest").await;
        assert!(rows.is_empty());
        college.asset("Elsewhere").unit(college.units.history).register().await;
        let (rows, next) = poll(&next).await;
        assert!(rows.is_empty());
        let new = college.asset("New").unit(college.units.physics).register().await;
        college.act(old, Act::ChangeFields(vec![FieldValue::Description("Older".to_owned())])).await;
        let (rows, next) = poll(&next).await;
        assert_eq!(rows, [format!("asset.registered {new}"), format!("asset.field_changed {old}")]);
        assert!(poll(&next).await.0.is_empty());
        let first = app.get("/api/v1/changes").by(&member).send().await.ok();
        assert_eq!(first["data"][0]["assetId"], old.to_string());
    }

    /// A list of the past goes on where it was, whatever is recorded between its pages, and its cursor is that instant's alone.
    async fn a_list_of_the_past_stays_as_it_was(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = college.member("Robin Example", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        for n in 0..5 {
            college.asset(&format!("Lamp {n}")).register().await;
        }
        let at = db.ledger.clock().now().to_string();
        app.wait_seconds(60);
        let first = app.get(&format!("/api/v1/assets?asOf={at}&limit=3")).by(&admin).send().await.ok();
        let cursor = first["meta"]["nextCursor"].as_str().expect("more").to_owned();
        college.asset("Later").register().await;
        let second = app.get(&format!("/api/v1/assets?asOf={at}&limit=3&cursor={cursor}")).by(&admin).send().await.ok();
        assert_eq!(second["data"].as_array().map(Vec::len), Some(2));
        assert!(second["meta"]["nextCursor"].is_null());
        app.get(&format!("/api/v1/assets?limit=3&cursor={cursor}")).by(&admin).send().await.problem(400, "cursor_mismatch");
        let now = app.get("/api/v1/assets").by(&admin).send().await.ok();
        assert_eq!(now["data"].as_array().map(Vec::len), Some(6));
    }
}
