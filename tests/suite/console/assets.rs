//! The list of assets, what scanners read, and the pages of one asset.

use habeo_core::access::Role;
use habeo_core::asset::IdentifierKind;
use habeo_core::asset::command::{Act, Command};
use habeo_core::asset::{AssignmentKind, State, Target};
use habeo_core::text::Tag;
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member, NAMESPACE, command};
use habeo_tests::tab::{Tab, hidden};
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

/// An id that nothing has.
const UNKNOWN: &str = "01932c5e-7b1a-7c3d-8e4f-000000000001";

async fn custodian(college: &College) -> Member {
    let physics = college.units.physics;
    let roles = [(Role::Custodian, physics)];
    college.member("Priya Custodian", physics, &roles).await
}

/// The addresses that a page leads to with this word.
fn link(page: &str, word: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!(">{word}</a>"))?;
    let (_, tag) = before.rsplit_once("href=\"")?;
    let (path, _) = tag.split_once('"')?;
    Some(path.replace("&#38;", "&").replace("&amp;", "&"))
}

fn deploy(college: &College) -> Act {
    Act::Deploy {
        target: Target::Person(college.people.ada),
        kind: AssignmentKind::Permanent,
        location: None,
    }
}

both_engines! {
    /// Somebody sees their units' assets and no others; search and filters are those of the API and stay in the address.
    async fn the_list_is_searched_and_filtered(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let camera = college.asset("Field <b>camera</b>").tag("WMK-900101").serial("SN-4711-X").at(college.places.library).register().await;
        college.asset("Tripod").tag("WMK-900102").register().await;
        college.asset("Grand piano").tag("WMK-900103").unit(college.units.music).register().await;
        other.asset("Eastern lamp").tag("WMK-900104").register().await;
        college.act(camera, deploy(&college)).await;
        let app = TestApp::over(&db).await;
        let priya = custodian(&college).await;
        let mut tab = Tab::of(&app, &priya).await;
        let all = tab.get("/assets").await;
        assert_eq!(all.status, StatusCode::OK);
        let all = all.text();
        assert!(all.contains("WMK-900101") && all.contains("WMK-900102") && all.contains("Ada Example"), "{all}");
        assert!(!all.contains("WMK-900103") && !all.contains("WMK-900104") && !all.contains("<b>camera"), "{all}");
        assert!(all.contains("in use") && !all.contains("HIST unit"), "{all}");
        let physics = college.units.physics;
        let library = college.places.main;
        for (query, camera, tripod) in [
            ("q=WMK-900101", true, false),
            ("q=SN-4711", true, false),
            ("q=camera", true, false),
            ("q=wmk-9001", true, true),
            ("state=in_use", true, false),
            ("state=in_stock&q=tripod", false, true),
            ("serial=SN-4711-X", true, false),
            ("tag=wmk900102", false, true),
            (&format!("unit={physics}"), true, true),
            (&format!("unit={}", college.units.music), false, false),
            (&format!("site={library}"), true, false),
            (&format!("category={}", college.catalogue.projectors), false, false),
            (&format!("holder={}", college.people.ada), true, false),
            ("person=Ada+Example", true, false),
            (&format!("category={}", college.catalogue.computers), true, true),
        ] {
            let page = tab.get(&format!("/assets?{query}")).await;
            let text = page.text();
            assert_eq!(page.status, StatusCode::OK, "{query}: {text}");
            assert_eq!((text.contains(">WMK-900101</a>"), text.contains(">WMK-900102</a>")), (camera, tripod), "{query}: {text}");
            assert!(camera || tripod || text.contains("No asset that you see passes this"), "{query}: {text}");
        }
        let by_name = tab.get("/assets?person=Ada+Example").await.text();
        let holder = format!("name=\"holder\" value=\"{}\" checked", college.people.ada);
        assert!(by_name.contains(&holder) && by_name.contains("Only what Ada Example has"), "{by_name}");
        let stranger = Tab::of(&app, &college.member("Noel Example", college.units.history, &[]).await).await.get("/assets").await.text();
        assert!(stranger.contains("You see no assets yet"), "{stranger}");
        let nobody = Tab::new(&app).get("/assets?q=camera").await;
        assert_eq!(nobody.header("location"), Some("/sign-in?next=%2Fassets%3Fq%3Dcamera"));
    }

    /// What cannot be meant is said beside its field, and nothing that was typed is lost.
    async fn what_cannot_be_meant_is_said(db: TestDb) {
        let college = College::found(&db).await;
        college.member("Twin Example", college.units.physics, &[]).await;
        college.member("Twin Example", college.units.physics, &[]).await;
        college.asset("Tripod").tag("WMK-900102").register().await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &custodian(&college).await).await;
        let long = "x".repeat(201);
        for (query, words) in [
            ("q=%20x%20&state=in_use", "at least two characters"),
            (&*format!("q={long}"), "at most 200 characters"),
            ("person=Nobody+Else&q=tripod", "Nobody of this name"),
            ("person=Twin&q=tripod", "Several people have this name"),
            ("cursor=junk&q=tripod", "cursor is not valid"),
        ] {
            let page = tab.get(&format!("/assets?{query}")).await;
            let text = page.text();
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
            assert!(text.contains(words), "{query}: {text}");
            assert!(!query.contains("tripod") || text.contains("value=\"tripod\""), "{query}: {text}");
            assert!(!text.contains(">WMK-900102</a>"));
        }
        let text = tab.get("/assets?state=gone&unit=junk&holder=1").await;
        assert_eq!(text.status, StatusCode::BAD_REQUEST);
        let twins = tab.get("/assets?person=Twin&q=tripod").await.text();
        assert_eq!(twins.matches("href=\"/assets?q=tripod&#38;holder=").count(), 2, "{twins}");
        let half = tab.get("/assets?q=%FF%FE&col=%FF").await;
        assert_eq!(half.status, StatusCode::OK, "{}", half.text());
    }

    /// Pages follow one another within their list only, with the columns that were chosen.
    async fn pages_and_columns_are_in_the_address(db: TestDb) {
        let college = College::found(&db).await;
        for n in 0..51 {
            college.asset("Tripod").tag(&format!("WMK-9002{n:02}")).register().await;
        }
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &custodian(&college).await).await;
        let first = tab.get("/assets?q=tripod&col=category&col=nothing").await.text();
        assert!(first.contains("<th scope=\"col\">Category</th>") && !first.contains("<th scope=\"col\">State</th>"), "{first}");
        let next = must(link(&first, "Next page").ok_or(first));
        assert!(next.starts_with("/assets?q=tripod&col=category&"), "{next}");
        let second = tab.get(&next).await.text();
        assert!(second.contains(">WMK-900250</a>") && !second.contains(">WMK-900249</a>"), "{second}");
        assert!(second.contains("<th scope=\"col\">Category</th>") && link(&second, "Next page").is_none());
        assert_eq!(link(&second, "First page").as_deref(), Some("/assets?q=tripod&col=category&col=nothing"));
        let cursor = must(next.split("cursor=").nth(1).ok_or("a cursor")).to_owned();
        for (query, words) in [
            (format!("q=camera&cursor={cursor}"), "belongs to another query"),
            (format!("q=tripod&cursor={cursor}A"), "not valid"),
        ] {
            let page = tab.get(&format!("/assets?{query}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST);
            assert!(page.text().contains(words), "{query}: {}", page.text());
        }
        let walked = tab.get("/assets").await.text();
        let next = must(link(&walked, "Next page").ok_or(walked));
        assert!(tab.get(&next).await.text().contains(">WMK-900250</a>"));
        let other = College::found_as(&db, "eastmark").await;
        let stranger = custodian(&other).await;
        let answer = Tab::of(&app, &stranger).await.get(&next).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "a cursor of another organization is none");
    }

    /// The very list leaves as a file that no spreadsheet computes, by a form only, and that is recorded.
    async fn the_list_leaves_as_a_file(db: TestDb) {
        let college = College::found(&db).await;
        college.asset("=cmd|calc").tag("WMK-900101").register().await;
        college.asset("Tripod").tag("WMK-900102").register().await;
        college.asset("=cmd|piano").tag("WMK-900103").unit(college.units.music).register().await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &custodian(&college).await).await;
        let page = tab.get("/assets?q=cmd&col=state").await.text();
        let asked = must(hidden(&page, "asked").ok_or(page)).replace("&#38;", "&");
        let file = tab.post("/assets/export", &[("asked", &asked)]).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, Some("text/csv; charset=utf-8")));
        let text = file.text();
        assert!(text.contains("WMK-900101") && text.contains(",'=cmd|calc,"), "{text}");
        assert!(!text.contains("WMK-900102") && !text.contains("WMK-900103"), "{text}");
        let facts = "SELECT type FROM ledger_entry WHERE type LIKE 'export.%' ORDER BY log_index";
        assert_eq!(db.raw().await.texts(facts).await, ["export.begun", "export.completed"]);
        let foreign = tab.clone().send("/assets/export", &[("asked", "")], Some(&"A".repeat(43)), Some("same-origin")).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
        let token = tab.form_token().to_owned();
        let elsewhere = tab.clone().send("/assets/export", &[("asked", "")], Some(&token), Some("cross-site")).await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.post("/assets/export", &[("asked", "state=gone")]).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(tab.get("/assets/export").await.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(db.raw().await.texts(facts).await.len(), 2, "what was refused left nothing");
    }

    /// A scanner's code leads to its asset, from the field, from the address on a label, and from a list of many.
    async fn what_a_scanner_reads_leads_to_assets(db: TestDb) {
        let college = College::found(&db).await;
        let issued = Tag::issue(NAMESPACE, 4_217);
        let camera = college.asset("Field camera").tag(issued.as_str()).serial("SN-1").maker(college.catalogue.lumina).register().await;
        college.asset("Copy").tag("WMK-900102").serial("SN-1").maker(college.catalogue.orbis).register().await;
        college.asset("Grand piano").tag("WMK-900103").unit(college.units.music).register().await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &custodian(&college).await).await;
        let page = format!("/assets/{camera}");
        let tag = issued.as_str();
        for target in [format!("/assets/scan?code={tag}"), format!("/assets/scan?code=%20{}", tag.to_lowercase().replace('-', "")), format!("/t/{tag}")] {
            let answer = tab.get(&target).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some(&*page)), "{target}");
        }
        let misread = format!("{}{}", &tag[..tag.len() - 1], if tag.ends_with('A') { 'B' } else { 'A' });
        for (code, words) in [
            ("WMK-900103", "Nothing with this code is visible to you"),
            ("<script>", "&#60;script&#62;"),
            ("SN-1", "Several assets have this code"),
            (&*misread, "Scan it again"),
            (&*"9".repeat(600), "longer than any code"),
        ] {
            let encoded: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
            let answer = tab.get(&format!("/assets/scan?code={encoded}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{code}");
            assert!(answer.text().contains(words), "{code}: {}", answer.text());
        }
        tab.get("/assets/scan").await;
        let codes = format!("{tag}\r\n\r\n WMK-900103 \r\n{misread}\r\nSN-1\r\n{tag}");
        let gathered = tab.post("/assets/scan", &[("codes", &codes)]).await;
        let text = gathered.text();
        assert_eq!(gathered.status, StatusCode::OK, "{text}");
        assert!(text.contains("2 of 5 codes found") && text.matches(&*format!("href=\"{page}\"")).count() == 2, "{text}");
        assert!(text.contains("Not found") && !text.contains("Grand piano"), "{text}");
        let many = "WMK-1\n".repeat(201);
        for (codes, words) in [(&*many, "These are 201 codes"), (" \n ", "at least one code")] {
            let answer = tab.post("/assets/scan", &[("codes", codes)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text().contains(words), "{}", answer.text());
        }
        assert!(tab.post("/assets/scan", &[("codes", &many)]).await.text().contains("WMK-1\nWMK-1"), "what was gathered is there still");
        let foreign = tab.clone().send("/assets/scan", &[("codes", tag)], None, Some("same-origin")).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    }

    /// An asset's page has what is known of it, its history who, what, when and what was before, and its label the code.
    async fn an_asset_has_its_pages(db: TestDb) {
        let college = College::found(&db).await;
        let priya = custodian(&college).await;
        let asset = college.asset("Field <i>camera</i>").tag("WMK-900101").serial("SN-4711").identifier(IdentifierKind::Imei, "356938035643809")
            .at(college.places.library).register().await;
        let access = college.sign_in(&priya).await.access;
        must(college.try_as(&access, asset, deploy(&college)).await);
        let note = Command { remark: Some("Scratched <lens>".to_owned()), ..command(asset, Act::Note) };
        must(db.ledger.record(&access, note).await);
        let bare = college.asset("Bare lamp").untagged().register().await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &priya).await;
        let page = tab.get(&format!("/assets/{asset}")).await.text();
        for shown in ["WMK-900101", "SN-4711", "IMEI", "356938035643809", "Ada Example", "until further notice", "Library", "in use", "What happened last", "handed out to Ada Example"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(!page.contains("<i>camera") && !page.contains("/audit/"), "{page}");
        let history = tab.get(&format!("/assets/{asset}/history")).await.text();
        for shown in ["entered in the record", "handed out to Ada Example", "Priya Custodian", "Habeo", "Scratched &#60;lens&#62;", "UTC", "C"] {
            assert!(history.contains(shown), "{shown}: {history}");
        }
        let label = tab.get(&format!("/assets/{asset}/label")).await.text();
        assert!(label.contains("/t/WMK-900101") && label.contains("<path d=\"M4 4h7v1h-7z"), "{label}");
        assert_eq!(tab.get(&format!("/assets/{bare}/label")).await.status, StatusCode::NOT_FOUND);
        // Of another unit, of another organization, of nothing, and of what is no id: the same.
        let music = college.member("Mo Example", college.units.music, &[(Role::Custodian, college.units.music)]).await;
        let other = College::found_as(&db, "eastmark").await;
        let stranger = other.member("Robin Example", other.units.root, &[(Role::OrgAdmin, other.units.root)]).await;
        for member in [&music, &stranger] {
            let mut theirs = Tab::of(&app, member).await;
            for id in [&*asset.to_string(), UNKNOWN, "junk"] {
                for tail in ["", "/history", "/label"] {
                    let answer = theirs.get(&format!("/assets/{id}{tail}")).await;
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}{tail}");
                }
            }
        }
        for before in ["junk", "-", "99999999999999999999"] {
            assert_eq!(tab.get(&format!("/assets/{asset}/history?before={before}")).await.status, StatusCode::NOT_FOUND);
        }
        assert!(tab.get(&format!("/assets/{asset}/history?before=0")).await.text().contains("Nothing happened before that"));
        assert_eq!(college.state(asset).await, State::InUse);
    }
}
