//! Who hears of what: tests of those that hear of little, filters over all that is told, and files of assets.

use habeo_core::access::{Access, Surface};
use habeo_core::endpoint::Settings;
use habeo_core::endpoint::command::TestEndpoint;
use habeo_core::endpoint::settings::Filter;
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};

use super::{Stage, events};

fn filter(pointer: &str, equals: Value) -> Filter {
    Filter {
        pointer: pointer.to_owned(),
        equals,
    }
}

both_engines! {
    /// A test belongs to no unit and says nothing, and arrives wherever it is sent.
    async fn a_test_reaches_whoever_hears_of_little(db: TestDb) {
        let stage = Stage::set(&db).await;
        let limited = Settings {
            units: vec![stage.college.units.arts],
            filter: Some(filter("/details/kind", json!("no such kind"))),
            ..events(&["asset.*"])
        };
        let (endpoint, _) = stage.endpoint(limited).await;
        must(db.ledger.record(&stage.college.access, TestEndpoint { endpoint }).await);
        assert_eq!(stage.deliver().await, 1);
        assert_eq!(stage.sink.received()[0].kind(), "webhook.test");
    }

    /// A filter looks at what is told under the name by which an endpoint hears it, units and all, also where it hears which object only.
    async fn filters_see_all_that_is_told(db: TestDb) {
        let stage = Stage::set(&db).await;
        let music = stage.college.units.music;
        let by_unit = Settings { filter: Some(filter("/units/0", json!(music))), ..events(&["asset.registered"]) };
        stage.endpoint_at("/unit", by_unit.clone()).await;
        stage.endpoint_at("/thin", Settings { thin: true, ..by_unit }).await;
        let by_kind = Settings { filter: Some(filter("/record/kind", json!("asset"))), ..events(&["record.created"]) };
        stage.endpoint_at("/kind", by_kind).await;
        let other_form = Settings { filter: Some(filter("/object/kind", json!("asset"))), ..events(&["record.created"]) };
        stage.endpoint_at("/other", other_form).await;
        stage.college.asset("Harp").unit(music).register().await;
        stage.college.asset("Laser").unit(stage.college.units.physics).register().await;
        stage.deliver().await;
        let told = |path: &str| stage.sink.received().iter().filter(|one| one.path == path).count();
        assert_eq!((told("/unit"), told("/thin"), told("/kind"), told("/other")), (1, 1, 2, 0));
    }

    /// A file is one event for whoever hears of records; it belongs to no unit, so whoever hears of some units only hears of each of theirs.
    async fn a_file_is_told_by_row_to_whoever_hears_of_units(db: TestDb) {
        let stage = Stage::set(&db).await;
        let units = stage.college.units;
        let named = events(&["record.created", "record.bulk_created"]);
        stage.endpoint_at("/arts", Settings { units: vec![units.arts], ..named.clone() }).await;
        stage.endpoint_at("/all", named).await;
        let import = Access::system(stage.college.org, Surface::Import);
        for (name, unit) in [("Harp", units.music), ("Laser", units.physics)] {
            let command = stage.college.asset(name).unit(unit).command();
            must(db.ledger.record(&import, command).await);
        }
        stage.deliver().await;
        let received = stage.sink.received();
        assert_eq!(received.len(), 1);
        assert_eq!((received[0].path.as_str(), received[0].kind().as_str()), ("/arts", "record.created"));
    }
}
