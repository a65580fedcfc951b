//! What a backup says of itself.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use habeo_core::id::OrgId;
use habeo_core::ledger::tree::hex;
use habeo_core::store::Engine;
use habeo_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::keys::private_file;

/// The version of the form.
pub const FORMAT: u32 = 1;
const FILE: &str = "manifest.json";
const BUFFER_BYTES: usize = 256 * 1024;
const MANIFEST_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The version of this form.
    pub format: u32,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// The program that made it.
    pub program: String,
    /// When.
    pub made_at: Timestamp,
    /// The migrations that its schema has.
    pub migrations: Vec<i64>,
    /// The ids of the master keys without which its secrets do not open.
    pub keys: Vec<String>,
    /// Its tables.
    pub tables: Vec<TableCopy>,
    /// Its files.
    pub files: Vec<FileCopy>,
    /// The ledgers in it.
    pub ledgers: Vec<OldHead>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableCopy {
    /// Its name.
    pub name: String,
    /// Its columns, where the file has no other word of them.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileCopy {
    /// Its name in the folder.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// What is in it.
    pub sha256: String,
}

/// The head of an organisation's ledger when the copy was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OldHead {
    /// Whose.
    pub org: OrgId,
    /// Its slug.
    pub slug: String,
    /// How many entries.
    pub size: u64,
    /// The root over them, in hexadecimal.
    pub root: String,
}

/// What an engine is called in a manifest.
pub const fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

impl Manifest {
    /// Begins one.
    #[must_use]
    pub fn new(engine: Engine, now: Timestamp) -> Self {
        Self {
            format: FORMAT,
            engine: engine_name(engine).to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now,
            migrations: Vec::new(),
            keys: Vec::new(),
            tables: Vec::new(),
            files: Vec::new(),
            ledgers: Vec::new(),
        }
    }

    /// Writes it into its folder.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut file = private_file(&folder.join(FILE))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        writeln!(file)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }

    /// Reads that of a folder.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let length = fs::metadata(&path)
            .with_context(|| format!("{} is no backup: it has no {FILE}", folder.display()))?
            .len();
        if length > MANIFEST_BYTES_MAX {
            bail!("{} is too long", path.display());
        }
        let text = fs::read_to_string(&path)?;
        let manifest: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} cannot be understood", path.display()))?;
        if manifest.format != FORMAT {
            bail!(
                "this backup has form {}, and this program reads {FORMAT}",
                manifest.format
            );
        }
        let plain = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
                && !name.starts_with('.')
        };
        if !manifest.files.iter().all(|file| plain(&file.name)) {
            bail!("the manifest names a file outside its folder");
        }
        Ok(manifest)
    }

    /// The copy of a file.
    pub fn file(&self, name: &str) -> anyhow::Result<&FileCopy> {
        let found = self.files.iter().find(|file| file.name == name);
        found.with_context(|| format!("the backup has no {name}"))
    }

    /// Makes sure that every file is what it was.
    pub fn check_files(&self, folder: &Path) -> anyhow::Result<()> {
        for file in &self.files {
            let found = FileCopy::of(folder, &file.name)?;
            if found != *file {
                bail!("{} was altered since the backup was made", file.name);
            }
        }
        Ok(())
    }
}

impl FileCopy {
    /// Looks at a file of a folder.
    pub fn of(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let path = folder.join(name);
        let mut file =
            File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut bytes = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                n => {
                    hash.update(&buffer[..n]);
                    bytes += n as u64;
                }
            }
        }
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256: hex(&hash.finalize()),
        })
    }
}
