//! Nothing of another unit and nothing of another organisation, on every route and page by page.

use std::collections::BTreeSet;

use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::market::{Client, Tokens, admin};
use serde_json::Value;

/// Every row of a list, a page at a time.
async fn walk(app: &TestApp, tokens: &Tokens, list: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = tokens.path(&format!("{list}?limit=2{cursor}"));
        let page = app.get(&path).bearer(&tokens.access).send().await.ok();
        rows.extend(page["data"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn members(rows: &[Value], name: &str) -> BTreeSet<String> {
    let texts = rows.iter().filter_map(|row| row[name].as_str());
    texts.map(ToOwned::to_owned).collect()
}

both_engines! {
    /// An app sees its unit's subtree, whole and once, and nothing beside it.
    async fn an_app_sees_its_subtree(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let units = college.units;
        for (n, unit) in [units.arts, units.history, units.music, units.science, units.physics, units.root].into_iter().enumerate() {
            college.asset(&format!("Thing {n}")).unit(unit).register().await;
        }
        other.asset("Foreign thing").register().await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        for (unit, things) in [
            (units.arts, vec!["Thing 0", "Thing 1", "Thing 2"]),
            (units.music, vec!["Thing 2"]),
            (units.science, vec!["Thing 3", "Thing 4"]),
            (units.chemistry, vec![]),
            (units.root, vec!["Thing 0", "Thing 1", "Thing 2", "Thing 3", "Thing 4", "Thing 5"]),
        ] {
            let tokens = client.install(&app, &member, unit).await;
            let rows = walk(&app, &tokens, "assets").await;
            assert_eq!(rows.len(), things.len(), "each once");
            assert_eq!(members(&rows, "description"), things.iter().map(|thing| (*thing).to_owned()).collect());
            let sites = walk(&app, &tokens, "sites").await;
            let counted: i64 = sites.iter().filter_map(|site| site["asset_count"].as_i64()).sum();
            assert!(counted <= i64::try_from(things.len()).unwrap_or(0), "{counted}");
            assert_eq!(sites.len(), 2, "places are the whole organization's, and of no other");
        }
        let tokens = client.install(&app, &member, units.science).await;
        let people = walk(&app, &tokens, "people").await;
        let seen: BTreeSet<String> = people.iter().filter_map(|row| row["unit"]["id"].as_str().map(ToOwned::to_owned)).collect();
        let within: BTreeSet<String> = [units.science, units.physics, units.chemistry].iter().map(ToString::to_string).collect();
        assert!(!people.is_empty() && seen.is_subset(&within), "{seen:?}");
        assert_eq!(walk(&app, &tokens, "tickets").await.len(), 0);
    }

    /// A cursor is of one installation's unit.
    async fn cursors_do_not_travel(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let units = college.units;
        for n in 0..4 {
            college.asset(&format!("Thing {n}")).unit(units.arts).register().await;
            college.asset(&format!("Other {n}")).unit(units.science).register().await;
        }
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let arts = client.install(&app, &member, units.arts).await;
        let science = client.install(&app, &member, units.science).await;
        let page = app.get(&arts.path("assets?limit=2")).bearer(&arts.access).send().await.ok();
        let cursor = page["next_cursor"].as_str().unwrap_or_default().to_owned();
        assert!(!cursor.is_empty());
        let stolen = app.get(&science.path(&format!("assets?limit=2&cursor={cursor}"))).bearer(&science.access).send().await;
        assert_eq!(stolen.error(), "invalid_request");
        let other = app.get(&arts.path(&format!("people?cursor={cursor}"))).bearer(&arts.access).send().await;
        assert_eq!(other.error(), "invalid_request");
    }
}
