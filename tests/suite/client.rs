//! What an integrator would do: tools that are not ours read the description, generate a client, and the client calls the server.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use habeo_core::access::Role;
use habeo_core::api_key::Scope;
use habeo_core::api_key::command::CreateKey;
use habeo_core::app::Kind;
use habeo_core::app::command::CreateApp;
use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::market::{self, Client};
use habeo_tests::must;
use secrecy::ExposeSecret as _;
use ulid::Ulid;

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

/// Runs a script of `tests/contract` to its success, and gives what it said.
async fn run(script: &str, words: &[&str], variables: &[(&str, &str)]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("contract")
        .join(script);
    let output = tokio::process::Command::new(script)
        .args(words)
        .envs(variables.iter().copied())
        .output()
        .await
        .expect("bash");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaint}");
    said
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
    let document = format!("{origin}/api/v1/openapi.json");
    let variables = [
        ("HABEO_URL", origin.as_str()),
        ("HABEO_TOKEN", token.as_str()),
    ];
    let said = run("check.sh", &[&document], &variables).await;
    assert!(
        said.contains("2 pages, 30 assets, 1 fetched by id"),
        "{said}"
    );
}

/// A program with a key of a sandbox, and its app.
async fn program(college: &College) -> (String, String) {
    let ledger = &college.db.ledger;
    let command = CreateApp {
        name: "Mirror".to_owned(),
        kind: Kind::Internal,
    };
    let app = must(ledger.record(&college.access, command).await);
    let command = CreateKey {
        app,
        name: "Key".to_owned(),
        scopes: vec![Scope::ControlWebhooks, Scope::EventsWrite],
    };
    let (_, key) = must(ledger.record(&college.access, command).await);
    let id = Ulid::from_bytes(*app.uuid().as_bytes()).to_string();
    (id, key.expose_secret().to_owned())
}

/// No rate that the tools meet.
const UNLIMITED: [(&str, &str); 3] = [
    ("HABEO_RATE_LIMIT_WEBHOOKS", "1000000"),
    ("HABEO_RATE_LIMIT_WEBHOOKS_BURST", "1000000"),
    ("HABEO_RATE_LIMIT_PUBLIC", "1000000"),
];
/// How the properties are tried where a test does it: not many requests, and quickly.
const FEW: [(&str, &str); 2] = [("HABEO_TEST_EXAMPLES", "8"), ("HABEO_TEST_RATE", "60")];

/// Lets the clock of a test go while others ask, so that rates of failures fill up again.
async fn meanwhile<T>(app: &TestApp, work: impl Future<Output = T>) -> T {
    let passing = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            app.wait_seconds(2);
        }
    };
    tokio::select! {
        done = work => done,
        _ = passing => unreachable!("it passes for ever"),
    }
}

async fn check_control(db: TestDb) {
    let app = TestApp::configured(&db, &UNLIMITED).await;
    let college = College::sandbox(&db, "westmark").await;
    let (id, key) = program(&college).await;
    let origin = app.listen().await;
    let document = format!("{origin}/v1/openapi.json");
    let variables = [
        ("HABEO_URL", origin.as_str()),
        ("HABEO_TOKEN", key.as_str()),
        ("HABEO_APP", id.as_str()),
    ];
    let said = run("check.sh", &[&document, "control.ts"], &variables).await;
    let expected = "made, tested, rotated (true) and deleted; 0 left";
    assert!(said.contains(expected), "{said}");
    let variables = [("HABEO_TOKEN", key.as_str()), FEW[0], FEW[1]];
    meanwhile(&app, run("hold.sh", &[&document], &variables)).await;
}

async fn check_public(db: TestDb) {
    let app = TestApp::configured(&db, &UNLIMITED).await;
    let college = College::found(&db).await;
    college.asset("Microscope").register().await;
    let member = market::admin(&college).await;
    let client = Client::of(&college, Proof::Confidential).await;
    let tokens = client.install(&app, &member, college.units.root).await;
    let origin = app.listen().await;
    let document = format!("{origin}/public/v1/openapi.json");
    let variables = [
        ("HABEO_URL", origin.as_str()),
        ("HABEO_TOKEN", tokens.access.as_str()),
    ];
    let said = run("check.sh", &[&document, "public.ts"], &variables).await;
    assert!(said.contains("1 assets, 1 subscription"), "{said}");
    let of = |name: &str| tokens.answer[name].as_str().unwrap_or_default().to_owned();
    let org = format!("org_id={}", of("org_id"));
    let entity = format!("entity_id={}", of("entity_id"));
    let variables = [("HABEO_TOKEN", tokens.access.as_str()), FEW[0], FEW[1]];
    meanwhile(
        &app,
        run("hold.sh", &[&document, &org, &entity], &variables),
    )
    .await;
}

/// Runs a test that needs the tools of others, where they are required.
#[expect(
    clippy::print_stderr,
    reason = "a skipped test says so where the test runner shows it"
)]
pub(crate) fn with_their_tools<F: Future<Output = ()>>(test: impl FnOnce(TestDb) -> F) {
    if !is_required() {
        eprintln!("skipped: {REQUIRED} is not set to `required`");
        return;
    }
    let missing = missing();
    assert!(
        missing.is_none(),
        "{missing:?} is missing, and {REQUIRED} says that it is required"
    );
    on_sqlite(test);
}

#[test]
fn a_generated_client_lists_assets() {
    with_their_tools(check);
}

#[test]
fn the_control_document_is_true() {
    with_their_tools(check_control);
}

#[test]
fn the_public_document_is_true() {
    with_their_tools(check_public);
}
