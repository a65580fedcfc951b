//! A whole ledger in a file: a header, every entry as its exact bytes, and the signed checkpoints, a line each.

use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Fault;
use crate::note::{self, Key};
use crate::tree::{Tree, leaf};

/// Checks an export and says what it found. Without keys the export's own are taken, which shows that it is whole, not whose it is.
pub fn check(file: &mut dyn BufRead, keys: &[Key]) -> Result<String, Fault> {
    let header: Value = json(&next(file)?.ok_or_else(|| Fault::bad("the file is empty"))?)?;
    if header["format"] != "habeo-ledger" || header["version"] != 1 {
        return Err(Fault::bad(
            "this is not an export of a ledger that this program knows",
        ));
    }
    let (Some(size), Some(count)) = (header["size"].as_u64(), header["checkpoints"].as_u64())
    else {
        return Err(Fault::bad("the header is not complete"));
    };
    let own: Vec<Key>;
    let (keys, whose) = if keys.is_empty() {
        let texts = header["keys"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        own = texts.map(Key::parse).collect::<Result<_, _>>()?;
        (
            &own[..],
            "keys that the file brought along: compare them with those you trust",
        )
    } else {
        (keys, "the given keys")
    };
    let mut leaves = Vec::new();
    for index in 0..size {
        let bytes = next(file)?.ok_or_else(|| Fault::bad(format!("entry {index} is missing")))?;
        let entry =
            json(&bytes).map_err(|_| Fault::bad(format!("entry {index} is not an entry")))?;
        if entry["index"] != index || entry["org"] != header["org"] {
            return Err(Fault::bad(format!("entry {index} belongs somewhere else")));
        }
        leaves.push(leaf(&bytes));
    }
    let mut checkpoints = Vec::new();
    for _ in 0..count {
        let line = json(&next(file)?.ok_or_else(|| Fault::bad("a checkpoint is missing"))?)?;
        let note = line["checkpoint"]
            .as_str()
            .ok_or_else(|| Fault::bad("a checkpoint is missing"))?;
        checkpoints.push(note::open(note, keys)?);
    }
    if next(file)?.is_some() {
        return Err(Fault::bad("there is something after the last checkpoint"));
    }
    checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    let mut tree = Tree::default();
    let mut leaves = leaves.into_iter();
    let mut good = 0;
    for checkpoint in &checkpoints {
        while tree.size() < checkpoint.size {
            let missing = || {
                Fault::bad(format!(
                    "a checkpoint of {} entries was signed, and there are {size}",
                    checkpoint.size
                ))
            };
            tree.add(leaves.next().ok_or_else(missing)?);
        }
        if tree.root() != checkpoint.root {
            let text = format!(
                "the entries are not those of the checkpoint of {}; that of {good} holds",
                checkpoint.size
            );
            return Err(Fault::bad(text));
        }
        good = checkpoint.size;
    }
    for leaf in leaves {
        tree.add(leaf);
    }
    let root = STANDARD.encode(tree.root());
    if header["root"] != root.as_str() {
        return Err(Fault::bad(
            "the root in the header is not that of the entries",
        ));
    }
    Ok(format!(
        "{size} entries, root {root}; {count} checkpoints by {whose}, the last of {good} entries"
    ))
}

fn next(file: &mut dyn BufRead) -> Result<Option<Vec<u8>>, Fault> {
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)
        .map_err(|error| Fault::usage(format!("the file cannot be read: {error}")))?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) => Err(Fault::bad("the last line is cut short")),
    }
}

fn json(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(bytes).map_err(|_| Fault::bad("a line is not what an export has there"))
}
