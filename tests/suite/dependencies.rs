//! What we build on, and what we promised not to.

use std::path::Path;
use std::process::Command;

/// One provider of cryptography, and nothing with an open advisory.
const UNWANTED: [&str; 4] = ["ring", "openssl-sys", "native-tls", "rsa"];

/// Locked although nothing builds it: crates that could use it name it in features of their own.
const LOCKED_ONLY: &str = "ring";

#[test]
fn dependencies_keep_their_promises() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("Cargo.lock");
    let locked = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let unwanted = |name: &&str| UNWANTED.contains(name);
    let broken: Vec<_> = locked
        .filter(unwanted)
        .filter(|name| *name != LOCKED_ONLY)
        .collect();
    assert!(broken.is_empty(), "{broken:?} came into Cargo.lock");

    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--prefix", "none", "--format", "{p}"])
        .args(["--edges", "normal,build,dev", "--locked", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo");
    let tree = String::from_utf8_lossy(&output.stdout);
    let built: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(built.contains(&"aws-lc-rs"), "the tree is read");
    let broken: Vec<_> = built.iter().copied().filter(unwanted).collect();
    assert!(broken.is_empty(), "{broken:?} would be built");
}

/// The feature that leaves the condition on the organisation out of every statement.
const WITHOUT_FILTER: &str = "without-org-filter";

/// It is off unless somebody asks for it, only the tests can pass the wish on, and a release refuses it.
#[test]
fn nothing_that_is_shipped_can_leave_the_organisation_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read =
        |path: &str| std::fs::read_to_string(root.join(path)).expect("a file of the repository");
    let naming = |manifest: &str| -> Vec<String> {
        let lines = read(manifest);
        let code = lines
            .lines()
            .filter(|line| !line.starts_with('#') && line.contains(WITHOUT_FILTER));
        code.map(ToOwned::to_owned).collect()
    };
    assert_eq!(naming("core/Cargo.toml"), ["without-org-filter = []"]);
    assert_eq!(
        naming("tests/Cargo.toml"),
        ["without-org-filter = [\"habeo-core/without-org-filter\"]"]
    );
    for manifest in [
        "Cargo.toml",
        "egress/Cargo.toml",
        "surface/Cargo.toml",
        "mobile-api/Cargo.toml",
        "delivery/Cargo.toml",
        "server/Cargo.toml",
        "bench/Cargo.toml",
    ] {
        assert_eq!(naming(manifest), Vec::<String>::new(), "{manifest}");
    }
    let filter = read("core/src/store/filter.rs");
    assert!(filter.contains(
        "#[cfg(all(feature = \"without-org-filter\", not(debug_assertions)))]\ncompile_error!"
    ));
}
