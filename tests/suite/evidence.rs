//! Evidence from end to end: what the command line and the API give away, checked by a program that shares no code with them.

use std::path::Path;
use std::process::ExitCode;

use habeo_core::access::{Access, Role, Surface};
use habeo_core::location::LocationKind;
use habeo_core::location::command::CreateLocation;
use habeo_core::time::{Clock, SECOND_MICROS, SetClock, SystemClock};
use habeo_server::checkpoints::{Checkpoints, Folder};
use habeo_server::cli;
use habeo_server::config::Config;
use habeo_server::node::{Node, Purpose};
use habeo_tests::app::TestApp;
use habeo_tests::builders::College;
use habeo_tests::raw::Raw;
use habeo_tests::{both_engines, must};
use serde_json::Value;

fn variables(folder: &Path) -> Vec<(String, String)> {
    let data = folder.join("data").display().to_string();
    [("HABEO_DATA_DIR", data.as_str()), ("HABEO_LOG", "error")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Runs a command and gives its exit code and what it answered.
fn habeo(folder: &Path, words: &[&str]) -> (ExitCode, String) {
    let mut answer = Vec::new();
    let words = std::iter::once(&"habeo").chain(words);
    let code = must(cli::run(words, variables(folder), &mut answer));
    (code, String::from_utf8_lossy(&answer).trim().to_owned())
}

/// An organization and its ledger.
fn found(folder: &Path) {
    let words = [
        "org",
        "create",
        "--name",
        "Example College",
        "--slug",
        "example",
    ];
    assert_eq!(habeo(folder, &words).0, ExitCode::SUCCESS);
}

fn verifier(words: &[&str]) -> Result<String, u8> {
    habeo_verify::run(words.iter().map(|word| (*word).to_owned())).map_err(|fault| fault.code())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    must(std::fs::write(&path, bytes));
    path.display().to_string()
}

/// Signs what there is, as a server that has just started would.
fn sign(folder: &Path) {
    let config = must(Config::load(None, variables(folder)));
    let runtime = must(tokio::runtime::Runtime::new());
    runtime.block_on(async {
        let node = must(Node::open(&config, Purpose::Serving).await);
        let checkpoints = must(Checkpoints::open(&config, &node).await);
        must(
            checkpoints
                .round()
                .await
                .map_err(|stopped| format!("{stopped:?}")),
        );
        node.ledger.db().close().await;
    });
}

/// Opens what signs, as a server does before it answers.
fn open(folder: &Path) -> Result<(), String> {
    let config = must(Config::load(None, variables(folder)));
    must(tokio::runtime::Runtime::new()).block_on(async {
        let node = must(Node::open(&config, Purpose::Serving).await);
        let opened = Checkpoints::open(&config, &node).await;
        node.ledger.db().close().await;
        opened.map(drop).map_err(|error| error.to_string())
    })
}

/// The operator's way: verify, export, verify the export with both programs, and find what was altered.
#[test]
fn a_ledger_is_verified_here_and_elsewhere() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    found(folder);
    sign(folder);
    let (code, text) = habeo(folder, &["audit", "verify"]);
    assert_eq!(code, ExitCode::SUCCESS, "{text}");
    assert!(
        text.contains("3 entries") && text.contains("2 checkpoints"),
        "{text}"
    );
    let export = folder.join("ledger.jsonl").display().to_string();
    let (code, text) = habeo(folder, &["audit", "export", "--org", "example", &export]);
    assert_eq!(code, ExitCode::SUCCESS, "{text}");
    let header: Value = must(serde_json::from_str(
        must(std::fs::read_to_string(&export))
            .lines()
            .next()
            .unwrap_or_default(),
    ));
    let key = header["keys"][0].as_str().expect("a key").to_owned();
    for keys in [&[][..], &["--key", &key]] {
        let (code, text) = habeo(
            folder,
            &[&["audit", "verify", "--export", &export][..], keys].concat(),
        );
        assert_eq!(code, ExitCode::SUCCESS, "{text}");
        assert!(verifier(&[&["export", &export][..], keys].concat()).is_ok());
    }
    let stranger = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert_eq!(verifier(&["export", &export, "--key", stranger]), Err(1));
    let (code, _) = habeo(
        folder,
        &["audit", "verify", "--export", &export, "--key", stranger],
    );
    assert_eq!(code, ExitCode::FAILURE);
    let forged =
        must(std::fs::read_to_string(&export)).replacen("\"Unassigned\"", "\"Unassignee\"", 1);
    let forged = write(folder, "forged.jsonl", forged.as_bytes());
    assert_eq!(verifier(&["export", &forged, "--key", &key]), Err(1));
    let (code, text) = habeo(folder, &["audit", "verify", "--export", &forged]);
    assert_eq!(code, ExitCode::FAILURE, "{text}");
    // What could not be asked is no finding.
    let missing = folder.join("nowhere").display().to_string();
    assert_eq!(
        habeo(folder, &["audit", "verify", "--export", &missing]).0,
        ExitCode::from(2)
    );
    assert_eq!(
        habeo(folder, &["audit", "verify", "--org", "nobody"]).0,
        ExitCode::from(2)
    );
    assert_eq!(verifier(&["export", &missing]), Err(2));
    assert_eq!(verifier(&["nonsense"]), Err(2));
    // The export is itself a fact.
    let (_, text) = habeo(folder, &["audit", "verify"]);
    assert!(text.contains("4 entries"), "{text}");

    let database = folder.join("data/habeo.db");
    must(tokio::runtime::Runtime::new()).block_on(async {
        let mut raw = Raw::sqlite(&database).await;
        must(raw.execute("DROP TRIGGER ledger_entry_is_never_updated").await);
        must(raw.execute("UPDATE ledger_entry SET bytes = replace(bytes, 'Unassigned', 'Unassignee') WHERE log_index = 2").await);
    });
    let (code, text) = habeo(folder, &["audit", "verify"]);
    assert_eq!(
        (code, text.contains("entry 2:")),
        (ExitCode::FAILURE, true),
        "{text}"
    );
}

/// A copy of the folder that is put back later: no server starts on it, and the operator goes on under another name.
#[test]
fn a_restore_is_noticed_and_can_be_gone_on_from() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    found(folder);
    sign(folder);
    let database = folder.join("data/habeo.db");
    let copy = must(std::fs::read(&database));
    habeo(
        folder,
        &[
            "audit",
            "export",
            "--org",
            "example",
            &folder.join("lost").display().to_string(),
        ],
    );
    // Ten seconds must have passed for another one: the checkpoint of the lost entries is signed by hand.
    must(tokio::runtime::Runtime::new()).block_on(async {
        let config = must(Config::load(None, variables(folder)));
        let clock = habeo_core::time::SetClock::at(
            habeo_core::time::Clock::now(&habeo_core::time::SystemClock).plus_days(1),
        );
        let node =
            must(Node::open_with(&config, Purpose::Serving, std::sync::Arc::new(clock)).await);
        let outside = Folder::configured(&config.database).expect("a folder");
        let signer = habeo_core::ledger::checkpoint::Signer::open(
            node.ledger.clone(),
            &node.master_key,
            std::sync::Arc::new(outside),
        )
        .await;
        let (org, _) = must(habeo_core::org::store::all(node.ledger.db()).await).remove(0);
        must(must(signer).sign(org).await).expect("a checkpoint");
        node.ledger.db().close().await;
    });
    for suffix in ["-wal", "-shm"] {
        drop(std::fs::remove_file(
            folder.join(format!("data/habeo.db{suffix}")),
        ));
    }
    must(std::fs::write(&database, copy));
    let (code, text) = habeo(folder, &["audit", "verify"]);
    assert_eq!(
        (
            code,
            text.contains("were signed") || text.contains("was signed")
        ),
        (ExitCode::FAILURE, true),
        "{text}"
    );
    let refused = open(folder).expect_err("a server started on a database that was put back");
    assert!(refused.contains("is not what was signed"), "{refused}");
    let (code, text) = habeo(folder, &["ledger", "reopen", "--org", "example"]);
    assert_eq!(
        (code, text.contains("/2;")),
        (ExitCode::SUCCESS, true),
        "{text}"
    );
    assert_eq!(habeo(folder, &["audit", "verify"]).0, ExitCode::SUCCESS);
    must(open(folder));
}

/// Entries that are taken away under a running server stop it from recording at its next checkpoint.
#[test]
fn what_is_taken_away_under_a_server_stops_it() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    found(folder);
    sign(folder);
    let config = must(Config::load(None, variables(folder)));
    must(tokio::runtime::Runtime::new()).block_on(async {
        let clock = SetClock::at(Clock::now(&SystemClock));
        let clock = std::sync::Arc::new(clock);
        let node = must(Node::open_with(&config, Purpose::Serving, clock.clone()).await);
        let checkpoints = must(Checkpoints::open(&config, &node).await);
        let (org, _) = must(habeo_core::org::store::all(node.ledger.db()).await).remove(0);
        let access = Access::system(org, Surface::System);
        let site = || CreateLocation {
            id: None,
            parent: None,
            kind: LocationKind::Campus,
            code: "MAIN".to_owned(),
            name: "Campus".to_owned(),
            room_use: None,
            timezone: None,
            controlling_unit: None,
        };
        let mut raw = Raw::sqlite(&folder.join("data/habeo.db")).await;
        must(
            raw.execute("DROP TRIGGER ledger_entry_is_never_updated")
                .await,
        );
        must(
            raw.execute("UPDATE ledger_entry SET leaf_hash = zeroblob(32) WHERE log_index = 0")
                .await,
        );
        drop(raw);
        clock.advance_micros(60 * SECOND_MICROS);
        must(node.ledger.record(&access, site()).await);
        assert!(checkpoints.round().await.is_err());
        let why = node.ledger.stopped_because().unwrap_or_default().to_owned();
        assert!(why.contains("is not what was signed"), "{why}");
        let refused = node.ledger.record(&access, site()).await;
        assert!(
            refused.is_err(),
            "recorded on top of a ledger that was altered"
        );
        node.ledger.db().close().await;
    });
}

/// Rebuilding from the command line compares, and replaces what differs.
#[test]
fn tables_are_rebuilt_from_the_command_line() {
    let folder = must(tempfile::tempdir());
    let folder = folder.path();
    found(folder);
    assert_eq!(
        habeo(folder, &["ledger", "rebuild", "--check"]).0,
        ExitCode::SUCCESS
    );
    let database = folder.join("data/habeo.db");
    must(tokio::runtime::Runtime::new()).block_on(async {
        must(
            Raw::sqlite(&database)
                .await
                .execute("UPDATE unit SET name = 'Forged'")
                .await,
        );
    });
    let (code, text) = habeo(folder, &["ledger", "rebuild", "--check"]);
    assert_eq!(
        (code, text.contains("unit has 2 rows")),
        (ExitCode::FAILURE, true),
        "{text}"
    );
    assert_eq!(habeo(folder, &["ledger", "rebuild"]).0, ExitCode::SUCCESS);
    assert_eq!(
        habeo(folder, &["ledger", "rebuild", "--check"]).0,
        ExitCode::SUCCESS
    );
    assert_eq!(
        habeo(folder, &["ledger", "rotate-key"]).0,
        ExitCode::SUCCESS
    );
}

both_engines! {
    /// What the API answers is proof enough for somebody with nothing but a key: checkpoints, inclusion, consistency.
    async fn what_the_api_answers_can_be_proved_elsewhere(db: TestDb) {
        let app = TestApp::over(&db).await;
        let college = College::found(&db).await;
        let auditor = college.member("Robin Example", college.units.root, &[(Role::Auditor, college.units.root)]).await;
        let get = async |path: &str| app.get(&format!("/api/v1/ledger/{path}")).by(&auditor).send().await;
        get("checkpoint").await.problem(404, "ledger_checkpoint_unknown");
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("the first");
        let first = get("checkpoint").await.ok()["data"].clone();
        for n in 0..40 {
            college.asset(&format!("Lamp {n}")).register().await;
        }
        app.wait_seconds(10);
        must(signer.sign(college.org).await).expect("the second");
        let second = get("checkpoint").await.ok()["data"].clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = text(&second["keys"][0]["verifier"]);
        let folder = must(tempfile::tempdir());
        let folder = folder.path();
        let old = write(folder, "old", text(&first["note"]).as_bytes());
        let new = write(folder, "new", text(&second["note"]).as_bytes());
        assert!(verifier(&["checkpoint", &new, "--key", &key]).is_ok());
        let grown = get(&format!("proof/consistency?from={}", first["size"])).await;
        grown.ok();
        let grown = write(folder, "grown.json", &grown.bytes);
        assert!(verifier(&["consistency", &grown, "--old", &old, "--new", &new, "--key", &key]).is_ok());
        assert_eq!(verifier(&["consistency", &grown, "--old", &new, "--new", &new, "--key", &key]), Err(1));
        let page = get("entries?from=20&limit=3").await.ok();
        let entries = page["data"].as_array().expect("entries");
        for entry in entries {
            let index = &entry["index"];
            let proof = get(&format!("proof/inclusion?index={index}")).await;
            assert_eq!(proof.ok()["data"]["leafHash"], entry["leafHash"]);
            let proof = write(folder, "proof.json", &proof.bytes);
            let bytes = write(folder, "entry.json", text(&entry["entry"]).as_bytes());
            let words = ["inclusion", &proof, "--entry", &bytes, "--checkpoint", &new, "--key", &key];
            assert!(verifier(&words).is_ok(), "{index}");
            let altered = write(folder, "entry.json", text(&entry["entry"]).replacen('a', "b", 1).as_bytes());
            let words = ["inclusion", &proof, "--entry", &altered, "--checkpoint", &new, "--key", &key];
            assert_eq!(verifier(&words), Err(1), "{index}");
        }
        assert_eq!(entries.iter().map(|entry| entry["index"].as_u64()).collect::<Vec<_>>(), [Some(20), Some(21), Some(22)]);
        assert_eq!(get("entries?after=20&limit=1").await.ok()["data"][0]["index"], 21);
        let system = Access::system(college.org, Surface::System);
        assert_eq!(must(habeo_core::ledger::audit::size(&mut db.read(&system).await, &system).await), second["size"].as_u64().expect("a size"));
    }
}
