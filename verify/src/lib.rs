//! `habeo-verify`: checks what a ledger says of itself, with nothing but public keys.
//!
//! It shares no code with the program that wrote the ledger, so that a mistake there is not repeated here. `docs/ledger.md` describes every
//! format it reads. It ends with 0 when everything holds, 1 when something does not, and 2 when it could not be asked.

mod export;
mod note;
mod tree;

use std::fs;
use std::io::BufReader;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use note::{Checkpoint, Key};
use tree::Hash;

const USAGE: &str = "habeo-verify export FILE [--key KEY]...
habeo-verify checkpoint NOTE --key KEY...
habeo-verify inclusion PROOF --entry FILE --checkpoint NOTE --key KEY...
habeo-verify consistency PROOF --old NOTE --new NOTE --key KEY...

FILE, NOTE and PROOF are files. A PROOF is what the ledger's proof pages answer, a NOTE a signed checkpoint, a KEY its
public key as name+id+key. An entry is its exact bytes, without a line end after them.";

/// Why it did not end well.
#[derive(Debug)]
pub struct Fault {
    text: String,
    code: u8,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Fault {
    /// What the process ends with: 1 when something does not hold, 2 when it could not be asked.
    #[must_use]
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Something does not hold.
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, code: 1 }
    }

    /// It cannot be asked like this.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, code: 2 }
    }
}

/// The command line: words, and values by the name of their option.
struct Arguments {
    words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Arguments {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, Fault> {
        let (mut words, mut options) = (Vec::new(), Vec::new());
        let mut arguments = arguments;
        while let Some(word) = arguments.next() {
            match word.strip_prefix("--") {
                None => words.push(word),
                Some(name) if ["key", "entry", "checkpoint", "old", "new"].contains(&name) => {
                    let value = arguments.next().ok_or_else(|| Fault::usage(USAGE))?;
                    options.push((name.to_owned(), value));
                }
                Some(_) => return Err(Fault::usage(USAGE)),
            }
        }
        Ok(Self { words, options })
    }

    fn keys(&self) -> Result<Vec<Key>, Fault> {
        let given = self.options.iter().filter(|(name, _)| name == "key");
        given.map(|(_, key)| Key::parse(key)).collect()
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let given = self.options.iter().find(|(option, _)| option == name);
        read(&given.ok_or_else(|| Fault::usage(USAGE))?.1)
    }

    fn note(&self, name: &str) -> Result<Checkpoint, Fault> {
        open(self.file(name)?, &self.keys()?)
    }
}

/// Carries out a command line, without the program's name, and says what holds.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<String, Fault> {
    carry_out(&Arguments::read(arguments)?)
}

fn carry_out(arguments: &Arguments) -> Result<String, Fault> {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words[..] {
        ["export", path] => {
            let file =
                fs::File::open(path).map_err(|error| Fault::usage(format!("{path}: {error}")))?;
            export::check(
                &mut BufReader::with_capacity(1 << 20, file),
                &arguments.keys()?,
            )
        }
        ["checkpoint", path] => {
            let checkpoint = open(read(path)?, &arguments.keys()?)?;
            Ok(format!(
                "{} has {} entries, root {}",
                checkpoint.origin,
                checkpoint.size,
                STANDARD.encode(checkpoint.root)
            ))
        }
        ["inclusion", path] => {
            let proof = proof(path)?;
            let checkpoint = arguments.note("checkpoint")?;
            let leaf = tree::leaf(&arguments.file("entry")?);
            let index = number(&proof, "index")?;
            if number(&proof, "size")? != checkpoint.size {
                return Err(Fault::bad(
                    "the proof is for a tree of another size than the checkpoint's",
                ));
            }
            if tree::includes(
                index,
                checkpoint.size,
                leaf,
                &hashes(&proof)?,
                &checkpoint.root,
            ) {
                Ok(format!(
                    "the entry is number {index} of the {} in {}",
                    checkpoint.size, checkpoint.origin
                ))
            } else {
                Err(Fault::bad("the entry is not proved to be in the ledger"))
            }
        }
        ["consistency", path] => {
            let proof = proof(path)?;
            let (old, new) = (arguments.note("old")?, arguments.note("new")?);
            if (number(&proof, "from")?, number(&proof, "to")?) != (old.size, new.size) {
                return Err(Fault::bad(
                    "the proof is for trees of other sizes than the checkpoints'",
                ));
            }
            if tree::extends(old.size, new.size, &old.root, &new.root, &hashes(&proof)?) {
                Ok(format!(
                    "the {} entries of {} begin with the {} of before",
                    new.size, new.origin, old.size
                ))
            } else {
                Err(Fault::bad(
                    "the later ledger is not proved to begin with the earlier one",
                ))
            }
        }
        _ => Err(Fault::usage(USAGE)),
    }
}

fn read(path: &str) -> Result<Vec<u8>, Fault> {
    fs::read(path).map_err(|error| Fault::usage(format!("{path}: {error}")))
}

fn open(note: Vec<u8>, keys: &[Key]) -> Result<Checkpoint, Fault> {
    let note = String::from_utf8(note).map_err(|_| Fault::bad("a checkpoint is a text"))?;
    note::open(&note, keys)
}

/// A proof as the ledger answers it, with or without the envelope.
fn proof(path: &str) -> Result<Value, Fault> {
    let mut proof: Value =
        serde_json::from_slice(&read(path)?).map_err(|_| Fault::bad("the proof is not JSON"))?;
    Ok(match proof["data"].take() {
        Value::Null => proof,
        data => data,
    })
}

fn number(proof: &Value, name: &str) -> Result<u64, Fault> {
    proof[name]
        .as_u64()
        .ok_or_else(|| Fault::bad(format!("the proof has no {name}")))
}

fn hashes(proof: &Value) -> Result<Vec<Hash>, Fault> {
    let wrong = || Fault::bad("the proof has something that is not a hash");
    let hashes = proof["hashes"].as_array().ok_or_else(wrong)?;
    let hash = |value: &Value| STANDARD.decode(value.as_str()?).ok()?.try_into().ok();
    hashes
        .iter()
        .map(hash)
        .collect::<Option<_>>()
        .ok_or_else(wrong)
}
