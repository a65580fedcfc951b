//! The description of the doors: the one that was last agreed upon, and of routes that are there.

use std::path::Path;

use habeo_tests::both_engines;
use poem::http::Method;
use serde_json::Value;

use super::Market;

const SNAPSHOT: &str = "snapshots/punchout-openapi.json";

both_engines! {
    async fn the_doors_are_described_as_agreed(db: TestDb) {
        let market = Market::open(&db).await;
        let served = market.app.get("/api/punchout/openapi.json").send().await.ok();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
        let agreed: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a snapshot")).expect("JSON");
        assert!(
            agreed == served,
            "the description has changed; if that is meant: cargo run -p habeo-server -- openapi --punchout > tests/{SNAPSHOT}"
        );
        for path in served["paths"].as_object().expect("paths").keys() {
            let path = path.replace("{key}", "x").replace("{supplier}", "x");
            let answer = market.app.request(Method::POST, &path).send().await;
            assert_ne!(answer.code(), "route_unknown", "{path}");
            assert_eq!(market.app.get(&path).send().await.status, 405, "{path}");
        }
    }
}
