//! Digests below a workspace: which channel is told of which unit, and who may say so.

use habeo_core::access::Role;
use habeo_core::chat::Platform;
use habeo_core::chat_conversation::Kind;
use habeo_core::chat_conversation::command::{Close, Note};
use habeo_core::digest::{Cadence, Digest, store};
use habeo_core::id::InstallId;
use habeo_core::install::Workspace;
use habeo_core::install::command::Connect;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::{College, Member, chat};
use habeo_tests::must;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await
}

async fn digests(college: &College, install: InstallId) -> Vec<Digest> {
    let mut tx = college.db.read(&college.access).await;
    must(store::of_install(&mut tx, &college.access, install).await)
}

async fn tenant(college: &College) -> InstallId {
    let connect = Connect {
        workspace: Workspace {
            platform: Platform::Teams,
            key: "9c1f0d1e-0000-4000-8000-00000000aaaa".to_owned(),
        },
        tokens: None,
        ..chat::connect("T0TEAMS")
    };
    let administrator = college.administrator().await;
    must(college.db.ledger.record(&administrator, connect).await)
}

both_engines! {
    /// A channel of Slack is named by its id or its link, told of one unit at its hour, and not told any more when somebody ends it.
    async fn a_channel_is_subscribed_and_ended(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let install = college.workspace("T0HABEO1").await;
        let path = format!("/admin/integrations/{install}");
        let form = format!("{path}/digests");
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let page = tab.get(&path).await.text();
        assert!(page.contains("No channel is told anything yet") && page.contains("SCI unit") && page.contains("America/Chicago"), "{page}");
        let unit = college.units.science.to_string();
        let fields = |channel: &'static str| [("channel", channel), ("unit", &*unit), ("cadence", "weekly"), ("hour", "9")];
        let link = "https://westmark.slack.com/archives/C0123ABCD/p1700000000000100";
        let done = tab.post(&form, &fields(link)).await;
        assert_eq!(done.header("location"), Some(&*format!("{path}?said=subscribed")), "{}", done.text());
        let [digest] = &digests(&college, install).await[..] else { panic!("one digest") };
        assert_eq!((digest.chat.as_str(), digest.unit, digest.cadence, digest.local_hour), ("C0123ABCD", college.units.science, Cadence::Weekly, 9));
        let page = tab.get(&format!("{path}?said=subscribed")).await.text();
        for shown in ["The channel will be told", "<td>C0123ABCD</td><td>SCI unit</td><td>every Monday at 09:00</td>"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let twice = tab.post(&form, &fields("C0123ABCD")).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(twice.text().contains("receives the unit&#39;s digest already"), "{}", twice.text());
        let end = format!("{form}/{}/end", digest.id);
        let done = tab.post(&end, &[]).await;
        assert_eq!(done.header("location"), Some(&*format!("{path}?said=unsubscribed")));
        assert!(digests(&college, install).await.is_empty());
        assert_eq!(tab.post(&end, &[]).await.status, StatusCode::NOT_FOUND, "it is over");
    }

    /// What cannot be is said beside the form, and what was entered stays in it.
    async fn what_cannot_be_is_said_beside_the_form(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let install = college.workspace("T0HABEO1").await;
        let path = format!("/admin/integrations/{install}");
        let form = format!("{path}/digests");
        let (unit, foreign) = (college.units.physics.to_string(), other.units.physics.to_string());
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        tab.get(&path).await;
        for (channel, unit, cadence, hour, why) in [
            ("#it-ops <b>", &*unit, "daily", "7", "That is no channel of Slack"),
            ("C0123ABCD", "", "daily", "7", "Choose a unit"),
            ("C0123ABCD", &*foreign, "daily", "7", "No unit with this id is administered by you"),
            ("C0123ABCD", &*unit, "hourly", "7", "Choose how often"),
            ("C0123ABCD", &*unit, "daily", "24", "An hour is 0 to 23"),
            ("C0123ABCD", &*unit, "daily", "-1", "Choose an hour"),
        ] {
            let refused = tab.post(&form, &[("channel", channel), ("unit", unit), ("cadence", cadence), ("hour", hour)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
            let page = refused.text();
            assert!(page.contains(why) && page.contains(&format!("value=\"{}\"", channel.replace('<', "&#60;").replace('>', "&#62;"))), "{why}: {page}");
        }
        assert!(digests(&college, install).await.is_empty());
    }

    /// Of Teams those channels are offered that Habeo was heard in and is still in, by their names.
    async fn of_teams_the_known_channels_are_offered(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let install = tenant(&college).await;
        let path = format!("/admin/integrations/{install}");
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let page = tab.get(&path).await.text();
        assert!(page.contains("Habeo knows no channel here yet") && !page.contains("Tell the channel"), "{page}");
        for (conversation, kind, name) in [
            ("19:ops@thread.tacv2", Kind::Channel, Some("Science › Ops <1>")),
            ("19:nameless@thread.v2", Kind::Group, None),
            ("19:gone@thread.tacv2", Kind::Channel, Some("Gone")),
            ("a:personal", Kind::Personal, None),
        ] {
            let note = Note {
                install,
                conversation: conversation.to_owned(),
                kind,
                user: (kind == Kind::Personal).then(|| "oid".to_owned()),
                address: None,
                service_url: "https://smba.example/teams/".to_owned(),
                name: name.map(str::to_owned),
            };
            must(db.ledger.record(&college.access, note).await);
        }
        let close = Close { install, conversation: "19:gone@thread.tacv2".to_owned(), removed: true };
        must(db.ledger.record(&college.access, close).await);
        let page = tab.get(&path).await.text();
        assert!(page.contains("Science › Ops &#60;1&#62;") && page.contains("Group chat 19:nameless@thread.v2"), "{page}");
        assert!(!page.contains("Gone") && !page.contains("a:personal"), "{page}");
        let unit = college.units.root.to_string();
        let fields = [("channel", "19:ops@thread.tacv2"), ("unit", &*unit), ("cadence", "daily"), ("hour", "0")];
        let done = tab.post(&format!("{path}/digests"), &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let page = tab.get(&path).await.text();
        assert!(page.contains("<td>Science › Ops &#60;1&#62;</td>") && page.contains("every day at 00:00"), "{page}");
    }

    /// Digests are for administrators of the whole, and of their own organization and workspace.
    async fn digests_are_ones_own(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let (one, two) = (college.workspace("T0HABEO1").await, college.workspace("T0HABEO2").await);
        let unit = college.units.science.to_string();
        let fields = [("channel", "C0123ABCD"), ("unit", &*unit), ("cadence", "daily"), ("hour", "9")];
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        tab.get(&format!("/admin/integrations/{one}")).await;
        tab.post(&format!("/admin/integrations/{one}/digests"), &fields).await;
        let digest = digests(&college, one).await[0].id;
        let part = college.member("Una Example", college.units.science, &[(Role::UnitAdmin, college.units.science)]).await;
        for (member, status) in [(part, StatusCode::FORBIDDEN), (admin(&other).await, StatusCode::NOT_FOUND)] {
            let mut theirs = Tab::of(&app, &member).await;
            theirs.get("/").await;
            for path in [format!("/admin/integrations/{one}/digests"), format!("/admin/integrations/{one}/digests/{digest}/end")] {
                assert_eq!(theirs.post(&path, &fields).await.status, status, "{path}");
            }
        }
        for path in [format!("{two}/digests/{digest}/end"), format!("{one}/digests/junk/end"), "junk/digests".to_owned()] {
            assert_eq!(tab.post(&format!("/admin/integrations/{path}"), &fields).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(digests(&college, one).await.len(), 1);
    }
}
