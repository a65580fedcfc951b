//! What the operations answer with.

use std::collections::{BTreeSet, HashSet};

use habeo_core::access::Role;
use habeo_core::asset::command::{Act, Command, FieldValue};
use habeo_core::asset::{AssignmentKind, IdentifierKind, Target};
use habeo_core::id::AssetId;
use habeo_core::ledger::All;
use habeo_core::text::Tag;
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member, NAMESPACE, command, tag};
use habeo_tests::{both_engines, must};
use poem::http::Method;
use serde_json::{Value, json};

use super::operations::encode;

const ASSETS: &str = "/api/v1/assets";

/// The ids of a page's rows, in order.
fn ids(body: &Value) -> Vec<String> {
    let rows = body["data"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn texts(assets: &[AssetId]) -> Vec<String> {
    assets.iter().map(ToString::to_string).collect()
}

/// Walks a list to its end by its `Link` headers.
async fn walk(app: &TestApp, member: &Member, target: &str) -> Vec<String> {
    let (mut target, mut found) = (target.to_owned(), Vec::new());
    loop {
        let answer = app.get(&target).by(member).send().await;
        let body = answer.ok();
        found.extend(ids(&body));
        let next = body["meta"]["nextCursor"].as_str();
        match (answer.header("link"), next) {
            (Some(link), Some(next)) => {
                let (path, relation) = link.split_once('>').expect("an address in brackets");
                assert_eq!(relation, "; rel=\"next\"");
                assert!(path.ends_with(&format!("cursor={next}")), "{link}");
                path.trim_start_matches('<').clone_into(&mut target);
            }
            (None, None) => return found,
            other => panic!("a link and a cursor come together: {other:?}"),
        }
    }
}

struct Scene {
    app: TestApp,
    college: College,
    admin: Member,
}

impl Scene {
    async fn over(db: &habeo_tests::database::TestDb) -> Self {
        let app = TestApp::over(db).await;
        let college = College::found(db).await;
        let admin = college
            .member(
                "Ada Admin",
                college.units.root,
                &[(Role::OrgAdmin, college.units.root)],
            )
            .await;
        Self {
            app,
            college,
            admin,
        }
    }

    async fn list(&self, query: &str) -> Vec<String> {
        walk(&self.app, &self.admin, &format!("{ASSETS}?{query}")).await
    }

    async fn many(&self, count: usize) -> Vec<AssetId> {
        let new: Vec<_> = (0..count)
            .map(|n| self.college.asset(&format!("Lens {n}")))
            .collect();
        let ids = new
            .iter()
            .map(habeo_tests::builders::NewAsset::id)
            .collect();
        let commands = new
            .into_iter()
            .map(habeo_tests::builders::NewAsset::command)
            .collect();
        must(
            self.college
                .db
                .ledger
                .record(&self.college.access, All(commands))
                .await,
        );
        ids
    }
}

both_engines! {
    /// Walking all pages yields every asset once, in the order of entry, whatever the size of the pages.
    async fn pages_hold_every_asset_once(db: TestDb) {
        let scene = Scene::over(&db).await;
        let assets = texts(&scene.many(53).await);
        for limit in [1, 2, 7, 25, 52, 53, 54, 100] {
            assert_eq!(scene.list(&format!("limit={limit}")).await, assets, "{limit}");
            let found = scene.list(&format!("q=lens&limit={limit}")).await;
            assert_eq!(found, assets, "q, {limit}");
        }
        assert_eq!(scene.list("").await, assets);
        let first = scene.app.get(ASSETS).by(&scene.admin).send().await.ok();
        assert_eq!(ids(&first).len(), 25);
        for limit in ["0", "101", "-1", "x", "", "1.5"] {
            let answer = scene.app.get(&format!("{ASSETS}?limit={limit}")).by(&scene.admin).send().await;
            let body = answer.problem(400, "parameter_invalid");
            assert_eq!(body["errors"][0]["field"], "limit");
        }
        // What is entered during a walk comes at its end, and nothing comes twice.
        let page = scene.app.get(&format!("{ASSETS}?limit=50")).by(&scene.admin).send().await.ok();
        let later = scene.college.asset("Lens").register().await;
        let cursor = page["meta"]["nextCursor"].as_str().expect("a next page").to_owned();
        let rest = scene.app.get(&format!("{ASSETS}?limit=50&cursor={cursor}")).by(&scene.admin).send().await.ok();
        assert_eq!(ids(&rest), [&assets[50..], &[later.to_string()]].concat());
    }

    /// Each filter narrows the list to what it says, and two to what both say.
    async fn filters_narrow_the_list(db: TestDb) {
        let scene = Scene::over(&db).await;
        let college = &scene.college;
        let (units, places, catalogue) = (college.units, college.places, college.catalogue);
        let laptop = college.asset("Laptop").tag("OLD-1").serial("AB-12 34").unit(units.physics).at(places.reading_room).model(catalogue.notebook).register().await;
        let projector = college.asset("Projector").unit(units.music).at(places.workshop).model(catalogue.projector).category(catalogue.projectors).register().await;
        let lamp = college.asset("Lamp").unit(units.chemistry).register().await;
        db.clock.advance_micros(1_000_000);
        let ada = college.people.ada;
        let deploy = Act::Deploy { target: Target::Person(ada), kind: AssignmentKind::Permanent, location: None };
        college.act(lamp, deploy).await;
        college.act(laptop, Act::Retag { tag: tag("NEW-1") }).await;
        let cases = [
            ("tag=NEW-1".to_owned(), vec![laptop]), ("tag=new1".to_owned(), vec![laptop]), ("tag=OLD-1".to_owned(), vec![laptop]),
            ("tag=NEW".to_owned(), vec![]), ("serial=ab1234".to_owned(), vec![laptop]), ("serial=AB12".to_owned(), vec![]),
            ("state=in_use".to_owned(), vec![lamp]), ("state=in_stock".to_owned(), vec![laptop, projector]), ("state=disposed".to_owned(), vec![]),
            (format!("unit={}", units.science), vec![laptop, lamp]), (format!("unit={}", units.physics), vec![laptop]),
            (format!("unit={}", units.root), vec![laptop, projector, lamp]), (format!("unit={}", units.arts), vec![projector]),
            (format!("site={}", places.main), vec![laptop]), (format!("site={}", places.north), vec![projector]),
            (format!("category={}", catalogue.computers), vec![laptop, lamp]), (format!("category={}", catalogue.projectors), vec![projector]),
            (format!("model={}", catalogue.notebook), vec![laptop]), (format!("holder={ada}"), vec![lamp]),
            (format!("holder={}", college.people.ben), vec![]),
            ("updatedSince=2026-03-02T09:00:01Z".to_owned(), vec![laptop, lamp]), ("updatedSince=2026-03-02T10:00:01%2B01:00".to_owned(), vec![laptop, lamp]),
            ("updatedSince=2026-03-02T09:00:00Z".to_owned(), vec![laptop, projector, lamp]), ("updatedSince=2026-03-02T09:00:01.000001Z".to_owned(), vec![]),
            (format!("state=in_stock&unit={}", units.science), vec![laptop]), (format!("state=in_use&site={}", places.main), vec![]),
            (format!("q=la&unit={}", units.chemistry), vec![lamp]),
        ];
        for (query, expected) in cases {
            assert_eq!(scene.list(&query).await, texts(&expected), "{query}");
        }
    }

    /// Exact codes first, then beginnings of labels and serial numbers, then their ends, then words; nothing twice.
    async fn searches_find_by_tiers(db: TestDb) {
        let scene = Scene::over(&db).await;
        let college = &scene.college;
        let words = college.asset("Stand for the KX77 series").register().await;
        let ends = college.asset("Camera").serial("99KX77").register().await;
        let begins = college.asset("Camera").serial("KX771").register().await;
        let label = college.asset("Camera").tag("KX-779").register().await;
        let exact = college.asset("Camera").serial("KX77").register().await;
        let expected = texts(&[exact, label, begins, ends, words]);
        for limit in [1, 2, 3, 100] {
            assert_eq!(scene.list(&format!("q=kx77&limit={limit}")).await, expected, "{limit}");
        }
        assert_eq!(scene.list("q=KX-77").await[..4], expected[..4]);
        let held = college.asset("Tripod").model(college.catalogue.projector).at(college.places.reading_room).register().await;
        let deploy = Act::Deploy { target: Target::Person(college.people.ben), kind: AssignmentKind::Permanent, location: None };
        college.act(held, deploy).await;
        for q in ["tripod", "tri", "Beam", "orbis opt", "Sample", "ben sam tripod", "reading", "TRIPOD library"] {
            assert_eq!(scene.list(&format!("q={}", encode(q))).await, texts(&[held]), "{q}");
        }
        for q in ["zz", "tripod ada", "ripod", "\"tripod\" NOT x"] {
            assert_eq!(scene.list(&format!("q={}", encode(q))).await, Vec::<String>::new(), "{q}");
        }
        for (q, code) in [("a", "too_short"), ("", "too_short"), (" a ", "too_short"), (&"a".repeat(201), "too_long")] {
            let answer = scene.app.get(&format!("{ASSETS}?q={}", encode(q))).by(&scene.admin).send().await;
            assert_eq!(answer.problem(400, "parameter_invalid")["errors"][0]["code"], code);
        }
    }

    /// People are found by the beginnings of their names' words, by address, and by their filters.
    async fn people_are_found_by_name_and_filter(db: TestDb) {
        let scene = Scene::over(&db).await;
        let people = scene.college.people;
        let units = scene.college.units;
        let all = walk(&scene.app, &scene.admin, "/api/v1/people?limit=2").await;
        assert_eq!(all.len(), 5);
        for (query, expected) in [
            ("q=ada+ex".to_owned(), vec![people.ada]), ("q=samp".to_owned(), vec![people.ben]), ("q=zzz".to_owned(), vec![]),
            ("affiliation=student".to_owned(), vec![people.cleo]), ("status=separated".to_owned(), vec![people.gone]),
            (format!("unit={}", units.arts), vec![people.ben, people.cleo]), (format!("unit={}&affiliation=staff", units.arts), vec![people.ben]),
        ] {
            let found = walk(&scene.app, &scene.admin, &format!("/api/v1/people?{query}")).await;
            let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{query}");
        }
        let one = scene.app.get(&format!("/api/v1/people/{}", people.ada)).by(&scene.admin).send().await.ok();
        assert_eq!(one["data"], json!({
            "id": people.ada.to_string(), "name": "Ada Example", "email": null, "affiliation": "faculty", "status": "active",
            "unit": {"id": units.physics.to_string(), "name": "PHYS unit"},
        }));
    }

    /// A scanned code leads to one asset, to a choice, to nothing, or back to the scanner.
    async fn scans_lead_to_one_asset_or_say_why_not(db: TestDb) {
        let scene = Scene::over(&db).await;
        let college = &scene.college;
        let issued = Tag::issue(NAMESPACE, 4_217);
        let labelled = college.asset("Camera").tag(issued.as_str()).serial("C02XG0FDJGH5").identifier(IdentifierKind::AzureDevice, "azure-7").register().await;
        let lumina = college.asset("Lens").serial("TWIN1").maker(college.catalogue.lumina).register().await;
        let orbis = college.asset("Lens").serial("TWIN1").maker(college.catalogue.orbis).untagged().register().await;
        let scan = async |code: &str| scene.app.get(&format!("/api/v1/scan/{}", encode(code))).by(&scene.admin).send().await;
        let misread = "WMK-004217-0";
        for (code, by) in [
            (issued.as_str(), "tag"), (&issued.as_str().to_lowercase().replace('-', " "), "tag"), ("https://old.example.edu/t/WMK-004217-S", "tag"),
            ("http://old.example.edu/hardware/bytag?assetTag=WMK-004217-S&x=1", "tag"), ("c02xg0fdjgh5", "serial"), ("SC02XG0FDJGH5", "serial"), ("azure-7", "identifier"),
        ] {
            let body = scan(code).await.ok();
            assert_eq!((&body["data"]["id"], &body["data"]["matchedBy"]), (&json!(labelled.to_string()), &json!(by)), "{code}");
        }
        scan("nothing-like-it").await.problem(404, "asset_unknown");
        scan(misread).await.problem(422, "tag_misread");
        let body = scan("TWIN1").await.problem(409, "ambiguous_code");
        let fields: BTreeSet<&str> = body["errors"].as_array().into_iter().flatten().filter_map(|fault| fault["field"].as_str()).collect();
        assert_eq!(fields, BTreeSet::from([lumina.to_string().as_str(), orbis.to_string().as_str()]));
        college.act(labelled, Act::Retag { tag: tag("NEW-9") }).await;
        assert_eq!(scan(issued.as_str()).await.ok()["data"]["tag"], "NEW-9");
    }

    /// A history is read newest first; names and remarks of other units are left out of it.
    async fn histories_tell_each_reader_what_they_may_know(db: TestDb) {
        let scene = Scene::over(&db).await;
        let college = &scene.college;
        let units = college.units;
        let history = |person: &'static str, unit| college.member(person, unit, &[]);
        let (giver, taker) = (history("Giver Example", units.history).await, history("Taker Example", units.physics).await);
        for (member, unit) in [(&giver, units.history), (&giver, units.physics), (&taker, units.physics)] {
            college.grant(member.person, Role::UnitAdmin, unit).await;
        }
        let asset = college.asset("Camera").unit(units.history).register().await;
        let giver_access = college.sign_in(&giver).await.access;
        let note = |text: &str| Command { remark: Some(text.to_owned()), ..command(asset, Act::Note) };
        must(db.ledger.record(&giver_access, note("Only for historians")).await);
        let correct = Act::ChangeFields(vec![FieldValue::Unit(units.physics)]);
        college.act(asset, correct).await;
        let taker_access = college.sign_in(&taker).await.access;
        must(db.ledger.record(&taker_access, note("For physicists")).await);
        let target = format!("{ASSETS}/{asset}/history");
        let told = async |member: &Member| {
            let body = scene.app.get(&target).by(member).send().await.ok();
            let rows = body["data"].as_array().expect("rows").clone();
            rows.iter().map(|row| (row["type"].clone(), row["remark"].clone(), row["actor"]["name"].clone())).collect::<Vec<_>>()
        };
        let whole = told(&scene.admin).await;
        let noted = json!("asset.noted");
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[0], (noted.clone(), json!("For physicists"), json!("Taker Example")));
        assert_eq!(whole[2], (noted.clone(), json!("Only for historians"), json!("Giver Example")));
        assert_eq!(whole[3].0, "asset.registered");
        let part = told(&taker).await;
        assert_eq!(part[0], whole[0]);
        assert_eq!(part[2], (noted, Value::Null, Value::Null));
        assert_eq!(walk(&scene.app, &scene.admin, &format!("{target}?limit=1")).await.len(), 4);
        let distinct: HashSet<_> = walk(&scene.app, &scene.admin, &format!("{target}?limit=3")).await.into_iter().collect();
        assert_eq!(distinct.len(), 4);
    }

    /// A representation has a tag of its own; whoever has it already gets no body, and HEAD never does.
    async fn representations_have_tags(db: TestDb) {
        let scene = Scene::over(&db).await;
        let asset = scene.college.asset("Camera").register().await;
        let kim = scene.college.member("Kim Example", scene.college.units.root, &[(Role::OrgAdmin, scene.college.units.root)]).await;
        for target in [ASSETS.to_owned(), format!("{ASSETS}/{asset}"), format!("{ASSETS}/{asset}/history"), "/api/v1/sites".to_owned(), "/api/v1/units".to_owned()] {
            let first = scene.app.get(&target).by(&scene.admin).send().await;
            first.ok();
            let entity = first.header("etag").expect("a tag").to_owned();
            // The tag is of what is represented, not of who asks.
            let again = scene.app.get(&target).by(&kim).header("if-none-match", &entity).send().await;
            assert_eq!((again.status.as_u16(), again.text().as_str(), again.header("etag")), (304, "", Some(entity.as_str())), "{target}");
            let head = scene.app.request(Method::HEAD, &target).by(&scene.admin).send().await;
            assert_eq!((head.status.as_u16(), head.text().as_str(), head.header("etag")), (200, "", Some(entity.as_str())), "{target}");
        }
        let target = format!("{ASSETS}/{asset}");
        let before = scene.app.get(&target).by(&scene.admin).send().await;
        scene.app.wait_seconds(1);
        scene.college.act(asset, Act::Retag { tag: tag("NEW-1") }).await;
        let after = scene.app.get(&target).by(&scene.admin).header("if-none-match", before.header("etag").unwrap_or_default()).send().await;
        assert_eq!(after.ok()["data"]["tag"], "NEW-1");
    }

    /// Sites come with their buildings and rooms; what lies in another place is no site.
    async fn sites_come_with_what_is_within_them(db: TestDb) {
        let scene = Scene::over(&db).await;
        let places = scene.college.places;
        let one = scene.app.get(&format!("/api/v1/sites/{}", places.main)).by(&scene.admin).send().await.ok();
        assert_eq!((&one["data"]["name"], &one["data"]["placesComplete"]), (&json!("Main Campus"), &json!(true)));
        assert_eq!(one["data"]["buildings"][0]["id"], places.library.to_string());
        assert_eq!(one["data"]["buildings"][0]["rooms"][0]["id"], places.reading_room.to_string());
        scene.app.get(&format!("/api/v1/sites/{}", places.library)).by(&scene.admin).send().await.problem(404, "site_unknown");
        assert_eq!(walk(&scene.app, &scene.admin, "/api/v1/sites?limit=1").await.len(), 2);
        assert_eq!(walk(&scene.app, &scene.admin, "/api/v1/units?limit=3").await.len(), 8);
    }

    /// What anybody may ask.
    async fn pages_are_open_to_all(db: TestDb) {
        let app = TestApp::over(&db).await;
        let alive = app.get("/healthz").send().await;
        assert_eq!((alive.status.as_u16(), alive.text().as_str()), (200, "ok"));
        let home = app.get("/").send().await;
        assert_eq!((home.status.as_u16(), home.header("location")), (303, Some("/sign-in")));
        let document = app.get("/api/v1/openapi.json").send().await;
        assert_eq!(document.ok()["openapi"], "3.1.0");
        let entity = document.header("etag").expect("a tag").to_owned();
        let again = app.get("/api/v1/openapi.json").header("if-none-match", &entity).send().await;
        assert_eq!((again.status.as_u16(), again.text().as_str()), (304, ""));
        for page in ["/api/v1/docs", "/api/v1/problems"] {
            let answer = app.get(page).send().await;
            assert!(answer.status == 200 && answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{page}");
            assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")), "{page}");
        }
        for path in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/nothing", "/api/v2/assets", "/api/v1/assets/", "/api/v1/docs/nothing.js", "//", "/api/v1/../v1/me"] {
            let answer = app.get(path).send().await;
            super::proper::assert_proper(&answer, None, path);
            assert_eq!(answer.status, 404, "{path}");
        }
    }
}
