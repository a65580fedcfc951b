//! The quickstarts of `docs/public-api.md`, as they stand there: every command is run, by somebody who installs the app in between.

use std::path::Path;
use std::process::Stdio;

use habeo_core::app_client::Proof;
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::database::{TestDb, on_sqlite};
use habeo_tests::market::{Client, admin, query, registration};
use habeo_tests::must;
use habeo_tests::tab::{Tab, hidden};
use tokio::process::Command;
use url::Url;

/// The commands of a heading, one text for each block.
fn blocks(heading: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/public-api.md");
    let text = must(std::fs::read_to_string(path));
    let (_, behind) = must(
        text.split_once(&format!("## Quickstart: {heading}"))
            .ok_or(heading),
    );
    let section = behind.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("\n```")?.0.to_owned()))
        .collect()
}

/// Runs a script, and gives what it wrote.
async fn run(folder: &Path, script: &str) -> String {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .await;
    let output = must(output);
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{script}\n{said}\n{complained}");
    said
}

async fn followed(db: TestDb) {
    let app = TestApp::over(&db).await;
    let college = College::found(&db).await;
    let member = admin(&college).await;
    let origin = app.listen().await;
    let mut auth = blocks("set up an app and verify auth");
    let mut webhooks = blocks("subscribe to webhook events");
    assert_eq!(
        (auth.len(), webhooks.len()),
        (6, 3),
        "a command that nobody runs"
    );
    // The command line has tests of its own; here it would need a database of its own.
    let created = auth.remove(0);
    assert!(created.starts_with("habeo app create"), "{created}");
    let scopes = "assets:read webhooks:read webhooks:write";
    let mut new = registration("Shelf", Proof::Confidential, scopes);
    new.settings.redirect_uris = vec!["https://app.example/callback".to_owned()];
    let client = Client::register(&college, new).await;
    let folder = must(tempfile::tempdir());
    let secret = client.secret.clone().unwrap_or_default();
    let given = format!(
        "BASE={origin}\nCLIENT_ID={}\nCLIENT_SECRET={secret}\n",
        client.id
    );
    let (made, address) = (auth.remove(0), auth.remove(0));
    let save = "\ndeclare -p VERIFIER CHALLENGE STATE > pkce.sh\n";
    let led = run(folder.path(), &format!("{given}{made}{save}{address}")).await;
    let led = must(Url::parse(led.trim()));
    let target = format!("{}?{}", led.path(), led.query().unwrap_or_default());
    let mut tab = Tab::of(&app, &member).await;
    let consent = tab.get(&target).await;
    let consent = must(consent.header("location").ok_or(consent.text())).to_owned();
    let request = hidden(&tab.get(&consent).await.text(), "request").unwrap_or_default();
    let unit = college.units.science.to_string();
    let fields = [
        ("request", request.as_str()),
        ("unit", unit.as_str()),
        ("decision", "allow"),
    ];
    let answer = tab.post("/oauth/consent", &fields).await;
    let code = query(answer.header("location").unwrap_or_default(), "code");
    let code = must(code.ok_or(answer.text()));
    let mut script = format!("{given}source ./pkce.sh\nCODE={code}\n");
    script.push_str(&auth.join("\n"));
    let subscribe = webhooks.remove(0);
    script.push('\n');
    script.push_str(&subscribe);
    script.push('\n');
    // A delivery as this secret signs it.
    script.push_str("printf '%s' '{\"type\":\"asset.registered\"}' > body.json\n");
    script.push_str(
        "SIGNATURE=$(openssl dgst -sha256 -hmac \"$SECRET\" -r body.json | cut -d ' ' -f 1)\n",
    );
    script.push_str(&webhooks.join("\n"));
    let said = run(folder.path(), &script).await;
    assert!(said.contains("genuine") && said.contains("204"), "{said}");
}

/// What is written is what works.
#[test]
fn the_quickstarts_work_as_they_are_written() {
    on_sqlite(followed);
}
