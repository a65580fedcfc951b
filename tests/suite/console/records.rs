//! The pages of the record and of programs in a browser: found by anybody, by keyboard alone, on a phone, light and dark.

use std::time::Duration;

use anyhow::{Result, anyhow};
use habeo_core::access::Role;
use habeo_tests::app::TestApp;
use habeo_tests::axe;
use habeo_tests::browser::{Browser, Scheme, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use thirtyfour::Key;

use super::browser::{fits, found, frontend};

/// The page fits and can be used on a desk and on a phone, light and dark.
pub(super) async fn is_good(browser: &Browser, name: &str) -> Result<()> {
    for (scheme, width, how) in [
        (Scheme::Light, 1280, "light"),
        (Scheme::Dark, 1280, "dark"),
        (Scheme::Light, 360, "narrow"),
        (Scheme::Dark, 360, "narrow-dark"),
    ] {
        browser.scheme(scheme).await?;
        browser.size(width, 900).await?;
        fits(browser, &format!("{name}-{how}")).await?;
        let findings = axe::findings(browser).await?;
        assert_eq!(findings, Vec::<String>::new(), "{name}, {how}");
    }
    browser.scheme(Scheme::Light).await?;
    browser.size(1280, 900).await
}

/// The browser has nothing to complain about, and asked nobody but us and the issuer.
pub(super) async fn is_quiet(browser: &Browser, origins: &[&str]) -> Result<()> {
    assert_eq!(browser.console_messages().await?, Vec::<String>::new());
    let asked = browser.requests().await?;
    let foreign: Vec<&String> = asked
        .iter()
        .filter(|url| !origins.iter().any(|origin| url.starts_with(origin)))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    Ok(())
}

/// Waits until the browser is at a path.
pub(super) async fn arrives(browser: &Browser, path: &str) -> Result<()> {
    let mut last = String::new();
    for _ in 0..200 {
        browser
            .driver()
            .current_url()
            .await?
            .path()
            .clone_into(&mut last);
        if last == path {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(anyhow!("the browser is at {last}, not at {path}"))
}

async fn looked_at(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let member = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let asset = college
        .asset("Field camera")
        .tag("WMK-900101")
        .serial("SN-4711")
        .at(college.places.library)
        .register()
        .await;
    college.asset("Tripod").tag("WMK-900102").register().await;
    let (signer, _) = db.signer().await;
    must(signer.sign(college.org).await);
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let app = TestApp::configured(&db, &[("HABEO_CLERK_FRONTEND_URL", &issuer)]).await;
    let origin = app.listen().await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{origin}/assets")).await?;
        found(browser, "table.dense").await?;
        is_good(browser, "assets").await?;
        // A scanner types the tag and Enter.
        let code = found(browser, "#code").await?;
        code.send_keys("wmk-900101" + Key::Enter).await?;
        arrives(browser, &format!("/assets/{asset}")).await?;
        is_good(browser, "asset").await?;
        for (path, waited, name) in [
            ("/", ".jobs", "home"),
            ("/assets?q=x&state=in_stock", ".fault", "assets-fault"),
            ("/assets?q=nothing+like+it", ".empty", "assets-empty"),
            (
                &*format!("/assets/{asset}/history"),
                "ins, td",
                "asset-history",
            ),
            (
                &*format!("/assets/{asset}/label"),
                ".label svg",
                "asset-label",
            ),
            ("/assets/scan?code=WMK-1", ".said.bad", "scan-nothing"),
            ("/audit", "table.dense", "audit"),
            (
                "/audit?from=junk&actor=Nobody+Else",
                ".fault",
                "audit-fault",
            ),
            ("/audit/3", "#proof", "audit-entry"),
        ] {
            browser.open(&format!("{origin}{path}")).await?;
            found(browser, waited).await?;
            is_good(browser, name).await?;
        }
        gathered(browser, &origin).await?;
        by_keyboard(browser, &origin).await?;
        // The pages of refused addresses are answered with 400 and 404, which the browser mentions.
        let complaints = browser.console_messages().await?;
        let complaints: Vec<&String> = complaints
            .iter()
            .filter(|message| !message.contains("the server responded with a status of 40"))
            .collect();
        assert_eq!(complaints, Vec::<&String>::new());
        is_quiet(browser, &[&origin, &issuer]).await
    })
    .await
}

/// Each code of a scanner begins a line, and nothing is sent until somebody says so.
async fn gathered(browser: &Browser, origin: &str) -> Result<()> {
    browser.open(&format!("{origin}/assets/scan")).await?;
    let codes = found(browser, "#codes").await?;
    for code in ["WMK-900101", "WMK-900102", "WMK-900103"] {
        codes.send_keys(code + Key::Enter).await?;
    }
    assert_eq!(
        codes.value().await?.unwrap_or_default(),
        "WMK-900101\nWMK-900102\nWMK-900103\n"
    );
    is_good(browser, "scan").await?;
    codes.send_keys(Key::Tab + "").await?;
    let button = browser.driver().active_element().await?;
    assert_eq!(button.text().await?, "Look them up");
    button.send_keys(Key::Enter + "").await?;
    let heading = found(browser, "#found").await?;
    assert_eq!(heading.text().await?, "2 of 3 codes found");
    is_good(browser, "scan-found").await
}

/// From the first stop to verification, and back to an entry, without a mouse.
async fn by_keyboard(browser: &Browser, origin: &str) -> Result<()> {
    browser.open(&format!("{origin}/audit")).await?;
    let body = found(browser, "body").await?;
    body.send_keys(Key::Tab + "").await?;
    for _ in 0..40 {
        let focused = browser.driver().active_element().await?;
        if focused.text().await? == "Verify" {
            focused.send_keys(Key::Enter + "").await?;
            break;
        }
        focused.send_keys(Key::Tab + "").await?;
    }
    let said = found(browser, ".said[role=status]").await?;
    assert!(said.text().await?.starts_with("The ledger holds"));
    is_good(browser, "audit-verify").await?;
    browser.open(&format!("{origin}/assets")).await?;
    let search = found(browser, "#q").await?;
    search.send_keys("tripod" + Key::Enter).await?;
    let found = found(browser, "tbody a").await?;
    assert_eq!(found.text().await?, "WMK-900102");
    Ok(())
}

/// A key and an endpoint, from their forms to their secrets and on.
async fn set_up(db: TestDb) -> Result<()> {
    let college = College::found(&db).await;
    let root = college.units.root;
    let member = college
        .member("Robin Example", root, &[(Role::OrgAdmin, root)])
        .await;
    let token = habeo_tests::issuer::token(&member.credential, db.ledger.clock().now());
    let issuer = frontend(&token).await;
    let settings = [
        ("HABEO_CLERK_FRONTEND_URL", &*issuer),
        ("HABEO_ALLOW_PRIVATE_HOSTS", "127.0.0.1:8443"),
    ];
    let app = TestApp::configured(&db, &settings).await;
    let origin = app.listen().await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser.open(&format!("{origin}/settings/api")).await?;
        found(browser, "#new_app").await?;
        is_good(browser, "api").await?;
        // By keyboard alone: Enter in a field sends the form.
        found(browser, "#new_app").await?.send_keys("Sync").await?;
        found(browser, "#scope-2").await?.send_keys(" ").await?;
        let name = found(browser, "#name").await?;
        name.send_keys("Nightly" + Key::Enter).await?;
        let copy = found(browser, "button[data-copy=secret]").await?;
        is_good(browser, "api-key").await?;
        assert!(copy.is_displayed().await?, "the script has shown it");
        browser
            .open(&format!("{origin}/admin/integrations/webhooks"))
            .await?;
        found(browser, ".empty").await?;
        is_good(browser, "webhooks-empty").await?;
        found(browser, "main a.button").await?.click().await?;
        let url = found(browser, "#url").await?;
        is_good(browser, "webhook-new").await?;
        url.send_keys("http://nowhere.example" + Key::Enter).await?;
        found(browser, ".fault").await?;
        is_good(browser, "webhook-fault").await?;
        let url = found(browser, "#url").await?;
        url.clear().await?;
        url.send_keys("https://127.0.0.1:8443/hooks").await?;
        found(browser, "#channel-1").await?.send_keys(" ").await?;
        let app = found(browser, "#new_app").await?;
        app.send_keys("Sync 2" + Key::Enter).await?;
        found(browser, "button[data-copy=secret]").await?;
        is_good(browser, "webhook-secret").await?;
        found(browser, "main .actions a.button")
            .await?
            .click()
            .await?;
        let test = found(browser, "form[action$='/test'] button").await?;
        test.send_keys(Key::Enter + "").await?;
        let delivery = found(browser, "tbody a").await?;
        is_good(browser, "webhook").await?;
        delivery.send_keys(Key::Enter + "").await?;
        found(browser, "#payload").await?;
        is_good(browser, "webhook-delivery").await?;
        let here = browser.driver().current_url().await?;
        let here = here
            .as_str()
            .split("/deliveries/")
            .next()
            .unwrap_or_default();
        browser.open(&format!("{here}/replay")).await?;
        found(browser, "#from").await?;
        is_good(browser, "webhook-replay").await?;
        browser
            .open(&format!("{origin}/admin/integrations/webhooks"))
            .await?;
        found(browser, ".spark").await?;
        is_good(browser, "webhooks").await?;
        let complaints = browser.console_messages().await?;
        let complaints: Vec<&String> = complaints
            .iter()
            .filter(|message| !message.contains("the server responded with a status of 42"))
            .collect();
        assert_eq!(complaints, Vec::<&String>::new());
        is_quiet(browser, &[&origin, &issuer]).await
    })
    .await
}

#[test]
fn programs_are_set_up_in_a_browser() {
    on_sqlite(async |db| must(set_up(db).await));
}

#[test]
fn the_record_is_used_in_a_browser() {
    on_sqlite(async |db| must(looked_at(db).await));
}

#[test]
fn vendored_files_are_the_ones_named() {
    must(axe::is_the_one_named());
}
