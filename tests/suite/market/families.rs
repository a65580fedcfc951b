//! Tokens of one consent: renewed, repeated, reused, given back, and gone with the installation.

use habeo_core::app_client::Proof;
use habeo_core::app_install::command::{Resume, Suspend, Uninstall};
use habeo_core::id::AppInstallId;
use habeo_core::ledger::Command;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::market::{ALL, Client, Tokens, admin};
use habeo_tests::tab::Tab;
use habeo_tests::{both_engines, must};
use poem::http::StatusCode;

use super::facts::facts;

fn install_of(tokens: &Tokens) -> AppInstallId {
    must(
        tokens.answer["install_id"]
            .as_str()
            .unwrap_or_default()
            .parse(),
    )
}

async fn health(app: &TestApp, token: &str) -> u16 {
    let answer = app.get("/public/v1/health").bearer(token).send().await;
    answer.status.as_u16()
}

async fn record<C: Command>(college: &College, command: C)
where
    C::Refusal: std::fmt::Debug,
{
    must(college.db.ledger.record(&college.access, command).await);
}

both_engines! {
    /// The whole way, for a client that keeps a secret and for one that cannot.
    async fn a_consent_becomes_tokens(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        for proof in [Proof::Confidential, Proof::Public] {
            let client = Client::of(&college, proof).await;
            let tokens = client.install(&app, &member, college.units.science).await;
            assert_eq!(tokens.answer["token_type"], "Bearer");
            assert_eq!(tokens.answer["expires_in"], 3_600);
            assert_eq!(tokens.answer["scope"], ALL);
            assert_eq!(tokens.answer["org_id"], college.org.to_string());
            assert_eq!(tokens.answer["entity_id"], college.units.science.to_string());
            for (token, prefix) in [(&tokens.access, "hbo_at_"), (&tokens.refresh, "hbo_rt_")] {
                assert!(token.starts_with(prefix) && token.len() == 56, "{token}");
            }
            assert_eq!(health(&app, &tokens.access).await, 200);
            app.wait_seconds(3_599);
            assert_eq!(health(&app, &tokens.access).await, 200);
            app.wait_seconds(1);
            assert_eq!(health(&app, &tokens.access).await, 401, "an hour has passed");
            let renewed = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
            assert_eq!(health(&app, &renewed.access).await, 200);
            assert_eq!(renewed.answer["scope"], ALL);
            assert_eq!(renewed.answer["install_id"], tokens.answer["install_id"]);
        }
    }

    /// Tokens leave by an answer that nobody keeps.
    async fn tokens_are_not_stored(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.root, &[]).await;
        let answer = client.exchange(&app, &code).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        let tokens = Tokens::of(&answer);
        let secret = client.secret.clone().unwrap_or_default();
        let everything = db.raw().await.everything().await;
        for token in [&tokens.access, &tokens.refresh, &code, &secret] {
            assert!(!everything.contains(token.as_str()), "{token} is in the database");
        }
    }

    /// A lost answer is made good by asking again with the token before, as long as its successor was not used.
    async fn a_lost_answer_is_made_good(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let first = client.install(&app, &member, college.units.root).await;
        let lost = Tokens::of(&client.refresh(&app, &first.refresh).await);
        let again = Tokens::of(&client.refresh(&app, &first.refresh).await);
        assert_eq!(health(&app, &lost.access).await, 401, "the successor that was lost has ended");
        assert_eq!(health(&app, &again.access).await, 200);
        let third = Tokens::of(&client.refresh(&app, &first.refresh).await);
        assert_eq!(health(&app, &again.access).await, 401);
        assert_eq!(health(&app, &first.access).await, 200, "what was there before stays for its hour");
        let next = Tokens::of(&client.refresh(&app, &third.refresh).await);
        assert_eq!(health(&app, &next.access).await, 200);
        assert_eq!(facts(&college, "app_install.family_revoked").await, 0);
    }

    /// Once the successor was used, using the one before means that two have it: everything ends, and the ledger says so once.
    async fn reuse_ends_the_family(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let first = client.install(&app, &member, college.units.root).await;
        let second = Tokens::of(&client.refresh(&app, &first.refresh).await);
        let third = Tokens::of(&client.refresh(&app, &second.refresh).await);
        let reused = client.refresh(&app, &first.refresh).await;
        assert_eq!((reused.status, reused.error()), (StatusCode::BAD_REQUEST, "invalid_grant".to_owned()));
        for token in [&first.access, &second.access, &third.access] {
            assert_eq!(health(&app, token).await, 401);
        }
        for token in [&first.refresh, &second.refresh, &third.refresh] {
            assert_eq!(client.refresh(&app, token).await.error(), "invalid_grant");
        }
        assert_eq!(facts(&college, "app_install.family_revoked").await, 1);
    }

    /// A successor that was replaced because its answer seemed lost, and is used all the same, ends the family too.
    async fn a_replaced_successor_is_reuse(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Public).await;
        let first = client.install(&app, &member, college.units.root).await;
        let stolen = Tokens::of(&client.refresh(&app, &first.refresh).await);
        let mine = Tokens::of(&client.refresh(&app, &first.refresh).await);
        assert_eq!(client.refresh(&app, &stolen.refresh).await.error(), "invalid_grant");
        assert_eq!(health(&app, &mine.access).await, 401);
        assert_eq!(facts(&college, "app_install.family_revoked").await, 1);
    }

    /// A code that is used twice ends what the first use gave.
    async fn a_code_is_used_once(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.root, &[]).await;
        let tokens = Tokens::of(&client.exchange(&app, &code).await);
        assert_eq!(health(&app, &tokens.access).await, 200);
        assert_eq!(client.exchange(&app, &code).await.error(), "invalid_grant");
        assert_eq!(health(&app, &tokens.access).await, 401);
        assert_eq!(client.refresh(&app, &tokens.refresh).await.error(), "invalid_grant");
        assert_eq!(client.exchange(&app, &code).await.error(), "invalid_grant");
        assert_eq!(facts(&college, "app_install.family_revoked").await, 1);
    }

    /// Two exchanges of one code at the same time: one gets tokens, and then nobody has any.
    async fn codes_race_to_nothing(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.root, &[]).await;
        let (one, other) = tokio::join!(client.exchange(&app, &code), client.exchange(&app, &code));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        let won = if one.status == StatusCode::OK { one } else { other };
        assert_eq!(health(&app, &Tokens::of(&won).access).await, 401);
    }

    /// A refresh token rests for thirty days at most, and a family lasts ninety.
    async fn families_end_by_age(db: TestDb) {
        const DAY: i64 = 86_400;
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let idle = client.install(&app, &member, college.units.arts).await;
        let busy = client.install(&app, &member, college.units.science).await;
        let mut token = busy.refresh;
        for _ in 0..3 {
            app.wait_seconds(29 * DAY);
            token = Tokens::of(&client.refresh(&app, &token).await).refresh;
        }
        assert_eq!(client.refresh(&app, &idle.refresh).await.error(), "invalid_grant");
        app.wait_seconds(3 * DAY - 60);
        let last = Tokens::of(&client.refresh(&app, &token).await);
        assert_eq!(last.answer["expires_in"], 60, "no longer than the family");
        app.wait_seconds(60);
        assert_eq!(client.refresh(&app, &last.refresh).await.error(), "invalid_grant");
        assert_eq!(facts(&college, "app_install.family_revoked").await, 0);
    }

    /// Scopes can be made less by a refresh and are never more than was consented to.
    async fn scopes_never_grow(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let unit = college.units.root;
        let tokens = client.install_with(&app, &member, unit, "assets:read people:read").await;
        let narrowed = [("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh), ("scope", "people:read")];
        let narrow = Tokens::of(&client.send(&app, "/oauth/token", &narrowed).await);
        assert_eq!(narrow.answer["scope"], "people:read");
        let assets = app.get(&tokens.path("assets")).bearer(&narrow.access).send().await;
        assert_eq!((assets.status, assets.error()), (StatusCode::FORBIDDEN, "insufficient_scope".to_owned()));
        assert_eq!(assets.json()["required"], serde_json::json!(["assets:read"]));
        for grown in ["assets:read people:read sites:read", "webhooks:write", "nothing", "people:read  assets:read"] {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &narrow.refresh), ("scope", grown)];
            let answer = client.send(&app, "/oauth/token", &fields).await;
            assert_eq!(answer.error(), "invalid_scope", "{grown}");
        }
        let whole = Tokens::of(&client.refresh(&app, &narrow.refresh).await);
        assert_eq!(whole.answer["scope"], "assets:read people:read", "a refresh token stands for all of it");
    }

    /// Consenting once more goes on with the same installation; less is less at once, also for tokens from before.
    async fn consenting_again_changes_what_it_may(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let unit = college.units.root;
        let before = client.install_with(&app, &member, unit, "assets:read people:read").await;
        let after = client.install_with(&app, &member, unit, "people:read").await;
        assert_eq!(before.answer["install_id"], after.answer["install_id"]);
        let assets = app.get(&before.path("assets")).bearer(&before.access).send().await;
        assert_eq!(assets.error(), "insufficient_scope");
        let renewed = Tokens::of(&client.refresh(&app, &before.refresh).await);
        assert_eq!(renewed.answer["scope"], "people:read");
        assert_eq!(facts(&college, "app_install.consented").await, 2);
    }

    /// Uninstalling ends everything at once; another installation of the same app stays.
    async fn uninstalling_ends_everything(db: TestDb) {
        let app = TestApp::over(&db).await;
        let other_node = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let gone = client.install(&app, &member, college.units.arts).await;
        let stays = client.install(&app, &member, college.units.science).await;
        let mut tab = Tab::of(&app, &member).await;
        let code = client.consent(&mut tab, college.units.arts, &[]).await;
        record(&college, Uninstall { install: install_of(&gone) }).await;
        for node in [&app, &other_node] {
            assert_eq!(health(node, &gone.access).await, 401);
            assert_eq!(health(node, &stays.access).await, 200);
        }
        assert_eq!(client.refresh(&app, &gone.refresh).await.error(), "invalid_grant");
        assert_eq!(client.exchange(&app, &code).await.error(), "invalid_grant");
        record(&college, Uninstall { install: install_of(&gone) }).await;
        assert_eq!(facts(&college, "app_install.uninstalled").await, 1);
        let again = client.install(&app, &member, college.units.arts).await;
        assert_ne!(again.answer["install_id"], gone.answer["install_id"]);
        assert_eq!(health(&app, &again.access).await, 200);
    }

    /// While it is suspended a token is good and gives nothing.
    async fn suspended_is_not_ended(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let install = install_of(&tokens);
        record(&college, Suspend { install }).await;
        let answer = app.get("/public/v1/health").bearer(&tokens.access).send().await;
        assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "install_suspended".to_owned()));
        assert!(answer.header("x-ratelimit-remaining").is_some());
        let renewed = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
        record(&college, Resume { install }).await;
        assert_eq!(health(&app, &renewed.access).await, 200);
    }

    /// Thirty pairs in a minute; what was refused then leaves the token as it was. Replacing a lost answer again and again keeps digests only.
    async fn tokens_are_issued_at_a_rate(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let first = client.install(&app, &member, college.units.arts).await;
        let beside = client.install(&app, &member, college.units.science).await;
        for _ in 1..30 {
            client.refresh(&app, &first.refresh).await.ok();
        }
        let kept = "SELECT CAST(COUNT(*) AS BIGINT) FROM oauth_token WHERE kind = 'access'";
        assert_eq!(db.raw().await.number(kept).await, 3, "the first, the last, and the one beside");
        let refused = client.refresh(&app, &first.refresh).await;
        assert_eq!((refused.status, refused.error()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("60"));
        client.refresh(&app, &beside.refresh).await.ok();
        app.wait_seconds(60);
        let next = Tokens::of(&client.refresh(&app, &first.refresh).await);
        assert_eq!(health(&app, &next.access).await, 200);
        assert_eq!(facts(&college, "app_install.family_revoked").await, 0);
    }

    /// Of an organization that was closed nothing is said to be good, and its own apps are known no more.
    async fn a_closed_organization_has_no_tokens(db: TestDb) {
        // No fact closes them here, so the tables are not what the entries say.
        db.leave_unequal();
        let app = TestApp::over(&db).await;
        let (publisher, college) = (College::found_as(&db, "eastmark").await, College::found(&db).await);
        let member = admin(&college).await;
        let client = Client::of(&publisher, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let fields = [("token", tokens.access.as_str())];
        assert_eq!(client.send(&app, "/oauth/introspect", &fields).await.ok()["active"], true);
        must(db.raw().await.execute("UPDATE org SET closed_at = created_at WHERE slug <> 'eastmark'").await);
        assert_eq!(client.send(&app, "/oauth/introspect", &fields).await.ok()["active"], false);
        must(db.raw().await.execute("UPDATE org SET closed_at = created_at WHERE slug = 'eastmark'").await);
        assert_eq!(client.send(&app, "/oauth/introspect", &fields).await.error(), "invalid_client");
    }

    /// An app gives its tokens back: one of requests by itself, a refresh token with everything.
    async fn tokens_are_given_back(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let stranger = Client::of(&college, Proof::Confidential).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        for junk in ["junk", "hbo_at_junk", tokens.access.as_str(), tokens.refresh.as_str()] {
            let answer = stranger.send(&app, "/oauth/revoke", &[("token", junk)]).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        assert_eq!(health(&app, &tokens.access).await, 200, "another app gives nothing back");
        client.send(&app, "/oauth/revoke", &[("token", &tokens.access)]).await.ok();
        assert_eq!(health(&app, &tokens.access).await, 401);
        let renewed = Tokens::of(&client.refresh(&app, &tokens.refresh).await);
        let fields = [("token", renewed.refresh.as_str()), ("token_type_hint", "refresh_token")];
        client.send(&app, "/oauth/revoke", &fields).await.ok();
        client.send(&app, "/oauth/revoke", &fields).await.ok();
        assert_eq!(health(&app, &renewed.access).await, 401);
        assert_eq!(client.refresh(&app, &renewed.refresh).await.error(), "invalid_grant");
    }

    /// What a token is, is told to its own app.
    async fn tokens_are_introspected(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let member = admin(&college).await;
        let client = Client::of(&college, Proof::Confidential).await;
        let stranger = Client::of(&college, Proof::Confidential).await;
        let public = Client::of(&college, Proof::Public).await;
        let tokens = client.install(&app, &member, college.units.root).await;
        let of = |token: &str| vec![("token".to_owned(), token.to_owned())];
        let ask = async |by: &Client, token: &str| {
            let fields = of(token);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            by.send(&app, "/oauth/introspect", &fields).await
        };
        let known = ask(&client, &tokens.access).await.ok();
        assert_eq!((&known["active"], &known["scope"], &known["token_type"]), (&true.into(), &ALL.into(), &"Bearer".into()));
        assert_eq!(known["client_id"], client.id.to_string());
        assert_eq!(known["entity_id"], tokens.answer["entity_id"]);
        assert_eq!(ask(&client, &tokens.refresh).await.ok()["active"], true);
        let nothing = serde_json::json!({"active": false});
        assert_eq!(ask(&stranger, &tokens.access).await.ok(), nothing);
        for junk in ["junk", &tokens.access[1..], "hbo_at_"] {
            assert_eq!(ask(&client, junk).await.ok(), nothing);
        }
        assert_eq!(ask(&public, &tokens.access).await.error(), "unauthorized_client");
        app.wait_seconds(3_600);
        assert_eq!(ask(&client, &tokens.access).await.ok(), nothing);
    }
}
