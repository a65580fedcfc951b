//! Endpoints that are limited to units: a Westmark endpoint only ever gets Westmark rows.

use habeo_core::endpoint::Settings;
use habeo_core::endpoint::command::CreateEndpoint;
use habeo_core::endpoint::{Owner, Refusal};
use habeo_core::id::UnitId;
use habeo_core::ledger::RecordError;
use habeo_tests::builders::College;
use habeo_tests::{both_engines, must};

use super::{Stage, an_app, events, master_key};

both_engines! {
    /// Arts hears of history and music, and of nothing of physics, nor of what belongs to no unit.
    async fn a_unit_hears_of_its_own(db: TestDb) {
        let stage = Stage::set(&db).await;
        let units = stage.college.units;
        let limited = |unit: UnitId| Settings { units: vec![unit], ..events(&["asset.*", "schema.updated"]) };
        stage.endpoint_at("/arts", limited(units.arts)).await;
        stage.endpoint_at("/physics", limited(units.physics)).await;
        stage.endpoint_at("/all", events(&["asset.*"])).await;
        stage.college.asset("Harp").unit(units.music).register().await;
        stage.college.asset("Map").unit(units.history).register().await;
        stage.college.asset("Laser").unit(units.physics).register().await;
        stage.deliver().await;
        let told = |path: &str| {
            let mut told: Vec<String> = stage.sink.received().iter().filter(|one| one.path == path)
                .map(|one| one.json()["data"]["details"]["what"]["description"].as_str().unwrap_or_default().to_owned()).collect();
            told.sort();
            told
        };
        assert_eq!(told("/arts"), ["Harp", "Map"]);
        assert_eq!(told("/physics"), ["Laser"]);
        assert_eq!(told("/all"), ["Harp", "Laser", "Map"]);
    }

    /// Neither another organisation's units nor its apps can be named, and its facts are never told.
    async fn organizations_do_not_hear_of_each_other(db: TestDb) {
        let stage = Stage::set(&db).await;
        let other = College::found_as(&db, "northfield").await;
        let theirs = an_app(&other, "Theirs").await;
        stage.endpoint(events(&["*"])).await;
        other.asset("Not ours").register().await;
        assert_eq!(stage.deliver().await, 0);
        let create = |owner, units| CreateEndpoint {
            owner: Owner::App(owner),
            url: stage.sink.url("/x"),
            description: None,
            settings: Settings { units, ..events(&["asset.*"]) },
            master_key: master_key(),
        };
        let refused = db.ledger.record(&stage.college.access, create(theirs, Vec::new())).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::UnknownApp))));
        let refused = db.ledger.record(&stage.college.access, create(stage.of, vec![other.units.arts])).await;
        assert!(matches!(refused, Err(RecordError::Refused(Refusal::UnknownUnit))));
        must(db.ledger.record(&stage.college.access, create(stage.of, vec![stage.college.units.arts])).await);
    }
}
