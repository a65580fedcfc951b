//! Copies of everything, and their way back.

use std::fs;
use std::path::Path;

use habeo_core::ledger::audit::{self, Verdict};
use habeo_core::secret::MasterKey;
use habeo_core::store::Engine;
use habeo_core::{installation, org};
use habeo_server::backup::{self, Manifest};
use habeo_server::config::Config;
use habeo_server::node::{Node, Purpose};
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::{both_engines, must};

const KEY: [u8; 32] = [5; 32];
const KEY_TEXT: &str = "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=";

/// A place to restore into: a folder, or an empty database beside the test's.
async fn place(db: &TestDb, folder: &Path) -> Config {
    let mut variables = vec![
        (
            "HABEO_DATA_DIR".to_owned(),
            folder.join("data").display().to_string(),
        ),
        ("HABEO_MASTER_KEY".to_owned(), KEY_TEXT.to_owned()),
    ];
    if let Some((app, owner)) = db.empty_beside().await {
        variables.push(("HABEO_DATABASE_URL".to_owned(), app));
        variables.push(("HABEO_DATABASE_OWNER_URL".to_owned(), owner));
    }
    must(Config::load(None, variables))
}

async fn copy(db: &TestDb, folder: &Path) -> Manifest {
    let keys = MasterKey::new(KEY);
    let ledger = &db.ledger;
    must(installation::check_key(db.db(), &keys, ledger.clock().now(), ledger.random()).await);
    must(backup::make(ledger, &keys, folder, &|_, _| {}).await)
}

both_engines! {
    async fn what_was_copied_while_it_served_is_restored_whole(db: TestDb) {
        let college = College::found(&db).await;
        let other = College::found_as(&db, "other").await;
        for n in 0..20 {
            college.asset(&format!("Line one \\N \\. {n}")).serial(&format!("SN-{n:05}")).register().await;
        }
        other.asset("Of another").register().await;
        let folder = must(tempfile::tempdir());
        let target = folder.path().join("backup");
        // Somebody writes meanwhile: the copy is of one moment all the same.
        let (manifest, ()) = tokio::join!(copy(&db, &target), async {
            for n in 0..5 {
                college.asset(&format!("Late {n}")).register().await;
            }
        });
        let again = backup::make(&db.ledger, &MasterKey::new(KEY), &target, &|_, _| {}).await;
        assert!(again.is_err(), "a backup is never replaced");
        private(&target);

        let config = place(&db, folder.path()).await;
        must(backup::restore(&config, &target, &|_, _| {}).await);
        let node = must(Node::open(&config, Purpose::Inspecting).await);
        let restored = node.ledger.db();
        assert_eq!(must(org::store::all(restored).await), must(org::store::all(db.db()).await));
        for (head, access) in manifest.ledgers.iter().zip([&college.access, &other.access]) {
            let mut tx = must(restored.read(access).await);
            let verdict = must(audit::verify(&mut tx, access).await);
            // One entry more than the copy: the word that it was restored, naming the old head.
            assert_eq!(verdict, Verdict::Whole { size: head.size + 1 });
            let history = audit::history(&mut tx, access, access.org().uuid(), None, habeo_core::page::Limit::DEFAULT);
            let newest = &must(history.await).rows[0];
            assert_eq!(newest.kind, "org.log_reopened");
            assert_eq!(newest.payload["formerRoot"], head.root);
            assert_eq!(newest.payload["epoch"], 2);
        }
        let refused = backup::restore(&config, &target, &|_, _| {}).await;
        let refused = format!("{:#}", must(refused.err().ok_or("restored over a database")));
        assert!(refused.contains("already") || refused.contains("not empty"), "{refused}");
        restored.close().await;
        db.drop_beside().await;
    }

    async fn a_copy_that_was_altered_or_has_no_key_is_not_restored(db: TestDb) {
        let college = College::found(&db).await;
        college.asset("Chair").register().await;
        let folder = must(tempfile::tempdir());
        let target = folder.path().join("backup");
        let manifest = copy(&db, &target).await;
        let config = place(&db, folder.path()).await;

        let mut other = config.clone();
        other.database.master_key = Some(habeo_server::keys::spelled(&MasterKey::new([6; 32])).into());
        let refused = must(backup::restore(&other, &target, &|_, _| {}).await.err().ok_or("restored"));
        assert!(refused.to_string().contains("master key"), "{refused}");

        for file in &manifest.files {
            let path = target.join(&file.name);
            let mut bytes = must(fs::read(&path));
            if bytes.is_empty() {
                continue;
            }
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            must(fs::write(&path, &bytes));
            let refused = must(backup::restore(&config, &target, &|_, _| {}).await.err().ok_or("restored"));
            assert!(refused.to_string().contains("altered"), "{refused}");
            bytes[middle] ^= 1;
            must(fs::write(&path, &bytes));
            break;
        }
        let engine = match db.engine() {
            Engine::Sqlite => "postgres",
            Engine::Postgres => "sqlite",
        };
        let text = must(fs::read_to_string(target.join("manifest.json")));
        for (text, said) in [
            (text.replace(&format!("\"engine\": \"{}\"", manifest.engine), &format!("\"engine\": \"{engine}\"")), "backup of"),
            (text.replace("\"name\": \"", "\"name\": \"../"), "outside its folder"),
            (text.replace("\"format\": 1", "\"format\": 2"), "form 2"),
            (text.replace("\"format\"", "\"from\""), "understood"),
            (text.replace(&manifest.ledgers[0].root, &"0".repeat(64)), "heads of the ledgers"),
        ] {
            must(fs::write(target.join("manifest.json"), text));
            let refused = must(backup::restore(&config, &target, &|_, _| {}).await.err().ok_or("restored"));
            assert!(format!("{refused:#}").contains(said), "{refused:#}, expected {said}");
        }
        db.drop_beside().await;
    }
}

#[cfg(unix)]
fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mut all = vec![folder.to_owned()];
    all.extend(must(fs::read_dir(folder)).map(|entry| must(entry).path()));
    for path in all {
        let mode = must(path.metadata()).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[cfg(not(unix))]
fn private(_: &Path) {}
