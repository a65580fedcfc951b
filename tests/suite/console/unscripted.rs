//! Webhooks, installed apps and consent by somebody whose browser runs no script of pages and who has no mouse.

use anyhow::{Result, anyhow};
use habeo_core::app_client::{Form, Proof};
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Browser, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::market::{Client, admin, registration};
use habeo_tests::must;
use habeo_tests::sink::Sink;
use thirtyfour::Key;

use super::browser::{found, frontend};
use super::records::arrives;

/// How many stops a page has at most.
const STOPS_MAX: usize = 120;

/// Goes from stop to stop until the one that says this, and presses Enter.
async fn press(browser: &Browser, words: &str) -> Result<()> {
    let body = found(browser, "body").await?;
    body.send_keys(Key::Tab + "").await?;
    for _ in 0..STOPS_MAX {
        let focused = browser.driver().active_element().await?;
        if focused.text().await? == words {
            focused.send_keys(Key::Enter + "").await?;
            return Ok(());
        }
        focused.send_keys(Key::Tab + "").await?;
    }
    Err(anyhow!("no stop says {words:?}"))
}

/// An endpoint is added, told, looked at, and told once more.
async fn webhooks(browser: &Browser, app: &TestApp, origin: &str, sink: &Sink) -> Result<()> {
    const LIST: &str = "/admin/integrations/webhooks";
    browser.open(&format!("{origin}{LIST}")).await?;
    press(browser, "Add an endpoint").await?;
    arrives(browser, &format!("{LIST}/new")).await?;
    found(browser, "#channel-1").await?.send_keys(" ").await?;
    found(browser, "#new_app").await?.send_keys("Sync").await?;
    let url = found(browser, "#url").await?;
    url.send_keys(sink.url("/hook").as_str() + Key::Enter)
        .await?;
    found(browser, "#secret").await?;
    // Nothing that only a script does is offered.
    let copy = found(browser, "button[data-copy=secret]").await?;
    assert!(!copy.is_displayed().await?, "no script has shown it");
    press(browser, "I have it").await?;
    press(browser, "Send a test").await?;
    found(browser, ".said").await?;
    assert_eq!(must(app.app.webhooks.deliver_due().await), 1);
    browser.driver().refresh().await?;
    // Its name is the time at which it was sent.
    found(browser, "main table th a")
        .await?
        .send_keys(Key::Enter + "")
        .await?;
    let state = found(browser, "h1 .state").await?;
    assert_eq!(state.text().await?, "Delivered");
    press(browser, "Send it once more").await?;
    found(browser, ".said").await?;
    assert_eq!(must(app.app.webhooks.deliver_due().await), 1);
    let ids: Vec<String> = sink
        .accepted()
        .iter()
        .map(|one| one.header("x-habeo-event-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    Ok(())
}

async fn visited(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let member = admin(&college).await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let (issuer, sink) = (frontend(&token).await, Sink::start().await);
    let settings = [
        ("HABEO_CLERK_FRONTEND_URL", issuer.as_str()),
        ("HABEO_ALLOW_PRIVATE_HOSTS", sink.host()),
    ];
    let app = TestApp::configured(&db, &settings).await;
    let origin = app.listen().await;
    let back = sink.url("/callback");
    let mut new = registration("Shelf", Proof::Public, "assets:read webhooks:write");
    new.form = Form::Native;
    new.settings.redirect_uris = vec![back.clone()];
    let client = Client::register(&college, new).await;
    let parameters = [
        ("redirect_uri", back.as_str()),
        ("scope", "assets:read webhooks:write"),
    ];
    let address = format!("{origin}{}", client.authorize(&parameters));
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        // Signing in is the issuer's script, and the only one that is needed.
        browser.open(&format!("{origin}/apps")).await?;
        found(browser, "main h1").await?;
        browser.without_scripts().await?;
        webhooks(browser, &app, &origin, &sink).await?;

        browser.open(&address).await?;
        let option = format!("select#unit option[value='{}']", college.units.arts);
        let name = found(browser, &option).await?.text().await?;
        let unit = found(browser, "select#unit").await?;
        unit.send_keys(name.trim()).await?;
        press(browser, "Install it").await?;
        arrives(browser, "/callback").await?;
        browser.open(&format!("{origin}/apps")).await?;
        let table = found(browser, "main table").await?;
        assert!(table.text().await?.contains("Shelf"));
        Ok(())
    })
    .await
}

#[test]
fn no_script_and_no_mouse_is_needed() {
    on_sqlite(async |db| must(visited(db).await));
}
