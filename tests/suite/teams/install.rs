//! Connecting a tenant: consent proves nothing, a sign-in does, and every step works once.

use habeo_bot::connect::{Connected, Refusal};
use habeo_core::access::{Access, Role};
use habeo_core::install::{Platform, store};
use habeo_tests::builders::College;
use habeo_tests::teams::{TENANT, Talk};
use habeo_tests::{both_engines, must};
use serde_json::{Value, json};
use url::Url;

type Pairs = Vec<(String, String)>;

struct Setup {
    college: College,
    talk: Talk,
    admin: Access,
}

impl Setup {
    async fn begin(db: &habeo_tests::database::TestDb) -> Self {
        let college = College::found(db).await;
        let admin = college.administrator().await;
        Self {
            talk: Talk::begin(db).await,
            admin,
            college,
        }
    }

    async fn url(&self) -> Url {
        must(
            self.talk
                .app
                .app
                .bot
                .begin(&self.admin, Platform::Teams, "cookie")
                .await,
        )
    }

    async fn back(&self, pairs: &Pairs) -> Result<Connected, Refusal> {
        self.back_as(&self.admin, "cookie", pairs).await
    }

    async fn back_as(
        &self,
        access: &Access,
        cookie: &str,
        pairs: &Pairs,
    ) -> Result<Connected, Refusal> {
        self.talk
            .app
            .app
            .bot
            .finish(access, Platform::Teams, cookie, pairs)
            .await
    }

    /// As far as the sign-in at a tenant.
    async fn sign_in(&self, tenant: &str) -> Url {
        let consented = self.talk.sim.consents(&self.url().await, tenant);
        match self.back(&consented).await {
            Ok(Connected::GoOn(url)) => url,
            other => panic!("{other:?}"),
        }
    }

    fn signed_in(&self, url: &Url, changes: Value) -> Pairs {
        self.talk.sim.signs_in(url, self.talk.now(), changes)
    }

    async fn bound(&self, tenant: &str) -> bool {
        let mut tx = must(self.college.db.db().read_directory().await);
        must(store::by_workspace(&mut tx, Platform::Teams, tenant).await).is_some()
    }
}

fn without(pairs: &Pairs, name: &str) -> Pairs {
    pairs
        .iter()
        .filter(|(key, _)| key != name)
        .cloned()
        .collect()
}

fn with(pairs: &Pairs, name: &str, value: &str) -> Pairs {
    let mut pairs = without(pairs, name);
    pairs.push((name.to_owned(), value.to_owned()));
    pairs
}

both_engines! {
    /// Consent, then a sign-in at the same tenant: it is connected, and its people are answered.
    async fn a_tenant_is_connected_by_its_own(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let url = setup.sign_in(TENANT).await;
        assert!(!setup.bound(TENANT).await, "consent alone binds nothing");
        let back = setup.signed_in(&url, json!({}));
        assert_eq!(setup.back(&back).await.ok(), Some(Connected::Ready));
        assert!(setup.bound(TENANT).await);
        let mut tx = db.read(&setup.admin).await;
        let installs = must(store::list(&mut tx, &setup.admin).await);
        assert_eq!(installs[0].name, "westmark.edu");
        assert_eq!(installs[0].workspace.key, TENANT);
        // Everything on the way works once.
        assert!(setup.back(&back).await.is_err());
    }

    /// The tenant in the address is nobody's word: whoever signs in elsewhere, or as a guest, or with another answer, connects nothing.
    async fn a_forged_tenant_connects_nothing(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let now = setup.talk.now();
        let other = "9c1f0d1e-0000-4000-8000-00000000eeee";
        let base = setup.talk.sim.base();
        for changes in [
            json!({"tid": other, "iss": format!("{base}/{other}/v2.0")}),
            json!({"tid": other}),
            json!({"tid": null}),
            json!({"iss": format!("{base}/common/v2.0")}),
            json!({"aud": "another-app"}),
            json!({"nonce": "another"}),
            json!({"nonce": null}),
            json!({"exp": now - 301}),
            json!({"iat": now + 301}),
            json!({"exp": now + 86_400}),
            json!({"idp": format!("https://sts.windows.net/{other}/")}),
        ] {
            let url = setup.sign_in(TENANT).await;
            let back = setup.signed_in(&url, changes.clone());
            assert!(setup.back(&back).await.is_err(), "{changes}");
        }
        assert!(!setup.bound(TENANT).await && !setup.bound(other).await);
        for tenant in ["common", "organizations", "../x", "a b", ""] {
            let consented = with(&setup.talk.sim.consents(&setup.url().await, TENANT), "tenant", tenant);
            assert!(setup.back(&consented).await.is_err(), "{tenant}");
        }
    }

    /// Whoever belongs to a tenant does not decide for it: it takes a role in its directory, and a registration that asks for roles.
    async fn only_an_administrator_connects_a_tenant(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let member = "b79fbf4d-3ef9-4689-8143-76b194e85509";
        // A reader of everything, and a helper with passwords: roles, and none that decides for apps.
        let (reader, helper) = ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "729827e3-9c14-49f7-bb1b-9608f156bbb8");
        for (wids, why) in [
            (json!([member]), "it takes one of its administrators"),
            (json!([]), "it takes one of its administrators"),
            (json!([member, reader, helper]), "it takes one of its administrators"),
            (json!(null), "“Add groups claim”"),
        ] {
            let url = setup.sign_in(TENANT).await;
            let back = setup.signed_in(&url, json!({"wids": wids}));
            let told = setup.back(&back).await.err().map(|refusal| refusal.to_string()).unwrap_or_default();
            assert!(told.contains(why), "{wids}: {told}");
            assert!(!setup.bound(TENANT).await, "{wids}");
        }
        for administrator in [
            "62e90394-69f5-4237-9190-012177145e10",
            "e8611ab8-c189-46e8-94e1-60213ab1f814",
            "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            "158c047a-c907-4556-b7ef-446551a6b5f7",
            "69091246-20E8-4A56-AA4D-066075B2A7A8",
        ] {
            let url = setup.sign_in(TENANT).await;
            let back = setup.signed_in(&url, json!({"wids": [member, administrator]}));
            assert_eq!(setup.back(&back).await.ok(), Some(Connected::Ready), "{administrator}");
        }
        assert!(setup.bound(TENANT).await);
    }

    /// An error counts whatever stands beside it, and uses the state up.
    async fn an_error_counts_beside_a_consent(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let consented = setup.talk.sim.consents(&setup.url().await, TENANT);
        let refused = with(&consented, "error", "access_denied");
        let refusal = setup.back(&refused).await.err().map(|refusal| refusal.to_string());
        assert_eq!(refusal.as_deref(), Some("the consent was not given"));
        assert!(setup.back(&consented).await.is_err(), "the state was used");
        let consented = setup.talk.sim.consents(&setup.url().await, TENANT);
        assert!(setup.back(&with(&consented, "admin_consent", "False")).await.is_err());
        let consented = setup.talk.sim.consents(&setup.url().await, TENANT);
        assert!(setup.back(&without(&consented, "state")).await.is_err());
        let mut twice = consented.clone();
        twice.push(("state".to_owned(), "x".to_owned()));
        assert!(setup.back(&twice).await.is_err());
    }

    /// A state belongs to its browser, its administrator, its college and its ten minutes; what is sealed in it to that state.
    async fn a_state_is_its_owners(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        let theirs = other.administrator().await;
        let second = setup.college.administrator().await;
        let plain = setup.college.access_of(&[(Role::Technician, setup.college.units.root)]).await;
        for (access, cookie) in [(&setup.admin, "another"), (&theirs, "cookie"), (&second, "cookie"), (&plain, "cookie")] {
            let consented = setup.talk.sim.consents(&setup.url().await, TENANT);
            assert!(setup.back_as(access, cookie, &consented).await.is_err(), "{cookie}");
        }
        let late = setup.talk.sim.consents(&setup.url().await, TENANT);
        setup.talk.app.wait_seconds(601);
        assert!(setup.back(&late).await.is_err());
        // A code of one sign-in, with the state of another.
        let (one, two) = (setup.sign_in(TENANT).await, setup.sign_in(TENANT).await);
        let (first, second) = (setup.signed_in(&one, json!({})), setup.signed_in(&two, json!({})));
        let code = first.iter().find(|(name, _)| name == "code").map(|(_, code)| code.as_str()).unwrap_or_default();
        assert!(setup.back(&with(&second, "code", code)).await.is_err());
        let state = |pairs: &Pairs| pairs.iter().find(|(name, _)| name == "state").map(|(_, state)| state.clone()).unwrap_or_default();
        let (a, b) = (state(&first), state(&second));
        let mixed = format!("{}.{}", a.split('.').next().unwrap_or_default(), b.split('.').nth(1).unwrap_or_default());
        assert!(setup.back(&with(&first, "state", &mixed)).await.is_err());
        assert!(!setup.bound(TENANT).await);
        assert!(setup.talk.app.app.bot.begin(&plain, Platform::Teams, "cookie").await.is_err());
    }

    /// A tenant that is one college's is not another's, whoever signs in.
    async fn one_tenant_is_one_college(db: TestDb) {
        let setup = Setup::begin(&db).await;
        let other = College::found_as(&db, "eastmark").await;
        super::connect(&other, TENANT).await;
        let url = setup.sign_in(TENANT).await;
        let back = setup.signed_in(&url, json!({}));
        assert!(setup.back(&back).await.is_err());
        let mut tx = must(db.db().read_directory().await);
        let bound = must(store::by_workspace(&mut tx, Platform::Teams, TENANT).await);
        assert_eq!(bound.map(|(org, _)| org), Some(other.org));
    }
}
