//! The console in a real browser: signing in with the issuer's script, the keyboard alone, a phone's width, light and dark, no script.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use habeo_core::access::Role;
use habeo_server::listen::Bound;
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Browser, Scheme, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use habeo_tests::slack::Slack;
use habeo_tests::teams::Simulator;
use poem::listener::TcpAcceptor;
use poem::{Response, Server, endpoint};
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Key, WebElement};
use tokio::net::TcpListener;

/// What Clerk's script does for the sign-in page, and no more: it knows a session, and gives its token.
const SCRIPT: &str =
    "window.Clerk = { load: async () => {}, session: { getToken: async () => 'TOKEN' } };";

/// An issuer's host on loopback whose script is signed in with this token.
pub(crate) async fn frontend(token: &str) -> String {
    let listener = must(TcpListener::bind("127.0.0.1:0").await);
    let origin = format!("http://{}", must(listener.local_addr()));
    let script = SCRIPT.replace("TOKEN", token);
    let answer = endpoint::make_sync(move |_| {
        Response::builder()
            .content_type("text/javascript")
            .header("access-control-allow-origin", "*")
            .header("cross-origin-resource-policy", "cross-origin")
            .body(script.clone())
    });
    let acceptor = must(TcpAcceptor::from_tokio(listener));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(answer));
    origin
}

pub(crate) async fn found(browser: &Browser, selector: &str) -> Result<WebElement> {
    let query = browser.driver().query(By::Css(selector));
    Ok(query
        .wait(Duration::from_secs(20), Duration::from_millis(50))
        .first()
        .await?)
}

pub(crate) async fn fits(browser: &Browser, name: &str) -> Result<()> {
    browser
        .screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("console-{name}.png")))
        .await?;
    let scroll =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let overflow: i64 = browser.driver().execute(scroll, vec![]).await?.convert()?;
    assert_eq!(overflow, 0, "{name}: the page is wider than the window");
    // Every field has a name that is read out, every button and link a text.
    let nameless = "return [...document.querySelectorAll('input:not([type=hidden]),select,button,a')].filter(e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.textContent.trim()).length + [...document.querySelectorAll('main h1')].length - 1";
    let nameless: i64 = browser
        .driver()
        .execute(nameless, vec![])
        .await?
        .convert()?;
    assert_eq!(
        nameless, 0,
        "{name}: something has no name, or the page has not one heading"
    );
    Ok(())
}

async fn visited(db: TestDb) -> Result<()> {
    // Known before the server: it has to be told where the issuer's script is.
    let college = College::found(&db).await;
    let root = college.units.root;
    let member = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let origin = app.listen().await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser
            .open(&format!("{origin}/admin/integrations"))
            .await?;
        found(browser, "#slack").await?;
        let url = browser.driver().current_url().await?;
        assert_eq!(
            url.path(),
            "/admin/integrations",
            "signed in, and back where one wanted to be"
        );
        for (scheme, width, name) in [
            (Scheme::Light, 1280, "integrations-light"),
            (Scheme::Dark, 1280, "integrations-dark"),
            (Scheme::Light, 360, "integrations-narrow"),
        ] {
            browser.scheme(scheme).await?;
            browser.size(width, 900).await?;
            fits(browser, name).await?;
        }
        browser.scheme(Scheme::Light).await?;
        browser.open(&format!("{origin}/")).await?;
        fits(browser, "home-narrow").await?;
        browser.size(1280, 900).await?;
        // By keyboard alone: the first stop leads past the header, and signing out is reached by going on.
        let body = found(browser, "body").await?;
        body.send_keys(Key::Tab + "").await?;
        let first = browser.driver().active_element().await?;
        assert_eq!(first.text().await?, "Skip to the content");
        for _ in 0..19 {
            let focused = browser.driver().active_element().await?;
            if focused.text().await? == "Sign out" {
                focused.send_keys(Key::Enter + "").await?;
                break;
            }
            focused.send_keys(Key::Tab + "").await?;
        }
        found(browser, "#session, #slack, #main h1").await?;
        // That something was cleared at signing out is no complaint.
        let complaints: Vec<String> = browser
            .console_messages()
            .await?
            .into_iter()
            .filter(|message| !message.contains("Clear-Site-Data"))
            .collect();
        assert_eq!(complaints, Vec::<String>::new());
        let foreign: Vec<String> = browser
            .requests()
            .await?
            .into_iter()
            .filter(|url| !url.starts_with(&origin) && !url.starts_with(&issuer))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        Ok(())
    })
    .await
}

/// What an administrator does to install both apps, from the first page to the last.
async fn installed(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let member = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let now = db.ledger.clock().now();
    let issuer = frontend(&habeo_tests::issuer::token(&member.credential, now)).await;
    let (slack, teams) = (Slack::start().await, Simulator::start().await);
    teams.open_pages("tenant-westmark", now.seconds());
    // The vendors send the browser back to the address that the server is told is its own.
    let bound = must(Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await);
    let origin = format!("http://{}", bound.address());
    let mut settings: Vec<(&str, String)> = vec![
        ("HABEO_CLERK_FRONTEND_URL", issuer),
        ("HABEO_PUBLIC_URL", origin.clone()),
    ];
    let mut hosts = Vec::new();
    for (name, value) in slack.settings().into_iter().chain(teams.settings()) {
        match name {
            "HABEO_ALLOW_PRIVATE_HOSTS" => hosts.push(value),
            "HABEO_PUBLIC_URL" => {}
            _ => settings.push((name, value)),
        }
    }
    settings.push(("HABEO_ALLOW_PRIVATE_HOSTS", hosts.join(",")));
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let app = TestApp::configured(&db, &settings).await;
    app.listen_at(bound);
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        for (service, said) in [
            ("slack", "Slack is connected."),
            ("teams", "Teams is connected."),
        ] {
            browser
                .open(&format!("{origin}/admin/integrations"))
                .await?;
            found(browser, "#slack").await?;
            fits(browser, &format!("before-{service}")).await?;
            found(browser, &format!("a.button[href='/{service}/install']"))
                .await?
                .click()
                .await?;
            let done = found(browser, ".said").await?;
            assert_eq!(done.text().await?, said);
            fits(browser, &format!("after-{service}")).await?;
        }
        found(browser, "section a[href^='/admin/integrations/']")
            .await?
            .click()
            .await?;
        found(browser, "#domains")
            .await?
            .send_keys("example.edu")
            .await?;
        fits(browser, "install").await?;
        found(browser, "form[action$='/settings'] button")
            .await?
            .click()
            .await?;
        assert_eq!(
            found(browser, ".said").await?.text().await?,
            "The settings are saved."
        );
        found(browser, "#channel")
            .await?
            .send_keys("C0123ABCD")
            .await?;
        found(browser, "form[action$='/digests'] button")
            .await?
            .click()
            .await?;
        found(browser, "form[action*='/digests/'] button").await?;
        assert!(
            found(browser, ".said")
                .await?
                .text()
                .await?
                .starts_with("The channel will be told.")
        );
        fits(browser, "digests").await?;
        browser.size(360, 900).await?;
        fits(browser, "digests-narrow").await?;
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await
}

#[test]
fn both_apps_are_installed_from_the_console() {
    on_sqlite(async |db| must(installed(db).await));
}

#[test]
fn the_console_is_used_in_a_browser() {
    on_sqlite(async |db| must(visited(db).await));
}
