//! The interactive reference in a real browser, served by the real server: it renders under our policy, tries calls, asks nobody else,
//! and is legible.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use habeo_core::access::Role;
use habeo_tests::app::TestApp;
use habeo_tests::browser::{Browser, Scheme, in_browser};
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::must;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, WebElement};

async fn picture(browser: &Browser, name: &str) -> Result<()> {
    browser
        .screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
        .await
}

/// Waits for the first element that the selector names.
async fn found(browser: &Browser, selector: &str) -> Result<WebElement> {
    let query = browser.driver().query(By::Css(selector));
    Ok(query
        .wait(Duration::from_secs(30), Duration::from_millis(100))
        .first()
        .await?)
}

/// Gives the page a token by its own form.
async fn authorize(browser: &Browser, token: &str) -> Result<()> {
    found(browser, ".scheme-container .btn.authorize")
        .await?
        .click()
        .await?;
    found(browser, ".auth-container input")
        .await?
        .send_keys(token)
        .await?;
    picture(browser, "authorize.png").await?;
    found(browser, ".auth-btn-wrapper .btn.authorize")
        .await?
        .click()
        .await?;
    found(browser, ".auth-btn-wrapper .btn-done")
        .await?
        .click()
        .await?;
    Ok(())
}

/// Opens `getMe`, calls it, and looks at the answer.
async fn try_me(browser: &Browser, name: &str) -> Result<()> {
    let operation = found(browser, "[id$='-getMe'] .opblock-summary-control").await?;
    operation.scroll_into_view().await?;
    operation.click().await?;
    picture(browser, &format!("open-{name}")).await?;
    let execute = found(browser, "[id$='-getMe'] .execute").await?;
    execute.scroll_into_view().await?;
    execute.click().await?;
    let status = found(
        browser,
        "[id$='-getMe'] .live-responses-table .response .response-col_status",
    )
    .await?;
    let answer = found(browser, "[id$='-getMe'] .live-responses-table .microlight").await?;
    answer.scroll_into_view().await?;
    picture(browser, &format!("answered-{name}")).await?;
    assert!(status.text().await?.starts_with("200"), "{name}");
    assert!(answer.text().await?.contains("Robin Example"), "{name}");
    Ok(())
}

async fn served(db: &TestDb) -> (TestApp, String, String) {
    let app = TestApp::over(db).await;
    let college = College::found(db).await;
    let grant = (Role::Technician, college.units.physics);
    let member = college
        .member("Robin Example", college.units.physics, &[grant])
        .await;
    let token = app.token(&member);
    let origin = app.listen().await;
    (app, origin, token)
}

async fn reference(db: TestDb) -> Result<()> {
    let (app, origin, token) = served(&db).await;
    let operations: usize = app.document()["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, item)| item.as_object())
        .map(serde_json::Map::len)
        .sum();
    in_browser(async |browser| {
        for (scheme, width, name) in [
            (Scheme::Light, 1280, "reference-light.png"),
            (Scheme::Dark, 1280, "reference-dark.png"),
            (Scheme::Light, 360, "reference-narrow.png"),
        ] {
            browser.scheme(scheme).await?;
            browser.size(width, 900).await?;
            browser.open(&format!("{origin}/api/v1/docs")).await?;
            found(browser, "[id$='-getMe']").await?;
            picture(browser, name).await?;
            let shown = browser.driver().find_all(By::Css(".opblock")).await?.len();
            assert_eq!(shown, operations, "{name}: every operation renders");
            authorize(browser, &token).await?;
            try_me(browser, name).await?;

            let scroll = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let overflow: i64 = browser.driver().execute(scroll, vec![]).await?.convert()?;
            assert_eq!(overflow, 0, "{name}: the page is wider than the window");
        }
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        let requests = browser.requests().await?;
        assert!(requests.iter().any(|url| url.ends_with("/openapi.json")), "{requests:?}");
        let foreign: Vec<_> = requests.iter().filter(|url| !url.starts_with(&origin)).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        Ok(())
    })
    .await
}

async fn problems(db: TestDb) -> Result<()> {
    let (_, origin, _) = served(&db).await;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        let page = format!("{origin}/api/v1/problems#asset_unknown");
        browser.open(&page).await?;
        let entry = found(browser, "#asset_unknown").await?;
        assert!(entry.text().await?.contains("404"));
        picture(browser, "problems.png").await?;
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await
}

#[test]
fn reference_renders_and_tries_calls_under_its_policy_and_asks_nobody_else() {
    on_sqlite(async |db| must(reference(db).await));
}

#[test]
fn problem_codes_are_listed_with_an_anchor_each() {
    on_sqlite(async |db| must(problems(db).await));
}
