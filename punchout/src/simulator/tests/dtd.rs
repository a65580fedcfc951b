//! The oracle: the declarations that come with the shared fixtures, where these and xmllint are at hand.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Asserts that a document is as its declarations want it.
pub fn assert_valid(document: &str, declarations: &str) {
    let Some(folder) = folder() else {
        return skipped("the shared fixtures are");
    };
    // The DOCTYPE names an address, and nothing is fetched here.
    let without = match (document.find("<!DOCTYPE"), document.find("<cXML")) {
        (Some(from), Some(root)) if from < root => [&document[..from], &document[root..]].concat(),
        _ => document.to_owned(),
    };
    let started = Command::new("xmllint")
        .args(["--noout", "--nonet", "--dtdvalid"])
        .arg(folder.join(declarations))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut linter) = started else {
        return skipped("xmllint is");
    };
    let mut input = linter.stdin.take().expect("the input was piped");
    input.write_all(without.as_bytes()).expect("xmllint reads");
    drop(input);
    let output = linter.wait_with_output().expect("xmllint ends");
    assert!(
        output.status.success(),
        "{}\n{without}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The fixtures lie beside the project, or beside a folder that it is in.
fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = here
        .ancestors()
        .map(|folder| folder.join("shared/fixtures/cxml/dtd"));
    beside.into_iter().find(|folder| folder.is_dir())
}

#[expect(
    clippy::print_stderr,
    reason = "a skipped check says so where the test runner shows it"
)]
fn skipped(what: &str) {
    eprintln!("skipped: {what} not at hand");
}
