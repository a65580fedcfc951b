//! The verifier that is published for receivers, run as it is published: by node, on deliveries as they arrived.
//!
//! The text that holds it is not part of this repository. Where it is beside it, the verifier is taken out of it; where it is not, the test
//! says so.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use habeo_core::endpoint::command::RotateSecret;
use habeo_core::time::DAY_MICROS;
use habeo_tests::database::TestDb;
use habeo_tests::must;
use habeo_tests::sink::Received;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Stage, events, master_key};

/// Beside this repository, or beside the folder in which it is.
const TEXTS: &str = "shared/seeds";
/// With what the verifier begins, and with what it ends.
const FIRST_LINE: &str = "import { createHmac, timingSafeEqual } from \"node:crypto\";";
const LAST_LINE: &str = "\n}\n";

/// Asks the verifier about each case that is on its standard input.
const ASK: &str = r#"
import { verify } from "./verify.js";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const answers = JSON.parse(text).map(({ body, signature, secret }) => verify(body, signature, secret));
console.log(JSON.stringify(answers));
"#;

/// The verifier, byte for byte as it is published.
fn published() -> Option<String> {
    let around = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2);
    let folders = around.filter_map(|folder| std::fs::read_dir(folder.join(TEXTS)).ok());
    folders.flatten().flatten().find_map(|file| {
        let text = std::fs::read_to_string(file.path()).ok()?;
        let (_, behind) = text.split_once(FIRST_LINE)?;
        let end = behind.find(LAST_LINE)? + LAST_LINE.len();
        Some(format!("{FIRST_LINE}{}", &behind[..end]))
    })
}

/// Puts the verifier where node runs it. It is TypeScript, which not every node reads: then its types are taken out by the compiler.
async fn installed(folder: &Path, verifier: &str) -> PathBuf {
    let source = folder.join("verify.ts");
    must(std::fs::write(&source, verifier));
    must(std::fs::write(
        folder.join("package.json"),
        r#"{"type": "module"}"#,
    ));
    let out = folder.join("run");
    must(std::fs::create_dir(&out));
    must(std::fs::write(out.join("ask.js"), ASK));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/erase.sh");
    let output = must(Command::new(script).arg(&source).arg(&out).output().await);
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    out
}

/// What the verifier says to each case.
async fn asked(folder: &Path, cases: &[Value]) -> Vec<bool> {
    let input = folder.join("cases.json");
    must(std::fs::write(&input, must(serde_json::to_vec(cases))));
    let output = Command::new("node")
        .arg("ask.js")
        .current_dir(folder)
        .stdin(Stdio::from(must(std::fs::File::open(input))))
        .output()
        .await;
    let output = must(output);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
    must(serde_json::from_slice(&output.stdout))
}

fn case(one: &Received, header: &str, secret: &str) -> Value {
    let body = must(std::str::from_utf8(&one.body));
    json!({"body": body, "signature": one.header(header), "secret": secret})
}

/// Something happens. Everything that was sent because of it, the accepted one last.
async fn sent(stage: &Stage, knows: &str) -> Vec<Received> {
    stage.sink.clear();
    stage.sink.know(&[knows]);
    stage.college.asset("Câmera “6” 🎥").register().await;
    stage.deliver().await;
    let received = stage.sink.received();
    assert_eq!(
        stage.sink.accepted().len(),
        1,
        "nothing was accepted at once"
    );
    received
}

/// Before, during and after a rotation; by a receiver that changes over in the middle of it.
async fn verified(db: TestDb, verifier: String) {
    const DOCUMENTED: &str = "x-habeo-signature";
    const OTHER: &str = "x-habeo-signature-alt";
    let stage = Stage::set(&db).await;
    let (endpoint, old) = stage.endpoint(events(&["asset.registered"])).await;
    let before = sent(&stage, &old).await;
    let command = RotateSecret {
        endpoint,
        window_micros: 7 * DAY_MICROS,
        master_key: master_key(),
    };
    let new = must(db.ledger.record(&stage.college.access, command).await);
    let new = new.expose_secret().to_owned();
    let knows_old = sent(&stage, &old).await;
    let knows_new = sent(&stage, &new).await;
    let settled = sent(&stage, &new).await;
    stage.app.wait_seconds(7 * 86_400 + 1);
    let after = sent(&stage, &new).await;
    let counts = [&before, &knows_old, &knows_new, &settled, &after].map(Vec::len);
    assert_eq!(counts, [1, 1, 2, 1, 1]);
    let mut spoiled = case(&after[0], DOCUMENTED, &new);
    spoiled["body"] = json!(format!("{} ", spoiled["body"].as_str().unwrap_or_default()));
    let cases = [
        (case(&before[0], DOCUMENTED, &old), true),
        (case(&before[0], DOCUMENTED, &new), false),
        (case(&knows_old[0], DOCUMENTED, &old), true),
        (case(&knows_old[0], OTHER, &new), true),
        // What changed over refuses the first one, and has the second at once.
        (case(&knows_new[0], DOCUMENTED, &new), false),
        (case(&knows_new[1], DOCUMENTED, &new), true),
        (case(&knows_new[1], OTHER, &old), true),
        (case(&settled[0], DOCUMENTED, &new), true),
        (case(&after[0], DOCUMENTED, &new), true),
        (case(&after[0], DOCUMENTED, &old), false),
        (spoiled, false),
    ];
    let folder = must(tempfile::tempdir());
    let run = installed(folder.path(), &verifier).await;
    let (asked_about, expected): (Vec<Value>, Vec<bool>) = cases.into_iter().unzip();
    assert_eq!(asked(&run, &asked_about).await, expected);
}

#[test]
fn the_published_verifier_accepts_what_is_delivered() {
    crate::client::with_their_tools(async |db| {
        let Some(verifier) = published() else {
            drop(writeln!(
                std::io::stderr(),
                "skipped: the text with the published verifier is not beside this repository"
            ));
            return;
        };
        verified(db, verifier).await;
    });
}
