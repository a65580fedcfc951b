//! Linking a chat account by its page.

use habeo_core::access::{Access, Role, Surface};
use habeo_core::chat::Platform;
use habeo_core::chat_link::command::IssueTicket;
use habeo_core::chat_link::{self, ChatUser, Profile, TICKET_LIFE_MICROS};
use habeo_core::id::InstallId;
use habeo_core::install::Workspace;
use habeo_core::install::command::Connect;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::secret::MasterKey;
use habeo_core::time::SECOND_MICROS;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, ISSUER, Member, person};
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// A workspace that is connected, and the administrator who did it.
async fn connected(college: &College, key: &str) -> (InstallId, Member) {
    let root = college.units.root;
    let admin = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Slack,
            key: key.to_owned(),
        },
        name: "Westmark <Slack>".to_owned(),
        bot_user: "U0HABEOBOT".to_owned(),
        app_id: "A0HABEO01".to_owned(),
        scopes: vec!["chat:write".to_owned()],
        tokens: None,
        pending: false,
        master_key: Arc::new(MasterKey::new(MASTER_KEY)),
    };
    let access = college.sign_in(&admin).await.access;
    (
        must(college.db.ledger.record(&access, connect).await),
        admin,
    )
}

async fn ticket(college: &College, install: InstallId, user: &str) -> String {
    let profile = Profile::named(format!("{user} <b>shown</b>"));
    ticket_of(college, install, user, profile).await
}

async fn ticket_of(college: &College, install: InstallId, user: &str, profile: Profile) -> String {
    let issue = IssueTicket {
        user: ChatUser {
            install,
            user: user.to_owned(),
        },
        profile,
    };
    let access = Access::system(college.org, Surface::Slack);
    let text: SecretString = must(college.db.ledger.record(&access, issue).await);
    text.expose_secret().to_owned()
}

both_engines! {
    /// The page names the chat user, links after the confirmation, and the ticket is good once.
    async fn a_chat_user_is_linked_by_its_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (install, _) = connected(&college, "T0HABEO1").await;
        let member = college.member("Ada Example", college.units.physics, &[]).await;
        let text = ticket(&college, install, "U0ADA").await;
        let path = format!("/link/slack?t={text}");

        let mut tab = Tab::new(&app);
        let sent = tab.get(&path).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "signing in comes first");
        let mut tab = Tab::of(&app, &member).await;
        let page = tab.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        let shown = page.text();
        assert!(shown.contains("U0ADA &#60;b&#62;shown") && shown.contains("Westmark &#60;Slack&#62;"), "{shown}");
        let done = tab.post("/link/slack", &[("t", &text)]).await;
        assert_eq!(done.header("location"), Some("/?said=linked"));

        let access = college.sign_in(&member).await.access;
        let mut tx = must(db.ledger.db().read(&access).await);
        let links = must(chat_link::store::of_person(&mut tx, &access, member.person).await);
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].user, "U0ADA");
        drop(tx);

        let home = tab.get("/?said=linked").await.text();
        assert!(home.contains("Your chat account is linked") && home.contains("Westmark &#60;Slack&#62;"), "{home}");
        assert_eq!(tab.get(&path).await.status, StatusCode::CONFLICT);
        assert_eq!(tab.post("/link/slack", &[("t", &text)]).await.status, StatusCode::CONFLICT);

        let end = format!("/links/{}/end", links[0].link);
        tab.get("/").await;
        assert_eq!(tab.post(&end, &[]).await.header("location"), Some("/?said=unlinked"));
        assert!(tab.get("/").await.text().contains("None yet"));
    }

    /// Whoever calls themselves like the visitor is told apart by what they did not choose: their id, and the address the service vouches for.
    async fn the_page_shows_what_the_chat_user_did_not_choose(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (install, _) = connected(&college, "T0HABEO1").await;
        let new = RegisterPerson {
            email: Some("ada@westmark.example".to_owned()),
            identities: vec![(ISSUER.to_owned(), "user_ada".to_owned())],
            ..person("Ada Example", college.units.physics, Affiliation::Staff, PersonStatus::Active)
        };
        let ada = Member { person: must(db.ledger.record(&college.access, new).await), credential: college.credential("user_ada") };
        let nameless = college.member("Ada Example", college.units.physics, &[]).await;
        let profile = |address: Option<&str>| Profile {
            shown_name: "Ada Example".to_owned(),
            full_name: Some("Eve\u{202e} Mallory".to_owned()),
            address: address.map(str::to_owned),
        };
        for (visitor, address, shown, doubt) in [
            (&ada, Some("eve@westmark.example"), "<dd>eve@westmark.example</dd>", Some("is eve@westmark.example, and yours is ada@westmark.example")),
            (&ada, Some("Ada@Westmark.example"), "<dd>Ada@Westmark.example</dd>", None),
            (&ada, None, "Ada Example", Some("Slack does not vouch for an address")),
            (&nameless, Some("eve@westmark.example"), "<dd>eve@westmark.example</dd>", Some("Habeo knows none of yours")),
        ] {
            let text = ticket_of(&college, install, "U0EVE", profile(address)).await;
            let page = Tab::of(&app, visitor).await.get(&format!("/link/slack?t={text}")).await.text();
            for part in [shown, "<dd>Ada Example</dd>", "<dd>Eve Mallory</dd>", "<code>U0EVE</code>"] {
                assert!(page.contains(part), "{part}: {page}");
            }
            assert_eq!(page.contains("role=\"alert\""), doubt.is_some(), "{page}");
            assert!(page.contains(doubt.unwrap_or_default()), "{page}");
        }
    }

    /// A ticket is of one organization, of one service, and good for ten minutes; nothing but asking says so.
    async fn a_ticket_is_of_one_organization_and_short(db: TestDb) {
        let app = TestApp::over(&db).await;
        let here = College::found(&db).await;
        let there = College::found_as(&db, "eastmark").await;
        let (install, _) = connected(&here, "T0HABEO1").await;
        let stranger = there.member("Eve Example", there.units.physics, &[]).await;
        let member = here.member("Ada Example", here.units.physics, &[]).await;
        let text = ticket(&here, install, "U0ADA").await;
        let path = format!("/link/slack?t={text}");

        let foreign = Tab::of(&app, &stranger).await.get(&path).await;
        let unknown = Tab::of(&app, &stranger).await.get("/link/slack?t=nothing").await;
        assert_eq!(foreign.status, StatusCode::CONFLICT);
        let plain = |answer: &habeo_tests::app::Answer| {
            let text = answer.text();
            // The token of the sign-out form differs from session to session.
            let (before, behind) = text.split_once("name=\"csrf\" value=\"").map(|(a, b)| (a.to_owned(), b[43..].to_owned())).unwrap_or_default();
            (before, behind)
        };
        assert_eq!(plain(&foreign), plain(&unknown));
        let mut tab = Tab::of(&app, &member).await;
        assert_eq!(tab.get(&path.replace("slack", "teams")).await.status, StatusCode::CONFLICT);
        assert_eq!(tab.get("/link/irc?t=x").await.status, StatusCode::NOT_FOUND);
        assert_eq!(tab.get(&path).await.status, StatusCode::OK);
        app.wait_seconds(TICKET_LIFE_MICROS / SECOND_MICROS);
        assert_eq!(tab.post("/link/slack", &[("t", &text)]).await.status, StatusCode::CONFLICT);
    }

    /// Nobody ends somebody else's link, but an administrator does.
    async fn links_are_ended_by_their_owner_or_an_administrator(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (install, admin) = connected(&college, "T0HABEO1").await;
        let member = college.member("Ada Example", college.units.physics, &[]).await;
        let other = college.member("Ben Example", college.units.physics, &[(Role::Custodian, college.units.physics)]).await;
        let text = ticket(&college, install, "U0ADA").await;
        let mut tab = Tab::of(&app, &member).await;
        tab.get(&format!("/link/slack?t={text}")).await;
        tab.post("/link/slack", &[("t", &text)]).await;
        let access = college.sign_in(&member).await.access;
        let mut tx = must(db.ledger.db().read(&access).await);
        let links = must(chat_link::store::of_person(&mut tx, &access, member.person).await);
        drop(tx);
        let end = format!("/links/{}/end", links[0].link);
        let mut theirs = Tab::of(&app, &other).await;
        theirs.get("/").await;
        assert_eq!(theirs.post(&end, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(theirs.post("/links/junk/end", &[]).await.status, StatusCode::NOT_FOUND);
        let mut admins = Tab::of(&app, &admin).await;
        let page = admins.get(&format!("/admin/integrations/{install}")).await;
        assert!(page.text().contains("Ada Example"), "{}", page.text());
        assert!(page.text().contains("U0ADA"), "the account is told by its id");
        let back = format!("/admin/integrations/{install}?said=unlinked");
        assert_eq!(admins.post(&end, &[("from", "integration")]).await.header("location"), Some(&*back));
        assert!(admins.get(&back).await.text().contains("The chat account is no longer linked"));
        assert!(tab.get("/").await.text().contains("None yet"));
    }
}
