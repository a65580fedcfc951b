//! The interactive reference in a real browser: it renders under our policy, asks nobody else, and is legible.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use habeo_surface::catalogue::Catalogue;
use habeo_surface::openapi::{Document, FailureShape, Lift};
use habeo_surface::reference;
use habeo_tests::browser::{Browser, Scheme, in_browser};
use poem::endpoint::make_sync;
use poem::listener::TcpAcceptor;
use poem::{IntoResponse, Route, Server};
use serde_json::json;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, WebElement};
use tokio::net::TcpListener;

const SPEC: &str = r#"{
  "openapi": "3.0.0",
  "info": {"title": "Habeo", "version": "1.0.0", "description": "The read API."},
  "paths": {"/api/v1/assets/{id}": {"get": {
    "operationId": "getAsset", "summary": "One asset", "tags": ["Assets"],
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "security": [{"Session": []}],
    "responses": {"200": {"description": "", "content": {"application/json; charset=utf-8": {
      "schema": {"type": "object", "properties": {"serial": {"type": "string", "nullable": true}}}}}}}
  }}},
  "components": {"schemas": {}, "securitySchemes": {"Session": {"type": "http", "scheme": "bearer"}}}
}"#;

/// Serves the pages on a free port and returns the origin.
async fn serve() -> Result<String> {
    let document = Document::lift(
        SPEC,
        &Lift {
            public: &[],
            failure: FailureShape::problem(),
        },
    )?;
    let route = reference::mount(Route::new(), "/api/v1", &document, &Catalogue::complete());
    let asset = make_sync(|_| poem::web::Json(json!({"serial": null})).into_response());
    let route = route.at("/api/v1/assets/:id", asset);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?).run(route));
    Ok(origin)
}

async fn picture(browser: &Browser, name: &str) -> Result<()> {
    browser
        .screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
        .await
}

/// Waits for the first element that the selector names.
async fn found(browser: &Browser, selector: &str) -> Result<WebElement> {
    let query = browser.driver().query(By::Css(selector));
    Ok(query
        .wait(Duration::from_secs(20), Duration::from_millis(100))
        .first()
        .await?)
}

#[tokio::test]
async fn reference_renders_and_tries_calls_under_its_policy_and_asks_nobody_else() -> Result<()> {
    let origin = serve().await?;
    in_browser(async |browser| {
        for (scheme, width, name) in [
            (Scheme::Light, 1280, "reference-light.png"),
            (Scheme::Dark, 1280, "reference-dark.png"),
            (Scheme::Light, 360, "reference-narrow.png"),
        ] {
            browser.scheme(scheme).await?;
            browser.size(width, 900).await?;
            browser.open(&format!("{origin}/api/v1/docs")).await?;
            let operation = found(browser, ".opblock-summary-get").await?;
            picture(browser, name).await?;
            operation.click().await?;
            found(browser, ".parameters input").await?.send_keys("HB-1").await?;
            picture(browser, &format!("open-{name}")).await?;
            found(browser, ".execute").await?.click().await?;
            let answer = found(browser, ".live-responses-table .microlight").await?;
            answer.scroll_into_view().await?;
            picture(browser, &format!("answered-{name}")).await?;
            assert!(answer.text().await?.contains("\"serial\": null"));

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

#[tokio::test]
async fn problem_codes_are_listed_with_an_anchor_each() -> Result<()> {
    let origin = serve().await?;
    in_browser(async |browser| {
        browser.size(1280, 900).await?;
        browser
            .open(&format!("{origin}/api/v1/problems#asset_unknown"))
            .await?;
        let entry = browser
            .driver()
            .query(By::Id("asset_unknown"))
            .first()
            .await?;
        assert!(entry.text().await?.contains("404"));
        picture(browser, "problems.png").await?;
        assert_eq!(browser.console_messages().await?, Vec::<String>::new());
        Ok(())
    })
    .await
}
