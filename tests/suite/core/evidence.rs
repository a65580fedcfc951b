//! Proofs, signed checkpoints and the verification of whole ledgers: what is whole is proved, and what is not is found.

use habeo_core::asset::command::Command;
use habeo_core::ledger::checkpoint::{self, Fault, INTERVAL_MICROS, SignError};
use habeo_core::ledger::export;
use habeo_core::ledger::note::{Checkpoint, Verifier};
use habeo_core::ledger::tile::{self, WIDTH};
use habeo_core::ledger::tree::{Frontier, Hash, leaf_hash};
use habeo_core::ledger::verify::{self, Finding, Whole};
use habeo_core::ledger::{audit, proof};
use habeo_core::org::reopen::{Refusal, ReopenLog};
use habeo_core::secret::MasterKey;
use habeo_core::store::Engine;
use habeo_tests::builders::College;
use habeo_tests::database::TestDb;
use habeo_tests::evidence::MASTER_KEY;
use habeo_tests::{both_engines, must};

use super::{all, refusal};

/// Grows the ledger by so many entries, in one transaction.
async fn grow(college: &College, entries: usize) {
    let commands: Vec<Command> = (0..entries)
        .map(|n| college.asset(&format!("Lamp {n}")).command())
        .collect();
    all(college, commands).await;
}

async fn leaves(college: &College) -> Vec<Hash> {
    let bytes = college
        .db
        .raw()
        .await
        .texts("SELECT bytes FROM ledger_entry ORDER BY log_index")
        .await;
    bytes
        .iter()
        .map(|bytes| leaf_hash(bytes.as_bytes()))
        .collect()
}

/// The root at every size.
fn roots(leaves: &[Hash]) -> Vec<Hash> {
    let mut frontier = Frontier::default();
    let mut roots = vec![frontier.root()];
    for leaf in leaves {
        frontier.push(*leaf);
        roots.push(frontier.root());
    }
    roots
}

async fn whole(college: &College, outside: Option<String>) -> Result<Whole, Finding> {
    must(verify::whole(college.db.db(), &college.access, outside).await)
}

async fn size(college: &College) -> u64 {
    must(audit::size(&mut college.db.read(&college.access).await, &college.access).await)
}

/// Takes every protection of the ledger away, which only an owner can.
pub(crate) async fn unprotect(db: &TestDb) {
    db.leave_unequal();
    let mut raw = db.raw().await;
    match db.engine() {
        Engine::Sqlite => {
            for trigger in raw
                .texts("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .await
            {
                must(raw.execute(&format!("DROP TRIGGER {trigger}")).await);
            }
        }
        Engine::Postgres => {
            for table in [
                "ledger_entry",
                "ledger_head",
                "ledger_tile",
                "ledger_checkpoint",
            ] {
                must(
                    raw.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL"))
                        .await,
                );
            }
        }
    }
}

/// A literal of these bytes.
fn bytes(db: &TestDb, bytes: &[u8]) -> String {
    let hex = habeo_core::ledger::tree::hex(bytes);
    match db.engine() {
        Engine::Sqlite => format!("x'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

both_engines! {
    /// Every size's root, and proofs over complete tiles, the rest after them and the border between, agree with a tree that stores nothing.
    async fn proofs_agree_with_the_tree_of_the_entries(db: TestDb) {
        let college = College::found(&db).await;
        for entries in [200, 3, 300, 120] {
            grow(&college, entries).await;
        }
        let leaves = leaves(&college).await;
        let roots = roots(&leaves);
        let size = leaves.len() as u64;
        assert!(size > 2 * WIDTH);
        let tiles = db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_tile").await;
        assert_eq!(tiles.unsigned_abs(), size / WIDTH);
        let access = &college.access;
        let mut tx = db.read(access).await;
        for to in [1, 2, 255, 256, 257, 511, 512, 513, size - 1, size] {
            let root = roots[usize::try_from(to).expect("small")];
            assert_eq!(must(tile::root(&mut tx, access, to).await), Some(root));
            for index in [0, 1, 100, 254, 255, 256, 300, 511, 512, to - 1].into_iter().filter(|index| *index < to) {
                let proof = must(tile::inclusion(&mut tx, access, index, to).await).expect("in the tree");
                let leaf = leaves[usize::try_from(index).expect("small")];
                assert_eq!((proof.of, proof.root), (leaf, root));
                assert_eq!(proof::verify_inclusion(index, to, &leaf, &proof.hashes, &root), Ok(()), "{index} in {to}");
            }
            for from in [1, 2, 3, 128, 255, 256, 257, 512, to].into_iter().filter(|from| *from <= to) {
                let proof = must(tile::consistency(&mut tx, access, from, to).await).expect("a beginning");
                let old = roots[usize::try_from(from).expect("small")];
                assert_eq!((proof.of, proof.root), (old, root));
                assert_eq!(proof::verify_consistency(from, to, &old, &root, &proof.hashes), Ok(()), "{from} in {to}");
            }
        }
        assert_eq!(must(tile::inclusion(&mut tx, access, size, size).await), None);
        assert_eq!(must(tile::consistency(&mut tx, access, 0, size).await), None);
    }

    /// Tiles that an older program has not written are written by whoever needs them first.
    async fn missing_tiles_are_made_good(db: TestDb) {
        let college = College::found(&db).await;
        grow(&college, 300).await;
        unprotect(&db).await;
        must(db.raw().await.execute("DELETE FROM ledger_tile").await);
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_tile").await, 1);
        must(db.raw().await.execute("DELETE FROM ledger_tile").await);
        grow(&college, 256).await;
        assert_eq!(db.raw().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_tile").await, 2);
        assert!(whole(&college, None).await.is_ok());
    }

    /// Neither tiles nor checkpoints nor keys can be changed or taken away.
    async fn evidence_is_append_only(db: TestDb) {
        let college = College::found(&db).await;
        grow(&college, 256).await;
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await);
        let mut raw = db.raw().await;
        for (table, column) in [("ledger_tile", "position"), ("ledger_checkpoint", "size"), ("checkpoint_key", "number")] {
            for sql in [format!("UPDATE {table} SET {column} = {column} + 1"), format!("DELETE FROM {table}")] {
                let answer = raw.refused(&sql).await;
                assert!(answer.contains("append-only") || answer.contains("stay published"), "{sql}: {answer}");
            }
        }
        if db.engine() == Engine::Postgres {
            let mut app = db.raw_as_app().await;
            for table in ["ledger_tile", "ledger_checkpoint", "checkpoint_key"] {
                for sql in [format!("DELETE FROM {table}"), format!("TRUNCATE {table}"), format!("UPDATE {table} SET org_id = org_id")] {
                    app.refused(&sql).await;
                }
            }
        }
    }

    /// A checkpoint is signed when the tree has grown, at most every ten seconds, and each goes on from the one before.
    async fn checkpoints_follow_the_growth(db: TestDb) {
        let college = College::found(&db).await;
        let (signer, outside) = db.signer().await;
        let first = must(signer.sign(college.org).await).expect("the first");
        assert_eq!(first.checkpoint.size, size(&college).await);
        assert_eq!(outside.note(college.org), Some(first.note.clone()));
        assert_eq!(must(signer.sign(college.org).await), None, "nothing has grown");
        grow(&college, 1).await;
        assert!(!must(signer.is_due(college.org).await));
        assert_eq!(must(signer.sign(college.org).await), None, "too early");
        db.clock.advance_micros(INTERVAL_MICROS);
        assert!(must(signer.is_due(college.org).await));
        let second = must(signer.sign(college.org).await).expect("the second");
        assert_eq!(second.checkpoint.size, first.checkpoint.size + 1);
        let keys: Vec<_> = must(checkpoint::keys(db.db()).await).iter().map(|key| key.public_key).collect();
        assert_eq!(Checkpoint::open(&second.note, &keys), Ok(second.checkpoint.clone()));
        let mut tx = db.read(&college.access).await;
        assert_eq!(must(checkpoint::latest(&mut tx, &college.access).await), Some(second.clone()));
        assert_eq!(must(checkpoint::all(&mut tx, &college.access).await), [first, second]);
        // Another node has lost its folder: it writes what is known, and signs nothing twice.
        let other = habeo_tests::evidence::Outside::default();
        assert_eq!(must(db.signer_with(&other).await.sign(college.org).await), None);
        assert_eq!(other.note(college.org), outside.note(college.org));
    }

    /// A new key signs from then on; what the old one signed is good as long as its public half is published, which is for ever.
    async fn keys_are_rotated_and_stay_published(db: TestDb) {
        let college = College::found(&db).await;
        let (signer, outside) = db.signer().await;
        must(signer.sign(college.org).await).expect("by the first key");
        let key = must(checkpoint::rotate_key(&db.ledger, &MasterKey::new(MASTER_KEY)).await);
        assert_eq!(key.number, 2);
        grow(&college, 1).await;
        db.clock.advance_micros(INTERVAL_MICROS);
        let second = must(db.signer_with(&outside).await.sign(college.org).await).expect("by the second key");
        let [old, new] = must(checkpoint::keys(db.db()).await).try_into().expect("two keys");
        assert_eq!(Checkpoint::open(&second.note, &[new.public_key]), Ok(second.checkpoint));
        assert!(Checkpoint::open(&second.note, &[old.public_key]).is_err());
        assert_eq!(whole(&college, outside.note(college.org)).await.map(|whole| whole.checkpoints), Ok(3));
    }

    /// Whoever puts an older database back finds that nothing is signed, until the ledger itself says what it has lost.
    async fn a_restored_ledger_goes_on_under_another_name(db: TestDb) {
        let college = College::found(&db).await;
        let (signer, outside) = db.signer().await;
        let first = must(signer.sign(college.org).await).expect("a checkpoint");
        // The lost entries: a checkpoint of them is outside, and here they never were.
        let mut frontier = Frontier::default();
        for leaf in leaves(&college).await.into_iter().chain((0..40).map(|n| [n; 32])) {
            frontier.push(leaf);
        }
        let lost = Checkpoint { origin: first.checkpoint.origin.clone(), size: frontier.size(), root: frontier.root() };
        let seed = must(habeo_core::installation::secret(db.db(), &MasterKey::new(MASTER_KEY), "checkpoint key 1", db.ledger.clock().now(), db.ledger.random(), Vec::new).await);
        let key = habeo_core::ledger::note::SigningKey::from_seed(&seed).expect("the key");
        outside.put(college.org, &key.sign(&lost).expect("a note"));
        grow(&college, 1).await;
        db.clock.advance_micros(INTERVAL_MICROS);
        let refused = signer.sign(college.org).await;
        assert!(matches!(refused, Err(SignError::Fault(Fault::Smaller { .. }))), "{refused:?}");
        assert!(matches!(whole(&college, outside.note(college.org)).await, Err(Finding::Lost { .. })));
        // Growing past the size does not make it the same tree.
        grow(&college, 60).await;
        let refused = signer.sign(college.org).await;
        assert!(matches!(refused, Err(SignError::Fault(Fault::Inconsistent { .. }))), "{refused:?}");
        assert!(matches!(whole(&college, outside.note(college.org)).await, Err(Finding::Checkpoint { .. })));

        let reached = ReopenLog { former: first.checkpoint.clone() };
        assert!(matches!(refusal(db.ledger.record(&college.access, reached).await), Refusal::NothingLost(_)));
        let foreign = ReopenLog { former: Checkpoint { origin: "habeo/elsewhere/1".to_owned(), ..lost.clone() } };
        assert!(matches!(refusal(db.ledger.record(&college.access, foreign).await), Refusal::Foreign(_)));
        let origin = must(db.ledger.record(&college.access, ReopenLog { former: lost.clone() }).await);
        assert!(origin.ends_with("/2"), "{origin}");
        let after = must(signer.sign(college.org).await).expect("a checkpoint of the second epoch");
        assert_eq!((after.checkpoint.origin.as_str(), after.epoch), (origin.as_str(), 2));
        grow(&college, 1).await;
        db.clock.advance_micros(INTERVAL_MICROS);
        must(signer.sign(college.org).await).expect("the next one");
        assert!(whole(&college, outside.note(college.org)).await.is_ok());
        let entry = db.raw().await.texts("SELECT bytes FROM ledger_entry WHERE type = 'org.log_reopened'").await;
        assert!(entry[0].contains(&format!("\"formerSize\":{}", lost.size)), "{entry:?}");
    }

    /// Whatever is altered behind the program's back is found, and at the right place.
    async fn alterations_are_found_where_they_are(db: TestDb) {
        let college = College::found(&db).await;
        grow(&college, 600).await;
        let (signer, outside) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        let outside = outside.note(college.org);
        let good = whole(&college, outside.clone()).await.expect("whole");
        assert_eq!((good.size, good.tiles, good.checkpoints), (size(&college).await, 2, 2));
        unprotect(&db).await;
        let mut raw = db.raw().await;
        let stored = raw.texts("SELECT bytes FROM ledger_entry WHERE log_index = 300").await.pop().expect("an entry");
        let forged = stored.replace("Lamp", "Lump");
        assert_ne!(stored, forged);
        let leaf = |bytes_of: &str| bytes(&db, &leaf_hash(bytes_of.as_bytes()));
        let set = |text: &str| format!("UPDATE ledger_entry SET bytes = '{text}' WHERE log_index = 300");
        must(raw.execute(&set(&forged)).await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Entry { index: 300, .. })));
        // The hash fits again, and the stored tree has another.
        must(raw.execute(&format!("UPDATE ledger_entry SET leaf_hash = {} WHERE log_index = 300", leaf(&forged))).await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Entry { index: 300, .. })));
        // The whole tree fits, and the signed checkpoints do not.
        let sizes = usize::try_from(good.size).expect("small");
        let forged_leaves = leaves(&college).await;
        let tile = forged_leaves[256..512].concat();
        let mut frontier = Frontier::default();
        for leaf in &forged_leaves {
            frontier.push(*leaf);
        }
        let root = habeo_core::ledger::tree::perfect_root(&forged_leaves[256..512]).expect("a tile");
        must(raw.execute(&format!("UPDATE ledger_tile SET hashes = {}, root = {} WHERE position = 1", bytes(&db, &tile), bytes(&db, &root))).await);
        must(raw.execute(&format!("UPDATE ledger_head SET frontier = {}", bytes(&db, &frontier.to_bytes()))).await);
        assert_eq!(forged_leaves.len(), sizes);
        assert!(matches!(whole(&college, None).await, Err(Finding::Checkpoint { .. })));
        // Without the checkpoints in the database, the one outside still knows.
        must(raw.execute("DELETE FROM ledger_checkpoint").await);
        assert!(whole(&college, None).await.is_ok(), "nothing in the database contradicts it any more");
        assert!(matches!(whole(&college, outside.clone()).await, Err(Finding::Checkpoint { .. })));
        let refused = signer.sign(college.org).await;
        assert!(matches!(refused, Err(SignError::Fault(Fault::Inconsistent { .. }))), "{refused:?}");
    }

    /// Entries that were taken out, tiles that were altered, and a note that was: each is named.
    async fn gaps_and_altered_hashes_are_found(db: TestDb) {
        let college = College::found(&db).await;
        grow(&college, 600).await;
        let (signer, _) = db.signer().await;
        must(signer.sign(college.org).await).expect("a checkpoint");
        unprotect(&db).await;
        let mut raw = db.raw().await;
        let root = bytes(&db, &[7; 32]);
        let kept = raw.texts("SELECT note FROM ledger_checkpoint").await.pop().expect("a note");
        must(raw.execute(&format!("UPDATE ledger_checkpoint SET note = '{}'", kept.replacen("\n6", "\n7", 1))).await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Signature { .. })));
        must(raw.execute(&format!("UPDATE ledger_checkpoint SET note = '{kept}'")).await);
        must(raw.execute(&format!("UPDATE ledger_tile SET root = {root} WHERE position = 0")).await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Tile { level: 0, position: 0 })));
        must(raw.execute("DELETE FROM ledger_tile").await);
        must(raw.execute("DELETE FROM ledger_entry WHERE log_index = 400").await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Entry { index: 400, .. })));
        must(raw.execute("DELETE FROM ledger_entry WHERE log_index >= 400").await);
        assert!(matches!(whole(&college, None).await, Err(Finding::Entry { index: 400, .. } | Finding::Checkpoint { .. })));
    }

    /// An export is checked with nothing but a key, and every altered line of it is found.
    async fn an_export_is_enough(db: TestDb) {
        let college = College::found(&db).await;
        grow(&college, 20).await;
        let (signer, _) = db.signer().await;
        let signed = must(signer.sign(college.org).await).expect("a checkpoint");
        let mut file = Vec::new();
        let entries = must(export::write(db.db(), &college.access, &mut file).await);
        let keys = checkpoint::verifiers(&must(checkpoint::keys(db.db()).await), &signed.checkpoint.origin);
        let check = |file: &[u8], keys: &[Verifier]| export::check(&mut std::io::BufReader::new(file), keys);
        let whole = must(check(&file, &keys)).expect("whole");
        assert_eq!((whole.size, whole.checkpoints), (entries, 1));
        assert!(must(check(&file, &[])).is_ok(), "with its own keys");
        let text = must(String::from_utf8(file));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len() as u64, entries + 2);
        for line in 0..lines.len() {
            let mut altered: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            // Within a text, so that the line stays a line of JSON.
            altered[line] = altered[line].replacen('1', "2", 1);
            let mut without = altered.clone();
            without.remove(line);
            for changed in [altered, without] {
                let changed = changed.join("\n") + "\n";
                if changed == text {
                    continue;
                }
                let found = check(changed.as_bytes(), &keys);
                assert!(!matches!(found, Ok(Ok(_))), "line {line}: {found:?}");
            }
        }
    }
}
