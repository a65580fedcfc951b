//! How programs ask: session tokens of the sandbox, and keys of the organization's programs.

use habeo_core::access::Role;
use habeo_core::api_key::store;
use habeo_core::org::command::CreateOrg;
use habeo_core::person::command::RegisterPerson;
use habeo_core::person::{Affiliation, PersonStatus};
use habeo_core::{app, grant::command::GiveGrant};
use habeo_server::issuer::{ISSUER, external_id};
use habeo_tests::app::TestApp;
use habeo_tests::builders::{College, Member, person};
use habeo_tests::tab::{Tab, hidden};
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

/// An id that nothing has.
const UNKNOWN: &str = "01932c5e-7b1a-7c3d-8e4f-000000000001";

async fn admin(college: &College) -> Member {
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    college.member("Robin Example", root, &roles).await
}

/// The value of a field of a page, as it was before it was written into the page.
fn field(page: &str, id: &str) -> Option<String> {
    let (_, behind) = page.split_once(&format!("id=\"{id}\" value=\""))?;
    let (value, _) = behind.split_once('"')?;
    Some(value.replace("&#38;", "&").replace("&#39;", "'"))
}

both_engines! {
    /// A key is made for a new program, shown once, listed by its end, and revoked.
    async fn a_key_is_made_shown_once_and_revoked(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        let page = tab.get("/settings/api").await.text();
        assert!(page.contains("No program has a key yet") && page.contains("come from Clerk"), "{page}");
        let made = tab.post("/settings/api/keys", &[("name", "Nightly <b>sync</b>"), ("app", ""), ("new_app", "Sync"), ("scope", "control:webhooks"), ("scope", "events:write")]).await;
        let text = made.text();
        assert_eq!(made.status, StatusCode::OK, "{text}");
        let key = must(field(&text, "secret").ok_or(text.clone()));
        assert!(key.starts_with("wa_live_") && text.matches(&key).count() == 2, "{text}");
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let list = tab.get("/settings/api").await.text();
        assert!(!list.contains(&key) && list.contains(&key[key.len() - 4..]) && list.contains("never"), "{list}");
        assert!(list.contains("Nightly &#60;b&#62;sync") && list.contains("Add, change and remove endpoints"), "{list}");
        let holder = must(store::holder(db.db(), &key).await);
        assert!(holder.is_some());
        let mut tx = db.read(&college.access).await;
        let keys = must(store::list(&mut tx, &college.access).await);
        let apps = must(app::store::list(&mut tx, &college.access).await);
        drop(tx);
        assert_eq!((keys.len(), apps.len()), (1, 1));
        let second = tab.post("/settings/api/keys", &[("name", "Other"), ("app", &apps[0].id.to_string()), ("scope", "events:write")]).await;
        assert_eq!(second.status, StatusCode::OK, "{}", second.text());
        let form = format!("/settings/api/keys/{}/revoke", keys[0].id);
        tab.get("/settings/api").await;
        let token = tab.form_token().to_owned();
        assert_eq!(tab.clone().send(&form, &[], Some(&token), Some("cross-site")).await.status, StatusCode::FORBIDDEN);
        for _ in 0..2 {
            let revoked = tab.post(&form, &[]).await;
            assert_eq!(revoked.header("location"), Some("/settings/api?said=key_revoked"));
        }
        assert!(must(store::holder(db.db(), &key).await).is_none());
        assert!(tab.get("/settings/api?said=key_revoked").await.text().contains("Revoked"));
    }

    /// A form that cannot be meant comes back with the words and with what was typed.
    async fn a_form_comes_back_with_what_was_typed(db: TestDb) {
        let college = College::found(&db).await;
        let app = TestApp::over(&db).await;
        let mut tab = Tab::of(&app, &admin(&college).await).await;
        tab.get("/settings/api").await;
        let long = "x".repeat(101);
        for (fields, words) in [
            (vec![("name", ""), ("new_app", "Sync"), ("scope", "events:write")], "1 to 100 characters"),
            (vec![("name", &*long), ("new_app", "Sync"), ("scope", "events:write")], "1 to 100 characters"),
            (vec![("name", "K"), ("new_app", "Sync")], "Choose what the key is good for"),
            (vec![("name", "K"), ("new_app", "Sync"), ("scope", "everything")], "Choose what the key is good for"),
            (vec![("name", "K"), ("scope", "events:write")], "Choose the program"),
            (vec![("name", "K"), ("app", "junk"), ("scope", "events:write")], "There is no such program"),
            (vec![("name", "K"), ("app", UNKNOWN), ("new_app", "Sync"), ("scope", "events:write")], "No app with this id"),
        ] {
            let answer = tab.post("/settings/api/keys", &fields).await;
            let text = answer.text();
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}: {text}");
            assert!(text.contains(words), "{fields:?}: {text}");
            for (name, typed) in fields {
                assert!(name == "scope" || name == "app" || hidden(&text, name).as_deref() == Some(typed), "{name}: {text}");
            }
        }
        let mut tx = db.read(&college.access).await;
        assert!(must(store::list(&mut tx, &college.access).await).is_empty());
    }

    /// Keys are for administrators of the whole organization, and each organization's are its own.
    async fn others_make_and_see_no_keys(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let app = TestApp::over(&db).await;
        let mut theirs = Tab::of(&app, &admin(&other).await).await;
        theirs.get("/settings/api").await;
        theirs.post("/settings/api/keys", &[("name", "Theirs"), ("new_app", "Sync"), ("scope", "events:write")]).await;
        let mut tx = db.read(&other.access).await;
        let key = must(store::list(&mut tx, &other.access).await).pop();
        drop(tx);
        let form = format!("/settings/api/keys/{}/revoke", must(key.ok_or("a key")).id);
        let mut ours = Tab::of(&app, &admin(&college).await).await;
        assert!(!ours.get("/settings/api").await.text().contains("Theirs"));
        for form in [&*form, &format!("/settings/api/keys/{UNKNOWN}/revoke"), "/settings/api/keys/junk/revoke"] {
            assert_eq!(ours.post(form, &[]).await.status, StatusCode::NOT_FOUND, "{form}");
        }
        let physics = college.units.physics;
        let unit = college.member("Una Example", physics, &[(Role::UnitAdmin, physics)]).await;
        let mut una = Tab::of(&app, &unit).await;
        let page = una.get("/settings/api").await;
        assert!(page.status == StatusCode::OK && !page.text().contains("A new key"), "{}", page.text());
        let tried = una.post("/settings/api/keys", &[("name", "K"), ("new_app", "Sync"), ("scope", "events:write")]).await;
        assert_eq!(tried.status, StatusCode::FORBIDDEN);
        assert_eq!(una.post(&form, &[]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(una.post("/settings/api/token", &[]).await.status, StatusCode::CONFLICT, "Clerk issues the tokens");
    }

    /// In the sandbox a token is made that the API takes, with the rights of whoever asked.
    async fn a_token_of_the_sandbox_is_taken(db: TestDb) {
        let new = CreateOrg {
            name: "Westmark University".to_owned(),
            slug: "westmark".to_owned(),
            timezone: "America/Chicago".to_owned(),
            currency: "USD".to_owned(),
            sandbox: true,
            external: vec![(ISSUER.to_owned(), external_id("westmark"))],
            tag_namespaces: vec!["WMK".to_owned()],
            units: None,
        };
        let created = must(new.carry_out(&db.ledger).await);
        let access = db.system(created.org);
        let new = RegisterPerson {
            identities: vec![(ISSUER.to_owned(), "robin".to_owned())],
            ..person("Robin Invented", created.root, Affiliation::Staff, PersonStatus::Active)
        };
        let robin = must(db.ledger.record(&access, new).await);
        let grant = GiveGrant { person: robin, role: Role::OrgAdmin, root_unit: created.root, valid_to: None, remark: None };
        must(db.ledger.record(&access, grant).await);
        let app = TestApp::with_sandbox_issuer(&db).await;
        let mut tab = Tab::new(&app);
        tab.get("/sign-in").await;
        tab.post("/sign-in", &[("persona", "org_admin")]).await;
        assert!(tab.get("/settings/api").await.text().contains("Make a token"));
        let made = tab.post("/settings/api/token", &[]).await;
        let text = made.text();
        assert_eq!(made.status, StatusCode::OK, "{text}");
        let token = must(field(&text, "secret").ok_or(text.clone()));
        assert!(text.contains("/api/v1/me"), "{text}");
        let me = app.get("/api/v1/me").bearer(&token).send().await;
assert!(me.status == StatusCode::OK && me.text().contains("Robin Invented"), "{}", me.text());
        let token = tab.form_token().to_owned();
        assert_eq!(tab.clone().send("/settings/api/token", &[], Some(&token), Some("cross-site")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(tab.get("/settings/api/token").await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
