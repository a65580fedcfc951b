//! Connecting a system, choosing its settings, changing its secret, and ending it.

use habeo_core::access::Role;
use habeo_core::connection::{Algorithm, Proof, Provider, Settings, Status};
use habeo_core::ticket;
use habeo_core::time::DAY_MICROS;
use habeo_receivers::templates;
use habeo_tests::app::TestApp;
use habeo_tests::both_engines;
use habeo_tests::builders::College;
use habeo_tests::tab::Tab;
use poem::http::StatusCode;

use super::{UNKNOWN, admin, connect, held, led_to, letter, page, path, refuse, secrets, seen};

const NEW: &str = "/admin/connections/new";
const FORMS: [&str; 7] = [
    "name",
    "settings",
    "pause",
    "resume",
    "rotate",
    "end-rotation",
    "remove",
];

/// What the form of a new connection sends as it is proposed.
fn usual<'a>(provider: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("provider", provider),
        ("name", name),
        ("proof", "header"),
        ("header", "Authorization"),
        ("prefix", "Bearer"),
        ("signature_header", "X-Habeo-Signature"),
        ("algorithm", "sha256"),
        ("timestamp_header", ""),
        ("user", "habeo"),
    ]
}

/// What is pasted at the other end proves itself as a new connection expects, and has both the address and the secret.
#[test]
fn what_is_pasted_proves_itself_as_is_usual() {
    for provider in Provider::ALL {
        assert_eq!(
            templates::proof(*provider),
            provider.usual_proof(),
            "{provider}"
        );
        let texts = templates::of(
            *provider,
            "https://habeo.example.edu/planted-url",
            "planted-secret",
        );
        let all: String = texts.into_iter().map(|template| template.text).collect();
        assert!(
            all.contains("planted-url") && all.contains("planted-secret"),
            "{provider}: {all}"
        );
    }
}

both_engines! {
    /// Connections are for administrators of the whole; others are told so, and strangers are led to sign in.
    async fn connections_are_for_administrators(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let (id, _) = connect(&college, Provider::Jamf, "Planted name").await;
        letter(&college, id, "Ev1", b"planted").await;
        let part = college.member("Una Example", college.units.root, &[(Role::UnitAdmin, college.units.root)]).await;
        let delivery = format!("{}/deliveries/{UNKNOWN}", path(id));
        let paths = [NEW.to_owned(), format!("{NEW}?provider=jamf"), path(id), format!("{}/listen", path(id)), delivery.clone(), format!("{delivery}/body")];
        for path in &paths {
            assert_eq!(Tab::new(&app).get(path).await.status, StatusCode::SEE_OTHER, "{path}");
            let answer = Tab::of(&app, &part).await.get(path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            assert!(!answer.text().to_lowercase().contains("planted"));
        }
        let mut tab = Tab::of(&app, &part).await;
        tab.get("/").await;
        let mut forms: Vec<String> = FORMS.iter().map(|form| format!("{}/{form}", path(id))).collect();
        forms.extend([NEW.to_owned(), format!("{delivery}/replay")]);
        for form in forms {
            let fields = usual("jamf", "x");
            assert_eq!(tab.post(&form, &fields).await.status, StatusCode::FORBIDDEN, "{form}");
        }
        assert_eq!(seen(&college, id).await.status, Status::Active);
    }

    /// Another organization's connection is as unknown as one that never was.
    async fn another_organization_s_connection_is_unknown(db: TestDb) {
        let app = TestApp::over(&db).await;
        let here = College::found(&db).await;
        let there = College::found_as(&db, "eastmark").await;
        let (id, secret) = connect(&here, Provider::Jira, "Planted name").await;
        let stranger = admin(&there).await;
        let mut tab = Tab::of(&app, &stranger).await;
        assert!(!page(&mut tab, "/admin/integrations").await.contains("Planted"));
        for connection in [path(id), format!("/admin/connections/{UNKNOWN}"), "/admin/connections/nothing".to_owned()] {
            for what in ["", "/listen", &format!("/deliveries/{UNKNOWN}"), &format!("/deliveries/{UNKNOWN}/body")] {
                assert_eq!(tab.get(&format!("{connection}{what}")).await.status, StatusCode::NOT_FOUND, "{connection}{what}");
            }
            tab.get("/").await;
            for form in FORMS {
                let mut fields = usual("jira", "Mine");
                fields.push(("window", "now"));
                let answer = tab.post(&format!("{connection}/{form}"), &fields).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{connection}/{form}: {}", answer.text());
            }
            assert_eq!(tab.post(&format!("{connection}/deliveries/{UNKNOWN}/replay"), &[]).await.status, StatusCode::NOT_FOUND);
        }
        let one = seen(&here, id).await;
        assert_eq!((one.status, one.name.as_str()), (Status::Active, "Planted name"));
        assert_eq!(secrets(&here, id).await, [secret]);
    }

    /// Every product has its card; a connection is on the card of its own, with how it fares.
    async fn the_integrations_show_how_each_connection_fares(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        let list = page(&mut tab, "/admin/integrations").await;
        for provider in Provider::ALL {
            assert!(list.contains(&format!("/admin/connections/new?provider={provider}")) && list.contains(provider.title()), "{provider}");
        }
        let (quiet, _) = connect(&college, Provider::Jamf, "Quiet one").await;
        let (busy, _) = connect(&college, Provider::Intune, "Busy one").await;
        let (gone, _) = connect(&college, Provider::Jira, "Gone one").await;
        letter(&college, busy, "Ev1", b"{}").await;
        tab.get(&path(gone)).await;
        led_to(&tab.post(&format!("{}/remove", path(gone)), &[]).await, "/admin/integrations?said=connection_removed");
        let list = page(&mut tab, "/admin/integrations?said=connection_removed").await;
        assert!(list.contains("Waiting for its first letter") && list.contains(">Active<") && !list.contains("Gone one"), "{list}");
        assert!(list.contains("Last letter: never") && list.contains("Last letter: 2026-03-02 09:00 UTC"), "{list}");
        db.clock.advance_micros(1);
        refuse(&college, quiet, "the header is missing").await;
        refuse(&college, busy, "the <secret> is another one").await;
        let list = page(&mut tab, "/admin/integrations").await;
        assert_eq!(list.matches("Refused lately").count(), 2);
        assert!(list.contains("the header is missing") && !list.contains("<secret>"), "{list}");
    }

    /// The form proposes what is usual, and its answer shows the secret: there, once, and nowhere else.
    async fn a_system_is_connected_and_its_secret_shown_once(db: TestDb) {
        let app = TestApp::configured(&db, &[("HABEO_PUBLIC_URL", "https://habeo.example.edu")]).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        assert!(page(&mut tab, NEW).await.contains("provider=kandji"));
        for provider in Provider::ALL {
            let form = page(&mut tab, &format!("{NEW}?provider={provider}")).await;
            assert_eq!(form.matches(" checked").count(), 1, "{provider}: {form}");
            assert_eq!(form.matches("(usual)").count(), 1, "{provider}");
            assert_eq!(form.contains("event_grid") && form.contains("client_state"), *provider == Provider::Intune);
            assert_eq!(form.contains("name=\"statuses\""), provider.family() == habeo_core::connection::Family::Itsm);
        }
        let answer = tab.post(NEW, &usual("jamf", "Jamf & <b>library</b>")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("location").is_none() && answer.headers.get("set-cookie").is_none());
        let told = answer.text();
        assert!(!told.contains("<b>library"), "{told}");
        let url = held(&told, "url");
        let id = must_id(&url);
        assert_eq!(url, format!("https://habeo.example.edu/api/webhooks/mdm-login?provider=jamf&connection={id}"));
        assert_eq!(held(&told, "entered-1"), "Authorization");
        let value = held(&told, "entered-2");
        let secret = secrets(&college, id).await.remove(0);
        assert_eq!(value, format!("Bearer {secret}"));
        assert!(told.contains("{&#34;Authorization&#34;:&#34;Bearer hbs_"), "{told}");
        let one = seen(&college, id).await;
        assert_eq!((one.name.as_str(), one.created_by), ("Jamf & <b>library</b>", Some(member.person)));
        assert_eq!(one.settings, Settings::proven_by(Provider::Jamf.usual_proof()));
        for path in [path(id), "/admin/integrations".to_owned(), format!("{}/listen?since=0", path(id))] {
            let page = tab.get(&path).await.text();
            assert!(!page.contains(&secret) && !page.contains("<b>library"), "{path}");
        }
        let shown = page(&mut tab, &path(id)).await;
        assert_eq!(held(&shown, "url"), url);
        assert!(shown.contains("Robin Example") && shown.contains("Nothing has come in yet"), "{shown}");
    }

    /// Every way to prove oneself and every setting is kept as it was entered, and shown so again.
    async fn what_is_chosen_is_kept(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        page(&mut tab, "/admin/integrations").await;
        let mut fields = usual("jira", "Jira");
        fields.retain(|(name, _)| *name != "proof");
        fields.extend([
            ("proof", "hmac"), ("algorithm", "sha512"), ("timestamp_header", " X-Time "), ("signature_header", "X-Sign"),
            ("asset_field", "customfield_10057"), ("tags_in_titles", "yes"),
            ("statuses", "Waiting for parts = on_hold\r\n6=in_progress"), ("priorities", "P1 = critical"),
        ]);
        // Of fields that were sent twice the form has the last.
        fields.retain(|field| *field != ("algorithm", "sha256") && *field != ("timestamp_header", "") && *field != ("signature_header", "X-Habeo-Signature"));
        let told = tab.post(NEW, &fields).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text());
        let id = must_id(&held(&told.text(), "url"));
        let hmac = Proof::Hmac { header: "X-Sign".to_owned(), algorithm: Algorithm::Sha512, timestamp_header: Some("X-Time".to_owned()) };
        let settings = seen(&college, id).await.settings;
        assert_eq!((&settings.proof, settings.tags_in_titles, settings.asset_field.as_deref()), (&hmac, true, Some("customfield_10057")));
        assert_eq!(settings.statuses.get("6"), Some(&ticket::Status::InProgress));
        assert_eq!(settings.priorities.get("p1"), Some(&ticket::Priority::Critical));
        let shown = page(&mut tab, &path(id)).await;
        for kept in ["6 = in_progress\nwaiting for parts = on_hold\n</textarea>", "p1 = critical\n</textarea>", "value=\"X-Time\"", "value=\"customfield_10057\"", "HMAC-SHA-512"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        let basic = [("proof", "basic"), ("user", " habeo ")];
        led_to(&tab.post(&format!("{}/settings", path(id)), &basic).await, &format!("{}?said=saved", path(id)));
        let settings = seen(&college, id).await.settings;
        assert_eq!(settings, Settings::proven_by(Proof::Basic { user: "habeo".to_owned() }), "what was taken out is gone");
        led_to(&tab.post(&format!("{}/name", path(id)), &[("name", " Jira of the library ")]).await, &format!("{}?said=saved", path(id)));
        assert_eq!(seen(&college, id).await.name, "Jira of the library");
        let (id, _) = connect(&college, Provider::Intune, "Intune").await;
        led_to(&tab.post(&format!("{}/settings", path(id)), &[("proof", "client_state"), ("event_grid", "yes")]).await, &format!("{}?said=saved", path(id)));
        let settings = seen(&college, id).await.settings;
        assert_eq!((settings.proof, settings.event_grid), (Proof::ClientState, true));
    }

    /// What cannot be is refused beside its field, with everything else as it was typed, and nothing is changed.
    async fn what_is_refused_is_told_beside_the_field(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let mut tab = Tab::of(&app, &member).await;
        let (id, _) = connect(&college, Provider::Jira, "As it was").await;
        let before = seen(&college, id).await;
        page(&mut tab, NEW).await;
        let long = "n".repeat(101);
        let typed = ("asset_field", "customfield_77");
        for (changed, beside) in [
            (&[("name", "")][..], "id=\"name-fault\""),
            (&[("name", &*long)], "id=\"name-fault\""),
            (&[("name", "a\u{202e}b")], "id=\"name-fault\""),
            (&[("proof", "")], "Choose how the system proves itself"),
            (&[("header", "Cookie")], "id=\"proof-fault\""),
            (&[("header", "")], "id=\"proof-fault\""),
            (&[("proof", "hmac"), ("algorithm", "md5")], "Choose the hash"),
            (&[("proof", "hmac"), ("signature_header", "X Y")], "id=\"proof-fault\""),
            (&[("proof", "basic"), ("user", "a:b")], "id=\"proof-fault\""),
            (&[("proof", "client_state")], "Only Microsoft Graph"),
            (&[("event_grid", "yes")], "Only Intune reports by Event Grid"),
            (&[("statuses", "a = open\nb = opened")], "Line 2: behind the equals sign"),
            (&[("priorities", "= high")], "Line 1: the site’s own word"),
            (&[("asset_field", "two words")], "A field is named by its id"),
        ] {
            let mut fields = usual("jira", "As typed <i>");
            fields.push(typed);
            fields.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
            fields.extend(changed);
            let is_name = changed[0].0 == "name";
            let own = if is_name { "name" } else { "settings" };
            for form in [NEW.to_owned(), format!("{}/{own}", path(id))] {
                let answer = tab.post(&form, &fields).await;
                let text = answer.text();
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{changed:?} at {form}: {text}");
                assert!(text.contains(beside), "{changed:?} at {form}: {text}");
                assert!(!text.contains("hbs_") && !text.contains("<i>"), "{text}");
                if form == NEW || !is_name {
                    let (field, value) = changed.iter().find(|(name, _)| *name == typed.0).copied().unwrap_or(typed);
                    assert!(text.contains(&format!("name=\"{field}\" value=\"{value}\"")), "{changed:?} at {form}: {text}");
                }
            }
        }
        assert_eq!(tab.post(NEW, &usual("abacus", "x")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(seen(&college, id).await, before);
        let count = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM connection").await;
        assert_eq!(count, 1);
        // What the office of another browser sends: too much.
        let much = "x".repeat(70_000);
        let answer = tab.post(NEW, &[("name", &much)]).await;
        assert!(answer.status.is_client_error());
    }

    /// A secret is changed with a window, which is told and can be ended; the page never shows a secret again.
    async fn a_secret_is_changed_from_the_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, first) = connect(&college, Provider::ServiceNow, "Desk").await;
        let mut tab = Tab::of(&app, &member).await;
        assert!(page(&mut tab, &path(id)).await.contains("Make a new secret"));
        let rotate = format!("{}/rotate", path(id));
        for bad in [&[][..], &[("window", "forever")]] {
            assert_eq!(tab.post(&rotate, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let answer = tab.post(&rotate, &[("window", "week")]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::OK, None));
        let second = held(&answer.text(), "entered-1");
        assert!(answer.text().contains("accepted for another 7 days, until 2026-03-09 09:00:00 UTC"), "{}", answer.text());
        assert_eq!(secrets(&college, id).await, [&*second, &first]);
        let shown = page(&mut tab, &path(id)).await;
        assert!(shown.contains("End the old secret now") && !shown.contains("Make a new secret") && !shown.contains("hbs_"), "{shown}");
        let again = tab.post(&rotate, &[("window", "now")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text().contains("A rotation is under way"), "{}", again.text());
        led_to(&tab.post(&format!("{}/end-rotation", path(id)), &[]).await, &format!("{}?said=rotation_ended", path(id)));
        assert_eq!(secrets(&college, id).await, [second]);
        let answer = tab.post(&rotate, &[("window", "now")]).await;
        assert!(answer.text().contains("The secret before is not accepted any more"), "{}", answer.text());
        let third = held(&answer.text(), "entered-1");
        assert_eq!(secrets(&college, id).await, [third]);
        tab.post(&rotate, &[("window", "day")]).await;
        assert!(page(&mut tab, &path(id)).await.contains("another 24 hours"));
        db.clock.advance_micros(DAY_MICROS);
        let mut tab = Tab::of(&app, &member).await;
        assert!(page(&mut tab, &path(id)).await.contains("Make a new secret"), "the window has ended by itself");
    }

    /// Pausing, resuming and removing do what they say, and what is over has no forms any more.
    async fn a_connection_is_paused_and_removed_from_the_page(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let (id, _) = connect(&college, Provider::Kandji, "Kandji").await;
        let mut tab = Tab::of(&app, &member).await;
        page(&mut tab, &path(id)).await;
        led_to(&tab.post(&format!("{}/pause", path(id)), &[]).await, &format!("{}?said=connection_paused", path(id)));
        let shown = page(&mut tab, &format!("{}?said=connection_paused", path(id))).await;
        assert!(shown.contains(">Paused<") && shown.contains("Nothing is taken in") && !shown.contains("Send me one now"), "{shown}");
        led_to(&tab.post(&format!("{}/resume", path(id)), &[]).await, &format!("{}?said=connection_resumed", path(id)));
        assert_eq!(seen(&college, id).await.status, Status::Active);
        tab.post(&format!("{}/remove", path(id)), &[]).await;
        let shown = page(&mut tab, &path(id)).await;
        assert!(shown.contains(">Removed<") && shown.matches("<form").count() == 1, "only signing out is left: {shown}");
        for form in ["name", "settings", "pause", "resume", "rotate", "end-rotation"] {
            let mut fields = usual("kandji", "x");
            fields.push(("window", "now"));
            let answer = tab.post(&format!("{}/{form}", path(id)), &fields).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{form}: {}", answer.text());
            assert!(answer.text().contains("This connection was removed"), "{}", answer.text());
        }
        led_to(&tab.post(&format!("{}/remove", path(id)), &[]).await, "/admin/integrations?said=connection_removed");
    }
}

/// The connection that an address names.
fn must_id(url: &str) -> habeo_core::id::ConnectionId {
    let id = url.rsplit(['=', '/']).next().unwrap_or_default();
    habeo_tests::must(id.parse())
}
