//! Cases and hand-overs in the console: what is shown side by side, what forms decide, and who may.

use anyhow::Result;
use habeo_core::access::{Access, Role, Surface};
use habeo_core::asset::State;
use habeo_core::connection::Provider;
use habeo_core::device::report::{Described, Kind, Report, User};
use habeo_core::device::take::{Outcome, TakeReports};
use habeo_core::id::{AssetId, ConnectionId, DuplicateCaseId, HandOverId, PersonId};
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_tests::app::TestApp;
use habeo_tests::browser::in_browser;
use habeo_tests::builders::{College, person};
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;
use thirtyfour::Key;
use uuid::Uuid;

use super::browser::{fits, found, frontend};

async fn taken(college: &College, kind: Kind, serial: &str, email: Option<&str>) -> Outcome {
    let user = email.map(|email| User {
        email: Some(email.to_owned()),
        display_name: Some("Shown <b>there</b>".to_owned()),
        ..User::default()
    });
    let report = Report {
        external_id: Some(format!("computer:{serial}")),
        kind,
        occurred_at: college.db.clock_now(),
        device: Described {
            serial: Some(serial.to_owned()),
            model: Some("Folio <14>".to_owned()),
            ..Described::default()
        },
        user,
        place: None,
    };
    let command = TakeReports {
        connection: ConnectionId::from_uuid(Uuid::from_u128(1)),
        provider: Provider::Jamf,
        reports: vec![("1".to_owned(), report)],
    };
    let access = Access::system(college.org, Surface::Webhook);
    let mut taken = must(college.db.ledger.record(&access, command).await);
    must(taken.pop().ok_or("no outcome")).outcome
}

/// Two records with one serial number, and the case of their device.
async fn case(college: &College) -> (AssetId, AssetId, DuplicateCaseId) {
    let lumina = college.catalogue.lumina;
    let one = college
        .asset("Laptop <one>")
        .tag("CASE-1")
        .maker(lumina)
        .serial("CASE-1001")
        .register()
        .await;
    let other = college
        .asset("Laptop two")
        .tag("CASE-2")
        .serial("CASE-1001")
        .register()
        .await;
    // Jamf implies Apple, which nobody has entered: either record may be meant.
    match taken(college, Kind::Enrolled, "CASE-1001", None).await {
        Outcome::Case { case, .. } => (one, other, case),
        outcome => panic!("{outcome:?}"),
    }
}

/// A laptop that somebody else signs in on, and the proposal.
async fn hand_over(college: &College, tab: &mut Tab<'_>) -> (AssetId, PersonId, HandOverId) {
    let new = RegisterPerson {
        email: Some("pat@westmark.example".to_owned()),
        ..person(
            "Pat Example",
            college.units.physics,
            Affiliation::Staff,
            PersonStatus::Active,
        )
    };
    let pat = must(college.db.ledger.record(&college.access, new).await);
    let asset = college
        .asset("Laptop")
        .tag("HAND-1")
        .serial("HAND-1001")
        .register()
        .await;
    let unit = college.units.physics.to_string();
    tab.get("/admin/hand-overs").await;
    let set = tab
        .post(
            "/admin/hand-overs/policy",
            &[("unit", &*unit), ("propose", "yes")],
        )
        .await;
    assert_eq!(
        set.header("location"),
        Some("/admin/hand-overs?said=policy"),
        "{}",
        set.text()
    );
    taken(
        college,
        Kind::Login,
        "HAND-1001",
        Some("pat@westmark.example"),
    )
    .await;
    let page = tab.get("/admin/hand-overs").await.text();
    let id = page
        .split("/admin/hand-overs/")
        .find_map(|rest| rest.get(..36)?.parse().ok());
    (asset, pat, must(id.ok_or(page)))
}

both_engines! {
    /// A case is found, read side by side, merged and taken back, by forms alone.
    async fn a_case_is_decided_and_taken_back(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (one, other, case) = case(&college).await;
        let custodian = college.member("Robin Example", college.units.science, &[(Role::Custodian, college.units.science)]).await;
        let mut tab = Tab::of(&app, &custodian).await;
        let home = tab.get("/").await.text();
        assert!(home.contains("href=\"/admin/cases\"") && !home.contains("href=\"/admin/integrations\""), "{home}");
        let list = tab.get("/admin/cases").await.text();
        assert!(list.contains("Several assets with one serial number") && list.contains("Jamf Pro") && list.contains("Folio &#60;14&#62;"), "{list}");
        let path = format!("/admin/cases/{case}");
        let page = tab.get(&path).await.text();
        for shown in ["CASE-1001", "Laptop &#60;one&#62;", "Laptop two", "CASE-1", "CASE-2", "Merge: they are one asset", "Keep apart"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let form = format!("{path}/decide");
        let merged = tab.post(&form, &[("decision", "merge"), ("survivor", &*one.to_string())]).await;
        assert_eq!(merged.header("location"), Some(&*format!("{path}?said=merged")), "{}", merged.text());
        let page = tab.get(&format!("{path}?said=merged")).await.text();
        assert!(page.contains("The records are merged") && page.contains("Merged by Robin Example") && page.contains("Undo this decision"), "{page}");
        let asset = tab.get(&format!("/assets/{other}")).await.text();
        assert!(asset.contains("second record of an asset") && asset.contains(&format!("/assets/{one}")), "{asset}");
        assert!(asset.contains("merged into another record"), "{asset}");
        // A second decision is refused, on the page.
        let again = tab.post(&form, &[("decision", "ignore")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text().contains("undo that decision first"), "{}", again.text());
        assert!(tab.get("/admin/cases").await.text().contains("Nothing waits for a decision"));
        assert!(tab.get("/admin/cases?state=decided").await.text().contains(&*path));
        let undone = tab.post(&form, &[("decision", "undo")]).await;
        assert_eq!(undone.header("location"), Some(&*format!("{path}?said=undone")));
        let kept = tab.post(&form, &[("decision", "keep_apart")]).await;
        assert_eq!(kept.header("location"), Some(&*format!("{path}?said=kept_apart")));
        assert_eq!(college.detail(other).await.merged_into_id, None);
    }

    /// A hand-over is read and accepted, and the asset is with whoever was proposed.
    async fn a_hand_over_is_decided(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        let mut tab = Tab::of(&app, &admin).await;
        let (asset, pat, id) = hand_over(&college, &mut tab).await;
        let list = tab.get("/admin/hand-overs").await.text();
        assert!(list.contains("HAND-1") && list.contains("Pat Example") && list.contains("(proposes)"), "{list}");
        assert!(!list.contains("HIST unit"), "units of others are not offered: {list}");
        let path = format!("/admin/hand-overs/{id}");
        let page = tab.get(&path).await.text();
        for shown in ["pat@westmark.example", "Jamf Pro", "nobody", "Accept: hand it to Pat Example"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let form = format!("{path}/decide");
        let strange = tab.post(&form, &[("decision", "both")]).await;
        assert_eq!(strange.status, StatusCode::BAD_REQUEST);
        let done = tab.post(&form, &[("decision", "accept")]).await;
        assert_eq!(done.header("location"), Some("/admin/hand-overs?said=accepted"), "{}", done.text());
        let detail = college.detail(asset).await;
        assert_eq!((detail.state, detail.target_id), (State::InUse, Some(pat.uuid())));
        let again = tab.post(&form, &[("decision", "decline")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(tab.get("/admin/hand-overs?state=decided").await.text().contains("Accepted"));
    }

    /// What is out of reach is not there, and whoever looks after no records is told so; forms of other pages decide nothing.
    async fn others_decide_nothing(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (one, _, case) = case(&college).await;
        let admin = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        let mut tab = Tab::of(&app, &admin).await;
        let (asset, _, hand) = hand_over(&college, &mut tab).await;
        let arts = college.member("Robin Example", college.units.arts, &[(Role::UnitAdmin, college.units.arts)]).await;
        let nobody = college.member("Noel Example", college.units.science, &[]).await;
        let survivor = one.to_string();
        for (member, status) in [(arts, StatusCode::NOT_FOUND), (nobody, StatusCode::FORBIDDEN)] {
            let mut theirs = Tab::of(&app, &member).await;
            theirs.get("/").await;
            for path in [format!("/admin/cases/{case}"), format!("/admin/hand-overs/{hand}")] {
                assert_eq!(theirs.get(&path).await.status, status, "{path}");
                let fields = [("decision", "merge"), ("survivor", &*survivor)];
                let form = format!("{path}/decide");
                let fields = if path.contains("hand") { [("decision", "accept"), ("survivor", "")] } else { fields };
                assert_eq!(theirs.post(&form, &fields).await.status, status, "{form}");
            }
            let unit = college.units.physics.to_string();
            let set = theirs.post("/admin/hand-overs/policy", &[("unit", &*unit), ("propose", "no")]).await;
            assert_eq!(set.status, status);
        }
        for path in ["/admin/cases/junk", "/admin/hand-overs/junk", "/admin/cases?before=junk", "/admin/hand-overs?before=junk"] {
            assert_eq!(tab.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(college.detail(one).await.merged_into_id, None);
        assert_eq!(college.state(asset).await, State::InStock);
    }
}

/// A case and a hand-over, decided by keyboard alone, on a phone's width, and without a script.
async fn decided_in_a_browser(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let member = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let (_, other, case) = case(&college).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let mut tab = Tab::of(&app, &member).await;
    let (asset, pat, _) = hand_over(&college, &mut tab).await;
    let origin = app.listen().await;
    in_browser(async |browser| {
        browser.size(360, 800).await?;
        browser.open(&format!("{origin}/admin/cases")).await?;
        found(browser, "tbody a").await?;
        fits(browser, "cases-narrow").await?;
        found(browser, "tbody a")
            .await?
            .send_keys(Key::Enter + "")
            .await?;
        found(browser, "input[type=radio]").await?;
        fits(browser, "case-narrow").await?;
        // From the first record to the second by an arrow key, and on to the button.
        found(browser, "input[type=radio]:checked")
            .await?
            .send_keys(Key::Right + "")
            .await?;
        found(browser, "button[value=merge]")
            .await?
            .send_keys(Key::Enter + "")
            .await?;
        assert!(
            found(browser, ".said")
                .await?
                .text()
                .await?
                .starts_with("The records are merged.")
        );
        fits(browser, "case-merged-narrow").await?;
        browser.open(&format!("{origin}/admin/hand-overs")).await?;
        found(browser, "tbody a").await?;
        fits(browser, "hand-overs-narrow").await?;
        found(browser, "tbody a")
            .await?
            .send_keys(Key::Enter + "")
            .await?;
        found(browser, "button[value=accept]").await?;
        fits(browser, "hand-over-narrow").await?;
        found(browser, "button[value=accept]")
            .await?
            .send_keys(Key::Enter + "")
            .await?;
        assert_eq!(
            found(browser, ".said").await?.text().await?,
            "The asset is handed over."
        );
        browser.size(1280, 900).await?;
        browser
            .open(&format!("{origin}/admin/cases/{case}"))
            .await?;
        found(browser, "button[value=undo]").await?;
        fits(browser, "case-wide").await?;
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await?;
    assert_eq!(college.detail(asset).await.target_id, Some(pat.uuid()));
    let one = college.detail(other).await;
    assert_eq!(
        one.merged_into_id, None,
        "the second record was chosen to stay"
    );
    Ok(())
}

#[test]
fn cases_and_hand_overs_are_decided_in_a_browser() {
    on_sqlite(async |db| must(decided_in_a_browser(db).await));
}
