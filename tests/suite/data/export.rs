//! Tables that go out: over HTTP and by the operator, within the scope of whoever asks, harmless to spreadsheets, recorded, and read back.

use std::ops::ControlFlow;

use habeo_core::access::Role;
use habeo_core::asset::State;
use habeo_core::asset::search::{self, Filter};
use habeo_core::ledger::tree::hex;
use habeo_core::page::Limit;
use habeo_core::unit::scope::Scope;
use habeo_mobile_api::export::{self, Selection};
use habeo_server::import::{self, Creating, Faults, Request, Terms};
use habeo_tests::app::{Answer, TestApp};
use habeo_tests::builders::{College, Member};
use habeo_tests::{both_engines, must};
use sha2::{Digest as _, Sha256};

async fn table(app: &TestApp, member: &Member, path: &str) -> Answer {
    app.get(path)
        .by(member)
        .header("accept", "text/csv")
        .send()
        .await
}

/// The named column of a table.
fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = must(reader.headers()).clone();
    let index = must(head.iter().position(|header| header == name).ok_or(name));
    reader
        .records()
        .map(|record| must(record)[index].to_owned())
        .collect()
}

both_engines! {
    async fn a_list_leaves_whole_and_is_recorded(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let admin = college.member("Admin Example", college.units.root, &[(Role::OrgAdmin, college.units.root)]).await;
        // More than one page of a walk.
        let rows = 1_003;
        let mut steps = Vec::new();
        for n in 0..rows {
            let new = college.asset(&format!("Thing {n}")).command();
            steps.push(habeo_core::asset::steps::Step { command: new, past: None });
        }
        let steps = habeo_core::asset::steps::Steps(std::sync::Arc::new(steps));
        must(db.ledger.record(&college.access, steps).await);
        let answer = table(&app, &admin, "/api/v1/assets?limit=3").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"assets.csv\""));
        assert!(answer.header("x-ratelimit-limit").is_some() && answer.header("etag").is_none());
        let text = answer.text();
        assert_eq!(column(&text, "description").len(), rows);
        assert!(text.contains("\r\n") && !text.replace("\r\n", "").contains('\n'));
        let mut raw = db.raw().await;
        let facts = "SELECT type FROM ledger_entry WHERE type LIKE 'export.%' ORDER BY log_index";
        assert_eq!(raw.texts(facts).await, ["export.begun", "export.completed"]);
        let last = raw.texts("SELECT bytes FROM ledger_entry WHERE type = 'export.completed'").await;
        let digest = hex(&Sha256::digest(&answer.bytes));
        assert!(last[0].contains(&digest) && last[0].contains("\"rows\":1003"), "{}", last[0]);
        // Who prefers JSON gets a page, and nothing is recorded.
        let page = app.get("/api/v1/assets").by(&admin).header("accept", "text/csv;q=0.1, application/json").send().await;
        assert_eq!(page.ok()["data"].as_array().map(Vec::len), Some(25));
        assert_eq!(raw.texts(facts).await.len(), 2);
        table(&app, &admin, "/api/v1/assets?cursor=x").await.problem(400, "parameter_invalid");
        table(&app, &admin, "/api/v1/assets?nonsense=1").await.problem(400, "unknown_parameter");
        let nobody = app.get("/api/v1/assets").header("accept", "text/csv").send().await;
        assert_eq!(nobody.status, 401);
    }

    /// The predicate is that of the pages: other units and other organisations do not exist, and a search is kept out of the ledger's entries.
    async fn an_export_stays_within_the_scope(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "other").await;
        let app = TestApp::over(&db).await;
        let units = college.units;
        let ours = college.asset("Ours").unit(units.physics).register().await;
        let theirs = college.asset("Theirs").unit(units.history).register().await;
        other.asset("Foreign").register().await;
        let member = college.member("Science Example", units.science, &[(Role::Custodian, units.science)]).await;
        let assets = table(&app, &member, "/api/v1/assets").await.text();
        assert_eq!(column(&assets, "description"), ["Ours"]);
        let found = table(&app, &member, "/api/v1/assets?q=theirs").await.text();
        assert_eq!(column(&found, "id"), Vec::<String>::new());
        let people = table(&app, &member, "/api/v1/people").await.text();
        assert!(!people.contains("Ben Sample") && people.contains("Ada Example"), "{people}");
        let shown = table(&app, &member, "/api/v1/units").await.text();
        assert_eq!(column(&shown, "code"), ["SCI", "PHYS", "CHEM"]);
        let sites = table(&app, &member, "/api/v1/sites").await.text();
        assert_eq!(column(&sites, "name"), ["Main Campus", "North Campus"]);
        let history = table(&app, &member, &format!("/api/v1/assets/{ours}/history")).await.text();
        assert_eq!(column(&history, "type"), ["asset.registered"]);
        let unknown = table(&app, &member, &format!("/api/v1/assets/{theirs}/history")).await;
        unknown.problem(404, "asset_unknown");
        let mut raw = db.raw().await;
        let begun = raw.texts("SELECT bytes FROM ledger_entry WHERE type = 'export.begun'").await;
        assert_eq!(begun.len(), 6);
        assert!(begun.iter().all(|entry| !entry.contains("theirs")), "{begun:?}");
    }

    /// Everything that was exported is imported by another organisation as it was, formulas and marks included.
    async fn what_was_exported_is_imported(db: TestDb) {
        let college = College::found(&db).await;
        let texts = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@a", "＝1", "'=1", "'plain", "a,b;\"c\"", "Zoë 🔬"];
        for text in texts {
            college.asset(text).model(college.catalogue.projector).at(college.places.workshop).register().await;
        }
        let asset = college.asset("Held").serial("SN-55555").register().await;
        college.act(asset, habeo_core::asset::command::Act::Deploy {
            target: habeo_core::asset::Target::Unit(college.units.music),
            kind: habeo_core::asset::AssignmentKind::Shared,
            location: None,
        }).await;
        let mut pieces = must(export::begin(&db.ledger, &college.access, Selection::Assets(Box::default(), None), 100).await);
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.recv().await {
            bytes.extend(must(piece));
        }
        let text = must(String::from_utf8(bytes.clone()));
        for line in ["'=HYPERLINK", ",'+1,", ",'-1,", ",'@a,", ",'＝1,", ",''=1,", ",'plain,"] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let other = College::found_as(&db, "other").await;
        let folder = must(tempfile::tempdir());
        let file = folder.path().join("assets.csv");
        must(std::fs::write(&file, bytes));
        let request = Request {
            file,
            delimiter: b',',
            said: Vec::new(),
            terms: Terms::default(),
            creating: Creating::default(),
        };
        let mut faults = Faults::default();
        let checked = must(import::check(&db.ledger, &other.access, request, &mut faults, &|_, _| {}).await);
        assert_eq!(faults.first(), []);
        must(checked.apply(&db.ledger, &other.access, &|_| ControlFlow::Continue(())).await);
        let before = all(&college).await;
        let after = all(&other).await;
        assert_eq!(before, after);
        assert_eq!(after.len(), texts.len() + 1);
    }

    /// A list that is longer than allowed breaks off; it never looks whole.
    async fn an_export_that_is_too_long_breaks_off(db: TestDb) {
        let college = College::found(&db).await;
        for n in 0..3 {
            college.asset(&format!("Thing {n}")).register().await;
        }
        let selection = Selection::Assets(Box::new(Filter { state: Some(State::InStock), ..Filter::default() }), None);
        let mut pieces = must(export::begin(&db.ledger, &college.access, selection, 2).await);
        let mut last = None;
        while let Some(piece) = pieces.recv().await {
            last = Some(piece);
        }
        assert!(last.is_some_and(|piece| piece.is_err()));
        let facts = db.raw().await.texts("SELECT type FROM ledger_entry WHERE type LIKE 'export.%'").await;
        assert_eq!(facts, ["export.begun"]);
    }
}

type Seen = (
    Option<String>,
    Option<String>,
    String,
    String,
    Option<String>,
    State,
    Option<String>,
);

/// What an asset looks like but for its id and its times.
async fn all(college: &College) -> Vec<Seen> {
    let mut tx = college.db.read(&college.access).await;
    let filter = Filter::default();
    let page = search::page(
        &mut tx,
        &college.access,
        &Scope::Whole,
        &filter,
        -1,
        Limit::WALK,
    )
    .await;
    must(page)
        .rows
        .into_iter()
        .map(|asset| {
            (
                asset.tag,
                asset.serial.map(|serial| serial.to_string()),
                asset.description,
                asset.owning_unit_name,
                asset.location_path,
                asset.state,
                asset.target_name,
            )
        })
        .collect()
}
