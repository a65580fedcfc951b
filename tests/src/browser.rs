//! A real browser for the tests of pages: chromedriver on a free port, a fresh profile, and everything that the browser
//! has to complain about.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::FutureExt;
use poem::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::command::{Command as DriverCommand, ExtensionCommand};
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Set to `required`, it makes the absence of a browser a failure. Continuous integration does so.
const REQUIRED: &str = "HABEO_TEST_BROWSER";
const START_MAX: Duration = Duration::from_secs(30);
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// Which of the two grounds a page is asked to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// One session of a browser. It exists only inside [`in_browser`], which ends it whatever happens.
pub struct Browser {
    driver: WebDriver,
    /// Killed by this handle when it is dropped, should asking politely not have worked.
    process: Child,
    _profile: TempDir,
}

impl fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Browser")
            .field("process", &self.process.id())
            .finish_non_exhaustive()
    }
}

/// Runs a test in a fresh browser, or says why there is none and passes.
///
/// The browser is closed before the result is looked at, also after a failed assertion: a driver that is merely killed
/// leaves its browser running.
pub async fn in_browser(test: impl AsyncFnOnce(&Browser) -> Result<()>) -> Result<()> {
    let (driver, browser) = match (
        find("chromedriver"),
        find("chromium").or_else(|| find("google-chrome")),
    ) {
        (Some(driver), Some(browser)) => (driver, browser),
        (driver, browser) => return without(driver.is_some(), browser.is_some()),
    };
    let browser = Browser::start(&driver, &browser).await?;
    let outcome: Result<Result<()>, Box<dyn Any + Send>> =
        AssertUnwindSafe(test(&browser)).catch_unwind().await;
    browser.close().await?;
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

impl Browser {
    /// Goes to an address and waits until the page is loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// The session, for looking at the page and using it.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// What the browser wrote to its console since the last call: errors, warnings, violated policies.
    pub async fn console_messages(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries
            .into_iter()
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect())
    }

    /// The addresses that pages asked for since the last call, `data:` and `blob:` left out.
    pub async fn requests(&self) -> Result<Vec<String>> {
        let mut addresses = Vec::new();
        for entry in self.driver.get_log("performance").await? {
            let event: Value = serde_json::from_str(&entry.message)?;
            let message = &event["message"];
            if message["method"] == "Network.requestWillBeSent"
                && let Some(url) = message["params"]["request"]["url"].as_str()
                && url.starts_with("http")
            {
                addresses.push(url.to_owned());
            }
        }
        Ok(addresses)
    }

    /// Writes what is visible to a PNG file.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        Ok(self.driver.screenshot(path).await?)
    }

    /// Asks pages for light or dark colours.
    pub async fn scheme(&self, scheme: Scheme) -> Result<()> {
        let value = if scheme == Scheme::Dark {
            "dark"
        } else {
            "light"
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", features).await
    }

    /// Makes the page this large. Unlike resizing the window it knows no lower limit, so phones can be tried.
    pub async fn size(&self, width: u32, height: u32) -> Result<()> {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await
    }

    /// Runs no script of pages from now on, as somebody's browser that has them switched off.
    pub async fn without_scripts(&self) -> Result<()> {
        let off = json!({"value": true});
        self.devtools("Emulation.setScriptExecutionDisabled", off)
            .await
    }

    async fn devtools(&self, command: &'static str, parameters: Value) -> Result<()> {
        let devtools = DevTools {
            command,
            parameters,
        };
        self.driver
            .cmd(DriverCommand::ExtensionCommand(Box::new(devtools)))
            .await?;
        Ok(())
    }

    async fn start(driver: &Path, browser: &Path) -> Result<Self> {
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", driver.display()))?;
        let port = timeout(START_MAX, port_of(&mut process))
            .await
            .context("chromedriver does not say its port")??;

        let profile = TempDir::new()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        capabilities.set_binary(&browser.to_string_lossy())?;
        capabilities.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
        capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        Ok(Self {
            driver,
            process,
            _profile: profile,
        })
    }

    async fn close(mut self) -> Result<()> {
        self.driver.quit().await?;
        self.process.kill().await?;
        Ok(())
    }
}

/// Reads the port that chromedriver chose, and keeps reading: a full pipe would stop it.
async fn port_of(process: &mut Child) -> Result<u16> {
    let output = process.stdout.take().context("the output was piped")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, rest)) = line.split_once("started successfully on port ") {
            let port = rest
                .trim_end_matches('.')
                .parse()
                .with_context(|| format!("no port in: {line}"))?;
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    bail!("chromedriver ended before it was ready")
}

/// A program on the search path.
fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what they may skip"
)]
#[expect(
    clippy::print_stderr,
    reason = "a skipped test says so where the test runner shows it"
)]
fn without(driver: bool, browser: bool) -> Result<()> {
    let missing = match (driver, browser) {
        (false, false) => "chromedriver and chromium are",
        (false, true) => "chromedriver is",
        (true, _) => "chromium is",
    };
    if std::env::var(REQUIRED).is_ok_and(|value| value == "required") {
        bail!("{missing} not on the search path, and {REQUIRED} says they are required");
    }
    eprintln!("skipped: {missing} not on the search path");
    Ok(())
}

/// A command of the browser's own protocol, which the driver passes on.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl ExtensionCommand for DevTools {
    fn parameters_json(&self) -> Option<Value> {
        Some(json!({"cmd": self.command, "params": self.parameters}))
    }

    fn method(&self) -> Method {
        Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        "/goog/cdp/execute".into()
    }
}
