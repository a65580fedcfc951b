//! The page of consent in a real browser: usable by everybody, narrow and dark, by the keyboard, and led back to the app.

use anyhow::Result;
use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Scheme, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::market::{Client, admin, registration};
use habeo_tests::must;
use poem::listener::TcpAcceptor;
use poem::{Response, Server, endpoint};
use tokio::net::TcpListener;

use crate::console::browser::{fits, found, frontend};

/// A native app on loopback that says what it was told.
async fn receiver() -> String {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let origin = format!("http://{}", must(listener.local_addr()));
    let answer = endpoint::make_sync(|_| {
        Response::builder()
            .content_type("text/html")
            .body("<title>App</title><h1>Back</h1>")
    });
    let acceptor = must(TcpAcceptor::from_tokio(listener));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(answer));
    origin
}

async fn visited(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let member = admin(&college).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let origin = app.listen().await;
    let back = format!("{}/callback", receiver().await);
    let mut new = registration("Shelf", Proof::Public, "assets:read webhooks:write");
    new.form = habeo_core::app_client::Form::Native;
    new.settings.redirect_uris = vec![back.clone()];
    let client = Client::register(&college, new).await;
    let parameters = [
        ("redirect_uri", back.as_str()),
        ("scope", "assets:read webhooks:write"),
    ];
    let address = format!("{origin}{}", client.authorize(&parameters));
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&address).await?;
        found(browser, "select#unit").await?;
        let url = browser.driver().current_url().await?;
        assert_eq!(
            url.path(),
            "/oauth/consent",
            "signed in, and back at what was asked"
        );
        for (scheme, width, name) in [
            (Scheme::Light, 1280, "consent-light"),
            (Scheme::Dark, 1280, "consent-dark"),
            (Scheme::Light, 360, "consent-narrow"),
        ] {
            browser.scheme(scheme).await?;
            browser.size(width, 900).await?;
            fits(browser, name).await?;
            assert_eq!(
                habeo_tests::axe::findings(browser).await?,
                Vec::<String>::new(),
                "{name}"
            );
        }
        let option = format!("select#unit option[value='{}']", college.units.arts);
        found(browser, &option).await?.click().await?;
        found(browser, "button[value=allow]").await?.click().await?;
        found(browser, "h1").await?;
        let url = browser.driver().current_url().await?;
        assert_eq!(
            url.path(),
            "/callback",
            "the policy lets the form lead to the app"
        );
        let code = url
            .query_pairs()
            .find(|(name, _)| name == "code")
            .map(|(_, code)| code.into_owned());
        assert!(
            code.is_some_and(|code| code.starts_with("hbo_ac_")),
            "{url}"
        );
        browser.open(&format!("{origin}/apps")).await?;
        found(browser, "table").await?;
        browser.scheme(Scheme::Light).await?;
        browser.size(1280, 900).await?;
        fits(browser, "apps").await?;
        assert_eq!(
            habeo_tests::axe::findings(browser).await?,
            Vec::<String>::new(),
            "apps"
        );
        for path in [
            "/apps/registered",
            "/apps/registered/new",
            &format!("/apps/registered/{}", client.id),
        ] {
            browser.open(&format!("{origin}{path}")).await?;
            fits(browser, "apps-registered").await?;
            assert_eq!(
                habeo_tests::axe::findings(browser).await?,
                Vec::<String>::new(),
                "{path}"
            );
        }
        Ok(())
    })
    .await
}

/// Somebody installs an app.
#[test]
fn an_app_is_installed_in_a_browser() {
    on_sqlite(async |db| must(visited(db).await));
}
