//! What axe-core finds of a page that somebody could not use (WCAG 2.0 to 2.2, A and AA).

use anyhow::{Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::browser::Browser;

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");
const TABLE: &str = include_str!("../vendor/README.md");
/// Runs it and answers one line for each element that breaks a rule.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(
      (found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} at ${node.target}: ${node.failureSummary}`))),
      (error) => done([`axe did not run: ${error}`]),
    );";

/// What is wrong with the page that a browser shows.
pub async fn findings(browser: &Browser) -> Result<Vec<String>> {
    browser.driver().execute(AXE, Vec::<Value>::new()).await?;
    let found = browser
        .driver()
        .execute_async(RUN, Vec::<Value>::new())
        .await?;
    Ok(found.convert()?)
}

/// Whether the vendored script is the one that the table beside it names.
pub fn is_the_one_named() -> Result<()> {
    let hash = habeo_core::ledger::tree::hex(&Sha256::digest(AXE));
    if !TABLE.contains(&hash) {
        bail!("axe.min.js has the hash {hash}");
    }
    Ok(())
}
