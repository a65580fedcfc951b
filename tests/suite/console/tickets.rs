//! Tickets on the page of the asset that they are about.

use habeo_core::access::Role;
use habeo_core::ticket::report::{Field, Report};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;

use crate::core::tickets::Desk;

both_engines! {
    /// They lead to the help desk, their titles are texts and nothing else, and whoever does not see the asset sees none of them.
    async fn an_assets_page_lists_its_tickets(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let physics = college.units.physics;
        let priya = college.member("Priya Custodian", physics, &[(Role::Custodian, physics)]).await;
        let asset = college.asset("Field camera").tag("WMK-900101").register().await;
        let page = format!("/assets/{asset}");
        let mut tab = Tab::of(&app, &priya).await;
        assert!(!tab.get(&page).await.text().contains("Tickets"));
        let desk = Desk::of(&college);
        let report = Report { title: Field::Set("<script>alert(1)</script>".to_owned()), ..desk.ticket("231", "WMK-900101") };
        desk.one(&report).await;
        desk.one(&Report { url: Field::Set("javascript:alert(1)".to_owned()), ..desk.ticket("232", "WMK-900101") }).await;
        let shown = tab.get(&page).await.text();
        assert!(shown.contains("<a href=\"https://desk.example/browse/ITH-231\" rel=\"noreferrer\">ITH-231</a>"), "{shown}");
        assert!(shown.contains("ITH-232") && !shown.contains("javascript:") && !shown.contains("<script>alert"), "{shown}");
        assert!(shown.contains("ticket opened"), "{shown}");
        let outsider = college.member("Mo Example", college.units.music, &[(Role::Custodian, college.units.music)]).await;
        assert_eq!(Tab::of(&app, &outsider).await.get(&page).await.status, StatusCode::NOT_FOUND);
    }
}
