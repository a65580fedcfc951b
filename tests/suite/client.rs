//! What an integrator would do: tools that are not ours read the description, generate a client, and the client calls the server.

use std::path::Path;
use std::process::{Command, Stdio};

use habeo_core::access::Role;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};

/// Set to `required`, it makes the absence of the tools a failure. Continuous integration does so.
const REQUIRED: &str = "HABEO_TEST_CONTRACT";
/// More than one page, so that the client has to follow a cursor.
const ASSETS: usize = 30;

/// The first tool that does not answer.
fn missing() -> Option<&'static str> {
    ["node", "npm", "python3", "curl"].into_iter().find(|tool| {
        let mut version = Command::new(tool);
        let version = version.arg("--version");
        let version = version.stdout(Stdio::null()).stderr(Stdio::null());
        !version.status().is_ok_and(|status| status.success())
    })
}

/// The tools are fetched once, so the check runs where fetching is wanted: where it is required.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what they may skip"
)]
fn is_required() -> bool {
    std::env::var(REQUIRED).is_ok_and(|value| value == "required")
}

/// Serves a college and runs the checks of the description and the generated client against it.
async fn check(db: TestDb) {
    let app = TestApp::over(&db).await;
    let college = College::found(&db).await;
    let admin = (Role::OrgAdmin, college.units.root);
    let member = college
        .member("Robin Example", college.units.root, &[admin])
        .await;
    for n in 0..ASSETS {
        college.asset(&format!("Microscope {n}")).register().await;
    }
    // Their tools take longer than a session token lives; the clock of the test stands still meanwhile.
    let token = app.token(&member);
    let origin = app.listen().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/check.sh");
    let output = tokio::process::Command::new(script)
        .arg(format!("{origin}/api/v1/openapi.json"))
        .env("HABEO_URL", &origin)
        .env("HABEO_TOKEN", token)
        .output()
        .await
        .expect("bash");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaint}");
    assert!(
        said.contains("2 pages, 30 assets, 1 fetched by id"),
        "{said}"
    );
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "a skipped test says so where the test runner shows it"
)]
fn a_generated_client_lists_assets() {
    if !is_required() {
        eprintln!("skipped: {REQUIRED} is not set to `required`");
        return;
    }
    let missing = missing();
    assert!(
        missing.is_none(),
        "{missing:?} is missing, and {REQUIRED} says that it is required"
    );
    on_sqlite(check);
}
