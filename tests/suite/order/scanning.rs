//! Receiving in a real browser with what a keyboard scanner types: every code ends with Enter.

use std::net::SocketAddr;

use anyhow::Result;
use habeo_core::access::Role;
use habeo_core::order::report::Operation;
use habeo_server::listen::Bound;
use habeo_tests::app::TestApp;
use habeo_tests::browser::in_browser;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use thirtyfour::Key;

use super::{notice, order, pieces, place, says};
use crate::console::browser::{fits, found, frontend};
use crate::requisition::{Shop, line};

async fn scanned(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let physics = college.units.physics;
    let roles = [(Role::Procurement, physics)];
    let member = college.member("Rae Example", physics, &roles).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let bound = must(Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await);
    let origin = format!("http://{}", bound.address());
    let variables = [
        ("HABEO_CLERK_FRONTEND_URL", issuer.as_str()),
        ("HABEO_PUBLIC_URL", &origin),
    ];
    let app = TestApp::configured(&db, &variables).await;
    app.listen_at(bound);
    let shop = Shop::open(&college).await;
    let id = place(
        &shop,
        vec![line("LT-14", "3", "10"), line("DK-2", "1", "5")],
    )
    .await;
    let item = pieces(1, "3", "EA", &["SN1", "SN2", "SN3"]);
    says(
        &shop,
        "first",
        notice("PO-000001", "S-1", Operation::New, vec![item]),
    )
    .await;
    let path = format!("{origin}/procurement/orders/{id}");
    let here = async || {
        let order = order(&college, id).await;
        order
            .units
            .values()
            .filter(|unit| unit.received_at.is_some())
            .count()
    };
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{path}/receive")).await?;
        let serial = found(browser, "#serial").await?;
        fits(browser, "receive").await?;
        serial.send_keys("SN1" + Key::Enter).await?;
        let focused = browser.driver().active_element().await?;
        assert_eq!(focused.attr("id").await?.as_deref(), Some("tag"));
        assert_eq!(here().await, 0, "the first code sends nothing");
        focused.send_keys("WM-1" + Key::Enter).await?;
        let said = found(browser, ".said").await?.text().await?;
        assert!(said.starts_with("The piece is received."), "{said}");
        assert_eq!(here().await, 1);
        // Without a script the server asks for what is missing, and the next scan goes there.
        browser.without_scripts().await?;
        browser.open(&format!("{path}/receive")).await?;
        found(browser, "#serial")
            .await?
            .send_keys("SN2" + Key::Enter)
            .await?;
        let fault = found(browser, ".said.bad").await?.text().await?;
        assert!(fault.starts_with("Now scan the label"), "{fault}");
        let focused = browser.driver().active_element().await?;
        assert_eq!(focused.attr("id").await?.as_deref(), Some("tag"));
        focused.send_keys("WM-2" + Key::Enter).await?;
        let said = found(browser, ".said").await?.text().await?;
        assert!(said.starts_with("The piece is received."), "{said}");
        assert_eq!(here().await, 2);
        found(browser, "#serial").await?.send_keys("SN3").await?;
        found(browser, "#no_tag").await?.click().await?;
        found(browser, "form[action$='/receive'] button")
            .await?
            .click()
            .await?;
        found(browser, "#unlabelled").await?;
        browser.size(360, 800).await?;
        fits(browser, "receive-narrow").await?;
        for page in ["", "/documents"] {
            browser.open(&format!("{path}{page}")).await?;
            let name = if page.is_empty() {
                "order"
            } else {
                "documents"
            };
            fits(browser, &format!("{name}-narrow")).await?;
            browser.size(1280, 900).await?;
            fits(browser, name).await?;
            browser.size(360, 800).await?;
        }
        browser
            .open(&format!("{origin}/procurement/shipments/{id}"))
            .await?;
        fits(browser, "shipments-narrow").await?;
        let mut odd = browser.console_messages().await?;
        // The browser notes what was refused above, for want of a label.
        odd.retain(|message| !message.ends_with("status of 422 (Unprocessable Entity)"));
        assert_eq!(odd, Vec::<String>::new());
        Ok(())
    })
    .await
}

#[test]
fn a_scanner_receives_pieces_in_a_real_browser() {
    on_sqlite(async |db| must(scanned(db).await));
}
