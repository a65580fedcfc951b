//! The pages of integrations: who sees them, what they say, and what their forms do.

use habeo_core::access::Role;
use habeo_core::chat::Platform;
use habeo_core::id::InstallId;
use habeo_core::install::command::Connect;
use habeo_core::install::{self, Status, Tokens, Workspace};
use habeo_core::secret::MasterKey;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member};
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;
use std::sync::Arc;

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await
}

async fn connect(college: &College, admin: &Member, key: &str) -> InstallId {
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Slack,
            key: key.to_owned(),
        },
        name: format!("Workspace {key}"),
        bot_user: "U0HABEOBOT".to_owned(),
        app_id: "A0HABEO01".to_owned(),
        scopes: vec!["chat:write".to_owned(), "commands".to_owned()],
        tokens: Some(Tokens {
            access: "xoxb-planted-secret".to_owned().into(),
            refresh: None,
            expires_at: None,
        }),
        pending: false,
        master_key: Arc::new(MasterKey::new(MASTER_KEY)),
    };
    let access = college.sign_in(admin).await.access;
    must(college.db.ledger.record(&access, connect).await)
}

both_engines! {
    /// Integrations are for administrators of the whole; others are told so, and strangers are led to sign in.
    async fn integrations_are_for_administrators(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let install = connect(&college, &admin(&college).await, "T0HABEO1").await;
        let part = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        let nobody = college.member("Ned Example", college.units.science, &[]).await;
        let paths = [
            "/admin/integrations".to_owned(),
            format!("/admin/integrations/{install}"),
            "/admin/integrations/slack/manifest.json".to_owned(),
            "/admin/integrations/teams/package.zip".to_owned(),
            "/slack/install".to_owned(),
            "/slack/oauth/callback?code=a&state=b".to_owned(),
            "/teams/install".to_owned(),
            "/teams/consent/callback?state=b".to_owned(),
        ];
        for path in &paths {
            assert_eq!(Tab::new(&app).get(path).await.status, StatusCode::SEE_OTHER, "{path}");
            for member in [&part, &nobody] {
                let answer = Tab::of(&app, member).await.get(path).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
                assert!(!answer.text().contains("T0HABEO1"));
            }
        }
        for form in ["settings", "disconnect"] {
            let mut tab = Tab::of(&app, &part).await;
            tab.get("/").await;
            let answer = tab.post(&format!("/admin/integrations/{install}/{form}"), &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
    }

    /// A workspace shows its state, its permissions and its people, and never its tokens.
    async fn a_workspace_is_shown_without_its_secrets(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = admin(&college).await;
        let install = connect(&college, &admin, "T0HABEO1").await;
        let mut tab = Tab::of(&app, &admin).await;
        let list = tab.get("/admin/integrations").await.text();
        assert!(list.contains("Workspace T0HABEO1") && list.contains("Connected"), "{list}");
        let page = tab.get(&format!("/admin/integrations/{install}")).await.text();
        for shown in ["Workspace T0HABEO1", "T0HABEO1", "Robin Example", "chat:write", "Nobody yet"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(!page.contains("planted") && !list.contains("planted"));
    }

    /// Settings are saved; what is no domain is refused beside its field, and nothing is lost of what was saved.
    async fn settings_are_saved_or_refused_beside_the_field(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let admin = admin(&college).await;
        let install = connect(&college, &admin, "T0HABEO1").await;
        let path = format!("/admin/integrations/{install}");
        let settings = format!("{path}/settings");
        let mut tab = Tab::of(&app, &admin).await;
        tab.get(&path).await;
        let saved = tab.post(&settings, &[("domains", "Example.edu, students.example.edu"), ("share", "yes")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        let page = tab.get(&format!("{path}?said=saved")).await.text();
        assert!(page.contains("The settings are saved") && page.contains("example.edu, students.example.edu") && page.contains(" checked"), "{page}");
        let refused = tab.post(&settings, &[("domains", "not a <domain>")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("aria-invalid=\"true\""), "{}", refused.text());
        let access = college.sign_in(&admin).await.access;
        let mut tx = must(db.ledger.db().read(&access).await);
        let kept = must(install::store::by_id(&mut tx, &access, install).await).map(|install| install.settings);
        assert_eq!(kept.map(|settings| settings.trusted_email_domains.len()), Some(2));
    }

    /// Disconnecting ends the installation. Another organization's is as unknown as one that never was.
    async fn disconnecting_is_of_one_s_own(db: TestDb) {
        let app = TestApp::over(&db).await;
        let here = College::found(&db).await;
        let there = College::found_as(&db, "eastmark").await;
        let (ours, theirs) = (admin(&here).await, admin(&there).await);
        let install = connect(&here, &ours, "T0HABEO1").await;
        let mut foreign = Tab::of(&app, &theirs).await;
        foreign.get("/").await;
        for path in [format!("/admin/integrations/{install}"), "/admin/integrations/01932c5e-7b1a-7c3d-8e4f-000000000001".to_owned()] {
            assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND);
            foreign.get("/").await;
            for form in ["settings", "disconnect"] {
                assert_eq!(foreign.post(&format!("{path}/{form}"), &[]).await.status, StatusCode::NOT_FOUND, "{path}/{form}");
            }
        }
        let mut tab = Tab::of(&app, &ours).await;
        tab.get("/").await;
        let gone = tab.post(&format!("/admin/integrations/{install}/disconnect"), &[]).await;
        assert_eq!(gone.header("location"), Some("/admin/integrations?said=disconnected"));
        let access = here.sign_in(&ours).await.access;
        let mut tx = must(db.ledger.db().read(&access).await);
        let status = must(install::store::by_id(&mut tx, &access, install).await).map(|install| install.status);
        assert_eq!(status, Some(Status::Ended));
        assert!(tab.get("/admin/integrations").await.text().contains("No workspace is connected"));
    }

    /// A server without a Slack or Teams app says what to do, and offers the manifest as soon as vendors can call it.
    async fn an_unconfigured_server_says_what_to_do(db: TestDb) {
        let app = TestApp::configured(&db, &[("HABEO_PUBLIC_URL", "https://habeo.example.edu")]).await;
        let college = College::found(&db).await;
        let admin = admin(&college).await;
        let mut tab = Tab::of(&app, &admin).await;
        let page = tab.get("/admin/integrations").await.text();
        assert!(page.contains("HABEO_SLACK_CLIENT_ID") && page.contains("https://habeo.example.edu/api/messages"), "{page}");
        let manifest = tab.get("/admin/integrations/slack/manifest.json").await;
        assert_eq!(manifest.ok()["settings"]["event_subscriptions"]["request_url"], "https://habeo.example.edu/slack/events");
        assert_eq!(tab.get("/admin/integrations/teams/package.zip").await.status, StatusCode::CONFLICT);
        for path in ["/slack/install", "/teams/install"] {
            let answer = tab.get(path).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.text());
        }
    }
}
