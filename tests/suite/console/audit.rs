//! The ledger for auditors: filters, single entries with their proof, verification, and files.

use habeo_core::access::Role;
use habeo_core::id::AssetId;
use habeo_core::time::DAY_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member};
use habeo_tests::database::TestDb;
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::core::evidence::unprotect;

async fn auditor(college: &College) -> Member {
    let root = college.units.root;
    let roles = [(Role::Auditor, root)];
    college.member("Ona Auditor", root, &roles).await
}

async fn camera(college: &College) -> AssetId {
    college
        .asset("Field camera")
        .tag("WMK-900101")
        .register()
        .await
}

/// How many entries a page lists.
fn listed(page: &str) -> usize {
    page.matches("<th scope=\"row\"><a href=\"/audit/").count()
}

async fn facts(db: &TestDb) -> Vec<String> {
    let facts = "SELECT type FROM ledger_entry WHERE type LIKE 'export.%' ORDER BY log_index";
    db.raw().await.texts(facts).await
}

both_engines! {
    /// Who, what, about what and when narrow the page, in people's own words; both clocks are shown.
    async fn the_ledger_is_looked_through(db: TestDb) {
        let college = College::found(&db).await;
        let ona = auditor(&college).await;
        let root = college.units.root;
        let robin = college.member("Robin Example", root, &[(Role::OrgAdmin, root)]).await;
        for n in 0..40 {
            college.unit(root, &format!("U{n}")).await;
        }
        db.clock.advance_micros(DAY_MICROS);
        let today = db.ledger.clock().now().day();
        let asset = camera(&college).await;
        let app = TestApp::over(&db).await;
        Tab::of(&app, &robin).await;
        let mut tab = Tab::of(&app, &ona).await;
        let page = tab.get("/audit").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let text = page.text();
        assert!(text.contains("America/Chicago") && text.contains(" UTC<br>") && (text.contains(" CST<") || text.contains(" CDT<")), "{text}");
        assert!(text.contains("signed in") && text.contains("Ona Auditor") && text.contains("the console"), "{text}");
        assert_eq!(listed(&text), 50);
        for (query, entries, shown) in [
            ("actor=Robin+Example", 1, "auth.login"),
            (&format!("actor={}", robin.person), 1, "auth.login"),
            (&format!("actor=person:{}", robin.person), 1, "auth.login"),
            ("actor=Habeo&type=asset", 1, "entered in the record"),
            ("type=asset.registered", 1, "WMK-900101"),
            ("type=auth.", 2, "signed in"),
            ("target=WMK-900101", 1, "asset.registered"),
            (&format!("target=asset:{asset}"), 1, "asset.registered"),
            (&format!("target={asset}"), 1, "asset.registered"),
            ("target=asset", 1, "asset.registered"),
            (&format!("target=person:{}", robin.person), 3, "person.registered"),
            (&format!("from={today}&type=asset"), 1, "asset.registered"),
            (&format!("until={}&type=asset", today.plus_days(-2)), 0, "No entry passes these filters"),
        ] {
            let page = tab.get(&format!("/audit?{query}")).await;
            let text = page.text();
            assert_eq!((page.status, listed(&text)), (StatusCode::OK, entries), "{query}: {text}");
            assert!(text.contains(shown), "{query}: {text}");
        }
        let older = tab.get("/audit").await.text();
        let (before, _) = must(older.split_once(" rel=\"next\">").ok_or("older entries"));
        let (_, path) = must(before.trim_end_matches('"').rsplit_once("href=\"").ok_or("an address"));
        let older = tab.get(&path.replace("&#38;", "&")).await.text();
        assert!(listed(&older) > 0 && older.contains(">The newest</a>"), "{older}");
        assert!(older.contains("href=\"/audit/0\""), "{older}");
    }

    /// What cannot be meant is said beside its field, and nothing that was typed is lost.
    async fn what_cannot_be_meant_is_said(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        college.member("Twin Example", college.units.physics, &[]).await;
        college.member("Twin Example", college.units.physics, &[]).await;
        let mut tab = Tab::of(&app, &auditor(&college).await).await;
        let long = "x".repeat(201);
        for (query, words) in [
            ("actor=Nobody+Else&type=asset", "Nobody has this name"),
            ("actor=Twin&type=asset", "Several people have this name"),
            ("type=asset&target=no+such+thing", "No asset has this tag"),
            ("type=asset&from=yesterday", "Write the day like"),
            ("type=asset&from=2026-02-30", "Write the day like"),
            ("type=asset&from=2026-02-03&until=2026-02-01", "before the day from which"),
            ("type=asset&cursor=junk", "cursor is not valid"),
            (&*format!("type=asset&actor={long}"), "too long"),
        ] {
            let page = tab.get(&format!("/audit?{query}")).await;
            let text = page.text();
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
            assert!(text.contains(words) && text.contains("value=\"asset\"") && listed(&text) == 0, "{query}: {text}");
        }
        assert!(tab.get("/audit?type=unheard.of").await.text().contains("Nothing is called so"));
        let injected = tab.get("/audit?actor=person:%22%7D%25").await;
        assert_eq!(injected.status, StatusCode::BAD_REQUEST, "{}", injected.text());
    }

    /// Only auditors of the whole organization see any of it, and each only their own organization's.
    async fn others_see_nothing_of_it(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        camera(&other).await;
        camera(&college).await;
        let app = TestApp::over(&db).await;
        let physics = college.units.physics;
        let unit = college.member("Una Example", physics, &[(Role::Auditor, physics)]).await;
        let custodian = college.member("Cas Example", physics, &[(Role::Custodian, physics)]).await;
        for member in [unit, custodian] {
            let mut tab = Tab::of(&app, &member).await;
            assert!(!tab.get("/").await.text().contains("href=\"/audit\""));
            for path in ["/audit", "/audit?type=asset", "/audit/0", "/audit/0/entry.json"] {
                assert_eq!(tab.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
            }
            for path in ["/audit/verify", "/audit/export"] {
                let answer = tab.post(path, &[("format", "csv")]).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            }
        }
        assert_eq!(facts(&db).await, Vec::<String>::new());
        let mut theirs = Tab::of(&app, &auditor(&other).await).await;
        let page = theirs.get("/audit?type=asset").await.text();
        assert_eq!(listed(&page), 1, "{page}");
        let nobody = Tab::new(&app).get("/audit/3").await;
        assert_eq!(nobody.header("location"), Some("/sign-in?next=%2Faudit%2F3"));
    }

    /// An entry's page has it to the byte, and what it gives to keep is accepted by the independent program.
    async fn an_entry_is_proved(db: TestDb) {
        let college = College::found(&db).await;
        camera(&college).await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &auditor(&college).await).await;
        let unsigned = tab.get("/audit/7").await.text();
        assert!(unsigned.contains("No checkpoint was signed since"), "{unsigned}");
        assert_eq!(tab.get("/audit/7/proof.json").await.status, StatusCode::NOT_FOUND);
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        let page = tab.get("/audit/7").await.text();
        assert!(page.contains("Leaf hash") && page.contains("habeo-verify inclusion 7-proof.json"), "{page}");
        assert!(page.contains("href=\"/audit/6\"") && page.contains("href=\"/audit/8\""), "{page}");
        let folder = must(TempDir::new());
        let mut files = Vec::new();
        for name in ["entry.json", "proof.json", "checkpoint.txt"] {
            let file = tab.get(&format!("/audit/7/{name}")).await;
            assert!(file.header("content-disposition").is_some_and(|value| value.contains(&format!("7-{name}"))));
            let path = folder.path().join(name);
            must(std::fs::write(&path, file.text()));
            files.push(path.display().to_string());
        }
        let stored = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE log_index = 7").await;
        assert_eq!(tab.get("/audit/7/entry.json").await.text(), stored[0]);
        let (_, key) = must(page.split_once("--key ").ok_or("a key"));
        let key = must(key.split_whitespace().next().ok_or("a key")).split('<').next().unwrap_or_default();
        let key = key.replace("&#43;", "+").replace("&#47;", "/").replace("&#61;", "=");
        let prove = |entry: &str| {
            let words = ["inclusion", &files[1], "--entry", entry, "--checkpoint", &files[2], "--key", &key];
            habeo_verify::run(words.into_iter().map(ToOwned::to_owned))
        };
        assert!(must(prove(&files[0])).contains("the entry is number 7"));
        assert!(prove(&files[1]).is_err(), "another entry is not proved by it");
        for wrong in ["/audit/999999", "/audit/-1", "/audit/+7", "/audit/x", "/audit/99999999999999999999", "/audit/7/other.json", "/audit/07x"] {
            assert_eq!(tab.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    }

    /// The button says what holds, and what does not.
    async fn the_ledger_is_verified_from_the_page(db: TestDb) {
        let college = College::found(&db).await;
        camera(&college).await;
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &auditor(&college).await).await;
        tab.get("/audit").await;
        let good = tab.post("/audit/verify", &[]).await;
        let text = good.text();
        assert_eq!(good.status, StatusCode::OK, "{text}");
        for shown in ["The ledger holds", "Root of their tree", "signed ", "habeo audit verify --org westmark", "habeo-verify export", "habeo/westmark/"] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
        let token = tab.form_token().to_owned();
        assert_eq!(tab.clone().send("/audit/verify", &[], Some(&token), Some("cross-site")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.clone().send("/audit/verify", &[], None, Some("same-origin")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.get("/audit/verify").await.status, StatusCode::METHOD_NOT_ALLOWED);
        unprotect(&db).await;
        must(db.raw().await.execute("UPDATE ledger_entry SET bytes = replace(bytes, 'Lumina', 'Lamina')").await);
        tab.get("/audit").await;
        let bad = tab.post("/audit/verify", &[]).await.text();
        assert!(bad.contains("The ledger does not hold") && bad.contains("its bytes do not have its hash"), "{bad}");
    }

    /// What passes leaves in both forms, the lines to the byte, and each time that is recorded.
    async fn what_passes_leaves_as_a_file(db: TestDb) {
        let college = College::found(&db).await;
        camera(&college).await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &auditor(&college).await).await;
        tab.get("/audit?type=asset").await;
        let csv = tab.post("/audit/export", &[("asked", "type=asset"), ("format", "csv")]).await;
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(csv.header("content-disposition").is_some_and(|value| value.contains("ledger.csv")));
        let text = csv.text();
        assert!(text.starts_with("index,recordedAt,") && text.contains("asset.registered"), "{text}");
        assert_eq!(text.lines().count(), 2);
        let lines = tab.post("/audit/export", &[("asked", ""), ("format", "jsonl")]).await;
        assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
        assert!(lines.header("content-disposition").is_some_and(|value| value.contains("ledger.jsonl")));
        let text = lines.text();
        let mut stored = db.raw().await.texts("SELECT bytes FROM ledger_entry ORDER BY log_index DESC").await;
        // The end of this export is recorded after its last line.
        stored.remove(0);
        assert_eq!(text.lines().collect::<Vec<_>>(), stored);
        let first: Value = must(serde_json::from_str(text.lines().next().unwrap_or_default()));
        assert_eq!((&first["type"], &first["payload"]["list"], &first["payload"]["format"]), (&"export.begun".into(), &"ledger".into(), &"application/x-ndjson".into()));
        assert_eq!(facts(&db).await, ["export.begun", "export.completed", "export.begun", "export.completed"]);
        for fields in [[("asked", "type=unheard.of"), ("format", "csv")], [("asked", ""), ("format", "xml")]] {
            assert_eq!(tab.post("/audit/export", &fields).await.status, StatusCode::BAD_REQUEST);
        }
        assert_eq!(tab.get("/audit/export").await.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(facts(&db).await.len(), 4);
    }
}
