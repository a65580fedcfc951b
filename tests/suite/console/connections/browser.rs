//! An administrator's whole way with a connected system, in a real browser and through the real door.

use std::time::Duration;

use anyhow::{Result, anyhow};
use habeo_core::access::Role;
use habeo_core::connection::Provider;
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Browser, in_browser};
use habeo_tests::builders::College;
use habeo_tests::connections::worked_off;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use thirtyfour::{By, WebElement};

use super::super::browser::{fits, found, frontend};

/// Longer than the door believes what it knows of a connection, and than refusals are gathered.
const UNTIL_KNOWN: Duration = Duration::from_millis(2_600);

const ADDED: &str = r#"{"webhook":{"id":9,"name":"Habeo","webhookEvent":"ComputerAdded","eventTimestamp":1767225600123},
    "event":{"udid":"6F1C2B1E-7A10-4E3B-9C55-0A1B2C3D4E5F","deviceName":"LIB-MAC-014","model":"MacBook Air","serialNumber":"C02TEST12345","jssID":42}}"#;

/// Sends a letter to the address that a page shows, with this in its header; the status of the answer. A busy server asks to come again, and
/// that is done, as vendors do it.
async fn sends(app: &TestApp, url: &str, header: &str, body: &str) -> u16 {
    let target = must(url::Url::parse(url));
    let target = format!("{}?{}", target.path(), target.query().unwrap_or_default());
    let mut status = 503;
    for _ in 0..40 {
        let call = app.post(&target).header("authorization", header);
        let call = call.header("content-type", "application/json");
        status = call.body(body.to_owned()).send().await.status.as_u16();
        if status != 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    status
}

/// Sends a letter that is taken in: now, or already by an attempt that was answered too late.
async fn is_taken(app: &TestApp, url: &str, header: &str, body: &str) {
    let status = sends(app, url, header, body).await;
    assert!(matches!(status, 200 | 202), "answered {status}");
}

/// Lets the door forget what it believed of a connection, and refusals be noted.
async fn until_known(app: &TestApp) {
    app.wait_seconds(3);
    tokio::time::sleep(UNTIL_KNOWN).await;
}

async fn value(browser: &Browser, selector: &str) -> Result<String> {
    let field = found(browser, selector).await?;
    Ok(field.value().await?.unwrap_or_default())
}

/// Reads the heading until it begins like this: the page loads itself anew in between.
async fn heading(browser: &Browser, begins: &str) -> Result<WebElement> {
    for _ in 0..200 {
        if let Ok(heading) = browser.driver().find(By::Css("main h1")).await
            && heading
                .text()
                .await
                .is_ok_and(|text| text.starts_with(begins))
        {
            return Ok(heading);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(anyhow!("no page says {begins}"))
}

async fn press(browser: &Browser, selector: &str) -> Result<()> {
    found(browser, selector).await?.click().await?;
    Ok(())
}

/// A picture of the page on a desk and on a phone; it fits on both.
async fn at_both_widths(browser: &Browser, name: &str) -> Result<()> {
    for (width, size) in [(1280, "wide"), (360, "narrow")] {
        browser.size(width, 2_400).await?;
        fits(browser, &format!("connection-{name}-{size}")).await?;
    }
    browser.size(1280, 900).await
}

/// Reads what the page says was done, until it begins like this: the page before may say something still.
async fn said(browser: &Browser, begins: &str) -> Result<()> {
    let mut last = String::new();
    for _ in 0..200 {
        if let Ok(said) = browser.driver().find(By::Css(".said")).await
            && let Ok(text) = said.text().await
        {
            if text.starts_with(begins) {
                return Ok(());
            }
            last = text;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(anyhow!("no page says {begins}, but: {last}"))
}

/// From the card to the first letter.
async fn connected(app: &TestApp, browser: &Browser) -> Result<(String, String)> {
    at_both_widths(browser, "cards").await?;
    press(browser, "a[href='/admin/connections/new?provider=jamf']").await?;
    let name = found(browser, "#name").await?;
    name.send_keys("Jamf of the library").await?;
    at_both_widths(browser, "new").await?;
    press(browser, "main form button[type=submit]").await?;
    said(browser, "The system is connected as soon as").await?;
    at_both_widths(browser, "secret").await?;
    let (url, first) = (
        value(browser, "#url").await?,
        value(browser, "#entered-2").await?,
    );
    assert!(value(browser, "#template-2").await?.contains(&first));
    let copy = found(browser, "button[data-copy=url]").await?;
    assert!(copy.is_displayed().await?, "the script has shown it");
    copy.click().await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_ne!(copy.text().await?, "Copy");
    press(browser, "a.button[href$='/listen']").await?;
    heading(browser, "Waiting for a letter").await?;
    is_taken(app, &url, &first, ADDED).await;
    heading(browser, "A letter came").await?;
    assert_eq!(worked_off(app).await, 1);
    heading(browser, "A letter came Recorded").await?;
    at_both_widths(browser, "came").await?;
    Ok((url, first))
}

async fn looked_after(app: &TestApp, browser: &Browser, origin: &str) -> Result<()> {
    browser.size(1280, 900).await?;
    browser
        .open(&format!("{origin}/admin/integrations"))
        .await?;
    found(browser, "#systems").await?;
    let (url, first) = connected(app, browser).await?;
    press(browser, "main .actions a.button").await?;
    found(browser, "table a").await?;
    at_both_widths(browser, "page").await?;
    press(browser, "table a").await?;
    found(browser, "pre.letter").await?;
    at_both_widths(browser, "delivery").await?;
    press(browser, "form[action$='/replay'] button").await?;
    said(browser, "The delivery is being worked off again").await?;
    assert_eq!(worked_off(app).await, 1);
    press(browser, "main p a:last-child").await?;

    press(browser, "details:has(form[action$='/rotate']) summary").await?;
    press(browser, "form[action$='/rotate'] button").await?;
    said(browser, "The connection has a new secret.").await?;
    at_both_widths(browser, "rotated").await?;
    let second = value(browser, "#entered-2").await?;
    until_known(app).await;
    for (header, hour) in [(&first, 1), (&second, 2)] {
        let body = ADDED.replace("1767225600123", &format!("176722{hour}600123"));
        is_taken(app, &url, header, &body).await;
    }
    press(browser, "main .actions a:last-child").await?;
    at_both_widths(browser, "rotating").await?;
    press(browser, "form[action$='/end-rotation'] button").await?;
    said(browser, "Only the present secret is accepted now.").await?;
    until_known(app).await;
    assert_eq!(sends(app, &url, &first, ADDED).await, 401);
    until_known(app).await;
    browser.driver().refresh().await?;
    let row = found(browser, "table tbody tr:has(.state.bad)").await?;
    assert!(row.text().await?.contains("Not proven"));
    at_both_widths(browser, "refused").await?;

    press(browser, "details:has(form[action$='/remove']) summary").await?;
    press(browser, "form[action$='/remove'] button").await?;
    said(browser, "The connection is removed.").await?;
    until_known(app).await;
    assert_eq!(sends(app, &url, &second, ADDED).await, 401);
    for provider in [Provider::Jira, Provider::Intune] {
        browser
            .open(&format!(
                "{origin}/admin/connections/new?provider={provider}"
            ))
            .await?;
        found(browser, "#name").await?;
        at_both_widths(browser, provider.as_str()).await?;
    }
    assert_eq!(browser.console_messages().await?, Vec::<String>::new());
    Ok(())
}

async fn administered(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let roles = [(Role::OrgAdmin, root)];
    let member = college.member("Robin Example", root, &roles).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let origin = app.listen().await;
    in_browser(async |browser| looked_after(&app, browser, &origin).await).await
}

#[test]
fn a_system_is_connected_looked_after_and_removed() {
    on_sqlite(async |db| must(administered(db).await));
}
