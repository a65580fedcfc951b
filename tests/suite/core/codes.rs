//! The stable codes of refusals: each means one thing in the whole product.

use std::collections::BTreeMap;
use std::path::Path;

use habeo_tests::must;

/// Codes that several nouns share on purpose, because what they mean is the same for the caller.
const SHARED: &[&str] = &["deployment_mode_mismatch"];

/// The literals in the arms of every `fn code`.
fn codes_in(source: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for part in source.split("fn code(&self) -> &'static str {").skip(1) {
        let body = part.split("\n    }").next().unwrap_or_default();
        let quoted = body.split('"').skip(1).step_by(2);
        codes.extend(quoted.map(ToOwned::to_owned));
    }
    codes
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in must(std::fs::read_dir(folder)) {
        let path = must(entry).path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_refusal_code_means_one_thing() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src"),
        &mut files,
    );
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let source = must(std::fs::read_to_string(&file));
        for code in codes_in(&source) {
            owners
                .entry(code)
                .or_default()
                .push(file.display().to_string());
        }
    }
    assert!(owners.len() > 60, "only {} codes were found", owners.len());
    for (code, owners) in &owners {
        assert!(
            owners.len() == 1 || SHARED.contains(&code.as_str()),
            "{code} is given by {owners:?}"
        );
        assert!(
            code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{code}"
        );
    }
}
