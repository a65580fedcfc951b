//! The sandbox's sign-in page: somebody of an invented university is chosen, and nobody of a real one.

use habeo_core::access::Role;
use habeo_core::grant::command::GiveGrant;
use habeo_core::org::command::CreateOrg;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::web_session::form_token;
use habeo_server::issuer::{ISSUER, external_id};
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, person};
use habeo_tests::database::TestDb;
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;

/// The slug of the sandbox's university.
const SLUG: &str = "westmark";

/// A university with one administrator and one auditor.
async fn university(db: &TestDb, sandbox: bool) {
    let new = CreateOrg {
        name: "Westmark University".to_owned(),
        slug: SLUG.to_owned(),
        timezone: "America/Chicago".to_owned(),
        currency: "USD".to_owned(),
        sandbox,
        external: vec![(ISSUER.to_owned(), external_id(SLUG))],
        tag_namespaces: vec!["WMK".to_owned()],
        units: None,
    };
    let created = must(new.carry_out(&db.ledger).await);
    let access = db.system(created.org);
    for (name, role) in [
        ("Robin Invented", Role::OrgAdmin),
        ("Ona Invented", Role::Auditor),
    ] {
        let new = RegisterPerson {
            identities: vec![(ISSUER.to_owned(), name.to_lowercase().replace(' ', "-"))],
            ..person(name, created.root, Affiliation::Staff, PersonStatus::Active)
        };
        let person = must(db.ledger.record(&access, new).await);
        let grant = GiveGrant {
            person,
            role,
            root_unit: created.root,
            valid_to: None,
            remark: None,
        };
        must(db.ledger.record(&access, grant).await);
    }
}

both_engines! {
    /// Whoever is chosen is signed in, as far as their office goes, and led to where the visitor wanted to be.
    async fn a_persona_is_chosen(db: TestDb) {
        university(&db, true).await;
        let app = TestApp::with_sandbox_issuer(&db).await;
        let mut tab = Tab::new(&app);
        let page = tab.get("/sign-in?next=%2Fadmin%2Fintegrations").await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains("Continue as Administrator") && text.contains("Continue as Auditor"), "{text}");
        assert!(!text.contains("Continue as Technician"), "nobody has that office: {text}");
        let chosen = tab.post("/sign-in", &[("persona", "org_admin"), ("next", "/admin/integrations")]).await;
        assert_eq!((chosen.status, chosen.header("location")), (StatusCode::SEE_OTHER, Some("/admin/integrations")));
        let page = tab.get("/admin/integrations").await;
        assert!(page.status == StatusCode::OK && page.text().contains("Robin Invented"), "{}", page.text());

        let mut other = Tab::new(&app);
        other.get("/sign-in").await;
        let chosen = other.post("/sign-in", &[("persona", "auditor"), ("next", "https://evil.example/")]).await;
        assert_eq!(chosen.header("location"), Some("/"));
        assert!(other.get("/").await.text().contains("Ona Invented"));
        assert_eq!(other.get("/admin/integrations").await.status, StatusCode::FORBIDDEN);
    }

    /// Nobody is signed in as somebody who is not offered, nor by a form that is not ours.
    async fn what_is_not_offered_signs_nobody_in(db: TestDb) {
        university(&db, true).await;
        let app = TestApp::with_sandbox_issuer(&db).await;
        let mut tab = Tab::new(&app);
        tab.get("/sign-in").await;
        for persona in ["technician", "ORG_ADMIN", "robin-invented", "", "../org_admin"] {
            let answer = tab.post("/sign-in", &[("persona", persona)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{persona}");
        }
        let good = [("persona", "org_admin")];
        let token = tab.form_token().to_owned();
        let stranger = "A".repeat(43);
        for (token, site) in [(None, Some("same-origin")), (Some(&*stranger), Some("same-origin")), (Some(&*token), Some("cross-site")), (Some(&*token), None)] {
            let answer = tab.clone().send("/sign-in", &good, token, site).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{token:?} from {site:?}");
        }
        assert_eq!(tab.post("/sign-in", &[]).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER, "nobody is signed in");
    }

    /// An organization with real people is not offered, even if it is called like the sandbox's; and with Clerk there are no personas.
    async fn real_people_cannot_be_chosen(db: TestDb) {
        university(&db, false).await;
        let app = TestApp::with_sandbox_issuer(&db).await;
        let mut tab = Tab::new(&app);
        let page = tab.get("/sign-in").await.text();
        assert!(page.contains("There is nobody to be yet"), "{page}");
        // A form as the page would have it, by this very browser.
        let token = form_token(&tab.cookies["habeo_browser"]);
        let answer = tab.send("/sign-in", &[("persona", "org_admin")], Some(&token), Some("same-origin")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let clerk = TestApp::over(&db).await;
        College::found_as(&db, "eastmark").await;
        let mut tab = Tab::new(&clerk);
        tab.get("/sign-in").await;
        let answer = tab.post("/sign-in", &[("persona", "org_admin")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.get("/").await.status, StatusCode::SEE_OTHER);
    }
}
