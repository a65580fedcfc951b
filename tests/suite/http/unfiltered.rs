//! The test build without the program's own condition on the organisation: that it is one, so that what the others prove there counts.

use habeo_core::access::Role;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_postgres};
use habeo_tests::must;

/// With row security off as well, another organisation's units are answered; with it on they are not.
#[test]
fn only_row_security_is_left() {
    on_postgres(async |db: TestDb| {
        let app = TestApp::over(&db).await;
        let (ours, theirs) = (
            College::found(&db).await,
            College::found_as(&db, "eastmark").await,
        );
        let roles = [(Role::OrgAdmin, ours.units.root)];
        let admin = ours.member("Robin Example", ours.units.root, &roles).await;
        let their_unit = theirs.units.physics.to_string();
        let mut raw = db.raw().await;
        // A comparison of tables with entries would see the other organization's as well.
        db.leave_unequal();
        for (sql, leaks) in [
            ("ALTER TABLE unit ENABLE ROW LEVEL SECURITY", false),
            ("ALTER TABLE unit DISABLE ROW LEVEL SECURITY", true),
        ] {
            must(raw.execute(sql).await);
            let units = app.get("/api/v1/units?limit=100").by(&admin).send().await;
            units.ok();
            assert_eq!(units.text().contains(&their_unit), leaks, "{sql}");
        }
    });
}
