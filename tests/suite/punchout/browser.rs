//! Buying in a real browser: to the shop and back by a form that another site posts, and the cart that only its owner sees.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use habeo_core::access::Role;
use habeo_punchout::simulator::{self, Simulator};
use habeo_server::listen::Bound;
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Browser, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use habeo_tests::tab::Tab;
use thirtyfour::Key;

use super::{settings, supplier};
use crate::console::browser::{fits, found, frontend};

async fn press(browser: &Browser, selector: &str) -> Result<()> {
    Ok(found(browser, selector).await?.click().await?)
}

async fn path(browser: &Browser) -> Result<String> {
    Ok(browser.driver().current_url().await?.path().to_owned())
}

/// The shop is reached by another host name, so that browsers take it for another site, as it would be.
fn elsewhere(url: &str) -> String {
    url.replace("//127.0.0.1:", "//localhost:")
}

async fn bought(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let physics = college.units.physics;
    let roles = [(Role::Procurement, physics)];
    let buyer = college.member("Bo Example", physics, &roles).await;
    let elsewhere_in_college = college.units.history;
    let roles = [(Role::Procurement, elsewhere_in_college)];
    let other = college
        .member("Kim Example", elsewhere_in_college, &roles)
        .await;
    let now = db.ledger.clock().now();
    let issuer = frontend(&habeo_tests::issuer::token(&buyer.credential, now)).await;
    let bound = must(Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await);
    let origin = format!("http://{}", bound.address());
    let shop = simulator::Settings {
        clock: db.ledger.shared_clock(),
        ..simulator::Settings::default()
    };
    let shop = must(Simulator::start(shop).await);
    let host = shop.url().trim_start_matches("http://").to_owned();
    let variables = [
        ("HABEO_CLERK_FRONTEND_URL", issuer.as_str()),
        ("HABEO_PUBLIC_URL", &origin),
        ("HABEO_ALLOW_PRIVATE_HOSTS", &host),
    ];
    let app = TestApp::configured(&db, &variables).await;
    app.listen_at(bound);
    supplier(&college, "Larkmoor", settings(&shop)).await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{origin}/procurement")).await?;
        found(browser, "#supplier").await?;
        fits(browser, "buying").await?;
        press(browser, "form[action='/procurement/shop'] button").await?;
        let onwards = found(browser, "a.button[target=_top]").await?;
        let start = onwards
            .attr("href")
            .await?
            .context("no address of the shop")?;
        browser.open(&elsewhere(&start)).await?;
        press(browser, "form[data-part='QLN-14-16-512'] button").await?;
        found(browser, "#total").await?;
        press(browser, "#cart .row form:first-of-type button").await?;
        found(browser, "#trace").await?;
        let cart = path(browser).await?;
        assert!(cart.starts_with("/procurement/carts/"), "{cart}");
        fits(browser, "cart").await?;
        press(browser, "a[href^='/procurement/requisitions/']").await?;
        found(browser, "form[action$='/submit'] button").await?;
        fits(browser, "requisition").await?;
        browser.size(360, 800).await?;
        fits(browser, "requisition-narrow").await?;
        browser.size(1280, 900).await?;
        // By keyboard: the button is reached and pressed without a mouse.
        let submit = found(browser, "form[action$='/submit'] button").await?;
        submit.focus().await?;
        submit.send_keys(Key::Enter + "").await?;
        let said = found(browser, ".said").await?.text().await?;
        assert!(said.starts_with("The requisition is handed in."), "{said}");
        // Whoever is not signed in sees no cart, and is asked who they are.
        browser.driver().delete_all_cookies().await?;
        let shown = app.get(&cart).send().await;
        assert_eq!(shown.status, 303, "{}", shown.text());
        // Nor does somebody of another unit.
        let mut tab = Tab::of(&app, &other).await;
        assert_eq!(tab.get(&cart).await.status, 404);
        assert_eq!(complaints(browser, &origin).await?, Vec::<String>::new());
        Ok(())
    })
    .await
}

/// What the console of our own pages complains of.
async fn complaints(browser: &Browser, origin: &str) -> Result<Vec<String>> {
    let all = browser.console_messages().await?;
    let ours = all.into_iter().filter(|it| it.contains(origin));
    Ok(ours.collect())
}

#[test]
fn somebody_shops_and_sees_their_cart_in_a_real_browser() {
    on_sqlite(async |db| must(bought(db).await));
}
